// The fields of the core kinds, written as small text tables that are read once:
//
//   core.v1.ContainerPort A port that a container listens on.
//     containerPort! int32 min(1) max(65535) # The port number.
//     protocol string enum(TCP|UDP|SCTP) =TCP
//
// A line at the margin starts a type (name below io.k8s.api., then its description); an indented
// line is a field: name ("!" required), type, constraints, "# description". Types: string bool
// int32 int64 number time intstr quantity quantities labels any, the last part of an earlier type's
// name, and []T or map[T] of those. Constraints: enum(a|b) min(n) max(n) unique(key) =default. A
// type whose name ends in "..." keeps fields that the table does not list.
//
// Thread rule: built once, constant after.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "k8s/schema/schema.h"

namespace k8s::schema {

class TypeTable {
 public:
  // REQUIRES: well-formed text (it is part of the program); types are defined before they are used.
  void read(std::string_view text);

  // By the last part of the name. REQUIRES: defined.
  const Schema& get(std::string_view name) const;

 private:
  void read_field(std::string_view line);
  SchemaPtr resolve(std::string_view type) const;
  void finish_type();

  std::map<std::string, SchemaPtr, std::less<>> types_;
  std::string current_name_;
  Schema current_;
};

// All core types, from the tables below.
const TypeTable& core_types();

std::string_view pod_type_table();
std::string_view pod_placement_type_table();
std::string_view workload_type_table();
std::string_view cluster_type_table();
std::string_view device_type_table();

}  // namespace k8s::schema
