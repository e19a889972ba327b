// The forms in which objects and lists leave the server. Thread rule: free functions on values.
#pragma once

#include <string>
#include <vector>

#include <boost/json/fwd.hpp>

#include "runtime/http.h"
#include "sim/apiserver/registry.h"
#include "sim/apiserver/rest_path.h"

namespace sim::api {

runtime::HttpResponse json_response(int status, std::string body);
runtime::HttpResponse error_response(const StatusError& error);

// PartialObjectMetadata of an object.
boost::json::object metadata_only(const boost::json::object& object);

struct Page {
  TypeId type;
  std::vector<DocumentPtr> documents;
  std::string resource_version;
  std::string next;  // Continue token; empty: complete.
  std::size_t remaining = 0;
};

struct RenderOptions {
  Form form = Form::kObject;
  RowObject rows = RowObject::kMetadata;
  k8s::TimeNs now = 0;
};

std::string render_object(const DocumentPtr& document, const RenderOptions& options);
std::string render_list(const Page& page, const RenderOptions& options);

}  // namespace sim::api
