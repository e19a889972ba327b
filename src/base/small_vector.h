// A vector that keeps its first N elements inside itself: for the many short lists of a hot path.
// Moving one with elements inside moves the elements, so views into it die then.
#pragma once

#include <cstddef>

#include <boost/container/small_vector.hpp>

namespace base {

template <typename T, std::size_t N>
using SmallVector = boost::container::small_vector<T, N>;

}  // namespace base
