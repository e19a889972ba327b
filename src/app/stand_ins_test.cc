#include "app/stand_ins.h"

#include <gtest/gtest.h>

#include "k8s/codec.h"

namespace app {
namespace {

k8s::ObjectPtr object(std::string_view json) {
  const auto decoded = k8s::decode_object(json);
  EXPECT_TRUE(decoded) << decoded.error().detail;
  return *decoded;
}

TEST(StandIns, PodsGetTheClaimsThatTheirTemplatesStandFor) {
  // SCH-401
  const auto objects = with_made_claims({
      object(R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","namespace":"n"},
                 "spec":{"resourceClaims":[{"name":"gpu","resourceClaimTemplateName":"t"},
                 {"name":"other","resourceClaimTemplateName":"gone"},
                 {"name":"own","resourceClaimName":"c"}]}})"),
      object(R"({"apiVersion":"resource.k8s.io/v1","kind":"ResourceClaimTemplate",
                 "metadata":{"name":"t","namespace":"n"},"spec":{"spec":{"devices":{"requests":[
                 {"name":"r","exactly":{"deviceClassName":"gpu"}}]}}}})"),
  });
  ASSERT_EQ(objects.size(), 3U);
  const auto& pod = k8s::as<k8s::Pod>(*objects[0]);
  ASSERT_EQ(pod.status.claim_statuses.size(), 1U);
  EXPECT_EQ(pod.status.claim_statuses[0].claim_name, "p-gpu");
  const auto& claim = k8s::as<k8s::ResourceClaim>(*objects[1]);
  EXPECT_EQ(claim.meta.name, "p-gpu");
  EXPECT_EQ(claim.meta.namespace_, "n");
  EXPECT_EQ(claim.spec.requests.size(), 1U);
}

TEST(StandIns, BuffersWithoutStatusAreResolved) {
  // LIF-182
  world::Snapshot snapshot;
  snapshot.capacity_buffers.push_back(std::static_pointer_cast<const k8s::CapacityBuffer>(
      object(R"({"apiVersion":"autoscaling.x-k8s.io/v1beta1","kind":"CapacityBuffer",
                 "metadata":{"name":"b","namespace":"n"},
                 "spec":{"podTemplateRef":{"name":"t"},"replicas":3}})")));
  snapshot.pod_templates.push_back(std::static_pointer_cast<const k8s::PodTemplateObject>(
      object(R"({"apiVersion":"v1","kind":"PodTemplate","metadata":{"name":"t","namespace":"n"},
                 "template":{"spec":{"containers":[{"name":"c"}]}}})")));
  const auto resolved = resolved_buffers(snapshot);
  ASSERT_EQ(resolved.size(), 1U);
  const auto& buffer = k8s::as<k8s::CapacityBuffer>(*resolved[0]);
  EXPECT_EQ(buffer.status_replicas, 3);
  EXPECT_TRUE(k8s::is_true(buffer.conditions, "ReadyForProvisioning"));
}

TEST(StandIns, NamespacesCarryTheirNames) {
  // SCH-330
  const auto objects = with_namespaces(
      {object(R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","namespace":"b"}})"),
       object(R"({"apiVersion":"v1","kind":"Namespace",
                  "metadata":{"name":"a","labels":{"team":"x"}}})"),
       object(R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","namespace":"a"}})")});
  ASSERT_EQ(objects.size(), 4U);
  EXPECT_EQ(objects[1]->meta.labels.at("kubernetes.io/metadata.name"), "a");
  EXPECT_EQ(objects[1]->meta.labels.at("team"), "x");
  EXPECT_EQ(objects[3]->kind, k8s::Kind::kNamespace);
  EXPECT_EQ(objects[3]->meta.labels.at("kubernetes.io/metadata.name"), "b");
}

TEST(StandIns, ClaimsWithoutClassHaveTheNewestDefault) {
  // T-61
  const auto storage_class = [](const std::string& name, const std::string& born) {
    return object(
        R"({"apiVersion":"storage.k8s.io/v1","kind":"StorageClass","metadata":{"name":")" + name +
        R"(","creationTimestamp":")" + born +
        R"(","annotations":{"storageclass.kubernetes.io/is-default-class":"true"}},
                      "provisioner":"ebs.csi.aws.com"})");
  };
  const auto claim = [](const std::string& spec) {
    return object(
        R"({"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"c"},"spec":)" +
        spec + "}");
  };
  const auto objects = with_default_classes({storage_class("old", "2026-01-01T00:00:00Z"),
                                             storage_class("new", "2026-01-02T00:00:00Z"),
                                             claim("{}"),
                                             claim(R"({"storageClassName":""})"),
                                             claim(R"({"volumeName":"pv"})")});
  const auto class_of = [&](std::size_t i) {
    return k8s::as<k8s::PersistentVolumeClaim>(*objects[i]).storage_class.value_or("none");
  };
  EXPECT_EQ(class_of(2), "new");
  EXPECT_EQ(class_of(3), "");
  EXPECT_EQ(class_of(4), "none");
}

}  // namespace
}  // namespace app
