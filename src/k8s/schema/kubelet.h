// What the controller checks of spec.kubelet of an EC2NodeClass: the API server admits any object
// there (spec 01 s11). The result goes into condition ValidationSucceeded.
//
//   const auto problems = validate_kubelet(R"({"maxPods": -1})");
//   if (!problems.empty()) { refuse("InvalidKubeletConfiguration", joined(problems)); }
//
// Thread rule: pure functions over constant tables.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace k8s::schema {

// All that is wrong, or empty (API-107 to API-117). A value of the wrong type is reported alone.
// `kubelet_json` is the object as text; empty text is an empty object.
std::vector<std::string> validate_kubelet(std::string_view kubelet_json);

struct KubeletProblem {
  std::string reason;  // Of ValidationSucceeded=False.
  std::string message;
};

struct KubeletUse {
  std::string ami_family;           // Effective (API-96).
  bool are_expressions_on = false;  // Gate NodeClassCEL.
};

// The first of the checks, in their order, that fails (API-118, API-119, API-121). Expressions are
// not compiled here (API-120).
std::optional<KubeletProblem> find_kubelet_problem(std::string_view kubelet_json,
                                                   const KubeletUse& use);

// maxPods is an expression, or a reservation is (API-105). False for what cannot be read.
bool has_kubelet_expression(std::string_view kubelet_json);

// Top-level keys that the controller does not interpret, sorted (API-103).
std::vector<std::string> unmanaged_kubelet_fields(std::string_view kubelet_json);

}  // namespace k8s::schema
