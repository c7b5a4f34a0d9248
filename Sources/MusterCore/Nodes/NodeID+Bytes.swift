extension NodeID {
    /// Nil when the bytes are no valid UTF-8 or no valid id. For messages read in place.
    ///
    /// Not generic, so that other modules call a specialised form.
    package init?(bytes: UnsafeRawBufferPointer) { self.init(utf8: bytes) }
}
