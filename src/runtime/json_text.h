// The little JSON that logging writes: escaped strings and numbers. Documents are written by codecs
// with a JSON library.
#pragma once

#include <string>
#include <string_view>

namespace runtime {

// With quotes. Bytes that are not UTF-8 become U+FFFD, so that a line is always valid JSON.
std::string quote_json(std::string_view text);

// null for what JSON cannot say.
std::string json_number(double number);

}  // namespace runtime
