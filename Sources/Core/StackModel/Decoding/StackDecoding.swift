package import JSON

/// What came out of reading a stack's source.
package struct StackDecoding: Sendable {
  /// As far as it could be read; `nil` where the source is not YAML. Not to be used where there are errors.
  package var stack: Stack?
  /// Everything found, in the order of the file.
  package var diagnostics: [Diagnostic]
  package var sourceMap: SourceMap
  /// The sentence that the original answers for this source where it refuses it, without the newline behind it.
  package var originalError: String?
  /// Whether the source is Lua.
  package private(set) var isLua = false

  /// Reads the first document of a source as yaml.v2 of 2016 reads it, collecting all mistakes at once.
  ///
  /// - Parameter file: The name that diagnostics give the source.
  package init(_ source: [UInt8], file: String = "", limits: YAMLLimits = .default) {
    let document: YAMLDocument
    do {
      document = try YAMLParser.parse(source, limits: limits)
    } catch {
      let code: Diagnostic.Code = error.kind == .limit ? .limit : .syntax
      self.init(diagnostics: [Diagnostic(.error, code, file: file, at: error.position, error.problem, hint: error.hint)]
      )
      originalError = error.original
      return
    }
    self.init(document, file: file, limits: limits)
  }

  /// Reads a stack that a Lua file has declared.
  ///
  /// - Parameters:
  ///   - declared: what the file's worker handed over; nothing of it need have been checked.
  ///   - entry: the file as the worker names it; scripts that are its functions are known by it.
  ///   - file: the name that diagnostics give the file. Other files of the stack lie below its folder.
  package init(declared: JSON, entry: String, file: String, limits: YAMLLimits = .default) {
    do throws(StackDeclarationError) {
      let declaration = try StackDeclaration(declared, entry: entry, file: file, limits: limits)
      self.init(YAMLDocument(root: declaration.root, isLua: true), file: file, limits: limits)
      diagnostics = (diagnostics + declaration.problems).sorted()
    } catch {
      self.init(diagnostics: [
        Diagnostic(.error, error.kind == .limit ? .limit : .script, file: file, at: .start, error.message)
      ])
    }
  }

  /// Of a source that could not be read at all.
  package init(diagnostics: [Diagnostic]) {
    self.diagnostics = diagnostics
    sourceMap = SourceMap()
  }

  private init(_ document: YAMLDocument, file: String, limits: YAMLLimits) {
    var decoder = StackDecoder(document, file: file, limits: limits)
    stack = decoder.stack()
    isLua = document.isLua
    diagnostics = decoder.diagnostics.sorted()
    sourceMap = decoder.sourceMap
    originalError = decoder.originalError
  }

  package init(_ source: String, file: String = "", limits: YAMLLimits = .default) {
    self.init(Array(source.utf8), file: file, limits: limits)
  }
}
