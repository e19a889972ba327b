// Rules of the API that are about one document, or about a document and its successor: what a
// client may not change, what counts as a change, whether body and URL agree.
//
// Thread rule: free functions on values.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/fwd.hpp>

#include "sim/apiserver/registry.h"

namespace sim::api {

// Sets apiVersion, kind, name and namespace. Errors: 400 for a body of another type, without
// readable metadata, or with another name or namespace than the URL.
Answer<void> check_identity(const ObjectRef& ref, boost::json::object& body);

// Restores what only the server writes.
void keep_server_fields(const boost::json::object& old, boost::json::object& next);
// A write to the object leaves its status, a write to the status leaves everything else.
void keep_other_half(const ObjectRef& ref,
                     const boost::json::object& old,
                     boost::json::object& next);
// Empty maps and lists of metadata are not stored.
void drop_empty_metadata(boost::json::object& body);

bool same_member(const boost::json::object& a, const boost::json::object& b, std::string_view key);
bool same_outside(const boost::json::object& a,
                  const boost::json::object& b,
                  std::initializer_list<std::string_view> ignored);
// But for what every write changes.
bool same_object(const boost::json::object& a, const boost::json::object& b);

bool has_finalizers(const Body& body);
// What a Scale, or a patch of one, asks for.
Answer<std::int64_t> wanted_replicas(const ResourceType& type,
                                     std::string_view name,
                                     const boost::json::object& scale);
// The refusal of a finalizer that comes when the object is being deleted already.
std::optional<StatusError> late_finalizer(const ResourceType& type,
                                          const boost::json::object& old,
                                          const boost::json::object& next);

}  // namespace sim::api
