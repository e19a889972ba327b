// How many volumes a node of an instance type takes, as the CSI drivers of such nodes report it
// (SCH-47, improved: a new node is not planned with more volumes than its type can attach).
//
// A type of which no node exists has no limit: nobody has said one. Thread rule: immutable.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/bitset.h"
#include "plan/columns.h"
#include "plan/volumes.h"

namespace plan {

class AttachLimits {
 public:
  explicit AttachLimits(const world::Snapshot& snapshot);

  // Clears the rows of types that cannot attach the volumes of both.
  void keep_attachable(const Columns& columns,
                       const DriverClaims& used,
                       const DriverClaims& more,
                       base::Bitset& rows) const;

 private:
  using ByDriver = std::map<std::string, std::int32_t, std::less<>>;

  std::map<std::string, ByDriver, std::less<>> by_type_;
};

// Claims of a driver when both lists are attached; a claim that both have counts once (SCH-46).
std::size_t count_attached(const DriverClaims& used,
                           const DriverClaims& more,
                           const std::string& driver);

}  // namespace plan
