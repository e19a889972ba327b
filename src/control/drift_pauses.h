// Pools whose drifted machines could not be replaced are left alone for a while, longer each time,
// so that a pool without capacity does not keep the others from theirs (DIS-141, improved).
//
// Lost in a restart: then the pool is tried once more. Thread rule: the loop. A value; time is
// passed.
#pragma once

#include <map>
#include <string>

#include "disrupt/command.h"
#include "k8s/time.h"

namespace control {

class DriftPauses {
 public:
  // What became of a command; only those of drift count.
  void succeeded(const disrupt::Command& command);
  // Failures while the pool rests already are of the same cause, and count once.
  void failed(const disrupt::Command& command, k8s::TimeNs now);

  // Until when, by pool; those that rest no more are left out.
  std::map<std::string, k8s::TimeNs, std::less<>> resting(k8s::TimeNs now) const;

 private:
  struct Pause {
    int failures = 0;
    k8s::TimeNs until = 0;
  };

  std::map<std::string, Pause, std::less<>> by_pool_;
};

}  // namespace control
