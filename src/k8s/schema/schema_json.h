// A Schema as the JSON of OpenAPI v3. For .cc files of this folder only (includes boost/json).
// Thread rule: pure functions.
#pragma once

#include <map>
#include <string>

#include <boost/json.hpp>

#include "k8s/schema/schema.h"

namespace k8s::schema {

// In place and with CEL rules, as a CRD's openAPIV3Schema.
boost::json::object crd_schema_json(const Schema& schema);

// With named types behind $ref; they are collected in `definitions`.
using Definitions = std::map<std::string, boost::json::object>;
boost::json::object openapi_schema_json(const Schema& schema, Definitions& definitions);

}  // namespace k8s::schema
