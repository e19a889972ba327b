#include "sim/apiserver/page.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/text.h"

namespace sim::api {

namespace {

using runtime::HttpServerRequest;

// Which state, and from which key on.
struct Position {
  std::uint64_t version = 0;
  std::string after;
};

constexpr char kSeparator = ':';

std::string token_of(const Position& position) {
  return std::to_string(position.version) + kSeparator + position.after;
}

std::optional<std::uint64_t> version_of(std::string_view text) {
  const auto number = base::parse_int(text);
  return number && *number >= 0 ? std::optional(static_cast<std::uint64_t>(*number)) : std::nullopt;
}

Answer<Position> position_of(const Store& store, const HttpServerRequest& request) {
  const std::string_view token = parameter(request, "continue");
  const std::string_view wanted = parameter(request, "resourceVersion");
  const bool is_exact = parameter(request, "resourceVersionMatch") == "Exact";
  if (!token.empty()) {
    const std::size_t separator = token.find(kSeparator);
    const auto version = version_of(token.substr(0, separator));
    if (separator == std::string_view::npos || !version || *version > store.version()) {
      return refuse(bad_request("continue key is not valid: use the token of the page before"));
    }
    return Position{*version, std::string(token.substr(separator + 1))};
  }
  if (wanted.empty() || wanted == "0") {
    return Position{store.version(), ""};
  }
  const auto version = version_of(wanted);
  if (!version) {
    return refuse(bad_resource_version(wanted));
  }
  if (*version > store.version()) {
    return refuse(version_too_large(*version, store.version()));
  }
  return Position{is_exact ? *version : store.version(), ""};
}

// The objects of a resource as they were at a version, in key order: the collection with the
// changes since then undone.
class PastState {
 public:
  // nullopt: the log does not reach back.
  static std::optional<PastState> at(const Store& store, TypeId type, std::uint64_t version) {
    const auto changes = store.changes_since(type, version);
    if (!changes) {
      return std::nullopt;
    }
    PastState out(store.collection(type));
    for (const Change& change : *changes) {
      const Document& object = *change.object;
      // The oldest change of a key knows what was there before all of them.
      out.undone_.try_emplace(Store::key_of(object.namespace_(), object.name()), change.previous);
    }
    return out;
  }

  // Calls fn(key, document) for every key behind `after` that begins with `prefix`, until it
  // answers false.
  template <typename Fn>
  void visit(const std::string& prefix, const std::string& after, Fn&& fn) const {
    auto now = after.empty() ? current_.lower_bound(prefix) : current_.upper_bound(after);
    auto then = after.empty() ? undone_.lower_bound(prefix) : undone_.upper_bound(after);
    const auto has = [&](const auto& it, const auto& end) {
      return it != end && it->first.starts_with(prefix);
    };
    while (has(now, current_.end()) || has(then, undone_.end())) {
      const bool takes_now =
          has(now, current_.end()) && (!has(then, undone_.end()) || now->first < then->first);
      const auto& [key, document] = takes_now ? *now : *then;
      if (!takes_now && has(now, current_.end()) && now->first == key) {
        ++now;
      }
      if (document != nullptr && !fn(key, document)) {
        return;
      }
      takes_now ? static_cast<void>(++now) : static_cast<void>(++then);
    }
  }

 private:
  explicit PastState(const Store::Collection& current) : current_(current) {}

  const Store::Collection& current_;
  Store::Collection undone_;  // Null: was not there.
};

StatusError expired(std::uint64_t version) {
  return gone("the state of resource version " + std::to_string(version) +
              " is no longer kept: start the list again without continue token");
}

}  // namespace

Answer<Page> select_page(const Store& store,
                         const HttpServerRequest& request,
                         const RestPath& path) {
  const Answer<ListSelector> selector = selector_of(request, path);
  if (!selector) {
    return refuse(selector.error());
  }
  const Answer<Position> position = position_of(store, request);
  if (!position) {
    return refuse(position.error());
  }
  const auto state = PastState::at(store, path.type, position->version);
  if (!state) {
    return refuse(expired(position->version));
  }
  const std::int64_t asked = std::max<std::int64_t>(0, number(request, "limit").value_or(0));
  const auto limit = static_cast<std::size_t>(asked);
  const bool counts_rest = selector->is_empty();
  Page page{path.type, {}, std::to_string(position->version)};
  std::string last;
  const std::string prefix = path.namespace_.empty() ? "" : path.namespace_ + "/";
  state->visit(prefix, position->after, [&](const std::string& key, const DocumentPtr& document) {
    if (!selector->matches(document->body())) {
      return true;
    }
    if (limit > 0 && page.documents.size() >= limit) {
      page.next = token_of({position->version, last});
      page.remaining += counts_rest ? 1 : 0;
      return counts_rest;
    }
    page.documents.push_back(document);
    last = key;
    return true;
  });
  return page;
}

}  // namespace sim::api
