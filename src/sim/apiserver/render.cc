#include "sim/apiserver/render.h"

#include <boost/json.hpp>

#include "sim/apiserver/json.h"

namespace sim::api {

namespace {

json::object list_metadata(const Page& page) {
  json::object out;
  out["resourceVersion"] = page.resource_version;
  if (!page.next.empty()) {
    out["continue"] = page.next;
    if (page.remaining > 0) {
      out["remainingItemCount"] = page.remaining;
    }
  }
  return out;
}

}  // namespace

runtime::HttpResponse json_response(int status, std::string body) {
  runtime::HttpResponse out;
  out.status = status;
  out.headers = {{"Content-Type", "application/json"}};
  out.body = std::move(body);
  return out;
}

runtime::HttpResponse error_response(const StatusError& error) {
  runtime::HttpResponse out = json_response(error.code, error.to_json());
  if (error.retry_after_seconds > 0) {
    out.headers.emplace_back("Retry-After", std::to_string(error.retry_after_seconds));
  }
  return out;
}

json::object metadata_only(const json::object& object) {
  json::object out;
  out["kind"] = "PartialObjectMetadata";
  out["apiVersion"] = "meta.k8s.io/v1";
  out["metadata"] = *object_at(object, "metadata");
  return out;
}

std::string render_object(const DocumentPtr& document, const RenderOptions& options) {
  switch (options.form) {
    case Form::kTable: {
      json::object table = make_table({document->type(), options.now, options.rows}, {document});
      ensure_object(table, "metadata")["resourceVersion"] = std::to_string(document->version());
      return json::serialize(table);
    }
    case Form::kMetadata:
      return json::serialize(metadata_only(document->body()));
    case Form::kObject:
      break;
  }
  return json::serialize(document->body());
}

std::string render_list(const Page& page, const RenderOptions& options) {
  if (options.form == Form::kTable) {
    json::object table = make_table({page.type, options.now, options.rows}, page.documents);
    table["metadata"] = list_metadata(page);
    return json::serialize(table);
  }
  const ResourceType& type = resource_type(page.type);
  const bool partial = options.form == Form::kMetadata;
  std::string out = R"({"kind":")";
  out.append(partial ? "PartialObjectMetadata" : type.kind).append(R"(List","apiVersion":")");
  out.append(partial ? "meta.k8s.io/v1" : api_version_of(type)).append(R"(","metadata":)");
  out.append(json::serialize(list_metadata(page))).append(R"(,"items":[)");
  for (std::size_t i = 0; i < page.documents.size(); ++i) {
    out.append(i == 0 ? "" : ",");
    const json::object& body = page.documents[i]->body();
    out.append(partial ? json::serialize(metadata_only(body)) : json::serialize(body));
  }
  out.append("]}");
  return out;
}

}  // namespace sim::api
