// Taking a request apart: which resource, in which form the answer is wanted, and the options that
// travel as query parameters. Thread rule: free functions on values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/http_server.h"
#include "sim/apiserver/registry.h"
#include "sim/apiserver/selector.h"
#include "sim/apiserver/table.h"

namespace sim::api {

struct RestPath {
  TypeId type;
  std::string namespace_;  // Empty: all namespaces, or cluster-scoped.
  std::string name;        // Empty: the collection.
  std::string subresource;
};

std::vector<std::string> split_path(std::string_view path);

// nullopt: not the path of a resource that is served.
std::optional<RestPath> parse_rest_path(std::string_view path);

enum class Form : std::uint8_t { kObject, kTable, kMetadata };

struct Negotiated {
  Form form = Form::kObject;
  bool aggregated_discovery = false;
  bool acceptable = true;  // False: the client takes nothing that we can write.
};

Negotiated negotiate(const runtime::HttpServerRequest& request);

// A query parameter; empty when absent.
std::string_view parameter(const runtime::HttpServerRequest& request, std::string_view name);
bool flag(const runtime::HttpServerRequest& request, std::string_view name);
std::optional<std::int64_t> number(const runtime::HttpServerRequest& request,
                                   std::string_view name);
RowObject row_object(const runtime::HttpServerRequest& request);

Answer<ListSelector> selector_of(const runtime::HttpServerRequest& request, const RestPath& path);
WriteOptions write_options(const runtime::HttpServerRequest& request);
// Adds the DeleteOptions of the body, if there is one.
Answer<void> read_delete_options(std::string_view body, WriteOptions& options);

}  // namespace sim::api
