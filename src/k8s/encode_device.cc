// The kinds of resource.k8s.io.
#include "k8s/encode.h"

namespace k8s {
namespace {

void write_selectors(JsonOut& out, const std::vector<std::string>& selectors) {
  out.array("selectors", selectors, [&](const std::string& expression) {
    out.object([&] { out.object("cel", [&] { out.field("expression", expression); }); });
  });
}

void write_query(JsonOut& out, const DeviceQuery& query) {
  out.field("name", query.name);
  out.field("deviceClassName", query.class_name);
  write_selectors(out, query.selectors);
  out.field("allocationMode", query.allocation_mode);
  if (query.allocation_mode == "ExactCount") {
    out.field("count", query.count);
  }
  out.field("adminAccess", query.admin_access);
  write_items(out, "tolerations", query.tolerations);
  out.object("capacity", [&] { out.field("requests", query.capacity); });
}

void write_request(JsonOut& out, const DeviceRequest& request) {
  out.object([&] {
    out.field("name", request.name);
    if (request.exactly) {
      out.object_always("exactly", [&] { write_query(out, *request.exactly); });
    }
    out.array("firstAvailable", request.first_available, [&](const DeviceQuery& query) {
      out.object([&] { write_query(out, query); });
    });
  });
}

void write_claim_spec(JsonOut& out, const DeviceClaimSpec& spec) {
  out.object("devices", [&] {
    out.array("requests", spec.requests, [&](const DeviceRequest& r) { write_request(out, r); });
    out.array("constraints", spec.constraints, [&](const DeviceConstraint& constraint) {
      out.object([&] {
        out.field("requests", constraint.requests);
        out.field("matchAttribute", constraint.match_attribute);
        out.field("distinctAttribute", constraint.distinct_attribute);
      });
    });
  });
}

void write_node_terms(JsonOut& out, const std::vector<NodeSelectorTerm>& terms) {
  out.object("nodeSelector", [&] { write_items(out, "nodeSelectorTerms", terms); });
}

void write_result(JsonOut& out, const AllocatedDevice& result) {
  out.object([&] {
    out.field("request", result.request);
    out.field("driver", result.driver);
    out.field("pool", result.pool);
    out.field("device", result.device);
    out.field("shareID", result.share_id);
    out.field("adminAccess", result.admin_access);
    out.field("consumedCapacity", result.consumed_capacity);
  });
}

void write_reach(JsonOut& out, const DeviceReach& reach) {
  out.field("nodeName", reach.node_name);
  write_node_terms(out, reach.node_selector);
  out.field("allNodes", reach.all_nodes);
}

void write_attribute(JsonOut& out, const DeviceAttribute& attribute) {
  if (const auto* number = std::get_if<std::int64_t>(&attribute)) {
    out.always("int", *number);
  } else if (const auto* truth = std::get_if<bool>(&attribute)) {
    out.always("bool", *truth);
  } else if (const auto* text = std::get_if<std::string>(&attribute)) {
    out.always("string", std::string_view(*text));
  } else {
    out.always("version", std::string_view(std::get<VersionText>(attribute).text));
  }
}

void write_quantity(JsonOut& out, std::string_view name, const Quantity& quantity) {
  out.always(name, std::string_view(quantity.text()));
}

void write_optional(JsonOut& out, std::string_view name, const std::optional<Quantity>& quantity) {
  if (quantity) {
    write_quantity(out, name, *quantity);
  }
}

void write_policy(JsonOut& out, const CapacityPolicy& policy) {
  write_optional(out, "default", policy.default_value);
  out.array("validValues", policy.valid_values, [&](const Quantity& q) { out.item(q.text()); });
  if (policy.valid_range) {
    out.object_always("validRange", [&] {
      write_quantity(out, "min", policy.valid_range->min);
      write_optional(out, "max", policy.valid_range->max);
      write_optional(out, "step", policy.valid_range->step);
    });
  }
}

void write_counter_sets(JsonOut& out,
                        std::string_view member,
                        std::string_view name,
                        const std::vector<CounterSet>& sets) {
  out.array(member, sets, [&](const CounterSet& set) {
    out.object([&] {
      out.field(name, set.name);
      out.object("counters", [&] {
        for (const auto& [counter, value] : set.counters) {
          out.object_always(counter, [&] { write_quantity(out, "value", value); });
        }
      });
    });
  });
}

void write_device(JsonOut& out, const Device& device) {
  out.object([&] {
    out.field("name", device.name);
    out.object("attributes", [&] {
      for (const auto& [name, attribute] : device.attributes) {
        out.object_always(name, [&] { write_attribute(out, attribute); });
      }
    });
    out.object("capacity", [&] {
      for (const auto& [name, capacity] : device.capacity) {
        out.object_always(name, [&] {
          write_quantity(out, "value", capacity.value);
          if (capacity.policy) {
            out.object_always("requestPolicy", [&] { write_policy(out, *capacity.policy); });
          }
        });
      }
    });
    write_counter_sets(out, "consumesCounters", "counterSet", device.consumes);
    write_reach(out, device.reach);
    write_items(out, "taints", device.taints);
    out.field("allowMultipleAllocations", device.allows_multiple);
  });
}

}  // namespace

void write_body(JsonOut& out, const ResourceClaim& claim) {
  out.object("spec", [&] { write_claim_spec(out, claim.spec); });
  out.object("status", [&] {
    if (claim.allocation) {
      out.object_always("allocation", [&] {
        out.object("devices", [&] {
          out.array("results", claim.allocation->results, [&](const AllocatedDevice& result) {
            write_result(out, result);
          });
        });
        write_node_terms(out, claim.allocation->node_selector);
      });
    }
    out.array("reservedFor", claim.reserved_for, [&](const ClaimConsumer& consumer) {
      out.object([&] {
        out.field("apiGroup", consumer.api_group);
        out.field("resource", consumer.resource);
        out.field("name", consumer.name);
        out.field("uid", consumer.uid);
      });
    });
  });
}

void write_body(JsonOut& out, const ResourceClaimTemplate& claim_template) {
  out.object("spec", [&] {
    out.object("metadata", [&] {
      out.field("labels", claim_template.labels);
      out.field("annotations", claim_template.annotations);
    });
    out.object("spec", [&] { write_claim_spec(out, claim_template.spec); });
  });
}

void write_body(JsonOut& out, const DeviceClass& device_class) {
  out.object("spec", [&] { write_selectors(out, device_class.selectors); });
}

void write_body(JsonOut& out, const ResourceSlice& slice) {
  out.object("spec", [&] {
    out.field("driver", slice.driver);
    out.object("pool", [&] {
      out.field("name", slice.pool);
      out.field("generation", slice.generation);
      out.field("resourceSliceCount", slice.slice_count);
    });
    write_reach(out, slice.reach);
    out.array("devices", slice.devices, [&](const Device& device) { write_device(out, device); });
    out.field("perDeviceNodeSelection", slice.has_device_reach);
    write_counter_sets(out, "sharedCounters", "name", slice.shared_counters);
  });
}

}  // namespace k8s
