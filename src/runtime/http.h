// HTTP messages as values, shared by the client and the server. Header names compare without case.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace runtime {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

// The first header of that name; nullptr when absent.
const std::string* find_header(const HttpHeaders& headers, std::string_view name);

struct HttpResponse {
  int status = 0;
  HttpHeaders headers{};
  std::string body{};

  bool is_success() const { return status >= 200 && status < 300; }
};

// %-decoding; '+' becomes a blank only where plus_is_blank. Malformed escapes stay as they are.
std::string percent_decode(std::string_view text, bool plus_is_blank);
// Everything but A-Z a-z 0-9 - _ . ~ is escaped.
std::string percent_encode(std::string_view text);

// "a=1&b=2" decoded, in order.
std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query);

std::string_view status_text(int status);  // "OK", "Not Found"; "" when unknown.

}  // namespace runtime
