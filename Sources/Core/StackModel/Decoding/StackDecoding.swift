/// What came out of reading a stack's source.
package struct StackDecoding: Sendable {
  /// As far as it could be read; `nil` where the source is not YAML. Not to be used where there are errors.
  package var stack: Stack?
  /// Everything found, in the order of the file.
  package var diagnostics: [Diagnostic]
  package var sourceMap: SourceMap
  /// The sentence that the original answers for this source where it refuses it, without the newline behind it.
  package var originalError: String?

  /// Reads the first document of a source as yaml.v2 of 2016 reads it, collecting all mistakes at once.
  ///
  /// - Parameter file: The name that diagnostics give the source.
  package init(_ source: [UInt8], file: String = "", limits: YAMLLimits = .default) {
    sourceMap = SourceMap()
    let document: YAMLDocument
    do {
      document = try YAMLParser.parse(source, limits: limits)
    } catch {
      let code: Diagnostic.Code = error.kind == .limit ? .limit : .syntax
      diagnostics = [Diagnostic(.error, code, file: file, at: error.position, error.problem, hint: error.hint)]
      originalError = error.original
      return
    }
    var decoder = StackDecoder(document, file: file, limits: limits)
    stack = decoder.stack()
    diagnostics = decoder.diagnostics.sorted()
    sourceMap = decoder.sourceMap
    originalError = decoder.originalError
  }

  package init(_ source: String, file: String = "", limits: YAMLLimits = .default) {
    self.init(Array(source.utf8), file: file, limits: limits)
  }
}
