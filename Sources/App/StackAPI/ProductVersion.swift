/// The version of this program, for `--version`, the API and the log.
package enum ProductVersion {
  package static let current = "0.4.0"
}
