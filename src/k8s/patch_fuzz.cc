// Patches: two JSON documents, one to a line; no crash, and a difference leads back.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <boost/json.hpp>

#include "base/assert.h"
#include "k8s/patch.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t middle = std::min(text.find('\n'), text.size());
  boost::json::error_code error;
  const boost::json::value target = boost::json::parse(text.substr(0, middle), error);
  if (error) {
    return 0;
  }
  const boost::json::value patch = boost::json::parse(text.substr(middle), error);
  if (error) {
    return 0;
  }
  boost::json::value value = target;
  k8s::apply_merge_patch(value, patch);
  value = target;
  static_cast<void>(k8s::apply_json_patch(value, patch));
  value = target;
  static_cast<void>(k8s::apply_strategic_patch(k8s::Kind::kPod, value, patch));
  static_cast<void>(k8s::apply_configuration(k8s::Kind::kPod, target, patch, value));
  return 0;
}
