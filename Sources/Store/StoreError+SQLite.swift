import GRDB
import MusterCore

extension StoreError {
    /// What an error of GRDB or SQLite means for an operator; a `StoreError` stays what it is.
    init(_ error: any Error, configuration: SQLiteConfiguration) {
        let place = configuration.path
        switch error {
        case let error as StoreError:
            self = error
        case let error as DatabaseError:
            let reason = error.message ?? "SQLite code \(error.extendedResultCode.rawValue)"
            switch error.resultCode {
            case .SQLITE_FULL: self = .full(place: place)
            case .SQLITE_READONLY, .SQLITE_PERM: self = .readOnly(place: place, reason: reason)
            case .SQLITE_BUSY, .SQLITE_LOCKED: self = .locked(place: place, waited: configuration.lockTimeout)
            case .SQLITE_CORRUPT, .SQLITE_NOTADB: self = .corrupted(place: place, reason: reason)
            case .SQLITE_IOERR: self = .inputOutput(place: place, reason: reason)
            case .SQLITE_CANTOPEN: self = .cannotOpen(place: place, reason: reason)
            case .SQLITE_MISUSE where reason.contains("closed"): self = .closed
            default: self = .failed(place: place, reason: reason)
            }
        default:
            self = .failed(place: place, reason: "\(error)")
        }
    }
}
