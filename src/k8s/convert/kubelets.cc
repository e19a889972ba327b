// Kubelet configuration moves from pools to node classes (spec 01 s19.1).
#include <algorithm>
#include <utility>

#include "base/text.h"
#include "k8s/convert/draft.h"

namespace k8s::convert {

namespace json = boost::json;

namespace {

bool is_pool(const Draft& draft) {
  return draft.problem.empty() && draft.is("karpenter.sh/v1", "NodePool");
}

json::object* reference_of(Draft& pool) {
  return find_child(pool.object.as_object(), {"spec", "template", "spec", "nodeClassRef"});
}

std::string class_name(Draft& pool) {
  json::object* reference = reference_of(pool);
  const bool is_ec2 = reference != nullptr && text_in(*reference, "kind") == "EC2NodeClass";
  return is_ec2 ? text_in(*reference, "name") : std::string();
}

// Pools that want the same of the same class.
struct Group {
  std::optional<json::value> kubelet;
  std::vector<std::size_t> pools;
};

std::vector<Group> groups_of(std::vector<Draft>& drafts, const std::string& name) {
  std::vector<Group> groups;
  for (std::size_t i = 0; i < drafts.size(); ++i) {
    if (!is_pool(drafts[i]) || class_name(drafts[i]) != name) {
      continue;
    }
    const auto found = std::find_if(groups.begin(), groups.end(), [&](const Group& group) {
      return group.kubelet == drafts[i].kubelet;
    });
    if (found == groups.end()) {
      groups.push_back({drafts[i].kubelet, {i}});
    } else {
      found->pools.push_back(i);
    }
  }
  return groups;
}

void set_kubelet(Draft& node_class, const Draft& pool, const json::value& kubelet) {
  child(node_class.object.as_object(), "spec")["kubelet"] = kubelet;
  node_class.note(base::concat("spec.kubelet comes from NodePool \"",
                               pool.name(),
                               "\"; the change drifts nodes of the class"));
}

Draft split_class(const Draft& original, Draft& pool, const json::value& kubelet) {
  Draft copy{.object = original.object, .source = original.source};
  const std::string name = base::concat(original.name(), "-", pool.name());
  child(copy.object.as_object(), "metadata")["name"] = name;
  drop_server_fields(copy);
  copy.note(base::concat("a copy of EC2NodeClass \"",
                         original.name(),
                         "\": pools that share it want different kubelet configurations"));
  set_kubelet(copy, pool, kubelet);
  return copy;
}

void explain_loss(Draft& pool, const std::string& name, const json::value& kubelet) {
  pool.note(base::concat("spec.template.spec.kubelet could not be kept: EC2NodeClass \"",
                         name,
                         "\" is not part of the input; put this into its spec.kubelet: ",
                         json::serialize(kubelet)));
}

void repoint(Draft& pool, const std::string& to) {
  (*reference_of(pool))["name"] = to;
  pool.note(base::concat(
      "nodeClassRef.name is now ", to, ", the class with this pool's kubelet configuration"));
}

// The first group stays with the class unless another wants nothing of it: then that one does.
void settle(std::vector<Draft>& drafts,
            std::size_t node_class,
            const std::vector<Group>& groups,
            std::vector<Draft>& copies) {
  const json::object* spec = find_child(drafts[node_class].object.as_object(), "spec");
  const json::value* present = spec == nullptr ? nullptr : spec->if_contains("kubelet");
  const bool keeps_as_is =
      present != nullptr ||
      std::any_of(groups.begin(), groups.end(), [](const Group& group) { return !group.kubelet; });
  bool is_taken = keeps_as_is;
  const Draft original = drafts[node_class];
  for (const Group& group : groups) {
    if (!group.kubelet || (present != nullptr && *present == *group.kubelet)) {
      continue;
    }
    Draft& first = drafts[group.pools.front()];
    std::string name(original.name());
    if (is_taken) {
      copies.push_back(split_class(original, first, *group.kubelet));
      name = copies.back().name();
    } else {
      is_taken = true;
      set_kubelet(drafts[node_class], first, *group.kubelet);
    }
    for (const std::size_t pool : group.pools) {
      drafts[pool].note(
          base::concat("spec.template.spec.kubelet moved to EC2NodeClass \"", name, "\""));
      if (name != original.name()) {
        repoint(drafts[pool], name);
      }
    }
  }
}

std::optional<std::size_t> find_class(const std::vector<Draft>& drafts, const std::string& name) {
  for (std::size_t i = 0; i < drafts.size(); ++i) {
    if (drafts[i].problem.empty() && drafts[i].is("karpenter.k8s.aws/v1", "EC2NodeClass") &&
        drafts[i].name() == name) {
      return i;
    }
  }
  return std::nullopt;
}

std::vector<std::string> classes_wanted(std::vector<Draft>& drafts) {
  std::vector<std::string> names;
  for (Draft& draft : drafts) {
    if (is_pool(draft) && draft.kubelet) {
      std::string name = class_name(draft);
      if (std::find(names.begin(), names.end(), name) == names.end()) {
        names.push_back(std::move(name));
      }
    }
  }
  return names;
}

}  // namespace

void move_kubelets(std::vector<Draft>& drafts) {
  for (const std::string& name : classes_wanted(drafts)) {
    const auto node_class = find_class(drafts, name);
    if (!node_class) {
      for (Draft& draft : drafts) {
        if (is_pool(draft) && draft.kubelet && class_name(draft) == name) {
          explain_loss(draft, name, *draft.kubelet);
        }
      }
      continue;
    }
    std::vector<Draft> copies;
    settle(drafts, *node_class, groups_of(drafts, name), copies);
    drafts.insert(drafts.begin() + static_cast<std::ptrdiff_t>(*node_class) + 1,
                  std::make_move_iterator(copies.begin()),
                  std::make_move_iterator(copies.end()));
  }
}

}  // namespace k8s::convert
