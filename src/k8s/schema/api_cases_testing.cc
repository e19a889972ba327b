#include "k8s/schema/api_cases_testing.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>

namespace k8s::schema {
namespace {

using boost::json::value;
using Texts = std::vector<std::string>;

std::string trimmed(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(' ');
  const std::size_t end = text.find_last_not_of(' ');
  return begin == std::string::npos ? "" : text.substr(begin, end - begin + 1);
}

Texts split(const std::string& text, const std::string& by) {
  Texts out;
  std::size_t from = 0;
  for (;;) {
    const std::size_t at = text.find(by, from);
    out.push_back(trimmed(text.substr(from, at - from)));
    if (at == std::string::npos) {
      return out;
    }
    from = at + by.size();
  }
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

// "<a*64>"
std::string with_repetitions(std::string text) {
  for (std::size_t at = text.find('<'); at != std::string::npos; at = text.find('<', at + 1)) {
    const std::size_t end = text.find('>', at);
    if (end != std::string::npos && at + 3 < end && text[at + 2] == '*') {
      const std::size_t count = std::stoul(text.substr(at + 3, end - at - 3));
      text.replace(at, end - at + 1, std::string(count, text[at + 1]));
    }
  }
  return text;
}

value numbered(const std::string& json, std::size_t number) {
  return boost::json::parse(replaced(json, "#", std::to_string(number)));
}

// nullopt: absent.
std::optional<value> value_of(const std::string& text) {
  if (text == "absent") {
    return std::nullopt;
  }
  const std::size_t sign = text.find_first_not_of("0123456789");
  const bool is_counted = sign != std::string::npos && sign > 0 &&
                          (text.compare(sign, 3, " x ") == 0 || text.compare(sign, 3, " * ") == 0);
  if (!is_counted) {
    return boost::json::parse(with_repetitions(text));
  }
  const std::size_t count = std::stoul(text.substr(0, sign));
  const std::string json = text.substr(sign + 3);
  boost::json::array list;
  boost::json::object fields;
  for (std::size_t i = 0; i < count; ++i) {
    value one = numbered(json, i);
    if (text[sign + 1] == 'x') {
      list.push_back(std::move(one));
    } else {
      fields.insert(one.as_object().begin(), one.as_object().end());
    }
  }
  return text[sign + 1] == 'x' ? value(std::move(list)) : value(std::move(fields));
}

class Table {
 public:
  void read(const std::filesystem::path& path, std::vector<ApiCase>& out) {
    std::ifstream file(path);
    std::string line;
    for (int number = 1; std::getline(file, line); ++number) {
      const std::string place = path.filename().string() + ":" + std::to_string(number);
      if (line.empty() || line.front() == '#') {
        continue;
      }
      if (line.starts_with("API-")) {
        add_line(place, line, out);
      } else {
        directive(line);
      }
    }
  }

 private:
  void directive(const std::string& line) {
    const std::size_t space = line.find(' ');
    const std::string word = line.substr(0, space);
    const std::string rest = line.substr(space + 1);
    if (word == "provider") {
      flavour_ = rest == "kwok" ? Flavour::kKwok : Flavour::kAws;
    } else if (word == "object") {
      base_ = boost::json::parse(rest);
    } else if (word == "let") {
      const Texts sides = split(rest, " = ");
      names_[sides.at(0)] = sides.at(1);
    } else if (word == "element") {
      const Texts sides = split(rest, " = ");
      elements_[long_path(sides.at(0))] = boost::json::parse(sides.at(1));
    } else {
      throw std::runtime_error("unknown directive: " + line);
    }
  }

  void add_line(const std::string& place, const std::string& line, std::vector<ApiCase>& out) {
    Texts columns = split(line, " |");
    columns.resize(4);
    const std::size_t each = columns[2].find("each ");
    if (each == std::string::npos) {
      out.push_back(make(place, columns));
      return;
    }
    const std::size_t end = std::min(columns[2].find(" & ", each), columns[2].size());
    for (const std::string& one : split(columns[2].substr(each + 5, end - each - 5), " ; ")) {
      Texts copy = columns;
      copy[2] = columns[2].substr(0, each) + one + columns[2].substr(end);
      out.push_back(make(place, copy));
    }
  }

  ApiCase make(const std::string& place, const Texts& columns) const {
    ApiCase out{.place = place + " (" + columns[2].substr(0, 120) + ")",
                .rule = columns[0],
                .verdict = columns[1],
                .flavour = flavour_,
                .object = base_,
                .expected = columns[3]};
    const Texts sides = split(" " + columns[2], "=> ");
    apply(sides[0], out.object);
    if (sides.size() > 1) {
      value next = out.object;
      apply(sides[1], next);
      out.update = std::move(next);
    }
    if (out.verdict == "stored") {
      const Texts stored = split(out.expected, " = ");
      out.stored_path = long_path(stored.at(0));
      out.stored = value_of(stored.at(1));
    }
    return out;
  }

  void apply(const std::string& changes, value& object) const {
    for (const std::string& change : split(changes, " & ")) {
      const std::size_t equals = change.find(" = ");
      if (equals != std::string::npos) {
        set(object,
            long_path(trimmed(change.substr(0, equals))),
            value_of(change.substr(equals + 3)));
      }
    }
  }

  std::string long_path(const std::string& path) const {
    const std::size_t end = std::min(path.find_first_of(".["), path.size());
    const auto found = names_.find(path.substr(0, end));
    return found == names_.end() ? path : found->second + path.substr(end);
  }

  void set(value& object, const std::string& path, std::optional<value> to) const {
    value* at = &object;
    const Texts steps = split(path, ".");
    std::string walked;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      const bool is_list = steps[i].ends_with("[]");
      const std::string name = is_list ? steps[i].substr(0, steps[i].size() - 2) : steps[i];
      walked += (walked.empty() ? "" : ".") + name;
      if (!at->is_object()) {
        at->emplace_object();
      }
      auto& fields = at->as_object();
      if (i + 1 == steps.size()) {
        if (!to) {
          fields.erase(name);
        } else {
          fields[name] = is_list ? value(boost::json::array{std::move(*to)}) : std::move(*to);
        }
        return;
      }
      at = &fields[name];
      if (is_list) {
        at = first_of(*at, walked);
      }
    }
  }

  value* first_of(value& list, const std::string& path) const {
    if (!list.is_array() || list.as_array().empty()) {
      const auto found = elements_.find(path);
      list = boost::json::array{found == elements_.end() ? value(boost::json::object())
                                                         : found->second};
    }
    return &list.as_array()[0];
  }

  Flavour flavour_ = Flavour::kAws;
  value base_;
  std::map<std::string, std::string> names_;
  std::map<std::string, value> elements_;
};

}  // namespace

std::vector<ApiCase> read_api_cases() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator("tests/api/cases")) {
    files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<ApiCase> out;
  for (const auto& file : files) {
    Table().read(file, out);
  }
  return out;
}

const value* find_at(const value& object, const std::string& path) {
  const value* at = &object;
  for (const std::string& step : split(path, ".")) {
    if (!at->is_object() || !at->as_object().contains(step)) {
      return nullptr;
    }
    at = &at->as_object().at(step);
  }
  return at;
}

}  // namespace k8s::schema
