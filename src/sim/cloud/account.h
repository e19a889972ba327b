// The one account of the embedded EC2: its subnets, security groups, images and instance profiles,
// and how the selectors of an EC2NodeClass find them. Declared in a small YAML document (the
// default is built in). A selector that matches nothing gets what it asks for made for it, with a
// note, so that any node class of the field resolves in a demo.
//
// Ids are derived from region and name, so the same account is the same in every run.
// Thread rule: loop thread; no clocks, no chance.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "cloud/node_class_resolver.h"

namespace sim {

struct ZoneName {
  std::string name;  // us-east-1a
  std::string id;    // use1-az1
};

struct AccountSubnet {
  std::string id;
  std::string name;
  std::string zone;
  std::string zone_id;
  std::int64_t free_addresses = 0;
  k8s::StringMap tags;
};

struct AccountSecurityGroup {
  std::string id;
  std::string name;
  k8s::StringMap tags;
};

// An image that is the account's own; the images behind aliases are computed.
struct AccountImage {
  std::string id;
  std::string name;
  std::string architecture;  // kubernetes.io/arch: amd64, arm64.
  std::string owner;
  std::int64_t created = 0;  // Seconds since the Unix epoch.
  k8s::StringMap tags;
};

class Account {
 public:
  // `yaml` is the account document; `origin` stands in errors. Errors: kInvalid with file:line or
  // field path and what is allowed.
  static base::Result<Account> parse(std::string_view yaml,
                                     std::string_view origin,
                                     std::string_view region,
                                     const std::vector<ZoneName>& zones);
  static Account built_in(std::string_view region, const std::vector<ZoneName>& zones);

  // May make what is missing (then the answer has notes). Errors: kInvalid for an alias that no
  // family has.
  base::Result<cloud::ResolvedNodeClass> resolve(const k8s::EC2NodeClass& node_class);

  // Images behind aliases get other ids from now on, as when the vendor publishes new ones.
  void release_images() { ++image_release_; }

  const std::string& region() const { return region_; }

  const std::vector<AccountSubnet>& subnets() const { return subnets_; }

  bool has_subnet_in(std::string_view zone) const;

 private:
  using Notes = std::vector<std::string>;

  void resolve_subnets(const k8s::EC2NodeClass& node_class, cloud::ResolvedNodeClass& answer);
  void resolve_groups(const k8s::EC2NodeClass& node_class, cloud::ResolvedNodeClass& answer);
  base::Result<void> resolve_images(const k8s::EC2NodeClass& node_class,
                                    cloud::ResolvedNodeClass& answer);
  void make_subnets(const k8s::ResourceSelectorTerm& term, Notes& notes);
  void make_group(const k8s::ResourceSelectorTerm& term, Notes& notes);
  void make_images(const k8s::ResourceSelectorTerm& term, Notes& notes);
  std::string new_id(std::string_view prefix, std::string_view name) const;

  std::string region_;
  int image_release_ = 0;
  std::string number_;
  std::string cluster_;
  std::vector<ZoneName> zones_;
  std::vector<AccountSubnet> subnets_;
  std::vector<AccountSecurityGroup> groups_;
  std::vector<AccountImage> images_;
};

}  // namespace sim
