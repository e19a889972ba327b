#include "k8s/convert/convert.h"

#include <algorithm>

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace k8s::convert {
namespace {

constexpr const char* kPool = R"({"apiVersion": "karpenter.sh/v1beta1", "kind": "NodePool",
  "metadata": {"name": "p"}, "spec": {"template": {"spec": {
    "nodeClassRef": {"name": "c"}, "requirements": []}}}})";
constexpr const char* kClass = R"({"apiVersion": "karpenter.k8s.aws/v1beta1",
  "kind": "EC2NodeClass", "metadata": {"name": "c"}, "spec": {"amiFamily": "AL2023", "role": "r",
    "subnetSelectorTerms": [{"id": "subnet-1"}], "securityGroupSelectorTerms": [{"id": "sg-1"}]}})";
constexpr const char* kProvisioner = R"({"apiVersion": "karpenter.sh/v1alpha5",
  "kind": "Provisioner", "metadata": {"name": "p"}, "spec": {"providerRef": {"name": "c"}}})";
constexpr const char* kTemplate = R"({"apiVersion": "karpenter.k8s.aws/v1alpha1",
  "kind": "AWSNodeTemplate", "metadata": {"name": "c"}, "spec": {"instanceProfile": "i",
    "subnetSelector": {"a": "b"}, "securityGroupSelector": {"a": "b"}}})";

// Sets "/a/0/b"; objects on the way are made.
void set_at(boost::json::value& at, std::string_view pointer, const boost::json::value& to) {
  if (pointer.empty()) {
    at = to;
    return;
  }
  const std::string_view rest = pointer.substr(1);
  const std::size_t end = std::min(rest.find('/'), rest.size());
  const std::string_view step = rest.substr(0, end);
  if (at.is_array()) {
    set_at(at.as_array().at(std::stoul(std::string(step))), rest.substr(end), to);
    return;
  }
  if (!at.is_object()) {
    at.emplace_object();
  }
  set_at(at.as_object()[step], rest.substr(end), to);
}

std::string with(const char* object, const char* pointer, const char* json) {
  boost::json::value out = boost::json::parse(object);
  set_at(out, pointer, boost::json::parse(json));
  return boost::json::serialize(out);
}

Outcome converted(const std::vector<std::string>& objects, const Options& options = {}) {
  std::vector<Source> sources;
  for (std::size_t i = 0; i < objects.size(); ++i) {
    sources.push_back({objects[i], "f.yaml:" + std::to_string(i + 1)});
  }
  return convert(sources, options);
}

// The value there, as text; what is wrong when the object is not converted.
std::string at(const std::string& object, const char* pointer, const Options& options = {}) {
  const Outcome outcome = converted({object}, options);
  if (!outcome.problems.empty()) {
    return outcome.problems.front();
  }
  boost::json::error_code missing;
  const boost::json::value all = boost::json::parse(outcome.objects.at(0).json);
  const boost::json::value* found = all.find_pointer(pointer, missing);
  return found == nullptr ? "absent" : boost::json::serialize(*found);
}

std::string notes_of(const std::string& object) {
  std::string out;
  for (const Converted& one : converted({object}).objects) {
    for (const std::string& note : one.notes) {
      out += note + "\n";
    }
  }
  return out;
}

constexpr const char* kReference = "/spec/template/spec/nodeClassRef";

TEST(ConvertNodePool, GivesTheReferenceGroupAndKind) {
  // API-200
  EXPECT_EQ(at(kPool, "/apiVersion"), "\"karpenter.sh/v1\"");
  EXPECT_EQ(at(kPool, kReference),
            R"({"group":"karpenter.k8s.aws","kind":"EC2NodeClass","name":"c"})");
  const auto other =
      with(kPool, kReference, R"({"apiVersion": "x.io/v1beta1", "kind": "XClass", "name": "c"})");
  EXPECT_EQ(at(other, kReference), R"({"group":"x.io","kind":"XClass","name":"c"})");
}

