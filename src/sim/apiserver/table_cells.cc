#include "sim/apiserver/table_cells.h"

#include "sim/apiserver/json.h"
#include "sim/apiserver/pod_summary.h"
#include "sim/apiserver/table.h"

namespace sim::api::cells {

namespace {

std::string join(const json::array* list, std::string_view member) {
  std::string out;
  if (list != nullptr) {
    for (const Value& item : *list) {
      const std::string_view part =
          member.empty()
              ? (item.is_string() ? std::string_view(item.get_string()) : std::string_view{})
              : text_at(item.as_object(), member);
      out.append(out.empty() ? "" : ",").append(part);
    }
  }
  return out;
}

}  // namespace

Value text_or(std::string_view value, std::string_view fallback) {
  return json::string(value.empty() ? fallback : value);
}

Value text(std::string_view value) {
  return json::string(value);
}

Value age(const Object& o, Now now) {
  return text(age_of(text_at(o, "metadata.creationTimestamp"), now));
}

std::string ratio(std::int64_t part, std::int64_t whole) {
  return std::to_string(part) + "/" + std::to_string(whole);
}

std::string labels_text(const Object* labels) {
  std::string out;
  if (labels != nullptr) {
    for (const auto& [key, value] : *labels) {
      out.append(out.empty() ? "" : ",").append(key).append("=");
      out.append(value.is_string() ? std::string_view(value.get_string()) : "");
    }
  }
  return out.empty() ? "<none>" : out;
}

Value containers(const Object& o, Now) {
  return text(join(array_at(o, "spec.template.spec.containers"), "name"));
}

Value images(const Object& o, Now) {
  return text(join(array_at(o, "spec.template.spec.containers"), "image"));
}

Value selector(const Object& o, Now) {
  return text(labels_text(object_at(o, "spec.selector.matchLabels")));
}

Value pod_ready(const Object& o, Now) {
  const PodSummary pod = summarize_pod(o);
  return text(ratio(pod.ready, pod.containers));
}

Value pod_status(const Object& o, Now) {
  return text(summarize_pod(o).status);
}

Value pod_restarts(const Object& o, Now) {
  return text(std::to_string(summarize_pod(o).restarts));
}

Value node_status(const Object& o, Now) {
  std::string out = "Unknown";
  if (const Object* ready = find_condition(o, "Ready")) {
    out = text_at(*ready, "status") == "True" ? "Ready" : "NotReady";
  }
  return text(bool_at(o, "spec.unschedulable") ? out + ",SchedulingDisabled" : out);
}

Value node_roles(const Object& o, Now) {
  constexpr std::string_view kPrefix = "node-role.kubernetes.io/";
  std::string out;
  for (const auto& [key, value] : string_map_at(o, "metadata.labels")) {
    if (key.starts_with(kPrefix)) {
      out.append(out.empty() ? "" : ",").append(key.substr(kPrefix.size()));
    }
  }
  return text_or(out, "<none>");
}

std::string_view node_address(const Object& o, std::string_view type) {
  if (const json::array* addresses = array_at(o, "status.addresses")) {
    for (const Value& item : *addresses) {
      if (item.is_object() && text_at(item.get_object(), "type") == type) {
        return text_at(item.get_object(), "address");
      }
    }
  }
  return "<none>";
}

Value ready_of_replicas(const Object& o, Now) {
  return text(ratio(int_at(o, "status.readyReplicas"), int_at(o, "spec.replicas", 1)));
}

Value job_status(const Object& o, Now) {
  for (const std::string_view type : {"Complete", "Failed", "Suspended"}) {
    if (condition_is(o, type, "True")) {
      return text(type);
    }
  }
  return text(find_path(o, "metadata.deletionTimestamp") != nullptr ? "Terminating" : "Running");
}

Value job_duration(const Object& o, Now now) {
  const auto start = parse_time(text_at(o, "status.startTime"));
  const auto end = parse_time(text_at(o, "status.completionTime"));
  return text(start ? human_duration(end.value_or(now) - *start) : "");
}

Value int_or_text(const Object& o, std::string_view path) {
  const Value* value = find_path(o, path);
  if (value == nullptr) {
    return text("N/A");
  }
  return value->is_string() ? *value : Value(json::string(json::serialize(*value)));
}

std::string_view first_of(const Object& o, std::initializer_list<std::string_view> paths) {
  for (const std::string_view path : paths) {
    if (const std::string_view found = text_at(o, path); !found.empty()) {
      return found;
    }
  }
  return {};
}

Value event_last_seen(const Object& o, Now now) {
  return text(age_of(
      first_of(o, {"series.lastObservedTime", "lastTimestamp", "eventTime", "firstTimestamp"}),
      now));
}

Value event_first_seen(const Object& o, Now now) {
  return text(age_of(first_of(o, {"firstTimestamp", "eventTime"}), now));
}

Value event_object(const Object& o, Now) {
  std::string kind(text_at(o, "involvedObject.kind"));
  for (char& c : kind) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return text(kind + "/" + std::string(text_at(o, "involvedObject.name")));
}

Value access_modes(const Object& o, Now) {
  std::string out;
  if (const json::array* modes = array_at(o, "spec.accessModes")) {
    for (const Value& mode : *modes) {
      const std::string_view full = mode.is_string() ? std::string_view(mode.get_string()) : "";
      out.append(out.empty() ? "" : ",");
      out.append(full == "ReadWriteOnce"      ? "RWO"
                 : full == "ReadOnlyMany"     ? "ROX"
                 : full == "ReadWriteMany"    ? "RWX"
                 : full == "ReadWriteOncePod" ? "RWOP"
                                              : full);
    }
  }
  return text(out);
}

Value data_count(const Object& o, Now) {
  std::size_t count = 0;
  for (const std::string_view field : {"data", "binaryData"}) {
    const Object* data = object_at(o, field);
    count += data == nullptr ? 0 : data->size();
  }
  return Value(static_cast<std::int64_t>(count));
}

Value service_ports(const Object& o, Now) {
  std::string out;
  if (const json::array* ports = array_at(o, "spec.ports")) {
    for (const Value& port : *ports) {
      const Object& item = port.as_object();
      out.append(out.empty() ? "" : ",").append(std::to_string(int_at(item, "port")));
      const std::string_view protocol = text_at(item, "protocol");
      out.append("/").append(protocol.empty() ? "TCP" : protocol);
    }
  }
  return text_or(out, "<none>");
}

}  // namespace sim::api::cells
