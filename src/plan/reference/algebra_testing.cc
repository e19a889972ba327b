#include "plan/reference/algebra_testing.h"

#include <algorithm>
#include <limits>

#include "base/text.h"

namespace plan::reference {
namespace {

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();

// SCH-10
bool is_within(const std::string& value,
               const std::optional<std::int64_t>& gte,
               const std::optional<std::int64_t>& lte) {
  if (!gte && !lte) {
    return true;
  }
  const bool has_plus = value.size() > 1 && value[0] == '+' && value[1] != '-';
  const std::optional<std::int64_t> number = base::parse_int(has_plus ? value.substr(1) : value);
  return number && (!gte || *number >= *gte) && (!lte || *number <= *lte);
}

std::optional<std::int64_t> larger(const std::optional<std::int64_t>& a,
                                   const std::optional<std::int64_t>& b) {
  return a && b ? std::max(*a, *b) : (a ? a : b);
}

std::optional<std::int64_t> smaller(const std::optional<std::int64_t>& a,
                                    const std::optional<std::int64_t>& b) {
  return a && b ? std::min(*a, *b) : (a ? a : b);
}

// SCH-25
std::string hint(const std::string& key, const Reqs& reqs, const KeySet& allow_undefined) {
  const std::size_t slash = key.find('/');
  const std::string tail = slash == std::string::npos ? key : key.substr(slash + 1);
  std::vector<std::string> known(allow_undefined.begin(), allow_undefined.end());
  for (const auto& [name, req] : reqs) {
    known.push_back(name);
  }
  for (const std::string& label : known) {
    if (label.find(key) != std::string::npos || label.ends_with(tail)) {
      return base::concat(" (typo of \"", label, "\"?)");
    }
  }
  return "";
}

}  // namespace

Req make_req(const cloud::LabelSchema& schema, const k8s::SelectorTerm& term) {
  Req req;
  req.key = std::string(schema.canonical_key(term.key));
  req.min_values = term.min_values;
  std::set<std::string> values;
  for (const std::string& value : term.values) {
    values.insert(std::string(schema.canonical_value(req.key, value)));
  }
  const std::optional<std::int64_t> number =
      values.size() == 1 ? base::parse_int(*values.begin()) : std::nullopt;
  if (term.op == "In" || term.op == "NotIn") {
    req.complement = term.op == "NotIn";
    req.values = values;
  } else if (term.op == "Exists") {
    req.complement = true;
  } else if (term.op == "Gt" && number && *number != kMax) {
    req.complement = true;
    req.gte = *number + 1;
  } else if (term.op == "Gt" && number) {
    req.min_values.reset();  // SCH-4
  } else if (term.op == "Lt" && number && *number != kMin) {
    req.complement = true;
    req.lte = *number - 1;
  } else if (term.op == "Gte" && number) {
    req.complement = true;
    req.gte = number;
  } else if (term.op == "Lte" && number) {
    req.complement = true;
    req.lte = number;
  }
  return req;
}

Req one_of(std::string key, std::set<std::string> values) {
  return {.key = std::move(key), .complement = false, .values = std::move(values)};
}

bool has(const Req& req, const std::string& value) {
  return req.values.contains(value) != req.complement && is_within(value, req.gte, req.lte);
}

Req intersection(const Req& receiver, const Req& arg) {
  Req out;
  out.key = receiver.key;
  out.min_values = larger(receiver.min_values, arg.min_values);
  const auto gte = larger(receiver.gte, arg.gte);
  const auto lte = smaller(receiver.lte, arg.lte);
  out.must_exist = !receiver.allows_absence() || !arg.allows_absence();
  if (gte && lte && *gte > *lte) {
    return out;
  }
  out.complement = receiver.complement && arg.complement;
  std::set<std::string> all = receiver.values;
  all.insert(arg.values.begin(), arg.values.end());
  for (const std::string& value : all) {
    const bool in_a = receiver.values.contains(value) != receiver.complement;
    const bool in_b = arg.values.contains(value) != arg.complement;
    if ((in_a && in_b) != out.complement && is_within(value, gte, lte)) {
      out.values.insert(value);
    }
  }
  if (out.complement) {
    out.gte = gte;
    out.lte = lte;
  }
  return out;
}

bool has_intersection(const Req& a, const Req& b) {
  const Req both = intersection(a, b);
  if (!both.complement) {
    return !both.values.empty();
  }
  if (!both.gte || !both.lte) {
    return true;
  }
  for (std::int64_t i = *both.gte;; ++i) {
    if (!both.values.contains(base::to_text(i))) {
      return true;
    }
    if (i == *both.lte) {
      return false;
    }
  }
}

std::string text(const Req& req) {
  std::string out = req.key;
  if (req.values.empty()) {
    out += req.complement ? " Exists" : " DoesNotExist";
  } else {
    std::vector<std::string> shown(req.values.begin(), req.values.end());
    const std::size_t rest = shown.size() > 5 ? shown.size() - 5 : 0;
    shown.resize(shown.size() - rest);
    out += base::concat(req.complement ? " NotIn [" : " In [", base::join(shown, " "));
    out += rest > 0 ? base::concat(" and ", rest, " others]") : "]";
  }
  out += req.gte ? base::concat(" >=", *req.gte) : "";
  out += req.lte ? base::concat(" <=", *req.lte) : "";
  out += req.min_values ? base::concat(" minValues ", *req.min_values) : "";
  return out;
}

std::string any_value(const Req& req) {
  if (!req.complement) {
    return req.values.empty() ? "" : *req.values.begin();
  }
  for (std::int64_t i = req.gte.value_or(0); !req.lte || i <= *req.lte; ++i) {
    if (!req.values.contains(base::to_text(i))) {
      return base::to_text(i);
    }
  }
  return "";
}

std::vector<k8s::SelectorTerm> to_api(const Req& req) {
  std::vector<k8s::SelectorTerm> out;
  const auto entry = [&](const std::string& op, std::vector<std::string> values) {
    out.push_back(
        {.key = req.key, .op = op, .values = std::move(values), .min_values = req.min_values});
  };
  if (req.gte) {
    entry("Gte", {base::to_text(*req.gte)});
  }
  if (req.lte) {
    entry("Lte", {base::to_text(*req.lte)});
  }
  if (!req.values.empty()) {
    entry(req.complement ? "NotIn" : "In", {req.values.begin(), req.values.end()});
  } else if (out.empty()) {
    entry(req.complement ? "Exists" : "DoesNotExist", {});
  }
  return out;
}

void add(Reqs& reqs, const Req& req) {
  const auto [slot, is_new] = reqs.try_emplace(req.key, req);
  if (!is_new) {
    slot->second = intersection(req, slot->second);
  }
}

void add(Reqs& reqs, const Reqs& more) {
  for (const auto& [key, req] : more) {
    add(reqs, req);
  }
}

void add(Reqs& reqs,
         const cloud::LabelSchema& schema,
         const std::vector<k8s::SelectorTerm>& terms) {
  for (const k8s::SelectorTerm& term : terms) {
    add(reqs, make_req(schema, term));
  }
}

void add(Reqs& reqs, const cloud::LabelSchema& schema, const k8s::StringMap& labels) {
  for (const auto& [key, value] : labels) {
    add(reqs, make_req(schema, {.key = key, .op = "In", .values = {value}, .min_values = {}}));
  }
}

Req get(const Reqs& reqs, const std::string& key) {
  const auto found = reqs.find(key);
  return found == reqs.end() ? Req{.key = key, .complement = true} : found->second;
}

std::optional<std::string> conflict(const Reqs& reqs, const Reqs& incoming) {
  std::vector<std::string> failures;
  for (const auto& [key, theirs] : incoming) {
    const auto ours = reqs.find(key);
    if (ours == reqs.end()) {
      if (theirs.is_impossible()) {
        failures.push_back(base::concat("key ", key, ", contradicts itself"));
      }
      continue;
    }
    if (has_intersection(ours->second, theirs) ||
        (ours->second.allows_absence() && theirs.allows_absence())) {
      continue;
    }
    failures.push_back(
        base::concat("key ", key, ", ", text(theirs), " not in ", text(ours->second)));
  }
  return failures.empty() ? std::nullopt : std::optional(base::join(failures, "; "));
}

std::optional<std::string> incompatible(const Reqs& reqs,
                                        const Reqs& incoming,
                                        const KeySet& allow_undefined) {
  for (const auto& [key, req] : incoming) {
    if (!allow_undefined.contains(key) && !reqs.contains(key) && !req.allows_absence()) {
      return base::concat(
          "label \"", key, "\" does not have known values", hint(key, reqs, allow_undefined));
    }
  }
  return conflict(reqs, incoming);
}

std::string text(const Reqs& reqs) {
  std::vector<std::string> parts;
  for (const auto& [key, req] : reqs) {
    if (key != cloud::label::kHostname) {
      parts.push_back(text(req));
    }
  }
  std::ranges::sort(parts);
  return base::join(parts, ", ");
}

}  // namespace plan::reference
