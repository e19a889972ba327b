// Waits for sockets (epoll), a moment, or somebody who wakes it: the cost of a wait does not grow
// with the sockets that have nothing to say.
//
//   poller.watch(socket, true, false);
//   poller.wait(deadline, ready);   // on the owner's thread
//   poller.wake();                  // on any thread
//
// Thread rule: wake() is for everybody, the rest for one thread. Does not own the sockets.
#pragma once

#include <chrono>
#include <optional>
#include <vector>

namespace runtime {

class Poller {
 public:
  struct Ready {
    int socket = -1;
    bool can_read = false;
    bool can_write = false;
    bool has_failed = false;
  };

  Poller();
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  // Neither: the socket is forgotten.
  void watch(int socket, bool reads, bool writes);
  // Replaces what is in `ready`; empty when woken or when the deadline has come.
  void wait(std::optional<std::chrono::steady_clock::time_point> deadline,
            std::vector<Ready>& ready);
  void wake();

 private:
  int epoll_ = -1;
  int event_ = -1;
};

}  // namespace runtime
