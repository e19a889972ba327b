// Keys and the moments at which to look at them again, on one timer of the executor. The owner
// knows each key's moment. Thread rule: the loop.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "k8s/time.h"
#include "runtime/executor.h"

namespace control {

class Alarms {
 public:
  using Key = std::pair<std::size_t, std::string>;

  // `ring` is called with each key whose moment has come.
  Alarms(runtime::Executor& executor, std::function<void(const Key&)> ring)
      : executor_(executor), ring_(std::move(ring)) {}

  ~Alarms();
  Alarms(const Alarms&) = delete;
  Alarms& operator=(const Alarms&) = delete;

  // The key's moment was `from` and is now `to`; 0: none.
  void move(const Key& key, k8s::TimeNs from, k8s::TimeNs to);

 private:
  k8s::TimeNs now() const;
  void arm();
  void fire();

  runtime::Executor& executor_;
  std::function<void(const Key&)> ring_;
  std::set<std::pair<k8s::TimeNs, Key>> moments_;
  runtime::TimerId timer_ = runtime::TimerId::kNone;
  k8s::TimeNs timer_at_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace control
