#include "runtime/poller.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/assert.h"

namespace runtime {

namespace {

constexpr std::size_t kMostAtOnce = 32;

int milliseconds_until(std::optional<std::chrono::steady_clock::time_point> deadline) {
  if (!deadline) {
    return -1;
  }
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(*deadline - std::chrono::steady_clock::now());
  return static_cast<int>(
      std::clamp<std::int64_t>(left.count(), 0, std::numeric_limits<int>::max()));
}

}  // namespace

Poller::Poller()
    : epoll_(epoll_create1(EPOLL_CLOEXEC)), event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  ASSERT(epoll_ >= 0 && event_ >= 0);
  watch(event_, true, false);
}

Poller::~Poller() {
  close(event_);
  close(epoll_);
}

void Poller::watch(int socket, bool reads, bool writes) {
  epoll_event event{};
  event.data.fd = socket;
  event.events = (reads ? static_cast<std::uint32_t>(EPOLLIN) : 0U) |
                 (writes ? static_cast<std::uint32_t>(EPOLLOUT) : 0U);
  if (event.events == 0) {
    epoll_ctl(epoll_, EPOLL_CTL_DEL, socket, nullptr);  // Closed already: it is forgotten.
  } else if (epoll_ctl(epoll_, EPOLL_CTL_MOD, socket, &event) != 0) {
    ASSERT(epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event) == 0);
  }
}

void Poller::wait(std::optional<std::chrono::steady_clock::time_point> deadline,
                  std::vector<Ready>& ready) {
  ready.clear();
  std::array<epoll_event, kMostAtOnce> events;
  const int count = epoll_wait(
      epoll_, events.data(), static_cast<int>(events.size()), milliseconds_until(deadline));
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    if (event.data.fd == event_) {
      std::uint64_t wakes = 0;
      [[maybe_unused]] const auto taken = read(event_, &wakes, sizeof(wakes));
      continue;
    }
    ready.push_back({.socket = event.data.fd,
                     .can_read = (event.events & (EPOLLIN | EPOLLHUP)) != 0,
                     .can_write = (event.events & EPOLLOUT) != 0,
                     .has_failed = (event.events & EPOLLERR) != 0});
  }
}

void Poller::wake() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = write(event_, &one, sizeof(one));
}

}  // namespace runtime
