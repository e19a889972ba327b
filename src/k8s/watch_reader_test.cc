#include "k8s/watch_reader.h"

#include <gtest/gtest.h>

namespace k8s {
namespace {

constexpr std::string_view kAdded =
    R"({"type":"ADDED","object":{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a","resourceVersion":"5"}}})"
    "\n";

struct Reading {
  std::string seen;
  WatchReader reader{
      Kind::kPod, [this](const WatchEvent& event) {
        constexpr std::string_view kSigns = "+~-b!";
        seen += kSigns[static_cast<std::size_t>(event.op)];
        seen += !event.object ? "?" : *event.object != nullptr ? (*event.object)->meta.name : "";
        seen += event.resource_version + " ";
      }};
};

TEST(WatchReader, AnySplitGivesTheSameEvents) {
  const std::string stream =
      std::string(kAdded) +
      R"({"object":{"metadata":{"name":"b","resourceVersion":"6"}},"type":"MODIFIED"})"
      "\n\r\n"
      R"({"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"9"}}})"
      "\n";
  for (std::size_t size = 1; size < stream.size(); ++size) {
    Reading reading;
    for (std::size_t at = 0; at < stream.size(); at += size) {
      ASSERT_TRUE(reading.reader.feed(stream.substr(at, size)).has_value());
    }
    EXPECT_EQ(reading.seen, "+a5 ~b6 b9 ");
  }
}

TEST(WatchReader, CutObjectIsNotTold) {
  Reading reading;
  EXPECT_TRUE(reading.reader.feed(kAdded.substr(0, kAdded.size() - 1)).has_value());
  EXPECT_EQ(reading.seen, "");
}

TEST(WatchReader, UnreadableObjectKeepsItsVersion) {
  // API-25
  Reading reading;
  EXPECT_TRUE(reading.reader
                  .feed("{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"a\","
                        "\"resourceVersion\":\"7\"},\"spec\":1}}\n")
                  .has_value());
  EXPECT_EQ(reading.seen, "+?7 ");
}

TEST(WatchReader, RefusesWhatIsNoEvent) {
  for (const std::string_view line :
       {"{}\n", "[]\n", "x\n", "{\"type\":\"NEW\",\"object\":{}}\n", "{\"type\":\"ADDED\"}\n"}) {
    Reading reading;
    EXPECT_FALSE(reading.reader.feed(line).has_value()) << line;
  }
}

}  // namespace
}  // namespace k8s
