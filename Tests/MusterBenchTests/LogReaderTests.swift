import MusterCore
import MusterTestSupport
import Testing

@testable import muster_bench

struct LogReaderTests {
    @Test func givesEachWholeLineOnce() throws {
        let directory = try TestDirectory()
        let path = directory.file("log")
        var reader = LogReader(path: path)
        #expect(try reader.newLines() == [])
        try Files.append(Array("one\ntw".utf8), to: path)
        #expect(try reader.newLines() == ["one"])
        #expect(try reader.newLines() == [])
        try Files.append(Array("o\n\nthree\n".utf8), to: path)
        #expect(try reader.newLines() == ["two", "three"])
    }

    @Test func givesLinesOneByOne() throws {
        let directory = try TestDirectory()
        let path = directory.file("log")
        var reader = LogReader(path: path)
        #expect(try reader.next() == nil)
        try Files.append(Array("one\ntwo\nth".utf8), to: path)
        #expect(try [reader.next(), reader.next(), reader.next()] == ["one", "two", nil])
        try Files.append(Array("ree\n".utf8), to: path)
        #expect(try reader.next() == "three")
    }
}
