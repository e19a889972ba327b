#include "model/pod_ballast.h"

#include <algorithm>
#include <array>

#include "k8s/resources.h"

namespace model {

namespace {

constexpr std::array<std::string_view, 3> kUnread = {
    "Initialized", "ContainersReady", "PodReadyToStartContainers"};

bool is_unread(const k8s::Condition& condition) {
  return std::ranges::find(kUnread, condition.type) != kUnread.end();
}

bool is_within(const k8s::Resources& part, const k8s::Resources& whole) {
  return std::ranges::all_of(part, [&](const k8s::Resources::Entry& entry) {
    const k8s::Quantity* quantity = whole.find(entry.first);
    return quantity != nullptr && entry.second <= *quantity;
  });
}

// Requests count as the largest of specification and status: what is within the former adds
// nothing.
template <typename Containers>
bool is_settled(const k8s::ContainerStatus& status, const Containers& containers) {
  const auto container = std::ranges::find(containers, status.name, &k8s::Container::name);
  if (container == containers.end()) {
    return false;
  }
  const k8s::Resources& requests = container->resources.requests;
  return is_within(status.allocated, requests) &&
         (!status.resources || is_within(status.resources->requests, requests));
}

bool has_settled(const k8s::Pod& pod) {
  if (k8s::is_resize_infeasible(pod)) {
    return false;  // The status counts, not the specification.
  }
  const auto settled_in = [](const auto& containers) {
    return [&containers](const k8s::ContainerStatus& status) {
      return is_settled(status, containers);
    };
  };
  return std::ranges::any_of(pod.status.container_statuses, settled_in(pod.spec.containers)) ||
         std::ranges::any_of(pod.status.init_container_statuses,
                             settled_in(pod.spec.init_containers));
}

}  // namespace

bool has_ballast(const k8s::Pod& pod) {
  return !pod.meta.generate_name.empty() || std::ranges::any_of(pod.status.conditions, is_unread) ||
         has_settled(pod);
}

void drop_ballast(k8s::Pod& pod) {
  // What is left is moved into memory of its size.
  const auto drop = [](auto& list, const auto& is_unwanted) {
    std::remove_reference_t<decltype(list)> rest;
    rest.reserve(list.size() - static_cast<std::size_t>(std::ranges::count_if(list, is_unwanted)));
    for (auto& item : list) {
      if (!is_unwanted(item)) {
        rest.push_back(std::move(item));
      }
    }
    list = std::move(rest);
  };
  pod.meta.generate_name = {};
  drop(pod.status.conditions, is_unread);
  if (k8s::is_resize_infeasible(pod)) {
    return;
  }
  const auto& spec = std::as_const(pod.spec);
  drop(pod.status.container_statuses,
       [&](const k8s::ContainerStatus& status) { return is_settled(status, spec.containers); });
  drop(pod.status.init_container_statuses, [&](const k8s::ContainerStatus& status) {
    return is_settled(status, spec.init_containers);
  });
}

}  // namespace model
