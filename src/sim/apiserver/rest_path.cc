#include "sim/apiserver/rest_path.h"

#include <charconv>

#include <boost/json.hpp>

#include "sim/apiserver/json.h"
#include "sim/apiserver/patching.h"

namespace sim::api {

namespace {

using runtime::HttpServerRequest;

std::optional<RestPath> namespaced_path(const std::vector<std::string>& parts,
                                        std::string_view group,
                                        std::string_view version,
                                        std::size_t at) {
  const std::size_t left = parts.size() - at;
  // namespaces/NS/PLURAL..., as opposed to namespaces/NAME[/status].
  const bool scoped =
      parts[at] == "namespaces" && left >= 3 &&
      !(group.empty() && left == 3 && (parts[at + 2] == "status" || parts[at + 2] == "finalize"));
  RestPath out;
  std::size_t next = at;
  if (scoped) {
    out.namespace_ = parts[at + 1];
    next = at + 2;
  }
  const auto type = find_resource(group, version, parts[next]);
  if (!type || (scoped && !resource_type(*type).namespaced) || parts.size() > next + 3) {
    return std::nullopt;
  }
  out.type = *type;
  if (parts.size() > next + 1) {
    out.name = parts[next + 1];
  }
  if (parts.size() > next + 2) {
    out.subresource = parts[next + 2];
  }
  if (resource_type(*type).namespaced && !scoped && !out.name.empty()) {
    return std::nullopt;
  }
  return out;
}

void read_accept(std::string_view accept, Negotiated& out) {
  bool matched = accept.empty();
  while (!accept.empty() && !matched) {
    const std::size_t comma = accept.find(',');
    const std::string_view entry = accept.substr(0, comma);
    accept = comma == std::string_view::npos ? std::string_view{} : accept.substr(comma + 1);
    const bool is_json = entry.contains("application/json") || entry.contains("*/*") ||
                         entry.contains("application/*") || entry.contains("text/plain");
    if (!is_json) {
      continue;
    }
    if (entry.contains("as=Table")) {
      matched = entry.contains("v=v1;") || entry.ends_with("v=v1") || entry.contains("v=v1,");
      out.form = matched ? Form::kTable : out.form;
    } else if (entry.contains("as=PartialObjectMetadata")) {
      matched = true;
      out.form = Form::kMetadata;
    } else if (entry.contains("as=APIGroupDiscoveryList")) {
      matched = entry.contains("v=v2;") || entry.ends_with("v=v2");
      out.aggregated_discovery = matched;
    } else {
      matched = true;
    }
  }
  out.acceptable = matched;
}

bool selectable(const ResourceType& type, std::string_view field) {
  if (field == "metadata.name" || (field == "metadata.namespace" && type.namespaced)) {
    return true;
  }
  if (type.is(k8s::Kind::kPod)) {
    return field.starts_with("spec.") || field.starts_with("status.");
  }
  if (type.is(k8s::Kind::kEvent)) {
    return field.starts_with("involvedObject.") || field == "reason" || field == "type" ||
           field == "source" || field == "reportingComponent";
  }
  return (type.is(k8s::Kind::kNode) && field == "spec.unschedulable") ||
         (type.is(k8s::Kind::kNamespace) && field == "status.phase") ||
         ((type.is(k8s::Kind::kReplicaSet) || type.is(k8s::Kind::kReplicationController)) &&
          field == "status.replicas") ||
         (type.is(k8s::Kind::kJob) && field == "status.successful") ||
         (type.plural == "secrets" && field == "type");
}

Propagation propagation_of(std::string_view text) {
  if (text == "Orphan") {
    return Propagation::kOrphan;
  }
  return text == "Foreground" ? Propagation::kForeground : Propagation::kBackground;
}

}  // namespace

std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> out;
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    if (slash != 0) {
      out.emplace_back(path.substr(0, slash));
    }
    path = slash == std::string_view::npos ? std::string_view{} : path.substr(slash + 1);
  }
  return out;
}

