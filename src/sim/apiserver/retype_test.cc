#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "k8s/codec.h"
#include "sim/apiserver/cluster_testing.h"
#include "sim/apiserver/patching.h"

namespace sim::api {
namespace {

using k8s::Kind;

constexpr std::string_view kClaim =
    R"({"apiVersion":"karpenter.sh/v1","kind":"NodeClaim","metadata":{"name":"a"},"spec":{
        "nodeClassRef":{"group":"karpenter.k8s.aws","kind":"EC2NodeClass","name":"default"},
        "requirements":[{"key":"kubernetes.io/arch","operator":"In","values":["amd64"]}]}})";
constexpr std::string_view kNode =
    R"({"apiVersion":"v1","kind":"Node","metadata":{"name":"a"},"spec":{"providerID":"aws:///a"},
        "status":{"capacity":{"cpu":"4"}}})";
constexpr std::string_view kDeployment =
    R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"a","namespace":"default"},
        "spec":{"replicas":2,"selector":{"matchLabels":{"app":"a"}},"template":{
        "metadata":{"labels":{"app":"a"}},"spec":{"containers":[{"name":"main","image":"pause"}]}}}})";
constexpr std::string_view kBudget =
    R"({"apiVersion":"policy/v1","kind":"PodDisruptionBudget","metadata":{"name":"a",
        "namespace":"default"},"spec":{"minAvailable":1,"selector":{"matchLabels":{"app":"a"}}}})";

struct Bed {
  TestCluster cluster;
  ObjectRef ref;

  explicit Bed(std::string_view object) {
    const json::object body = *parse_object(object);
    const auto type = *find_kind(text_at(body, "apiVersion"), text_at(body, "kind"));
    ref = {.type = type,
           .namespace_ = resource_type(type).namespaced ? "default" : "",
           .name = "a",
           .subresource = {}};
    EXPECT_TRUE(cluster.registry.create(ref, body, options()).has_value());
  }

  static WriteOptions options(UnknownFields unknown = UnknownFields::kIgnore) {
    WriteOptions out;
    out.unknown_fields = unknown;
    return out;
  }

  Answer<Written> patch(std::string subresource,
                        std::string_view body,
                        UnknownFields unknown = UnknownFields::kIgnore) {
    ObjectRef to = ref;
    to.subresource = std::move(subresource);
    return cluster.registry.patch(to, PatchType::kMerge, body, options(unknown));
  }

  DocumentPtr document() const { return cluster.store.find(ref.type, ref.namespace_, ref.name); }

  // The typed form must be what the document says, whichever way it came about.
  void expect_true_to_text() const {
    const DocumentPtr now = document();
    ASSERT_NE(now, nullptr);
    const auto read = k8s::decode_object(json::serialize(now->body()));
    ASSERT_TRUE(read.has_value() && now->typed() != nullptr);
    EXPECT_EQ(k8s::encode_object(*now->typed()), k8s::encode_object(**read));
    EXPECT_EQ(now->typed()->meta.resource_version, std::to_string(now->version()));
  }

  // The same, of an object whose typed form is known before the write.
  void expect_true_after(std::string subresource, std::string_view body) {
    ASSERT_NE(document()->typed(), nullptr);
    const std::uint64_t before = document()->version();
    const auto written = patch(std::move(subresource), body);
    ASSERT_TRUE(written.has_value()) << written.error().message;
    EXPECT_GT(document()->version(), before);
    expect_true_to_text();
  }
};

TEST(Retype, StatusLabelsAndDeletionAreReadAlone) {
  const std::string pod = pod_json("a");
  for (const std::string_view object :
       {kClaim, kNode, kDeployment, kBudget, std::string_view(pod)}) {
    Bed bed(object);
    bed.expect_true_after("",
                          R"({"metadata":{"labels":{"x":"y"},"finalizers":["example.com/f"]}})");
    const Kind kind = *resource_type(bed.ref.type).typed;
    bed.expect_true_after("status",
                          kind == Kind::kPod          ? R"({"status":{"phase":"Running"}})"
                          : kind == Kind::kDeployment ? R"({"status":{"replicas":3}})"
                          : kind == Kind::kPodDisruptionBudget
                              ? R"({"status":{"expectedPods":3,"disruptionsAllowed":1,)"
                                R"("currentHealthy":3,"desiredHealthy":2}})"
                              : R"({"status":{"capacity":{"cpu":"8"},"conditions":[]}})");
    ASSERT_TRUE(bed.cluster.registry.remove(bed.ref, Bed::options()).has_value());
    EXPECT_TRUE(bed.document()->typed()->meta.is_deleting());
    bed.expect_true_to_text();
  }
}

TEST(Retype, ScaleChangesReplicasAndGeneration) {
  Bed bed(kDeployment);
  bed.expect_true_after("scale", R"({"spec":{"replicas":5}})");
  EXPECT_EQ(bed.cluster.field(Kind::kDeployment, "default", "a", "spec.replicas"), "5");
  EXPECT_EQ(bed.cluster.field(Kind::kDeployment, "default", "a", "metadata.generation"), "2");
  EXPECT_EQ(bed.document(), bed.patch("scale", R"({"spec":{"replicas":5}})")->object);
  EXPECT_EQ(bed.patch("scale", R"({"spec":{"replicas":-1}})").error().code, 422);
}

TEST(Registry, StatusIsCheckedAloneAsItIsWithTheWhole) {
  constexpr std::string_view kPatches[] = {
      R"({"status":{"conditions":[{"type":"Ready","status":"Perhaps"}]}})",
      R"({"status":{"capacity":{"cpu":"many"}}})",
      R"({"status":{"nodeName":7}})",
      R"({"metadata":{"name":"b"},"status":{"nodeName":"n"}})",
      R"({"metadata":{"resourceVersion":"1"},"status":{"nodeName":"n"}})",
  };
  for (const std::string_view patch : kPatches) {
    Bed bed(kClaim);
    const auto alone = bed.patch("status", patch);
    // Who wants warnings of unknown fields has the object checked as a whole.
    const auto whole = bed.patch("status", patch, UnknownFields::kWarn);
    ASSERT_FALSE(alone.has_value() || whole.has_value()) << patch;
    EXPECT_EQ(alone.error().code, whole.error().code);
    EXPECT_EQ(alone.error().message, whole.error().message);
  }
  Bed alone(kClaim);
  Bed whole(kClaim);
  constexpr std::string_view kGood =
      R"({"spec":{"taints":[]},"status":{"nodeName":"n","x":1,"imageID":null,"capacity":{}}})";
  ASSERT_TRUE(alone.patch("status", kGood).has_value());
  ASSERT_TRUE(whole.patch("status", kGood, UnknownFields::kWarn).has_value());
  EXPECT_EQ(alone.document()->body(), whole.document()->body());
}

}  // namespace
}  // namespace sim::api
