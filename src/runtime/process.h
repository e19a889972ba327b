// Facts about this process and its terminal. Thread rule: callable from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"

namespace runtime {

enum class Stream : std::uint8_t { kIn, kOut, kErr };

bool is_terminal(Stream stream);

// Columns and rows of the terminal behind the stream; 80 x 24 when there is none.
struct TerminalSize {
  std::size_t columns = 80;
  std::size_t rows = 24;
};

TerminalSize terminal_size(Stream stream);

// Writes all of the text to standard output or standard error and flushes. False when the other
// end is gone.
bool write_text(Stream stream, std::string_view text);
// A line on standard error, for the person who called.
void complain(std::string_view text);

struct ProcessUsage {
  std::uint64_t resident_bytes = 0;
  std::uint64_t peak_resident_bytes = 0;
  std::uint64_t virtual_bytes = 0;
  base::Duration cpu_time{};  // User and system, all threads.
  std::uint64_t threads = 0;
  std::uint64_t open_files = 0;
  std::uint64_t max_open_files = 0;
};

// Zero where the system does not tell.
ProcessUsage process_usage();

int process_id();
std::string host_name();
// Absolute path of the running program; empty when unknown.
std::string executable_path();

}  // namespace runtime
