import MusterCore

extension Duration {
    var inMilliseconds: Double { inSeconds * 1e3 }
    var inMicroseconds: Double { inSeconds * 1e6 }
}

extension Int {
    /// Bytes as MB of 1024 KB.
    var megabytes: Double { Double(self) / 1_048_576 }
}
