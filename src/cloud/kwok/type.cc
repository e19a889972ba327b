#include "cloud/kwok/type.h"

#include <algorithm>
#include <array>
#include <utility>

#include "cloud/kwok/catalogue.h"

namespace cloud::kwok {

namespace {

std::vector<std::string> distinct(std::vector<std::string> values) {
  std::ranges::sort(values);
  values.erase(std::ranges::unique(values).begin(), values.end());
  return values;
}

std::vector<std::string> offered(const InstanceType& type, std::string Offering::* field) {
  std::vector<std::string> values;
  values.reserve(type.offerings.size());
  for (const Offering& offering : type.offerings) {
    values.push_back(offering.*field);
  }
  return distinct(std::move(values));
}

constexpr bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_size_word(std::string_view text) {
  constexpr std::array<std::string_view, 6> kWords = {
      "nano", "micro", "small", "medium", "large", "metal"};
  if (std::ranges::find(kWords, text) != kWords.end()) {
    return true;
  }
  const std::size_t digits =
      static_cast<std::size_t>(std::ranges::find_if_not(text, is_digit) - text.begin());
  return text.substr(digits) == "xlarge";
}

}  // namespace

// ^\w+\.(nano|micro|small|medium|large|\d*xlarge|metal)$
std::string_view size_of(std::string_view name, std::string_view cpu) {
  const std::size_t dot = name.find('.');
  if (dot == std::string_view::npos || dot == 0 ||
      !std::ranges::all_of(name.substr(0, dot), is_word)) {
    return cpu;
  }
  const std::string_view size = name.substr(dot + 1);
  return is_size_word(size) ? size : cpu;
}

std::string_view family_of(std::string_view name) {
  const std::size_t end = name.find_first_of(".-");
  return end == std::string_view::npos ? name.substr(0, 1) : name.substr(0, end);
}

void complete_type(InstanceType& type,
                   std::string_view architecture,
                   std::vector<std::string> operating_systems) {
  const std::string cpu = type.capacity.get("cpu").text();
  const auto one = [](std::string_view key, std::string_view value) {
    return TypeLabel{.key = std::string(key), .values = {std::string(value)}};
  };
  type.labels = {
      one(cloud::label::kInstanceType, type.name),
      one(cloud::label::kArch, architecture),
      {std::string(cloud::label::kOs), distinct(std::move(operating_systems))},
      {std::string(cloud::label::kZone), offered(type, &Offering::zone)},
      {std::string(cloud::label::kCapacityType), offered(type, &Offering::capacity_type)},
      one(label::kSize, size_of(type.name, cpu)),
      one(label::kFamily, family_of(type.name)),
      one(label::kCpu, cpu),
      one(label::kMemory, type.capacity.get("memory").text()),
  };
  std::ranges::sort(type.labels, {}, &TypeLabel::key);
  type.kube_reserved = {
      {"cpu", k8s::Quantity::milli(100)},
      {"memory",
       k8s::Quantity::units(10 * (std::int64_t{1} << 20), k8s::Quantity::Format::kBinarySI)},
  };
}

LabelSchema label_schema(const Catalogue& catalogue) {
  LabelSchema schema = LabelSchema::core();
  schema.add_restricted_domain("karpenter.kwok.sh");
  for (const std::string_view key : {label::kSize, label::kFamily, label::kCpu, label::kMemory}) {
    schema.add_well_known(key);
  }
  for (const InstanceType& type : catalogue.types) {
    for (const Offering& offering : type.offerings) {
      for (const TypeLabel& label : offering.labels) {
        schema.add_well_known(label.key);
      }
    }
  }
  return schema;
}

}  // namespace cloud::kwok
