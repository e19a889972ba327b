// Cron schedules: the next firing is later and on a whole minute.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "k8s/cron.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto cron = k8s::Cron::parse(text)) {
    constexpr k8s::TimeNs kNow = 1'714'564'800'000'000'001;
    const auto next = cron->next(kNow);
    ASSERT(!next || (*next > kNow && *next % 60'000'000'000 == 0));
  }
  return 0;
}
