// Reads a file of instance types (LIF-238).
#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>

#include <boost/json.hpp>

#include "base/text.h"
#include "cloud/kwok/catalogue.h"
#include "cloud/kwok/type.h"

namespace cloud::kwok {

namespace {

namespace json = boost::json;
using base::ErrorCode;
using base::Result;

constexpr std::int64_t kDefaultPods = 110;

std::unexpected<base::Error> bad(std::string_view path, std::string_view expectation) {
  return base::fail(ErrorCode::kInvalid,
                    base::concat("could not parse JSON data: ", path, ": ", expectation));
}

// A value and where it stands. Field names are matched without regard to case.
struct Field {
  const json::value* value;
  std::string path;

  [[nodiscard]] Field find(std::string_view name) const {
    const json::object* object = value == nullptr ? nullptr : value->if_object();
    if (object != nullptr) {
      for (const json::key_value_pair& entry : *object) {
        const std::string_view key(entry.key().data(), entry.key().size());
        if (base::equals_ignoring_case(key, name)) {
          return {&entry.value(), base::concat(path, ".", name)};
        }
      }
    }
    return {nullptr, base::concat(path, ".", name)};
  }

  [[nodiscard]] bool is_set() const { return value != nullptr && !value->is_null(); }
};

Result<std::string> text_of(const Field& field) {
  const json::string* text = field.is_set() ? field.value->if_string() : nullptr;
  if (text == nullptr) {
    return bad(field.path, "expected a string");
  }
  return std::string(text->data(), text->size());
}

Result<std::vector<Field>> items_of(const Field& field) {
  std::vector<Field> items;
  if (!field.is_set()) {
    return items;
  }
  const json::array* array = field.value->if_array();
  if (array == nullptr) {
    return bad(field.path, "expected an array");
  }
  for (const json::value& item : *array) {
    items.push_back({&item, base::concat(field.path, "[", items.size(), "]")});
  }
  return items;
}

Result<std::vector<std::string>> texts_of(const Field& field) {
  std::vector<std::string> texts;
  for (const Field& item : TRY(items_of(field))) {
    texts.push_back(TRY(text_of(item)));
  }
  return texts;
}

Result<double> price_of(const Field& field) {
  json::error_code error;
  const double price = field.is_set() ? field.value->to_number<double>(error) : 0.0;
  if (error || !(price >= 0) || price > std::numeric_limits<double>::max()) {
    return bad(field.path, "expected a number of at least 0");
  }
  return price;
}

Result<void> add_requirement(const Field& field, Offering& offering) {
  std::string key = TRY(text_of(field.find("key")));
  const std::string op = TRY(text_of(field.find("operator")));
  std::vector<std::string> values = TRY(texts_of(field.find("values")));
  if (op != "In" && op != "DoesNotExist") {
    return bad(field.path, "an offering's operator must be In or DoesNotExist");
  }
  if (key == cloud::label::kZone || key == cloud::label::kCapacityType) {
    if (values.size() != 1) {
      return bad(field.path, "an offering has exactly one zone and one capacity type");
    }
    (key == cloud::label::kZone ? offering.zone : offering.capacity_type) = values.front();
    return {};
  }
  std::ranges::sort(values);
  offering.labels.push_back({std::move(key), std::move(values)});
  return {};
}

Result<Offering> offering_of(const Field& field) {
  Offering offering;
  offering.price = TRY(price_of(field.find("Price")));
  if (const Field available = field.find("Available"); available.is_set()) {
    const bool* const flag = available.value->if_bool();
    if (flag == nullptr) {
      return bad(available.path, "expected true or false");
    }
    offering.available = *flag;
  }
  if (const Field capacity = field.find("ReservationCapacity"); capacity.is_set()) {
    json::error_code error;
    offering.reservation_capacity = capacity.value->to_number<std::int64_t>(error);
    if (error) {
      return bad(capacity.path, "expected a whole number");
    }
  }
  for (const Field& requirement : TRY(items_of(field.find("Requirements")))) {
    TRY_VOID(add_requirement(requirement, offering));
  }
  if (offering.zone.empty() || offering.capacity_type.empty()) {
    return bad(field.path, "expected a zone and a capacity type among the requirements");
  }
  std::ranges::sort(offering.labels, {}, &TypeLabel::key);
  return offering;
}

Result<k8s::Resources> resources_of(const Field& field) {
  k8s::Resources resources;
  const json::object* const object = field.is_set() ? field.value->if_object() : nullptr;
  if (object == nullptr) {
    return bad(field.path, "expected an object of quantities");
  }
  for (const json::key_value_pair& entry : *object) {
    const std::string name(entry.key().data(), entry.key().size());
    const std::string text = entry.value().is_string() ? std::string(entry.value().get_string())
                                                       : json::serialize(entry.value());
    const Result<k8s::Quantity> quantity = k8s::Quantity::parse(text);
    if (!quantity) {
      return bad(base::concat(field.path, ".", name), quantity.error().detail);
    }
    resources.set(name, *quantity);
  }
  if (resources.find("pods") == nullptr) {
    resources.set("pods", k8s::Quantity::units(kDefaultPods));
  }
  return resources;
}

Result<InstanceType> type_of(const Field& field) {
  InstanceType type;
  type.name = TRY(text_of(field.find("name")));
  for (const Field& offering : TRY(items_of(field.find("offerings")))) {
    type.offerings.push_back(TRY(offering_of(offering)));
  }
  type.capacity = TRY(resources_of(field.find("resources")));
  const std::string architecture = TRY(text_of(field.find("architecture")));
  complete_type(type, architecture, TRY(texts_of(field.find("operatingSystems"))));
  return type;
}

}  // namespace

Result<CataloguePtr> parse_catalogue(std::string_view text) {
  json::error_code error;
  const json::value document = json::parse(json::string_view(text.data(), text.size()), error);
  if (error) {
    return base::fail(ErrorCode::kInvalid,
                      base::concat("could not parse JSON data: ", error.message()));
  }
  if (!document.is_array()) {
    return bad("$", "expected an array of instance types");
  }
  auto catalogue = std::make_shared<Catalogue>();
  for (const Field& item : TRY(items_of({&document, "$"}))) {
    catalogue->types.push_back(TRY(type_of(item)));
  }
  std::ranges::sort(catalogue->types, {}, &InstanceType::name);
  const auto twin = std::ranges::adjacent_find(catalogue->types, {}, &InstanceType::name);
  if (twin != catalogue->types.end()) {
    return bad("$", base::concat("instance type ", twin->name, " appears twice"));
  }
  return CataloguePtr(std::move(catalogue));
}

}  // namespace cloud::kwok