TEST(ConvertNodePool, MovesExpiryAndRenamesThePolicy) {
  // API-196
  const auto pool = with(kPool,
                         "/spec/disruption",
                         R"({"consolidationPolicy": "WhenUnderutilized", "expireAfter": "Never"})");
  EXPECT_EQ(at(pool, "/spec/template/spec/expireAfter"), "\"Never\"");
  EXPECT_EQ(at(pool, "/spec/disruption"),
            R"({"consolidationPolicy":"WhenEmptyOrUnderutilized","consolidateAfter":"0s"})");
  const auto empty = with(kPool,
                          "/spec/disruption",
                          R"({"consolidationPolicy": "WhenEmpty", "consolidateAfter": "30s"})");
  EXPECT_EQ(at(empty, "/spec/disruption"),
            R"({"consolidationPolicy":"WhenEmpty","consolidateAfter":"30s"})");
  EXPECT_EQ(at(kPool, "/spec/disruption"), "absent");
}

TEST(ConvertNodePool, DropsWhatTheServerAndTheWebhooksWrote) {
  // API-196
  auto pool = with(kPool, "/metadata/annotations", R"({"keep": "me",
      "compatibility.karpenter.sh/v1beta1-nodeclass-reference": "x",
      "karpenter.sh/nodepool-hash": "1"})");
  pool = with(pool.c_str(), "/metadata/uid", "\"u\"");
  pool = with(pool.c_str(), "/status", R"({"conditions": []})");
  EXPECT_EQ(at(pool, "/metadata"), R"({"name":"p","annotations":{"keep":"me"}})");
  EXPECT_EQ(at(pool, "/status"), "absent");
  EXPECT_NE(notes_of(pool).find("v1beta1-nodeclass-reference is dropped"), std::string::npos);
}

TEST(ConvertNodePool, WarnsOfRenamedAccelerators) {
  // API-199
  const auto pool = with(kPool, "/spec/template/spec/requirements", R"([{"key":
      "karpenter.k8s.aws/instance-accelerator-name", "operator": "In", "values": ["inferentia"]}])");
  EXPECT_NE(notes_of(pool).find("trainium, inferentia or inferentia2"), std::string::npos);
}

TEST(ConvertNodeClaim, NeverExpiresAsBefore) {
  // API-197
  const std::string claim = R"({"apiVersion": "karpenter.sh/v1beta1", "kind": "NodeClaim",
      "metadata": {"name": "p"}, "spec": {"kubelet": {"maxPods": 1},
      "nodeClassRef": {"name": "c"}, "requirements": []}})";
  EXPECT_EQ(at(claim, "/spec/expireAfter"), "\"Never\"");
  EXPECT_EQ(at(claim, "/spec/kubelet"), "absent");
  EXPECT_NE(notes_of(claim).find("spec.kubelet is dropped"), std::string::npos);
}

TEST(ConvertNodeClass, NamesImagesAndKeepsTheHopLimit) {
  // API-196
  EXPECT_EQ(at(kClass, "/spec/amiSelectorTerms"), R"([{"alias":"al2023@latest"}])");
  EXPECT_EQ(at(kClass, "/spec/amiFamily"), "\"AL2023\"");
  EXPECT_EQ(at(kClass, "/spec/metadataOptions"), R"({"httpPutResponseHopLimit":2})");
  const auto set = with(kClass, "/spec/metadataOptions", R"({"httpPutResponseHopLimit": 1})");
  EXPECT_EQ(at(set, "/spec/metadataOptions"), R"({"httpPutResponseHopLimit":1})");
  const auto terms = with(kClass, "/spec/amiSelectorTerms", R"([{"id": "ami-1"}])");
  EXPECT_EQ(at(terms, "/spec/amiSelectorTerms"), R"([{"id":"ami-1"}])");
}

TEST(ConvertNodeClass, UbuntuNeedsItsImages) {
  // API-196
  auto ubuntu = with(kClass, "/spec/amiFamily", "\"Ubuntu\"");
  EXPECT_NE(at(ubuntu, "/spec").find("cannot be converted"), std::string::npos);
  ubuntu = with(ubuntu.c_str(), "/spec/amiSelectorTerms", R"([{"id": "ami-1"}])");
  EXPECT_EQ(at(ubuntu, "/spec/amiFamily"), "\"AL2\"");
  EXPECT_EQ(at(ubuntu, "/spec/blockDeviceMappings/0/deviceName"), "\"/dev/sda1\"");
  const auto custom = with(kClass, "/spec/amiFamily", "\"Custom\"");
  EXPECT_NE(at(custom, "/spec").find("does not say which images"), std::string::npos);
}

