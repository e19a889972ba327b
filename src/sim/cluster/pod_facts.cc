#include "sim/cluster/pod_facts.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace sim {

namespace {

std::optional<std::int64_t> to_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

bool compares(const k8s::SelectorTerm& term, const std::string* actual, bool greater) {
  if (actual == nullptr || term.values.size() != 1) {
    return false;
  }
  const auto left = to_integer(*actual);
  const auto right = to_integer(term.values.front());
  return left && right && (greater ? *left > *right : *left < *right);
}

// `actual` is null when the label is absent.
bool holds(const k8s::SelectorTerm& term, const std::string* actual) {
  const auto listed = [&] {
    return actual != nullptr && std::ranges::find(term.values, *actual) != term.values.end();
  };
  if (term.op == "In") {
    return listed();
  }
  if (term.op == "NotIn") {
    return !listed();
  }
  if (term.op == "Exists") {
    return actual != nullptr;
  }
  if (term.op == "DoesNotExist") {
    return actual == nullptr;
  }
  return (term.op == "Gt" || term.op == "Lt") && compares(term, actual, term.op == "Gt");
}

const std::string* find_label(const k8s::StringMap& labels, std::string_view key) {
  const auto found = labels.find(key);
  return found == labels.end() ? nullptr : &found->second;
}

k8s::Resources container_requests(const k8s::Container& container) {
  k8s::Resources requests = container.resources.requests;
  for (const auto& [name, quantity] : container.resources.limits) {
    if (requests.find(name) == nullptr) {
      requests.set(name, quantity);
    }
  }
  return requests;
}

}  // namespace

bool is_terminal(const k8s::Pod& pod) {
  const std::string_view phase = pod.status.phase;  // Compared by length first.
  return phase == "Succeeded" || phase == "Failed";
}

bool is_running(const k8s::Pod& pod) {
  return pod.status.phase == "Running";
}

bool is_active(const k8s::Pod& pod) {
  return !is_terminal(pod) && !pod.meta.is_deleting();
}

bool is_healthy(const k8s::Pod& pod) {
  return is_running(pod) && !pod.meta.is_deleting() && k8s::is_true(pod.status.conditions, "Ready");
}

k8s::Resources pod_requests(const k8s::Pod& pod) {
  k8s::Resources together;
  k8s::Resources sidecars;
  k8s::Resources starting;
  for (const k8s::Container& init : pod.spec.init_containers) {
    const k8s::Resources requests = container_requests(init);
    if (init.restart_policy == "Always") {
      sidecars.add(requests);
      starting.raise_to(sidecars);
    } else {
      k8s::Resources moment = sidecars;
      moment.add(requests);
      starting.raise_to(moment);
    }
  }
  for (const k8s::Container& container : pod.spec.containers) {
    together.add(container_requests(container));
  }
  together.add(sidecars);
  together.raise_to(starting);
  if (pod.spec.resources) {
    // What is said of the pod as a whole takes the place of the sum.
    for (const auto& [name, quantity] : pod.spec.resources->requests) {
      together.set(name, quantity);
    }
  }
  together.add(pod.spec.overhead);
  together.set("pods", k8s::Quantity::units(1));
  return together;
}

bool matches(const k8s::LabelSelector& selector, const k8s::StringMap& labels) {
  return std::ranges::all_of(selector.match_labels,
                             [&](const auto& wanted) {
                               const std::string* actual = find_label(labels, wanted.first);
                               return actual != nullptr && *actual == wanted.second;
                             }) &&
         std::ranges::all_of(selector.match_expressions, [&](const k8s::SelectorTerm& term) {
           return holds(term, find_label(labels, term.key));
         });
}

bool matches(const k8s::NodeSelectorTerm& term,
             const k8s::StringMap& labels,
             std::string_view name) {
  if (term.match_expressions.empty() && term.match_fields.empty()) {
    return false;  // An empty term matches no node.
  }
  const std::string node_name(name);
  return std::ranges::all_of(term.match_expressions,
                             [&](const k8s::SelectorTerm& expression) {
                               return holds(expression, find_label(labels, expression.key));
                             }) &&
         std::ranges::all_of(term.match_fields, [&](const k8s::SelectorTerm& field) {
           return field.key == "metadata.name" && holds(field, &node_name);
         });
}

bool selects_node(const k8s::PodSpec& spec, const k8s::Node& node) {
  for (const auto& [key, value] : spec.node_selector) {
    const std::string* actual = find_label(node.meta.labels, key);
    if (actual == nullptr || *actual != value) {
      return false;
    }
  }
  const auto& required = spec.node_affinity.required;
  return required.empty() || std::ranges::any_of(required, [&](const k8s::NodeSelectorTerm& term) {
           return matches(term, node.meta.labels, node.meta.name);
         });
}

bool tolerates(const std::vector<k8s::Toleration>& tolerations, const k8s::Taint& taint) {
  return std::ranges::any_of(tolerations, [&](const k8s::Toleration& toleration) {
    if (!toleration.effect.empty() && toleration.effect != taint.effect) {
      return false;
    }
    if (toleration.op == "Exists") {
      return toleration.key.empty() || toleration.key == taint.key;
    }
    return toleration.key == taint.key && toleration.value == taint.value;
  });
}

const k8s::Taint* find_untolerated(const std::vector<k8s::Toleration>& tolerations,
                                   const std::vector<k8s::Taint>& taints,
                                   std::initializer_list<std::string_view> effects) {
  const auto found = std::ranges::find_if(taints, [&](const k8s::Taint& taint) {
    return std::ranges::find(effects, taint.effect) != effects.end() &&
           !tolerates(tolerations, taint);
  });
  return found == taints.end() ? nullptr : &*found;
}

std::string hash_suffix(std::string_view text) {
  constexpr std::string_view kAlphabet = "bcdfghjklmnpqrstvwxz2456789";
  std::uint32_t hash = 2166136261U;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  }
  std::string suffix = std::to_string(hash);
  std::ranges::transform(suffix, suffix.begin(), [&](char digit) {
    return kAlphabet[static_cast<std::size_t>(digit - '0')];
  });
  return suffix;
}

}  // namespace sim
