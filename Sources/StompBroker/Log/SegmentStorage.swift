package import MusterCore

/// Where segments are: a directory, or what a test has in its place. Used by one thread at a time.
package protocol SegmentStorage: Sendable {
    /// Makes a segment, empty, and leaves it open for writing; the one before is closed.
    func create(_ number: Int) throws(FileError)
    /// Writes at the end of the segment that is open. When it throws, nothing of it is there.
    func write(_ bytes: UnsafeRawBufferPointer) throws(FileError)
    /// Returns when everything that was written, and made, is on disk.
    func synchronize() throws(FileError)
    func delete(_ number: Int) throws(FileError)
    /// The numbers of the segments that there are, lowest first.
    func list() throws(FileError) -> [Int]
    func read(_ number: Int) throws(FileError) -> [UInt8]
    /// Cuts a segment that is not open, because what follows is no record.
    func truncate(_ number: Int, to bytes: Int) throws(FileError)
}
