#include "plan/packing_linear.h"

#include <cstddef>
#include <limits>
#include <numeric>

#include "base/assert.h"

namespace plan {
namespace {

constexpr double kZero = 1e-11;
constexpr std::size_t kNone = ~std::size_t{0};

// The condensed simplex table: basic variables are rows, the others columns; the last row is the
// gain, the last column the limits.
class Table {
 public:
  Table(std::span<const double> gain, std::span<const double> rows, std::span<const double> limits)
      : height_(limits.size()), width_(gain.size()), cells_((height_ + 1) * (width_ + 1)) {
    for (std::size_t r = 0; r < height_; ++r) {
      for (std::size_t c = 0; c < width_; ++c) {
        at(r, c) = rows[r * width_ + c];
      }
      at(r, width_) = limits[r];
    }
    for (std::size_t c = 0; c < width_; ++c) {
      at(height_, c) = gain[c];
    }
    in_row_.resize(height_);
    std::iota(in_row_.begin(), in_row_.end(), width_);
    in_column_.resize(width_);
    std::iota(in_column_.begin(), in_column_.end(), std::size_t{0});
  }

  void solve() {
    const std::size_t most = 20 * (height_ + width_) + 100;
    for (std::size_t i = 0; i < most; ++i) {
      // Late pivots follow Bland's rule, which never cycles.
      const std::size_t column = i < most / 2 ? steepest() : first_improving();
      const std::size_t row = column == kNone ? kNone : tightest(column);
      if (row == kNone) {
        return;
      }
      pivot(row, column);
    }
  }

  LinearAnswer answer() const {
    LinearAnswer made{.value = -at(height_, width_),
                      .x = std::vector<double>(width_),
                      .prices = std::vector<double>(height_)};
    for (std::size_t r = 0; r < height_; ++r) {
      if (in_row_[r] < width_) {
        made.x[in_row_[r]] = at(r, width_);
      }
    }
    for (std::size_t c = 0; c < width_; ++c) {
      if (in_column_[c] >= width_) {
        made.prices[in_column_[c] - width_] = -at(height_, c);
      }
    }
    return made;
  }

 private:
  double& at(std::size_t row, std::size_t column) { return cells_[row * (width_ + 1) + column]; }

  double at(std::size_t row, std::size_t column) const {
    return cells_[row * (width_ + 1) + column];
  }

  std::size_t steepest() const {
    std::size_t best = kNone;
    for (std::size_t c = 0; c < width_; ++c) {
      if (at(height_, c) > kZero && (best == kNone || at(height_, c) > at(height_, best))) {
        best = c;
      }
    }
    return best;
  }

  std::size_t first_improving() const {
    std::size_t best = kNone;
    for (std::size_t c = 0; c < width_; ++c) {
      if (at(height_, c) > kZero && (best == kNone || in_column_[c] < in_column_[best])) {
        best = c;
      }
    }
    return best;
  }

  std::size_t tightest(std::size_t column) const {
    std::size_t best = kNone;
    double least = std::numeric_limits<double>::max();
    for (std::size_t r = 0; r < height_; ++r) {
      if (at(r, column) <= kZero) {
        continue;
      }
      const double ratio = at(r, width_) / at(r, column);
      if (ratio < least || (ratio == least && in_row_[r] < in_row_[best])) {
        least = ratio;
        best = r;
      }
    }
    return best;
  }

  void pivot(std::size_t row, std::size_t column) {
    const double inverse = 1 / at(row, column);
    for (std::size_t r = 0; r <= height_; ++r) {
      const double factor = at(r, column) * inverse;
      if (r == row || factor == 0) {
        continue;
      }
      for (std::size_t c = 0; c <= width_; ++c) {
        at(r, c) -= factor * at(row, c);
      }
      at(r, column) = -factor;
    }
    for (std::size_t c = 0; c <= width_; ++c) {
      at(row, c) *= inverse;
    }
    at(row, column) = inverse;
    std::swap(in_row_[row], in_column_[column]);
  }

  std::size_t height_;
  std::size_t width_;
  std::vector<double> cells_;
  std::vector<std::size_t> in_row_;  // Variables: columns first, then one slack per row.
  std::vector<std::size_t> in_column_;
};

}  // namespace

LinearAnswer maximize(std::span<const double> gain,
                      std::span<const double> rows,
                      std::span<const double> limits) {
  ASSERT(rows.size() == gain.size() * limits.size());
  Table table(gain, rows, limits);
  table.solve();
  return table.answer();
}

}  // namespace plan
