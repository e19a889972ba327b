// Which machines give which topology groups their domains, so that a domain can go with the last
// machine that has it (SCH-276, SCH-303). Groups with one key and one filter share their census.
//
//   DomainCensus census(base, topology);   // after Topology::add_pool_domains()
//   census.add(0, node);                   // every machine
//   census.remove(0);                      // drops domains that nobody else has
//   census.forget();                       // all are back; the topology forgets by itself
//
// Thread rule: one owner; borrows base and topology.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "plan/existing_nodes.h"

namespace plan {

class DomainCensus {
 public:
  DomainCensus(PlanBase& base, Topology& topology);

  void add(std::size_t node, const ExistingNode& added);
  void remove(std::size_t node);
  void forget();

 private:
  // Groups that see the same domains.
  struct Universe {
    GroupId example;
    std::vector<GroupId> groups;
    boost::unordered_flat_map<std::uint32_t, std::int64_t> providers;  // By domain; pools count.
  };

  using Domain = std::pair<std::uint32_t, model::Symbol>;  // Universe and domain.

  PlanBase& base_;
  Topology& topology_;
  std::vector<Universe> universes_;
  // Machines of equal labels and taints, unless filters name hosts, have equal domains.
  std::vector<std::vector<Domain>> kinds_;
  boost::unordered_flat_map<std::uint64_t, std::uint32_t> kind_ids_;
  std::vector<std::uint32_t> kind_of_node_;
  bool names_hosts_ = false;
  std::vector<Domain> removed_;
};

}  // namespace plan
