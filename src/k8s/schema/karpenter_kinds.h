// The six kinds of karpenter as tables, one function and one .cc file each.
// Thread rule: pure functions; kind_schema.h keeps the results.
#pragma once

#include "k8s/schema/kind_schema.h"

namespace k8s::schema {

KindSchema node_pool_kind(Flavour flavour);
KindSchema node_claim_kind(Flavour flavour);
KindSchema node_overlay_kind(Flavour flavour);
KindSchema ec2_node_class_kind();
KindSchema kwok_node_class_kind();
KindSchema capacity_buffer_kind();

// The "Ready" and "Age" columns that most of them have.
PrinterColumn ready_column();
PrinterColumn age_column();

}  // namespace k8s::schema
