#include "disrupt/refusals.h"

#include <utility>

namespace disrupt {
namespace {

// Beyond this many most are of machines that are gone.
constexpr std::size_t kMost = 50'000;

}  // namespace

const std::string* Refusals::find(const Candidate& candidate, std::uint64_t fingerprint) const {
  const auto found = by_claim_.find(candidate.row->claim->meta.name);
  const bool holds = found != by_claim_.end() && found->second.fingerprint == fingerprint &&
                     found->second.price == candidate.price &&
                     found->second.is_spot == candidate.is_spot();
  return holds ? &found->second.why : nullptr;
}

void Refusals::keep(const Candidate& candidate, std::uint64_t fingerprint, std::string why) {
  if (by_claim_.size() >= kMost) {
    by_claim_.clear();
  }
  by_claim_[candidate.row->claim->meta.name] = {.fingerprint = fingerprint,
                                                .price = candidate.price,
                                                .is_spot = candidate.is_spot(),
                                                .why = std::move(why)};
}

}  // namespace disrupt
