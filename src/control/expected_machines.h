// Where pods are expected to run: machines on their way that a plan has chosen for them. The
// scheduler tries again whenever a node changes and says each time that it found no place; a pod
// whose machine is on its way must not hold up the batch of those that have none.
//
// May be lost: then a pod is planned again, and finds the machine in the picture.
// Thread rule: the loop. A value; time is passed.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "control/view.h"

namespace control {

class ExpectedMachines {
 public:
  void expect(const k8s::Pod& pod, const std::string& claim, k8s::TimeNs until);
  // Until when nothing has to be done for the pod; nullopt: it needs a plan.
  std::optional<k8s::TimeNs> find(const View& view, world::PodId pod) const;
  void forget(k8s::TimeNs now);

 private:
  struct Expected {
    std::string claim;
    k8s::TimeNs until = 0;
  };

  std::map<std::string, Expected, std::less<>> by_pod_;  // By uid.
};

}  // namespace control
