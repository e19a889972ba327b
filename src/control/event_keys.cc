#include "control/event_keys.h"

#include <algorithm>
#include <memory>
#include <unordered_map>

#include "base/text.h"
#include "k8s/codec.h"
#include "k8s/kinds.h"
#include "world/names.h"
#include "world/pods.h"

namespace control {

namespace {

using k8s::Kind;
using k8s::ObjectEvent;
using Keys = std::vector<std::string>;

void add_claim_of_node(const world::World& world, const std::string& node, Keys& keys) {
  const auto id = world.find_node(node);
  if (id && world.nodes()[*id].claim != nullptr) {
    keys.push_back(world.nodes()[*id].claim->meta.name);
  }
}

// LIF-69
std::string node_of(const k8s::ResourceSlice& slice) {
  if (!slice.reach.node_name.empty()) {
    return slice.reach.node_name;
  }
  const auto owner = std::ranges::find(slice.meta.owners, "Node", &k8s::OwnerReference::kind);
  return owner == slice.meta.owners.end() ? std::string() : owner->name;
}

bool is_pool_or_class(Kind kind) {
  return kind == Kind::kNodePool || kind == Kind::kEC2NodeClass || kind == Kind::kKWOKNodeClass;
}

// DIS-184: what conditions of claims depend on, of a pool (its template) or a class (its images).
std::string state_for_claims(const k8s::Object& object) {
  std::string state = base::concat(
      object.meta.uid, "/", object.meta.generation, object.meta.is_deleting() ? "/deleting" : "");
  if (object.kind == Kind::kNodePool) {
    const std::string* hash = object.meta.annotation(world::kPoolHashAnnotation);
    return base::concat(state, "/", hash != nullptr ? *hash : "");
  }
  if (object.kind == Kind::kEC2NodeClass) {
    for (const k8s::ResolvedImage& image : k8s::as<k8s::EC2NodeClass>(object).status_amis) {
      state += "/" + image.id;
    }
  }
  return state;
}

bool follows(const k8s::NodeClaim& claim, const k8s::Object& pool_or_class) {
  const std::string& name = pool_or_class.meta.name;
  if (pool_or_class.kind == Kind::kNodePool) {
    const std::string* pool = claim.meta.label(world::kPoolLabel);
    return pool != nullptr && *pool == name;
  }
  const k8s::NodeClassRef& ref = claim.spec.node_class;
  return ref.kind == k8s::kind_name(pool_or_class.kind) && ref.name == name;
}

void add_going_node(const world::World& world, std::string_view name, Keys& keys) {
  const auto id = world.find_node(name);
  if (id && world.nodes()[*id].node->meta.is_deleting()) {
    keys.emplace_back(name);
  }
}

}  // namespace

KeysOf claims_only() {
  return [](const ObjectEvent& event, const world::World&, Keys& keys) {
    if (event.kind == Kind::kNodeClaim) {
      keys.push_back(event.object->meta.name);
    }
  };
}

KeysOf claims_and_their_nodes() {
  return [](const ObjectEvent& event, const world::World& world, Keys& keys) {
    if (event.kind == Kind::kNodeClaim) {
      keys.push_back(event.object->meta.name);
    } else if (event.kind == Kind::kNode) {
      add_claim_of_node(world, event.object->meta.name, keys);
    } else if (event.kind == Kind::kResourceSlice) {
      add_claim_of_node(world, node_of(k8s::as<k8s::ResourceSlice>(*event.object)), keys);
    }
  };
}

KeysOf claims_pools_and_classes() {
  // The pool's status changes every few seconds: only what claims look at counts.
  const auto seen = std::make_shared<std::map<std::string, std::string>>();
  return [seen](const ObjectEvent& event, const world::World& world, Keys& keys) {
    if (event.kind == Kind::kNodeClaim) {
      keys.push_back(event.object->meta.name);
      return;
    }
    if (!is_pool_or_class(event.kind)) {
      return;
    }
    std::string state = state_for_claims(*event.object);
    const k8s::ObjectMeta& meta = event.object->meta;
    std::string& known = (*seen)[base::concat(k8s::kind_name(event.kind), "/", meta.name)];
    if (known == state) {
      return;
    }
    known = std::move(state);
    world.nodes().for_each([&](world::NodeId, const world::NodeRow& row) {
      if (row.claim != nullptr && follows(*row.claim, *event.object)) {
        keys.push_back(row.claim->meta.name);
      }
    });
  };
}

KeysOf nodes_and_their_claims() {
  return [](const ObjectEvent& event, const world::World& world, Keys& keys) {
    if (event.kind == Kind::kNode) {
      keys.push_back(event.object->meta.name);
    } else if (event.kind == Kind::kNodeClaim) {
      const auto id = world.find_claim(event.object->meta.name);
      if (id && world.nodes()[*id].node != nullptr) {
        keys.push_back(world.nodes()[*id].node->meta.name);
      }
    }
  };
}

KeysOf going_nodes() {
  return [](const ObjectEvent& event, const world::World& world, Keys& keys) {
    if (event.kind == Kind::kNode) {
      add_going_node(world, event.object->meta.name, keys);
    } else if (event.kind == Kind::kNodeClaim) {
      const auto id = world.find_claim(event.object->meta.name);
      if (id && world.nodes()[*id].node != nullptr) {
        add_going_node(world, world.nodes()[*id].node->meta.name, keys);
      }
    } else if (event.kind == Kind::kPod) {
      add_going_node(world, k8s::as<k8s::Pod>(*event.object).spec.node_name, keys);
    }
  };
}

KeysOf pod_milestones() {
  const auto seen = std::make_shared<std::unordered_map<std::string, int>>();
  return [seen](const ObjectEvent& event, const world::World& world, Keys& keys) {
    if (event.kind != Kind::kPod) {
      return;
    }
    const k8s::Pod& pod = k8s::as<k8s::Pod>(*event.object);
    if (event.op == k8s::EventOp::kDeleted) {
      seen->erase(pod.meta.uid);
      return;
    }
    if (pod.spec.node_name.empty()) {
      return;
    }
    const int state = 1 + (world::is_terminal(pod) ? 2 : 0) + (world::is_terminating(pod) ? 4 : 0);
    int& known = (*seen)[pod.meta.uid];
    const bool is_news = (state & ~known) != 0;
    known |= state;
    // What the first list shows is old: a restart must not reset every consolidateAfter (DIS-186).
    if (is_news && world.has_list(Kind::kPod) && !world::is_daemon_pod(pod)) {
      add_claim_of_node(world, pod.spec.node_name, keys);
    }
  };
}

KeysOf pools(bool with_classes) {
  return [with_classes](const ObjectEvent& event, const world::World& world, Keys& keys) {
    if (event.kind == Kind::kNodePool) {
      keys.push_back(event.object->meta.name);
    } else if (with_classes &&
               (event.kind == Kind::kEC2NodeClass || event.kind == Kind::kKWOKNodeClass)) {
      for (const auto& [name, pool] : world.pools()) {
        const k8s::NodeClassRef& ref = pool->template_spec.node_class;
        if (ref.kind == k8s::kind_name(event.kind) && ref.name == event.object->meta.name) {
          keys.push_back(name);
        }
      }
    }
  };
}

KeysOf pools_and_stale_claims() {
  return [](const ObjectEvent& event, const world::World&, Keys& keys) {
    if (event.kind == Kind::kNodePool) {
      keys.push_back(event.object->meta.name);
      return;
    }
    if (event.kind != Kind::kNodeClaim || event.op == k8s::EventOp::kDeleted) {
      return;
    }
    const std::string* pool = event.object->meta.label(world::kPoolLabel);
    const std::string* version = event.object->meta.annotation(world::kPoolHashVersionAnnotation);
    if (pool != nullptr && (version == nullptr || *version != world::kPoolHashVersion)) {
      keys.push_back(*pool);
    }
  };
}

KeysOf classes(k8s::Kind kind) {
  return [kind](const ObjectEvent& event, const world::World&, Keys& keys) {
    if (event.kind == kind) {
      keys.push_back(event.object->meta.name);
    } else if (event.kind == Kind::kNodeClaim && event.op == k8s::EventOp::kDeleted) {
      const auto& claim = k8s::as<k8s::NodeClaim>(*event.object);
      if (claim.spec.node_class.kind == k8s::kind_name(kind)) {
        keys.push_back(claim.spec.node_class.name);
      }
    }
  };
}

}  // namespace control
