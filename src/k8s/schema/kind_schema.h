// Everything that an API server needs to know about one kind, and the registry of all of them.
//
// Thread rule: constants after first use. Complexity: lookups are linear over two dozen kinds.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>

#include "k8s/schema/errors.h"
#include "k8s/schema/schema.h"
#include "k8s/schema/validate.h"

namespace k8s::schema {

struct PrinterColumn {
  std::string name;
  std::string type;  // "string", "integer", "date".
  std::string json_path;
  int priority = 0;  // 1: only with -o wide.
  std::string description = {};
};

struct KindSchema {
  std::string group;  // "" is the core group.
  std::string version;
  std::string kind;
  std::string plural;
  std::string singular;
  std::vector<std::string> short_names = {};
  std::vector<std::string> categories = {};
  bool is_namespaced = false;
  bool is_custom = false;  // Ours: has a CRD.
  bool has_status = true;
  bool has_scale = false;
  std::vector<PrinterColumn> columns = {};
  Schema schema = {};  // Of the whole object.
  // What a structural schema cannot say; core kinds only. May be null.
  void (*check)(const boost::json::value& object,
                const boost::json::value* old,
                Errors& errors) = nullptr;
  void (*fill)(boost::json::value& object) = nullptr;

  std::string api_version() const { return group.empty() ? version : group + "/" + version; }
};

// Ours first, then core kinds; each sorted by name.
std::span<const KindSchema> all_kind_schemas(Flavour flavour = Flavour::kAws);

// nullptr when not known in that version.
const KindSchema* find_kind_schema(std::string_view api_version,
                                   std::string_view kind,
                                   Flavour flavour = Flavour::kAws);

}  // namespace k8s::schema
