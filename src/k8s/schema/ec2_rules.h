// The CEL rules of EC2NodeClass (spec 01 s10.2), each laid over the schema that it belongs to.
// Thread rule: pure functions.
#pragma once

#include "k8s/schema/schema.h"

namespace k8s::schema {

Predicate is_not_empty();

Schema with_selector_tag_rules(Schema tags);
Schema with_subnet_rules(Schema terms);
Schema with_security_group_rules(Schema terms);
Schema with_capacity_reservation_rules(Schema terms);
Schema with_alias_rules(Schema alias);
Schema with_ami_rules(Schema terms);
Schema with_placement_group_rules(Schema selector);
Schema with_tag_rules(Schema tags);
Schema with_ebs_rules(Schema ebs);
Schema with_block_device_rules(Schema mappings);
Schema with_network_interface_rules(Schema interfaces);
Schema with_connection_tracking_rules(Schema tracking);
Schema with_spec_rules(Schema spec);

}  // namespace k8s::schema
