// Syntax of names, label keys and label values, with the API server's explanations.
//
//   if (auto problem = qualified_name_problem(key); !problem.empty()) { ... }
//
// Each function returns an empty text for what is well-formed. Thread rule: pure functions.
#pragma once

#include <string>
#include <string_view>

namespace k8s::schema {

// Object names of most kinds: "a.b-c", at most 253 bytes.
std::string dns_subdomain_problem(std::string_view name);
// Namespaces, container names: "a-b", at most 63 bytes.
std::string dns_label_problem(std::string_view name);
// Service names: as above, and a letter first.
std::string service_name_problem(std::string_view name);
// Label keys, taint keys: "domain.name/Name" or "Name".
std::string qualified_name_problem(std::string_view key);
std::string label_value_problem(std::string_view value);

// Operators of requirements that compare numbers.
bool is_numeric_operator(std::string_view op);
// What they compare with: "0", "17".
bool is_natural(std::string_view text);

}  // namespace k8s::schema
