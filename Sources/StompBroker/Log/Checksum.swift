/// CRC-32 as in IEEE 802.3, eight bytes at a time: tells a record that is whole from one that a power cut tore.
struct Checksum {
    private(set) var value: UInt32 = 0

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        var crc = ~value
        var position = 0
        Checksum.tables.withUnsafeBufferPointer { tables in
            while position + 8 <= bytes.count {
                let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
                let low = UInt32(truncatingIfNeeded: word) ^ crc
                let high = UInt32(truncatingIfNeeded: word >> 32)
                crc = tables[7 << 8 | Int(low & 0xff)] ^ tables[6 << 8 | Int(low >> 8 & 0xff)]
                crc ^= tables[5 << 8 | Int(low >> 16 & 0xff)] ^ tables[4 << 8 | Int(low >> 24)]
                crc ^= tables[3 << 8 | Int(high & 0xff)] ^ tables[2 << 8 | Int(high >> 8 & 0xff)]
                crc ^= tables[1 << 8 | Int(high >> 16 & 0xff)] ^ tables[Int(high >> 24)]
                position += 8
            }
            while position < bytes.count {
                crc = crc >> 8 ^ tables[Int(UInt8(truncatingIfNeeded: crc) ^ bytes[position])]
                position += 1
            }
        }
        value = ~crc
    }

    /// Eight tables of 256, one after the other: what a byte does that stands so many bytes before the end.
    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 8 << 8)
        for byte in 0..<256 {
            var crc = UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xedb8_8320 : crc >> 1 }
            tables[byte] = crc
        }
        for byte in 256..<(8 << 8) {
            let before = tables[byte - 256]
            tables[byte] = before >> 8 ^ tables[Int(before & 0xff)]
        }
        return tables
    }()
}
