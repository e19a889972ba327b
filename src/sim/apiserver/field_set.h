// Sets of fields in the FieldsV1 form ("f:spec": {"f:replicas": {}}), as metadata.managedFields
// keeps them: computed from documents by the kind's list and map types, and combined.
//
// A node without members is a field in the set; "." marks a list item as such. Thread rule: free
// functions on values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>

#include "k8s/schema/schema.h"
#include "sim/apiserver/resources.h"

namespace sim::api {

// How a value merges: the schema where one is known, and the few lists of metadata.
struct Shape {
  const k8s::schema::Schema* schema = nullptr;
  bool is_metadata = false;

  static Shape of(const ResourceType& type);
  Shape member(std::string_view name) const;
  Shape item() const;
};

enum class ListShape : std::uint8_t { kAtomic, kSet, kMap };

// The list's shape; keys are filled for kMap.
ListShape list_shape(const Shape& shape, std::string_view name, std::vector<std::string>& keys);

// "k:{\"name\":\"app\"}" of a map-list's item, "v:\"x\"" of a set's.
std::string item_key(const boost::json::value& item,
                     ListShape shape,
                     const std::vector<std::string>& keys);

// The fields that the document sets. With `base`: only those that differ from it.
boost::json::object fields_of(const ResourceType& type,
                              const boost::json::object& document,
                              const boost::json::object* base = nullptr);

boost::json::object set_union(const boost::json::object& a, const boost::json::object& b);
boost::json::object set_minus(const boost::json::object& a, const boost::json::object& b);
boost::json::object set_intersection(const boost::json::object& a, const boost::json::object& b);

// The set's fields as paths: ".spec.containers[name=\"app\"].image".
std::vector<std::string> set_paths(const boost::json::object& set);

}  // namespace sim::api
