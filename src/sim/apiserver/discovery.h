// The documents by which clients find out what is served: /version, /api, /apis and below, classic
// and aggregated, and OpenAPI. Thread rule: pure functions of the constant resource table.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sim::api {

std::string version_json();
// `path`: "/api", "/apis", "/apis/GROUP", "/api/v1", "/apis/GROUP/VERSION". nullopt: no such group.
std::optional<std::string> discovery_json(std::string_view path);
// APIGroupDiscoveryList of "/api" or "/apis".
std::string aggregated_discovery_json(std::string_view path);
// `path`: "/openapi/v2", "/openapi/v3", "/openapi/v3/...". nullopt: no such group.
std::optional<std::string> openapi_json(std::string_view path);

}  // namespace sim::api
