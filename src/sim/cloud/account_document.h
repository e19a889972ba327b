// The account document: what the embedded account owns, as declared. Parsed from YAML into this.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "k8s/meta.h"

namespace sim {

struct SubnetDeclaration {
  std::string name;
  std::string zone = "*";  // A zone's name, or "*": one in every zone of the region.
  std::int64_t free_addresses = 4091;
  k8s::StringMap tags;
};

// A security group or an image.
struct NamedDeclaration {
  std::string name;
  std::string architecture;  // Images: amd64 or arm64.
  std::string owner;         // Images; empty: the account itself.
  k8s::StringMap tags;
};

struct AccountDocument {
  std::string account;
  std::string cluster;
  std::vector<SubnetDeclaration> subnets;
  std::vector<NamedDeclaration> security_groups;
  std::vector<NamedDeclaration> images;
};

// Errors: kInvalid with `origin`, the place and what is allowed.
base::Result<AccountDocument> parse_account_document(std::string_view yaml,
                                                     std::string_view origin);

// The account that is used when none is given.
inline constexpr std::string_view kBuiltInAccount = R"(account: "123456789012"
cluster: demo
subnets:
  - name: private
    zone: "*"
    freeAddresses: 4091
    tags:
      karpenter.sh/discovery: demo
      kubernetes.io/cluster/demo: shared
securityGroups:
  - name: demo-node
    tags:
      karpenter.sh/discovery: demo
      kubernetes.io/cluster/demo: owned
images: []
)";

}  // namespace sim
