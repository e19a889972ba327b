#include "sim/cloud/account_document.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "k8s/yaml_document.h"
#include "sim/document_reader.h"

namespace sim {

namespace {

namespace json = boost::json;
using base::ErrorCode;

NamedDeclaration read_named(DocumentReader& item) {
  NamedDeclaration named;
  named.name = item.text("name");
  named.tags = item.map_of_texts("tags");
  return named;
}

void read(DocumentReader& root, AccountDocument& document) {
  document.account = root.text("account", "123456789012");
  document.cluster = root.text("cluster", "demo");
  root.each("subnets", [&](DocumentReader& item) {
    SubnetDeclaration subnet;
    subnet.name = item.text("name");
    subnet.zone = item.text("zone", "*");
    subnet.free_addresses = item.count("freeAddresses", 4091);
    subnet.tags = item.map_of_texts("tags");
    document.subnets.push_back(std::move(subnet));
  });
  root.each("securityGroups",
            [&](DocumentReader& item) { document.security_groups.push_back(read_named(item)); });
  root.each("images", [&](DocumentReader& item) {
    NamedDeclaration image = read_named(item);
    image.architecture = item.text("architecture", "amd64");
    image.owner = item.text("owner");
    document.images.push_back(std::move(image));
  });
  root.finish();
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
  FieldProblems problems;
  DocumentReader root(value.get_object(), {}, problems);
  read(root, document);
  if (!problems.empty()) {
    return base::fail(ErrorCode::kInvalid,
                      fmt::format("{}: {}", origin, problems.front().sentence()));
  }
  return document;
}

}  // namespace sim
