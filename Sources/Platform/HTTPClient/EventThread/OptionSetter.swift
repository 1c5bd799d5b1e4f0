import CCurl

/// Sets options of a libcurl handle and keeps the first failure.
struct OptionSetter {
  let easy: UnsafeMutableRawPointer
  private(set) var code = CURLE_OK

  init(easy: UnsafeMutableRawPointer) { self.easy = easy }

  mutating func note(_ result: CURLcode) {
    if code == CURLE_OK { code = result }
  }

  mutating func set(_ option: CURLoption, _ value: Int) { note(curlshim_set_long(easy, option, value)) }
  mutating func set(_ option: CURLoption, _ value: String?) { note(curlshim_set_string(easy, option, value)) }

  mutating func set(_ option: CURLoption, pointer: UnsafeMutableRawPointer?) {
    note(curlshim_set_pointer(easy, option, pointer))
  }

  mutating func set(_ option: CURLoption, _ function: @escaping curl_write_callback) {
    note(curlshim_set_data_function(easy, option, function))
  }

  mutating func setEmptyBody() { note(curlshim_set_empty_body(easy)) }
}
