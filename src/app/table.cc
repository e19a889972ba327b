#include "app/table.h"

#include <algorithm>

#include "base/text.h"

namespace app {

std::string Table::text() const {
  std::vector<std::size_t> widths(rows_.front().size(), 0);
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], row[i].size());
    }
  }
  std::string out;
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      out += row[i];
      if (i + 1 < row.size()) {
        out.append(widths[i] - row[i].size() + 3, ' ');
      }
    }
    out += '\n';
  }
  return out;
}

std::string counted(std::size_t number, std::string_view noun) {
  return base::concat(std::to_string(number), " ", noun, number == 1 ? "" : "s");
}

}  // namespace app
