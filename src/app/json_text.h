// JSON documents as text for people: indented JSON, and YAML. Pure.
#pragma once

#include <string>

#include <boost/json/fwd.hpp>

namespace app {

std::string pretty_json(const boost::json::value& document);
std::string yaml_text(const boost::json::value& document);
// YAML as people write manifests: text stands without quotes where every reader takes it for text.
std::string manifest_text(const boost::json::value& document);

}  // namespace app
