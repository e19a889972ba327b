// What the server changes in an object before it validates it, beyond its schema's defaults: the
// status that a new object has, and the admission plug-ins that matter here.
//
// Thread rule: free functions on values.
#pragma once

#include <boost/json/fwd.hpp>

#include "sim/apiserver/status.h"
#include "sim/apiserver/store.h"

namespace sim::api {

// A client cannot choose the status of a new object; some kinds start with one.
void reset_new_status(const ResourceType& type, boost::json::object& body);

// Pods: priority from the priority class, service account, tolerations of failing nodes.
Answer<void> admit_new_pod(const Store& store, boost::json::object& pod);

// "Guaranteed", "Burstable" or "BestEffort".
std::string_view qos_class(const boost::json::object& pod);

}  // namespace sim::api