TEST(ConvertKubelet, MovesToTheClass) {
  // API-196
  const auto pool = with(kPool, "/spec/template/spec/kubelet", R"({"maxPods": 5})");
  const Outcome outcome = converted({pool, kClass});
  ASSERT_EQ(outcome.objects.size(), 2u);
  const auto node_class = boost::json::parse(outcome.objects[1].json);
  EXPECT_EQ(boost::json::serialize(node_class.at("spec").at("kubelet")), R"({"maxPods":5})");
  EXPECT_EQ(outcome.objects[0].json.find("maxPods"), std::string::npos);
}

TEST(ConvertKubelet, SplitsTheClassOfPoolsThatDiffer) {
  // API-196
  const auto a = with(kPool, "/spec/template/spec/kubelet", R"({"maxPods": 5})");
  auto b = with(kPool, "/spec/template/spec/kubelet", R"({"maxPods": 6})");
  b = with(b.c_str(), "/metadata/name", "\"q\"");
  const Outcome outcome = converted({kClass, a, b});
  ASSERT_EQ(outcome.objects.size(), 4u);
  EXPECT_NE(outcome.objects[0].json.find(R"("maxPods":5)"), std::string::npos);
  EXPECT_NE(outcome.objects[1].json.find(R"({"name":"c-q"})"), std::string::npos);
  EXPECT_NE(outcome.objects[1].json.find(R"("maxPods":6)"), std::string::npos);
  EXPECT_NE(outcome.objects[2].json.find(R"("name":"c"})"), std::string::npos);
  EXPECT_NE(outcome.objects[3].json.find(R"("name":"c-q"})"), std::string::npos);
}

TEST(ConvertKubelet, SaysWhenItIsLost) {
  // API-196
  const auto pool = with(kPool, "/spec/template/spec/kubelet", R"({"maxPods": 5})");
  EXPECT_NE(notes_of(pool).find(R"(put this into its spec.kubelet: {"maxPods":5})"),
            std::string::npos);
}

TEST(ConvertProvisioner, KeepsWhatTheOldControllerDid) {
  // API-196
  EXPECT_EQ(at(kProvisioner, "/kind"), "\"NodePool\"");
  EXPECT_EQ(at(kProvisioner, "/spec/disruption"),
            R"({"consolidationPolicy":"WhenEmpty","consolidateAfter":"Never"})");
  EXPECT_EQ(at(kProvisioner, "/spec/template/spec/expireAfter"), "\"Never\"");
  EXPECT_NE(at(kProvisioner, "/spec/template/spec/requirements").find("instance-generation"),
            std::string::npos);
  auto full = with(kProvisioner, "/spec/ttlSecondsAfterEmpty", "30");
  full = with(full.c_str(), "/spec/ttlSecondsUntilExpired", "3600");
  full = with(full.c_str(), "/spec/limits", R"({"resources": {"cpu": "10"}})");
  full = with(full.c_str(), "/spec/labels", R"({"kubernetes.io/arch": "arm64"})");
  full = with(full.c_str(), "/spec/requirements", R"([{"key": "node.kubernetes.io/instance-type",
      "operator": "In", "values": ["m5.large"]}])");
  EXPECT_EQ(at(full, "/spec/disruption/consolidateAfter"), "\"30s\"");
  EXPECT_EQ(at(full, "/spec/template/spec/expireAfter"), "\"3600s\"");
  EXPECT_EQ(at(full, "/spec/limits"), R"({"cpu":"10"})");
  EXPECT_EQ(at(full, "/spec/template/spec/requirements").find("instance-generation"),
            std::string::npos);
  EXPECT_EQ(at(full, "/spec/template/spec/requirements").find("amd64"), std::string::npos);
  const auto consolidating = with(kProvisioner, "/spec/consolidation", R"({"enabled": true})");
  EXPECT_EQ(at(consolidating, "/spec/disruption/consolidationPolicy"),
            "\"WhenEmptyOrUnderutilized\"");
  const auto inline_provider = with(kProvisioner, "/spec/provider", "{}");
  EXPECT_NE(at(inline_provider, "/spec").find("cannot be converted"), std::string::npos);
}

