#include "plan/devices_claim.h"

#include <algorithm>

#include "base/text.h"

namespace plan {

using base::ErrorCode;
using base::fail;
using base::Result;

bool DeviceFilter::matches(const DeviceFacts& facts) const {
  return std::ranges::all_of(expressions,
                             [&](const auto& expression) { return expression->matches(facts); });
}

bool WishedConstraint::applies(const WishedRequest& request, const DeviceWish& wish) const {
  return requests.empty() || std::ranges::any_of(requests, [&](const std::string& name) {
           return name == request.name || name == wish.name;
         });
}

DeviceWishes::DeviceWishes(const world::Snapshot& snapshot) {
  for (const auto& device_class : snapshot.device_classes) {
    classes_[device_class->meta.name] = device_class.get();
  }
}

WishedClaim DeviceWishes::compile(const std::shared_ptr<const k8s::ResourceClaim>& claim) {
  WishedClaim wished{.key = claim->meta.namespace_ + "/" + claim->meta.name, .claim = claim};
  const auto refuse = [&](std::string_view request, std::string_view why) {
    const std::string where = base::concat("claim \"", claim->meta.name, "\"");
    const std::string part =
        request.empty() ? std::string() : base::concat(" request \"", request, "\"");
    wished.error = base::concat("validating ", where, ": ", where, part, ": ", why);
    return wished;
  };
  for (const k8s::DeviceConstraint& constraint : claim->spec.constraints) {
    const bool is_distinct = !constraint.distinct_attribute.empty();
    if (is_distinct == !constraint.match_attribute.empty()) {
      return refuse({}, "unsupported constraint type");
    }
    wished.constraints.push_back(
        {.attribute = is_distinct ? constraint.distinct_attribute : constraint.match_attribute,
         .is_distinct = is_distinct,
         .requests = constraint.requests});
  }
  for (const k8s::DeviceRequest& request : claim->spec.requests) {
    if (request.exactly.has_value() == !request.first_available.empty()) {
      return refuse(request.name, "only Exactly and FirstAvailable requests are supported");
    }
    WishedRequest& to = wished.requests.emplace_back(WishedRequest{.name = request.name});
    const auto add = [&](const k8s::DeviceQuery& query, std::string name) -> Result<void> {
      to.alternatives.push_back(TRY(compile_wish(query, std::move(name))));
      return {};
    };
    Result<void> added;
    if (request.exactly) {
      added = add(*request.exactly, request.name);
    }
    for (const k8s::DeviceQuery& query : request.first_available) {
      added = added ? add(query, request.name + "/" + query.name) : added;
    }
    if (!added) {
      return refuse(request.name, added.error().detail);
    }
  }
  return wished;
}

Result<DeviceWish> DeviceWishes::compile_wish(const k8s::DeviceQuery& query, std::string name) {
  const std::string& mode = query.allocation_mode;
  if (mode != "All" && (mode != "ExactCount" || query.count < 1)) {
    return fail(ErrorCode::kUnsupported,
                base::concat("unsupported allocation mode ", mode, " with count ", query.count));
  }
  return DeviceWish{.name = std::move(name), .filter = TRY(compile_filter(query)), .query = &query};
}

Result<FilterId> DeviceWishes::compile_filter(const k8s::DeviceQuery& query) {
  const auto found = classes_.find(query.class_name);
  if (found == classes_.end()) {
    return fail(ErrorCode::kNotFound,
                base::concat("deviceclass.resource.k8s.io \"", query.class_name, "\" not found"));
  }
  std::vector<std::string> texts = found->second->selectors;
  texts.insert(texts.end(), query.selectors.begin(), query.selectors.end());
  const auto [it, is_new] =
      filter_ids_.try_emplace(std::move(texts), static_cast<FilterId>(filters_.size()));
  if (is_new) {
    DeviceFilter filter;
    for (const std::string& text : it->first) {
      auto expression = compile_selector(text);
      if (!expression) {
        filter_ids_.erase(it);
        return fail(expression.error());
      }
      filter.expressions.push_back(std::move(*expression));
    }
    filters_.push_back(std::move(filter));
  }
  return it->second;
}

Result<std::shared_ptr<const DeviceExpression>> DeviceWishes::compile_selector(
    const std::string& text) {
  if (text.empty()) {
    return fail(ErrorCode::kUnsupported, "only CEL selectors are supported");
  }
  if (const auto known = expressions_.find(text); known != expressions_.end()) {
    return known->second;
  }
  auto compiled = DeviceExpression::compile(text);
  if (!compiled) {
    return fail(base::with_context(std::move(compiled).error(),
                                   base::concat("CEL expression \"", text, "\"")));
  }
  auto shared = std::make_shared<const DeviceExpression>(std::move(*compiled));
  expressions_.emplace(text, shared);
  return shared;
}

}  // namespace plan
