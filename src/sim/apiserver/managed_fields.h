// Field ownership: what metadata.managedFields records of each writer, and the merge behind
// server-side apply.
//
// Thread rule: free functions on values.
#pragma once

#include <string>

#include <boost/json/fwd.hpp>

#include "sim/apiserver/status.h"

namespace sim::api {

struct FieldWriter {
  std::string manager;
  std::string subresource;
  k8s::TimeNs time = 0;
  bool force = false;  // Apply: take over fields of other managers.
};

// Records a create (old is null) or an update: the changed fields now belong to the writer alone.
// A document whose managedFields the writer edited itself is left as it is.
void track_update(const ResourceType& type,
                  const boost::json::object* old,
                  boost::json::object& next,
                  const FieldWriter& writer);

// The document after applying `wanted`: fields set by it are taken over, fields that the manager
// applied before and no longer mentions are removed unless another manager holds them. Errors: 409
// with one cause per field that another manager holds with another value, unless forced.
Answer<boost::json::object> merge_applied(const ResourceType& type,
                                          const boost::json::object* old,
                                          const boost::json::object& wanted,
                                          const FieldWriter& writer);

}  // namespace sim::api
