// RFC 4648 base64 with the standard alphabet, as Kubernetes and AWS put bytes into text.
// Thread rule: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace base {

std::string encode_base64(std::string_view bytes);

// Line breaks and blanks are passed over; padding may be absent. nullopt for anything else.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace base
