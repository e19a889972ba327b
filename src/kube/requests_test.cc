#include "kube/requests.h"

#include <gtest/gtest.h>

#include "kube/refusal.h"
#include "kube/trouble.h"

namespace kube {
namespace {

using base::ErrorCode;
using k8s::Kind;
using k8s::Verb;
using k8s::WriteRequest;

WriteRequest write(Verb verb, std::string body = "") {
  return {.verb = verb, .key = {Kind::kPod, "default", "web-0"}, .body = std::move(body)};
}

TEST(Requests, PathsAreThoseOfTheApi) {
  EXPECT_EQ(collection_path(Kind::kPod), "/api/v1/pods");
  EXPECT_EQ(collection_path(Kind::kPod, "a"), "/api/v1/namespaces/a/pods");
  EXPECT_EQ(collection_path(Kind::kNodeClaim, "a"), "/apis/karpenter.sh/v1/nodeclaims");
  EXPECT_EQ(object_path({Kind::kNode, "", "n:1"}, "status"), "/api/v1/nodes/n%3A1/status");
}

TEST(Requests, EvictionCarriesItsPreconditions) {
  WriteRequest evict = write(Verb::kEvict);
  evict.uid = "u";
  evict.grace_seconds = 5;

  const auto call = to_call(evict);

  ASSERT_TRUE(call.has_value());
  EXPECT_EQ(call->target, "/api/v1/namespaces/default/pods/web-0/eviction");
  EXPECT_EQ(call->body,
            R"({"apiVersion":"policy/v1","kind":"Eviction",)"
            R"("metadata":{"name":"web-0","namespace":"default"},)"
            R"("deleteOptions":{"gracePeriodSeconds":5,"preconditions":{"uid":"u"}}})");
  EXPECT_FALSE(call->is_retried) << "a refusal by a budget is the caller's to pace";
}

TEST(Requests, LockIsPartOfThePatch) {
  // OPR-110
  WriteRequest patch = write(Verb::kMergePatch, R"({"spec":{}})");
  patch.resource_version = "7";
  EXPECT_EQ(to_call(patch)->body, R"({"spec":{},"metadata":{"resourceVersion":"7"}})");

  patch = write(Verb::kJsonPatch, "[]");
  patch.resource_version = "7";
  EXPECT_EQ(to_call(patch)->body,
            R"([{"op":"add","path":"/metadata/resourceVersion","value":"7"}])");
}

TEST(Requests, BodiesThatAreNoJsonAreRefused) {
  WriteRequest patch = write(Verb::kMergePatch, "{");
  patch.uid = "u";
  EXPECT_EQ(to_call(patch).error().code, ErrorCode::kInvalid);
}

TEST(Refusal, StatusIsTakenAtItsWord) {
  const auto error = [](int status, std::string_view reason) {
    return refusal(status,
                   std::string(R"({"kind":"Status","code":1,"message":"m","reason":")") +
                       std::string(reason) + "\"}",
                   "get pods a");
  };
  EXPECT_EQ(error(404, "NotFound").code, ErrorCode::kNotFound);
  EXPECT_EQ(error(404, "NotFound").detail, "m");
  EXPECT_EQ(error(409, "AlreadyExists").code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(error(409, "Conflict").code, ErrorCode::kConflict);
  EXPECT_EQ(error(410, "Expired").code, ErrorCode::kGone);
  EXPECT_EQ(error(422, "Invalid").code, ErrorCode::kInvalid);
  EXPECT_EQ(error(429, "TooManyRequests").code, ErrorCode::kThrottled);
  EXPECT_EQ(error(500, "InternalError").code, ErrorCode::kUnavailable);
  EXPECT_EQ(error(504, "Timeout").code, ErrorCode::kTimeout);
}

TEST(Refusal, PageOfAProxyIsNoWordAboutAnObject) {
  const base::Error error = refusal(404, "404 page not found\n", "get nodes a");
  EXPECT_EQ(error.code, ErrorCode::kUnsupported);
  EXPECT_EQ(error.detail, "get nodes a: 404 page not found (404)");
}

TEST(Trouble, SaysWhatToInstall) {
  EXPECT_EQ(explain_trouble({ErrorCode::kUnsupported, "x"}, Kind::kNodePool, Access{}),
            "the server has no nodepools in karpenter.sh/v1: install Karpenter's custom resource "
            "definitions (karpenter crds | kubectl apply --server-side -f -)");
}

TEST(Trouble, TellsMissingRightsFromCredentialsThatNobodyKnows) {
  Access access;
  access.source = "context \"c\" of config";
  const base::Error unknown{ErrorCode::kDenied,
                            R"(pods is forbidden: User "system:anonymous" cannot list pods)"};
  EXPECT_TRUE(is_anonymous(unknown));
  EXPECT_EQ(advice(unknown, access),
            "the server does not know who we are: the credentials of context \"c\" of config are "
            "missing, expired or not trusted by it");
  const base::Error poor{ErrorCode::kDenied, R"(pods is forbidden: User "k" cannot list pods)"};
  EXPECT_FALSE(is_anonymous(poor));
  EXPECT_EQ(advice(poor, access), "grant this permission to this identity");
  EXPECT_EQ(advice({ErrorCode::kDenied, "Unauthorized"}, access),
            "check the credentials of context \"c\" of config");
}

TEST(RetryAfter, IsBoundedToAMinute) {
  EXPECT_EQ(retry_after({.status = 429, .headers = {{"retry-after", "7"}}}),
            std::chrono::seconds(7));
  EXPECT_EQ(retry_after({.status = 429, .headers = {{"Retry-After", "9999"}}}),
            std::chrono::minutes(1));
  EXPECT_EQ(retry_after({.status = 429, .headers = {{"Retry-After", "soon"}}}), base::Duration(0));
  EXPECT_EQ(retry_after({.status = 503}), base::Duration(0));
}

}  // namespace
}  // namespace kube
