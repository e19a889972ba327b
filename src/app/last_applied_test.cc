#include "app/last_applied.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace app {
namespace {

std::string annotation(std::string_view manifest, std::string_view ns) {
  const auto document = boost::json::parse(with_last_applied(manifest, ns));
  return std::string(document.at("metadata")
                         .at("annotations")
                         .at("kubectl.kubernetes.io/last-applied-configuration")
                         .as_string());
}

TEST(LastApplied, IsSpelledAsKubectlSpellsIt) {
  EXPECT_EQ(annotation(R"({"kind":"Pod","apiVersion":"v1","metadata":{"name":"a"},)"
                       R"("spec":{"b":[1,"<&>"],"a":null}})",
                       "default"),
            R"({"apiVersion":"v1","kind":"Pod","metadata":{"annotations":{},"name":"a",)"
            R"("namespace":"default"},"spec":{"a":null,"b":[1,"\u003c\u0026\u003e"]}})"
            "\n");
}

TEST(LastApplied, DoesNotHoldItself) {
  const std::string once = with_last_applied(R"({"metadata":{"annotations":{"x":"y"}}})", "");
  EXPECT_EQ(annotation(once, ""), "{\"metadata\":{\"annotations\":{\"x\":\"y\"}}}\n");
}

}  // namespace
}  // namespace app
