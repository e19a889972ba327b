// The port that turns the selectors of a node class into things of the account: subnets, security
// groups, images, an instance profile. Implementations: the embedded account of sim/cloud, later
// cloud/aws. The node class status controller writes the answer into status (AWN-17..19).
//
// An empty list is an answer ("matched nothing"), not an error. Thread rule: call on the loop
// thread; the callback runs on the loop thread, never inside the call itself.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "k8s/node.h"

namespace cloud {

struct ResolvedSecurityGroup {
  std::string id;
  std::string name;
};

struct ResolvedNodeClass {
  std::vector<k8s::ResolvedSubnet> subnets;            // Most free addresses first, then by id.
  std::vector<ResolvedSecurityGroup> security_groups;  // By id.
  std::vector<k8s::ResolvedImage> images;  // Newest first; one or more per architecture.
  std::string instance_profile;
  // What was made or assumed so that the class resolves; for people, empty on a real account.
  std::vector<std::string> notes;
};

class NodeClassResolver {
 public:
  using Done = std::function<void(base::Result<ResolvedNodeClass>)>;

  virtual ~NodeClassResolver() = default;

  // Errors: kInvalid (an unknown alias; the detail says which), kThrottled, kUnavailable.
  virtual void resolve(std::shared_ptr<const k8s::EC2NodeClass> node_class, Done done) = 0;
};

}  // namespace cloud