std::optional<RestPath> parse_rest_path(std::string_view path) {
  const std::vector<std::string> parts = split_path(path);
  if (parts.size() >= 3 && parts[0] == "api") {
    return namespaced_path(parts, "", parts[1], 2);
  }
  if (parts.size() >= 4 && parts[0] == "apis") {
    return namespaced_path(parts, parts[1], parts[2], 3);
  }
  return std::nullopt;
}

Negotiated negotiate(const HttpServerRequest& request) {
  Negotiated out;
  const std::string* accept = request.header("Accept");
  read_accept(accept == nullptr ? std::string_view{} : std::string_view(*accept), out);
  return out;
}

std::string_view parameter(const HttpServerRequest& request, std::string_view name) {
  const std::string* found = request.parameter(name);
  return found == nullptr ? std::string_view{} : std::string_view(*found);
}

bool flag(const HttpServerRequest& request, std::string_view name) {
  const std::string_view value = parameter(request, name);
  return value == "true" || value == "1" || value == "True";
}

std::optional<std::int64_t> number(const HttpServerRequest& request, std::string_view name) {
  const std::string_view text = parameter(request, name);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

RowObject row_object(const HttpServerRequest& request) {
  const std::string_view wanted = parameter(request, "includeObject");
  if (wanted == "Object") {
    return RowObject::kObject;
  }
  return wanted == "None" ? RowObject::kNone : RowObject::kMetadata;
}

Answer<ListSelector> selector_of(const HttpServerRequest& request, const RestPath& path) {
  ListSelector out;
  auto labels = parse_label_selector(parameter(request, "labelSelector"));
  if (!labels) {
    return refuse(bad_request(labels.error().detail));
  }
  auto fields = parse_field_selector(parameter(request, "fieldSelector"));
  if (!fields) {
    return refuse(bad_request(fields.error().detail));
  }
  const ResourceType& type = resource_type(path.type);
  for (const Requirement& field : *fields) {
    if (!selectable(type, field.key)) {
      return refuse(bad_request(
          "Unable to find \"" + api_version_of(type) + ", Resource=" + std::string(type.plural) +
          "\" that match label selector \"" + std::string(parameter(request, "labelSelector")) +
          "\", field selector \"" + std::string(parameter(request, "fieldSelector")) +
          "\": field label not supported: " + field.key));
    }
  }
  out.labels = std::move(*labels);
  out.fields = std::move(*fields);
  return out;
}

WriteOptions write_options(const HttpServerRequest& request) {
  WriteOptions out;
  out.dry_run = parameter(request, "dryRun") == "All";
  out.force = flag(request, "force");
  out.field_manager = parameter(request, "fieldManager");
  if (out.field_manager.empty()) {
    const std::string* agent = request.header("User-Agent");
    const std::string_view text = agent == nullptr ? "unknown" : std::string_view(*agent);
    out.field_manager = text.substr(0, text.find('/'));
  }
  const std::string_view validation = parameter(request, "fieldValidation");
  out.unknown_fields = validation == "Strict"   ? UnknownFields::kStrict
                       : validation == "Ignore" ? UnknownFields::kIgnore
                                                : UnknownFields::kWarn;
  out.grace_seconds = number(request, "gracePeriodSeconds");
  out.propagation = propagation_of(parameter(request, "propagationPolicy"));
  return out;
}

Answer<void> read_delete_options(std::string_view body, WriteOptions& options) {
  if (body.empty()) {
    return {};
  }
  const Answer<json::object> given = parse_object(body);
  if (!given) {
    return refuse(given.error());
  }
  if (find_path(*given, "gracePeriodSeconds") != nullptr) {
    options.grace_seconds = int_at(*given, "gracePeriodSeconds");
  }
  if (const std::string_view policy = text_at(*given, "propagationPolicy"); !policy.empty()) {
    options.propagation = propagation_of(policy);
  }
  if (bool_at(*given, "orphanDependents")) {
    options.propagation = Propagation::kOrphan;
  }
  options.uid = text_at(*given, "preconditions.uid");
  options.resource_version = text_at(*given, "preconditions.resourceVersion");
  const json::array* dry_run = array_at(*given, "dryRun");
  options.dry_run = options.dry_run || (dry_run != nullptr && !dry_run->empty());
  return {};
}

}  // namespace sim::api
