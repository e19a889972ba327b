// What the API server refuses in core kinds beyond structure, and the defaults that depend on other
// fields. Only the refusals that manifests run into; the object is otherwise taken as it is.
// Thread rule: pure functions.
#pragma once

#include <boost/json/fwd.hpp>

#include "k8s/schema/errors.h"

namespace k8s::schema {

void check_labels(const boost::json::value* labels, const Path& path, Errors& errors);
void check_label_selector(const boost::json::value& selector, const Path& path, Errors& errors);
void check_node_selector(const boost::json::value& selector, const Path& path, Errors& errors);
void check_placement(const boost::json::value& pod_spec, const Path& path, Errors& errors);
void check_pod_spec(const boost::json::value& pod_spec, const Path& path, Errors& errors);
void fill_pod_spec(boost::json::value& pod_spec, bool is_job);

// By kind; `old` is nullptr on create.
void check_pod(const boost::json::value& object, const boost::json::value* old, Errors& errors);
void check_workload(const boost::json::value& object,
                    const boost::json::value* old,
                    Errors& errors);
void check_job(const boost::json::value& object, const boost::json::value* old, Errors& errors);
void check_budget(const boost::json::value& object, const boost::json::value* old, Errors& errors);
void check_node(const boost::json::value& object, const boost::json::value* old, Errors& errors);
void check_claim(const boost::json::value& object, const boost::json::value* old, Errors& errors);
void check_volume(const boost::json::value& object, const boost::json::value* old, Errors& errors);

void fill_pod(boost::json::value& object);
void fill_workload(boost::json::value& object);
void fill_job(boost::json::value& object);
void fill_service(boost::json::value& object);

}  // namespace k8s::schema
