#include "sim/cloud/account_document.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "k8s/yaml_document.h"

namespace sim {

namespace {

namespace json = boost::json;
using base::ErrorCode;

// Reads members of one object, remembering where it is; the first problem stays.
class Reader {
 public:
  Reader(const json::object& object, std::string path) : object_(object), path_(std::move(path)) {}

  std::string text(std::string_view key, std::string fallback = {}) {
    const json::value* value = take(key);
    if (value == nullptr) {
      return fallback;
    }
    if (!value->is_string()) {
      complain(key, "text");
      return fallback;
    }
    return std::string(value->get_string());
  }

  std::int64_t count(std::string_view key, std::int64_t fallback) {
    const json::value* value = take(key);
    if (value == nullptr) {
      return fallback;
    }
    if (!value->is_int64() || value->get_int64() < 0) {
      complain(key, "a number that is not negative");
      return fallback;
    }
    return value->get_int64();
  }

  k8s::StringMap tags(std::string_view key) {
    k8s::StringMap tags;
    const json::value* value = take(key);
    if (value != nullptr && !value->is_object()) {
      complain(key, "a map of text to text");
    } else if (value != nullptr) {
      for (const auto& [name, tag] : value->get_object()) {
        if (!tag.is_string()) {
          complain(fmt::format("{}.{}", key, std::string_view(name)), "text");
          continue;
        }
        tags.emplace(name, std::string(tag.get_string()));
      }
    }
    return tags;
  }

  template <typename Visit>
  void each(std::string_view key, Visit visit) {
    const json::value* value = take(key);
    if (value == nullptr) {
      return;
    }
    if (!value->is_array()) {
      complain(key, "a list");
      return;
    }
    for (std::size_t i = 0; i < value->get_array().size(); ++i) {
      const json::value& item = value->get_array()[i];
      const std::string path = fmt::format("{}[{}]", key, i);
      if (!item.is_object()) {
        complain(path, "a map");
        continue;
      }
      Reader reader(item.get_object(), path_ + path + ".");
      visit(reader);
      adopt(reader.finish());
    }
  }

  // The first problem; members that nobody asked for are one.
  std::string finish() {
    for (const auto& member : object_) {
      if (problem_.empty() && std::ranges::find(taken_, member.key()) == taken_.end()) {
        problem_ = fmt::format(
            "{}{}: unknown field; known: {}", path_, std::string_view(member.key()), known_);
      }
    }
    return problem_;
  }

 private:
  const json::value* take(std::string_view key) {
    taken_.emplace_back(key);
    known_ += fmt::format("{}{}", known_.empty() ? "" : ", ", key);
    const json::value* value = object_.if_contains(key);
    return value == nullptr || value->is_null() ? nullptr : value;
  }

  void complain(std::string_view key, std::string_view expected) {
    adopt(fmt::format("{}{}: expected {}", path_, key, expected));
  }

  void adopt(std::string problem) {
    if (problem_.empty()) {
      problem_ = std::move(problem);
    }
  }

  const json::object& object_;
  std::string path_;
  std::vector<std::string> taken_;
  std::string known_;
  std::string problem_;
};

NamedDeclaration read_named(Reader& item) {
  NamedDeclaration named;
  named.name = item.text("name");
  named.tags = item.tags("tags");
  return named;
}

std::string read(Reader& root, AccountDocument& document) {
  document.account = root.text("account", "123456789012");
  document.cluster = root.text("cluster", "demo");
  root.each("subnets", [&](Reader& item) {
    SubnetDeclaration subnet;
    subnet.name = item.text("name");
    subnet.zone = item.text("zone", "*");
    subnet.free_addresses = item.count("freeAddresses", 4091);
    subnet.tags = item.tags("tags");
    document.subnets.push_back(std::move(subnet));
  });
  root.each("securityGroups",
            [&](Reader& item) { document.security_groups.push_back(read_named(item)); });
  root.each("images", [&](Reader& item) {
    NamedDeclaration image = read_named(item);
    image.architecture = item.text("architecture", "amd64");
    image.owner = item.text("owner");
    document.images.push_back(std::move(image));
  });
  return root.finish();
}

}  // namespace

base::Result<AccountDocument> parse_account_document(std::string_view yaml,
                                                     std::string_view origin) {
  base::Result<k8s::JsonDocument> converted = k8s::convert_yaml(yaml, 1);
  if (!converted) {  // Its detail begins with the line.
    return base::fail(converted.error().code,
                      fmt::format("{}:{}", origin, converted.error().detail));
  }
  boost::system::error_code error;
  const json::value value = json::parse(converted->json, error);
  if (error || !value.is_object()) {
    return base::fail(ErrorCode::kInvalid, fmt::format("{}: expected a map", origin));
  }
  AccountDocument document;
  Reader root(value.get_object(), {});
  if (std::string problem = read(root, document); !problem.empty()) {
    return base::fail(ErrorCode::kInvalid, fmt::format("{}: {}", origin, problem));
  }
  return document;
}

}  // namespace sim
