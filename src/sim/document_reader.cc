#include "sim/document_reader.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/text.h"

namespace sim {

namespace json = boost::json;

DocumentReader::DocumentReader(const json::object& object,
                               std::string prefix,
                               FieldProblems& problems)
    : object_(object), prefix_(std::move(prefix)), problems_(problems) {}

std::string DocumentReader::text(std::string_view key, std::string fallback) {
  const json::value* value = take(key);
  if (value != nullptr && !value->is_string()) {
    complain(key, "expected text");
  }
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : fallback;
}

std::int64_t DocumentReader::count(std::string_view key,
                                   std::int64_t fallback,
                                   std::int64_t least) {
  const json::value* value = take(key);
  if (value == nullptr) {
    return fallback;
  }
  if (!value->is_int64() || value->get_int64() < least) {
    complain(key,
             least == 0 ? "expected a number that is not negative"
                        : fmt::format("expected a number of at least {}", least));
    return fallback;
  }
  return value->get_int64();
}

double DocumentReader::number(std::string_view key, double fallback, double least, double most) {
  const json::value* value = take(key);
  if (value == nullptr) {
    return fallback;
  }
  json::error_code error;
  const auto number = value->is_number() ? value->to_number<double>(error) : least - 1;
  if (error || !(number >= least && number <= most)) {
    complain(key, fmt::format("expected a number from {:g} to {:g}", least, most));
    return fallback;
  }
  return number;
}

k8s::DurationNs DocumentReader::duration(std::string_view key, k8s::DurationNs fallback) {
  if (!has(key)) {
    return fallback;
  }
  const std::string given = text(key);
  const auto parsed = k8s::parse_duration(given);
  if (!parsed || *parsed <= 0) {
    complain(key, "expected a duration like 90s or 1h30m");
    return fallback;
  }
  return *parsed;
}

std::string DocumentReader::scalar(std::string_view key) {
  const json::value* value = take(key);
  if (value == nullptr) {
    return {};
  }
  if (value->is_number()) {
    return json::serialize(*value);
  }
  if (!value->is_string()) {
    complain(key, "expected text or a number");
    return {};
  }
  return std::string(value->get_string());
}

std::vector<std::string> DocumentReader::texts(std::string_view key) {
  std::vector<std::string> out;
  const json::value* value = take(key);
  if (value != nullptr && !value->is_array()) {
    complain(key, "expected a list");
  } else if (value != nullptr) {
    for (std::size_t i = 0; i < value->get_array().size(); ++i) {
      const json::value& item = value->get_array()[i];
      if (item.is_string()) {
        out.emplace_back(item.get_string());
      } else {
        complain(item_name(key, i), "expected text");
      }
    }
  }
  return out;
}

k8s::StringMap DocumentReader::map_of_texts(std::string_view key) {
  k8s::StringMap out;
  const json::value* value = take(key);
  if (value != nullptr && !value->is_object()) {
    complain(key, "expected a map of text to text");
  } else if (value != nullptr) {
    for (const auto& [name, item] : value->get_object()) {
      if (item.is_string()) {
        out.emplace(name, std::string(item.get_string()));
      } else {
        complain(fmt::format("{}.{}", key, std::string_view(name)), "expected text");
      }
    }
  }
  return out;
}

const json::object* DocumentReader::object(std::string_view key) {
  const json::value* value = take(key);
  if (value != nullptr && !value->is_object()) {
    complain(key, "expected a map");
    return nullptr;
  }
  return value == nullptr ? nullptr : &value->get_object();
}

void DocumentReader::complain(std::string_view key, std::string text) {
  problems_.push_back({.path = path_of(key), .text = std::move(text)});
}

void DocumentReader::finish() {
  for (const auto& member : object_) {
    if (std::ranges::find(known_, member.key()) == known_.end()) {
      complain(member.key(), "unknown field; known: " + base::join(known_, ", "));
    }
  }
}

std::string DocumentReader::path_of(std::string_view key) const {
  return base::concat(prefix_, key);
}

const json::value* DocumentReader::take(std::string_view key) {
  if (std::ranges::find(known_, key) == known_.end()) {
    known_.emplace_back(key);
  }
  const json::value* value = object_.if_contains(key);
  return value == nullptr || value->is_null() ? nullptr : value;
}

std::size_t DocumentReader::list_size(std::string_view key) {
  const json::value* value = take(key);
  if (value != nullptr && !value->is_array()) {
    complain(key, "expected a list");
  }
  return value != nullptr && value->is_array() ? value->get_array().size() : 0;
}

const json::object* DocumentReader::list_item(std::string_view key, std::size_t index) {
  const json::value& item = object_.at(key).get_array()[index];
  if (!item.is_object()) {
    complain(item_name(key, index), "expected a map");
    return nullptr;
  }
  return &item.get_object();
}

std::string DocumentReader::item_name(std::string_view key, std::size_t index) {
  return fmt::format("{}[{}]", key, index);
}

std::string DocumentReader::item_path(std::string_view key, std::size_t index) const {
  return prefix_ + item_name(key, index);
}

}  // namespace sim
