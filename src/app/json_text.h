// JSON documents as text for people: indented JSON, and YAML. Pure.
#pragma once

#include <string>

#include <boost/json/fwd.hpp>

namespace app {

std::string pretty_json(const boost::json::value& document);
std::string yaml_text(const boost::json::value& document);

}  // namespace app
