// Reads a watch: one JSON object to a line, {"type": "ADDED", "object": {...}}. feed() takes any
// split of the stream; only the line under way is kept, so a stream that is cut in the middle of an
// object costs that object, and the watch goes on from the version before it.
//
//   WatchReader reader(Kind::kPod, [&](const WatchEvent& event) { ... });
//   TRY_VOID(reader.feed(chunk));
//
// Thread rule: one thread at a time.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "k8s/codec.h"

namespace k8s {

enum class WatchOp : std::uint8_t { kAdded, kModified, kDeleted, kBookmark, kError };

struct WatchEvent {
  WatchOp op;
  // Of the object; of a bookmark too. Empty: unknown.
  std::string resource_version;
  // Null for bookmarks and errors. An object that cannot be decoded is the sink's to judge
  // (API-25).
  base::Result<ObjectPtr> object = ObjectPtr();
  std::string status = {};  // kError: the metav1.Status as JSON.
};

class WatchReader {
 public:
  using Sink = std::function<void(const WatchEvent&)>;

  WatchReader(Kind kind, Sink sink);

  // Errors: kInvalid (a line that is no watch event), kLimit (a line longer than 64 MiB). The
  // stream cannot be read on after one.
  base::Result<void> feed(std::string_view chunk);

 private:
  base::Result<void> take_line(std::string_view line);

  Kind kind_;
  Sink sink_;
  Decoder decoder_;
  std::string partial_;
};

}  // namespace k8s
