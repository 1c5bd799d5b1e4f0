package import JSON

/// The canonical form in JSON: the field names of YAML, empty fields left out, orders kept. What is written reads back
/// equal.
extension Stack {
  package var json: JSON {
    var object: JSONObject = [:]
    object.set("name", name)
    object.set("from", from)
    object.set("namespace", namespace)
    object.set("layer", layer)
    object.set("applications", applications.mapValues(\.json))
    // An empty list differs from none: it grants nothing.
    if let grants { object["grants"] = .array(grants.map { .string($0) }) }
    object.set("vars", variables.mapValues(\.json))
    if let run { object["run"] = run.json }
    return .object(object)
  }

  /// - Throws: an error that names the place which does not have the form. Unknown members are ignored.
  package init(json: JSON) throws(JSONDecodingError) {
    let place = JSONPlace(json)
    guard json.objectValue != nil else { throw place.mismatch("an object") }
    self.init(
      name: try place["name"]?.string() ?? "",
      from: try place["from"]?.string() ?? "",
      namespace: try place["namespace"]?.string() ?? "",
      layer: try place["layer"]?.integer() ?? 0,
      applications: try place["applications"]?.map { (place) throws(JSONDecodingError) in
        try Application(place)
      } ?? [:],
      grants: try place["grants"]?.strings(),
      variables: try place["vars"]?.map { (place) throws(JSONDecodingError) in try VariableDeclaration(place) } ?? [:],
      run: try place["run"].map { (place) throws(JSONDecodingError) in try HookScript(place) })
  }
}
