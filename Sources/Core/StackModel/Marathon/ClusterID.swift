/// The id that the cluster gives an application: absolute, without empty parts, as Marathon normalises ids.
package func clusterID(of application: String) -> String {
  "/" + application.split(separator: "/", omittingEmptySubsequences: true).joined(separator: "/")
}
