/// Stacks as YAML text, in the original's form: fields in their fixed order, empty ones left out, maps sorted
/// naturally, tasks in the order of the file, yaml.v2's quoting.
///
/// What the original prints of its own internals (`rwmutex`, an empty `namespace`, a `layer` of 0) is left out, and
/// numbers keep the precision that it cuts to 32 bits.
package enum StackYAML {
  package static func text(_ stack: Stack) -> String {
    YAMLWriter.write(value(stack))
  }

  /// The applications of a stack as the original's table of stacks holds them. Explicit nulls are kept here: they
  /// undo what a parent says.
  package static func text(_ applications: OrderedMap<Application>) -> String {
    YAMLWriter.write(value(applications, keepingNulls: true))
  }

  /// A list of texts, as the original answers the names of stacks.
  package static func text(_ list: [String]) -> String {
    YAMLWriter.write(.sequence(list.map(YAMLValue.text)))
  }

  private static func value(_ stack: Stack) -> YAMLValue {
    var fields = YAMLFields()
    fields.add("namespace", stack.namespace)
    fields.add("name", stack.name)
    fields.add("from", stack.from)
    if let grants = stack.grants { fields.add("grants", value: .sequence(grants.map(YAMLValue.text))) }
    if !stack.variables.isEmpty { fields.add("vars", value: value(stack.variables)) }
    if let run = stack.run { fields.add("run", value: YAMLValue(run)) }
    if !stack.applications.isEmpty { fields.add("applications", value: value(stack.applications, keepingNulls: false)) }
    if stack.layer != 0 { fields.add("layer", value: .bare("\(stack.layer)")) }
    return fields.value
  }

  private static func value(_ variables: OrderedMap<VariableDeclaration>) -> YAMLValue {
    var fields = YAMLFields()
    for (name, variable) in variables { fields.add(name, value: YAMLValue(variable)) }
    return fields.value
  }

  private static func value(_ applications: OrderedMap<Application>, keepingNulls: Bool) -> YAMLValue {
    var fields = YAMLFields()
    for key in NaturalOrder.sorted(applications.keys) {
      guard let application = applications[key] else { continue }
      fields.add(key, value: application.isNull ? .bare("null") : value(application, keepingNulls: keepingNulls))
    }
    return fields.value
  }

  private static func value(_ application: Application, keepingNulls: Bool) -> YAMLValue {
    var fields = YAMLFields()
    for field in ApplicationField.allCases {
      if keepingNulls, application.unset.contains(field) {
        fields.add(field.rawValue, value: .bare("null"))
      } else {
        fields.add(field, of: application)
      }
    }
    return fields.value
  }
}
