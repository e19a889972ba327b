#include "act/event_correlator.h"

#include <algorithm>
#include <vector>

#include "base/hash.h"
#include "base/text.h"
#include "k8s/time.h"

namespace act {

namespace {

constexpr k8s::DurationNs kLife = 10 * k8s::kMinute;
// A bucket is full again after two hours: forgetting it earlier only forgives.
constexpr k8s::DurationNs kBucketLife = 30 * k8s::kMinute;

std::string key_of(std::initializer_list<std::string> parts) {
  return base::join(parts, "\n");
}

}  // namespace

std::optional<EventRecord> EventCorrelator::take(const PublishEvent& event, k8s::TimeNs now) {
  sweep(now);
  const std::string object =
      key_of({event.object.kind, event.object.namespace_, event.object.name, event.object.uid});
  const std::string similarity = key_of({object, event.type, event.reason});
  EventRecord record;
  if (is_one_of_many(similarity, event.message, now)) {
    record.key = similarity;
    record.message = "(combined from similar events): " + event.message;
  } else {
    record.key = key_of({similarity, event.message});
    record.message = event.message;
  }
  if (!has_token(object, now)) {
    return std::nullopt;
  }
  Written& written = written_[record.key];
  if (written.count == 0 || now - written.last > kLife) {
    const std::uint64_t id = base::Hasher(static_cast<std::uint64_t>(now)).add(record.key).digest();
    written = {.name = event.object.name + "." + base::hex64(id)};
  }
  ++written.count;
  written.last = now;
  record.name = written.name;
  record.count = written.count;
  return record;
}

bool EventCorrelator::has_token(const std::string& object, k8s::TimeNs now) {
  Bucket& bucket = buckets_[object];
  if (bucket.refilled != 0) {
    const double elapsed =
        static_cast<double>(now - bucket.refilled) / static_cast<double>(k8s::kSecond);
    bucket.tokens = std::min(kBurst, bucket.tokens + std::max(0.0, elapsed) * kTokensPerSecond);
  }
  bucket.refilled = now;
  if (bucket.tokens < 1) {
    return false;
  }
  bucket.tokens -= 1;
  return true;
}

bool EventCorrelator::is_one_of_many(const std::string& similarity,
                                     const std::string& message,
                                     k8s::TimeNs now) {
  Similar& similar = similar_[similarity];
  if (now - similar.last > kLife) {
    similar.messages.clear();
  }
  similar.last = now;
  const std::uint64_t hash = base::hash64(message);
  if (similar.messages.contains(hash)) {
    return false;
  }
  if (similar.messages.size() >= kMostSimilar) {
    return true;
  }
  similar.messages.insert(hash);
  return false;
}

void EventCorrelator::sweep(k8s::TimeNs now) {
  if (now - swept_ < k8s::kMinute) {
    return;
  }
  swept_ = now;
  std::erase_if(written_, [&](const auto& entry) { return now - entry.second.last > kLife; });
  std::erase_if(similar_, [&](const auto& entry) { return now - entry.second.last > kLife; });
  std::erase_if(buckets_,
                [&](const auto& entry) { return now - entry.second.refilled > kBucketLife; });
}

}  // namespace act
