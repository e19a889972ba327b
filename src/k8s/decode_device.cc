// The kinds of resource.k8s.io.
#include "k8s/decode.h"

namespace k8s {

void read(JsonIn& in, Element e, DeviceQuery& out);
void read(JsonIn& in, Element e, DeviceRequest& out);
void read(JsonIn& in, Element e, DeviceConstraint& out);
void read(JsonIn& in, Element e, DeviceClaimSpec& out);
void read(JsonIn& in, Element e, AllocatedDevice& out);
void read(JsonIn& in, Element e, DeviceAllocation& out);
void read(JsonIn& in, Element e, ClaimConsumer& out);
void read(JsonIn& in, Element e, DeviceAttribute& out);
void read(JsonIn& in, Element e, CapacityPolicy& out);
void read(JsonIn& in, Element e, DeviceCapacity& out);
void read(JsonIn& in, Element e, CounterSet& out);
void read(JsonIn& in, Element e, Device& out);

namespace {

// [{"cel": {"expression": "..."}}]
struct Selectors {
  std::vector<std::string>& out;
};

void read(JsonIn& in, Element e, Selectors selectors) {
  in.array(e, [&](Element item) {
    std::string& expression = selectors.out.emplace_back();
    in.object(item, [&](Field f) {
      return f.object("cel", [&](Field g) { return g("expression", expression); });
    });
  });
}

// {"name": {"value": "1Gi"}}
struct Counters {
  Resources& out;
};

void read(JsonIn& in, Element e, Counters counters) {
  in.map(e, [&](std::string_view name, Element counter) {
    Quantity value;
    in.object(counter, [&](Field f) { return f("value", value); });
    counters.out.set(name, value);
  });
}

// {"nodeSelectorTerms": [...]}
struct NodeTerms {
  std::vector<NodeSelectorTerm>& out;
};

void read(JsonIn& in, Element e, NodeTerms terms) {
  in.object(e, [&](Field f) { return f("nodeSelectorTerms", terms.out); });
}

template <typename T>
struct ByName {
  std::map<std::string, T, std::less<>>& out;
};

template <typename T>
void read(JsonIn& in, Element e, ByName<T> named) {
  in.map(e, [&](std::string_view name, Element value) {
    read(in, value, named.out[std::string(name)]);
  });
}

bool read_reach(Field f, DeviceReach& out) {
  return f("nodeName", out.node_name) || f("nodeSelector", NodeTerms{out.node_selector}) ||
         f("allNodes", out.all_nodes);
}

// What a request and its alternatives have in common.
bool read_query(Field f, DeviceQuery& out) {
  return f("deviceClassName", out.class_name) || f("selectors", Selectors{out.selectors}) ||
         f("allocationMode", out.allocation_mode) || f("count", out.count) ||
         f("adminAccess", out.admin_access) || f("tolerations", out.tolerations) ||
         f.object("capacity", [&](Field g) { return g("requests", out.capacity); });
}

}  // namespace

void read(JsonIn& in, Element e, DeviceQuery& out) {
  out.allocation_mode = "ExactCount";
  in.object(e, [&](Field f) { return f("name", out.name) || read_query(f, out); });
}

void read(JsonIn& in, Element e, DeviceRequest& out) {
  in.object(e, [&](Field f) {
    return f("name", out.name) || f("exactly", out.exactly) ||
           f("firstAvailable", out.first_available);
  });
}

void read(JsonIn& in, Element e, DeviceConstraint& out) {
  in.object(e, [&](Field f) {
    return f("requests", out.requests) || f("matchAttribute", out.match_attribute) ||
           f("distinctAttribute", out.distinct_attribute);
  });
}

void read(JsonIn& in, Element e, DeviceClaimSpec& out) {
  in.object(e, [&](Field f) {
    return f.object("devices", [&](Field g) {
      return g("requests", out.requests) || g("constraints", out.constraints);
    });
  });
}

void read(JsonIn& in, Element e, AllocatedDevice& out) {
  in.object(e, [&](Field f) {
    return f("request", out.request) || f("driver", out.driver) || f("pool", out.pool) ||
           f("device", out.device) || f("shareID", out.share_id) ||
           f("adminAccess", out.admin_access) || f("consumedCapacity", out.consumed_capacity);
  });
}

void read(JsonIn& in, Element e, DeviceAllocation& out) {
  in.object(e, [&](Field f) {
    return f.object("devices", [&](Field g) { return g("results", out.results); }) ||
           f("nodeSelector", NodeTerms{out.node_selector});
  });
}

void read(JsonIn& in, Element e, ClaimConsumer& out) {
  in.object(e, [&](Field f) {
    return f("apiGroup", out.api_group) || f("resource", out.resource) || f("name", out.name) ||
           f("uid", out.uid);
  });
}

void read(JsonIn& in, Element e, ResourceClaim& out) {
  in.object(e, [&](Field f) {
    return read_header(f, out) || f("spec", out.spec) || f.object("status", [&](Field g) {
      return g("allocation", out.allocation) || g("reservedFor", out.reserved_for);
    });
  });
}

void read(JsonIn& in, Element e, ResourceClaimTemplate& out) {
  in.object(e, [&](Field f) {
    return read_header(f, out) || f.object("spec", [&](Field g) {
      return g("spec", out.spec) || g.object("metadata", [&](Field h) {
        return h("labels", out.labels) || h("annotations", out.annotations);
      });
    });
  });
}

void read(JsonIn& in, Element e, DeviceClass& out) {
  in.object(e, [&](Field f) {
    return read_header(f, out) ||
           f.object("spec", [&](Field g) { return g("selectors", Selectors{out.selectors}); });
  });
}

void read(JsonIn& in, Element e, DeviceAttribute& out) {
  in.object(e, [&](Field f) {
    std::int64_t number = 0;
    bool truth = false;
    std::string text;
    if (f("int", number)) {
      out = number;
    } else if (f("bool", truth)) {
      out = truth;
    } else if (f("string", text)) {
      out = std::move(text);
    } else if (f("version", text)) {
      out = VersionText{std::move(text)};
    } else {
      return false;
    }
    return true;
  });
}

void read(JsonIn& in, Element e, CapacityPolicy& out) {
  in.object(e, [&](Field f) {
    return f("default", out.default_value) || f("validValues", out.valid_values) ||
           f.object("validRange", [&](Field g) {
             CapacityRange& range = out.valid_range ? *out.valid_range : out.valid_range.emplace();
             return g("min", range.min) || g("max", range.max) || g("step", range.step);
           });
  });
}

void read(JsonIn& in, Element e, DeviceCapacity& out) {
  in.object(e, [&](Field f) { return f("value", out.value) || f("requestPolicy", out.policy); });
}

void read(JsonIn& in, Element e, CounterSet& out) {
  in.object(e, [&](Field f) {
    return f("name", out.name) || f("counterSet", out.name) ||
           f("counters", Counters{out.counters});
  });
}

void read(JsonIn& in, Element e, Device& out) {
  in.object(e, [&](Field f) {
    return f("name", out.name) || f("attributes", ByName{out.attributes}) ||
           f("capacity", ByName{out.capacity}) || f("consumesCounters", out.consumes) ||
           read_reach(f, out.reach) || f("allowMultipleAllocations", out.allows_multiple) ||
           f("taints", out.taints);
  });
}

void read(JsonIn& in, Element e, ResourceSlice& out) {
  in.object(e, [&](Field f) {
    return read_header(f, out) || f.object("spec", [&](Field g) {
      return g("driver", out.driver) || read_reach(g, out.reach) || g("devices", out.devices) ||
             g("perDeviceNodeSelection", out.has_device_reach) ||
             g("sharedCounters", out.shared_counters) || g.object("pool", [&](Field h) {
               return h("name", out.pool) || h("generation", out.generation) ||
                      h("resourceSliceCount", out.slice_count);
             });
    });
  });
}

}  // namespace k8s