TEST(ConvertNodeTemplate, TurnsSelectorsIntoTerms) {
  // API-196
  EXPECT_EQ(at(kTemplate, "/spec/amiSelectorTerms"), R"([{"alias":"al2@latest"}])");
  EXPECT_EQ(at(kTemplate, "/spec/subnetSelectorTerms"), R"([{"tags":{"a":"b"}}])");
  const auto lists = with(kTemplate, "/spec/subnetSelector", R"({"a": "b, c", "d": "e"})");
  EXPECT_EQ(at(lists, "/spec/subnetSelectorTerms"),
            R"([{"tags":{"a":"b","d":"e"}},{"tags":{"a":"c","d":"e"}}])");
  const auto ids = with(kTemplate, "/spec/securityGroupSelector", R"({"aws-ids": "sg-1,sg-2"})");
  EXPECT_EQ(at(ids, "/spec/securityGroupSelectorTerms"), R"([{"id":"sg-1"},{"id":"sg-2"}])");
  const auto named =
      with(kTemplate, "/spec/amiSelector", R"({"aws::name": "n", "aws::owners": "self,amazon"})");
  EXPECT_EQ(at(named, "/spec/amiSelectorTerms"),
            R"([{"name":"n","owner":"self"},{"name":"n","owner":"amazon"}])");
  const auto both = with(kTemplate, "/spec/subnetSelector", R"({"aws-ids": "subnet-1", "a": "b"})");
  EXPECT_NE(at(both, "/spec").find("which terms cannot say"), std::string::npos);
}

TEST(ConvertNodeTemplate, AsksForTheRole) {
  // API-196
  const std::string bare = R"({"apiVersion": "karpenter.k8s.aws/v1alpha1", "kind":
      "AWSNodeTemplate", "metadata": {"name": "c"}, "spec": {"subnetSelector": {"a": "b"},
      "securityGroupSelector": {"a": "b"}}})";
  EXPECT_NE(at(bare, "/spec").find("--role"), std::string::npos);
  EXPECT_EQ(at(bare, "/spec/role", {.role = "NodeRole"}), "\"NodeRole\"");
}

TEST(Convert, RenamesAnnotationsEverywhere) {
  // API-198
  const std::string deployment = R"({"apiVersion": "apps/v1", "kind": "Deployment",
      "metadata": {"name": "d"}, "spec": {"template": {"metadata": {"annotations":
      {"karpenter.sh/do-not-evict": "true"}}}}})";
  EXPECT_EQ(at(deployment, "/spec/template/metadata/annotations"),
            R"({"karpenter.sh/do-not-disrupt":"true"})");
}

TEST(Convert, TwiceIsOnce) {
  // API-196
  const auto pool = with(kPool, "/spec/template/spec/kubelet", R"({"maxPods": 5})");
  std::vector<std::string> objects{pool, kClass};
  for (const Converted& one : converted(objects).objects) {
    const Outcome again = converted({one.json});
    ASSERT_EQ(again.objects.size(), 1u);
    EXPECT_FALSE(again.objects[0].is_changed) << one.json;
    EXPECT_EQ(again.objects[0].json, one.json);
  }
}

TEST(Convert, RefusesWhatTheServerWouldRefuse) {
  // API-196
  const auto pool = with(kPool, "/spec/weight", "0");
  const Outcome outcome = converted({pool,
                                     R"({"apiVersion": "karpenter.sh/v1alpha5",
      "kind": "Machine", "metadata": {"name": "m"}})",
                                     "junk"});
  EXPECT_TRUE(outcome.objects.empty());
  ASSERT_EQ(outcome.problems.size(), 3u);
  EXPECT_EQ(outcome.problems[0].find("f.yaml:1: NodePool \"p\": spec.weight: "), 0u);
  EXPECT_NE(outcome.problems[1].find("Machines cannot be converted"), std::string::npos);
}

}  // namespace
}  // namespace k8s::convert
