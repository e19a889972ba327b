// The walks over a schema and a value side by side. Kinds are put together in validate.cc.
// Thread rule: pure functions.
#pragma once

#include <string>
#include <vector>

#include <boost/json/fwd.hpp>

#include "k8s/schema/errors.h"
#include "k8s/schema/schema.h"

namespace k8s::schema {

// Types, required fields, enums, patterns and bounds.
void check_structure(const Schema& schema,
                     const boost::json::value& value,
                     const Path& path,
                     Errors& errors);

// CEL rules, depth first as the API server reports them. REQUIRES: check_structure found nothing
// blocking. `old` is the value at the same place of the stored object, or nullptr.
void check_rules(const Schema& schema,
                 const boost::json::value& value,
                 const boost::json::value* old,
                 const Path& path,
                 Errors& errors);

// Nulls are removed first: they count as absent (API-18).
void fill_defaults(const Schema& schema, boost::json::value& value);

// Paths of fields that the schema does not know.
void find_unknown(const Schema& schema,
                  const boost::json::value& value,
                  const Path& path,
                  std::vector<std::string>& unknown);

void remove_unknown(const Schema& schema, boost::json::value& value);

}  // namespace k8s::schema
