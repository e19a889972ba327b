// Text for people: left-aligned columns as kubectl prints them, counts of things. Plain values.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace app {

class Table {
 public:
  explicit Table(std::vector<std::string> header) : rows_{std::move(header)} {}

  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }

  std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

// "1 node", "2 nodes".
std::string counted(std::size_t number, std::string_view noun);

}  // namespace app
