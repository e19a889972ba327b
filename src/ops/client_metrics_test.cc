#include "ops/client_metrics.h"

#include <gtest/gtest.h>

namespace ops {
namespace {

std::string labels_of(std::string_view method, std::string_view target) {
  runtime::Metrics metrics;
  count_request(metrics, {.method = method, .target = target, .code = 200});
  const std::string text = metrics.text({});
  const std::size_t begin = text.find("_seconds_sum{");
  return begin == std::string::npos
             ? "none"
             : text.substr(begin + 12, text.find("} ", begin) + 1 - begin - 12);
}

TEST(ClientMetrics, NameVerbAndResource) {
  // OPR-74
  EXPECT_EQ(labels_of("GET", "/api/v1/pods?limit=5"),
            R"({verb="LIST",group="",version="v1",kind="pods",subresource=""})");
  EXPECT_EQ(labels_of("GET", "/api/v1/namespaces/default"),
            R"({verb="GET",group="",version="v1",kind="namespaces",subresource=""})");
  EXPECT_EQ(labels_of("POST", "/api/v1/namespaces/default/pods/web/eviction"),
            R"({verb="CREATE",group="",version="v1",kind="pods",subresource="eviction"})");
  EXPECT_EQ(labels_of("PUT", "/apis/karpenter.sh/v1/nodepools/a/status"),
            R"({verb="UPDATE",group="karpenter.sh",version="v1",kind="nodepools",)"
            R"(subresource="status"})");
  EXPECT_EQ(labels_of("PATCH", "/apis/karpenter.sh/v1/nodeclaims/a"),
            R"({verb="PATCH",group="karpenter.sh",version="v1",kind="nodeclaims",subresource=""})");
  EXPECT_EQ(labels_of("GET", "/version"), "none");
  EXPECT_EQ(labels_of("GET", ""), "none");
}

TEST(ClientMetrics, CountCodes) {
  // OPR-74
  runtime::Metrics metrics;
  count_request(metrics, {.method = "GET", .target = "/version", .code = 503});
  EXPECT_NE(metrics.text({}).find("client_go_request_total{code=\"503\",method=\"GET\"} 1\n"),
            std::string::npos);
}

}  // namespace
}  // namespace ops
