// When an EC2 node is taken for sick (DIS-210): a table, for every implementation of the cloud.
#pragma once

#include <vector>

#include "cloud/provider.h"

namespace cloud::ec2 {

std::vector<RepairPolicy> repair_policies();

}  // namespace cloud::ec2
