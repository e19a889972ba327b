// Selectors of strangers: no crash, whatever the text; what compiles can be asked.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "plan/devices_expression.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto expression = plan::DeviceExpression::compile(text);
  if (expression) {
    const std::string driver = "gpu.example.com";
    k8s::Device device;
    device.attributes["numa"] = std::int64_t{1};
    device.attributes["model"] = std::string("a");
    device.capacity["memory"].value = k8s::Quantity::units(4);
    static_cast<void>(expression->matches({.driver = driver, .device = device}));
  }
  return 0;
}
