// What keeps events from flooding a cluster, as the recorders of Kubernetes' own components do it
// (OPR-80): equal events become one with a count, many that differ only in their message become one
// "(combined from similar events)", and an object about which too much is said is not spoken of for
// a while. Comes after EventFilter, which drops what we would repeat.
//
//   if (const auto record = correlator.take(event, now)) { write it under record->name }
//
// Time is passed. Thread rule: one thread. Size: bounded; the oldest half hour is forgotten.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "act/effect.h"

namespace act {

// One Event object of the API.
struct EventRecord {
  std::string key;      // For forget().
  std::string name;     // Of the Event object.
  std::string message;  // Perhaps combined.
  std::int64_t count = 1;

  bool is_new() const { return count == 1; }
};

class EventCorrelator {
 public:
  // nullopt: too much has been said about the object.
  std::optional<EventRecord> take(const PublishEvent& event, k8s::TimeNs now);

  // The API does not know the record any more: the next one is written anew.
  void forget(const std::string& key) { written_.erase(key); }

 private:
  struct Bucket {
    double tokens = kBurst;
    k8s::TimeNs refilled = 0;
  };

  struct Similar {
    std::set<std::uint64_t> messages;  // Hashes, at most kMostSimilar.
    k8s::TimeNs last = 0;
  };

  struct Written {
    std::string name;
    std::int64_t count = 0;
    k8s::TimeNs last = 0;
  };

  bool has_token(const std::string& object, k8s::TimeNs now);
  bool is_one_of_many(const std::string& similarity, const std::string& message, k8s::TimeNs now);
  void sweep(k8s::TimeNs now);

  static constexpr double kBurst = 25;
  static constexpr double kTokensPerSecond = 1.0 / 300;
  static constexpr std::size_t kMostSimilar = 10;

  std::map<std::string, Bucket> buckets_;   // By object.
  std::map<std::string, Similar> similar_;  // By object, type and reason.
  std::map<std::string, Written> written_;  // By object, type, reason and message.
  k8s::TimeNs swept_ = 0;
};

}  // namespace act
