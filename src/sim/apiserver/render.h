// The forms in which objects and lists leave the server. Thread rule: free functions on values.
#pragma once

#include <string>

#include <boost/json/fwd.hpp>

#include "runtime/http.h"
#include "sim/apiserver/page.h"

namespace sim::api {

runtime::HttpResponse json_response(int status, std::string body);
runtime::HttpResponse error_response(const StatusError& error);

// PartialObjectMetadata of an object.
boost::json::object metadata_only(const boost::json::object& object);

struct RenderOptions {
  Form form = Form::kObject;
  RowObject rows = RowObject::kMetadata;
  k8s::TimeNs now = 0;
};

std::string render_object(const DocumentPtr& document, const RenderOptions& options);
std::string render_list(const Page& page, const RenderOptions& options);

}  // namespace sim::api
