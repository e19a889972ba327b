// Why machines could not be consolidated by themselves, kept from look to look: while nothing has
// changed that has a say (plan/fingerprint.h) the question is not asked again (DIS-75, improved).
//
// Only refusals are kept, so that nothing is ever done because of what was true earlier.
//
// Thread rule: one owner at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include <boost/unordered/unordered_flat_map.hpp>

#include "base/hash.h"
#include "disrupt/candidate.h"

namespace disrupt {

class Refusals {
 public:
  // nullptr: not known.
  const std::string* find(const Candidate& candidate, std::uint64_t fingerprint) const;
  void keep(const Candidate& candidate, std::uint64_t fingerprint, std::string why);

 private:
  struct Refusal {
    std::uint64_t fingerprint = 0;
    double price = 0;
    bool is_spot = false;
    std::string why;
  };

  boost::unordered_flat_map<std::string, Refusal, base::TextHash, std::equal_to<>> by_claim_;
};

}  // namespace disrupt
