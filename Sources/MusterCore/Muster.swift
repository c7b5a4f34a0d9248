/// The product.
package enum Muster {
    /// The version of this build, as `MAJOR.MINOR.PATCH`.
    package static let version = "0.1.0"
}
