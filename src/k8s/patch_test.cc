#include "k8s/patch.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "k8s/codec.h"
#include "k8s/node.h"

namespace k8s {
namespace {

namespace json = boost::json;

std::string merged(std::string_view target, std::string_view patch) {
  json::value value = json::parse(target);
  apply_merge_patch(value, json::parse(patch));
  return json::serialize(value);
}

std::string json_patched(std::string_view target, std::string_view patch) {
  json::value value = json::parse(target);
  const auto done = apply_json_patch(value, json::parse(patch));
  return done ? json::serialize(value) : done.error().detail;
}

std::string strategic(std::string_view target, std::string_view patch, Kind kind = Kind::kPod) {
  json::value value = json::parse(target);
  const auto done = apply_strategic_patch(kind, value, json::parse(patch));
  return done ? json::serialize(value) : done.error().detail;
}

std::string applied(std::string_view live,
                    std::string_view previous,
                    std::string_view config,
                    Kind kind = Kind::kPod) {
  const auto value =
      apply_configuration(kind, json::parse(live), json::parse(previous), json::parse(config));
  return value ? json::serialize(*value) : value.error().detail;
}

// The examples of RFC 7386, appendix A.
TEST(MergePatch, FollowsTheRfc) {
  EXPECT_EQ(merged(R"({"a":"b"})", R"({"a":"c"})"), R"({"a":"c"})");
  EXPECT_EQ(merged(R"({"a":"b","b":"c"})", R"({"a":null})"), R"({"b":"c"})");
  EXPECT_EQ(merged(R"({"a":[{"b":"c"}]})", R"({"a":[1]})"), R"({"a":[1]})");
  EXPECT_EQ(merged(R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})"), R"({"a":{"b":"d"}})");
  EXPECT_EQ(merged("[1,2]", R"({"a":"b","c":null})"), R"({"a":"b"})");
  EXPECT_EQ(merged("{}", R"({"a":{"bb":{"ccc":null}}})"), R"({"a":{"bb":{}}})");
}

TEST(MergePatch, OfADifferenceLeadsBack) {
  const json::value from = json::parse(R"({"a":1,"b":{"c":2,"d":[1]},"e":0})");
  const json::value to = json::parse(R"({"a":1,"b":{"c":3,"d":[2]},"f":1})");
  const json::value patch = create_merge_patch(from, to);
  EXPECT_EQ(json::serialize(patch), R"({"b":{"c":3,"d":[2]},"f":1,"e":null})");
  json::value value = from;
  apply_merge_patch(value, patch);
  EXPECT_EQ(value, to);
  EXPECT_EQ(create_merge_patch(from, from), json::object());
}

TEST(JsonPatch, FollowsTheRfc) {
  EXPECT_EQ(json_patched(R"({"a":[1,3]})", R"([{"op":"add","path":"/a/1","value":2}])"),
            R"({"a":[1,2,3]})");
  EXPECT_EQ(json_patched(R"({"a":[1]})", R"([{"op":"add","path":"/a/-","value":2}])"),
            R"({"a":[1,2]})");
  EXPECT_EQ(json_patched(R"({"a":1,"b":2})", R"([{"op":"remove","path":"/a"}])"), R"({"b":2})");
  EXPECT_EQ(json_patched(R"({"a":1})", R"([{"op":"move","from":"/a","path":"/b"}])"), R"({"b":1})");
  EXPECT_EQ(json_patched(R"({"a":{"x":1}})", R"([{"op":"copy","from":"/a","path":"/b"}])"),
            R"({"a":{"x":1},"b":{"x":1}})");
  EXPECT_EQ(
      json_patched(
          R"({"a/b":1,"m~n":2})",
          R"([{"op":"replace","path":"/a~1b","value":3},{"op":"test","path":"/m~0n","value":2}])"),
      R"({"a/b":3,"m~n":2})");
}

TEST(JsonPatch, RefusesAndLeavesTheTargetAlone) {
  json::value value = json::parse(R"({"a":1})");
  const auto done = apply_json_patch(
      value,
      json::parse(R"([{"op":"add","path":"/b","value":1},{"op":"test","path":"/a","value":2}])"));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().detail, "operation 1: the test failed: the value differs");
  EXPECT_EQ(json::serialize(value), R"({"a":1})");
  for (const char* bad : {R"({})",
                          R"([1])",
                          R"([{"op":"x","path":""}])",
                          R"([{"op":"add","path":"a","value":1}])",
                          R"([{"op":"remove","path":"/zz"}])",
                          R"([{"op":"add","path":"/a/b","value":1}])",
                          R"([{"op":"add","path":"/b"}])",
                          R"([{"op":"move","from":"","path":"/a"}])",
                          R"([{"op":"test","path":"/~2","value":1}])"}) {
    EXPECT_FALSE(apply_json_patch(value, json::parse(bad))) << bad;
  }
}

TEST(StrategicPatch, MergesListsByKey) {
  EXPECT_EQ(
      strategic(
          R"({"spec":{"containers":[{"name":"a","image":"1"},{"name":"b"}]}})",
          R"({"spec":{"containers":[{"name":"a","image":"2"},{"name":"c"}],"$setElementOrder/containers":[{"name":"a"}]}})"),
      R"({"spec":{"containers":[{"name":"a","image":"2"},{"name":"b"},{"name":"c"}]}})");
  EXPECT_EQ(strategic(R"({"spec":{"containers":[{"name":"a"},{"name":"b"}]}})",
                      R"({"spec":{"containers":[{"name":"a","$patch":"delete"}]}})"),
            R"({"spec":{"containers":[{"name":"b"}]}})");
  EXPECT_EQ(strategic(R"({"spec":{"tolerations":[{"key":"a"}]}})",
                      R"({"spec":{"tolerations":[{"key":"b"}]}})"),
            R"({"spec":{"tolerations":[{"key":"b"}]}})");
}

TEST(StrategicPatch, HonoursDirectives) {
  EXPECT_EQ(
      strategic(R"({"metadata":{"finalizers":["a","b"]}})",
                R"({"metadata":{"$deleteFromPrimitiveList/finalizers":["a"],"finalizers":["c"]}})"),
      R"({"metadata":{"finalizers":["b","c"]}})");
  EXPECT_EQ(strategic(R"({"spec":{"strategy":{"type":"RollingUpdate","rollingUpdate":{}}}})",
                      R"({"spec":{"strategy":{"$retainKeys":["type"],"type":"Recreate"}}})",
                      Kind::kDeployment),
            R"({"spec":{"strategy":{"type":"Recreate"}}})");
  EXPECT_EQ(strategic(R"({"a":{"x":1}})", R"({"a":{"$patch":"replace","y":null,"z":2}})"),
            R"({"a":{"z":2,"y":null}})");
  EXPECT_EQ(strategic(R"({"a":1})", R"({"a":null,"b":{"c":null,"d":1}})"), R"({"b":{"d":1}})");
}

TEST(StrategicPatch, RefusesItemsWithoutKeyAndCustomResources) {
  EXPECT_EQ(strategic("{}", R"({"spec":{"containers":[{"image":"x"}]}})"),
            "containers: each item must be an object with the merge key name");
  EXPECT_EQ(strategic("{}", "{}", Kind::kNodePool),
            "strategic merge patch is not supported for custom resources");
}

TEST(Apply, RemovesWhatTheManagerNoLongerSays) {
  EXPECT_EQ(applied(R"({"metadata":{"labels":{"a":"1","b":"2","other":"x"}}})",
                    R"({"metadata":{"labels":{"a":"1","b":"2"}}})",
                    R"({"metadata":{"labels":{"a":"3"}}})"),
            R"({"metadata":{"labels":{"a":"3","other":"x"}}})");
  EXPECT_EQ(
      applied(R"({"spec":{"containers":[{"name":"a","x":1,"y":2},{"name":"b"},{"name":"c"}]}})",
              R"({"spec":{"containers":[{"name":"a","x":1},{"name":"b"}]}})",
              R"({"spec":{"containers":[{"name":"a"}]}})"),
      R"({"spec":{"containers":[{"name":"a","y":2},{"name":"c"}]}})");
  EXPECT_EQ(applied(R"({"spec":{"weight":5,"limits":{"cpu":"1"}}})",
                    R"({"spec":{"weight":5,"limits":{"cpu":"1"}}})",
                    R"({"spec":{}})",
                    Kind::kNodePool),
            R"({"spec":{}})");
  EXPECT_EQ(applied("null", "null", R"({"a":1})"), R"({"a":1})");
}

TEST(MergePatch, EqualValuesNeedNone) {
  // API-16
  const auto encoded = [](const char* limits, const char* labels) {
    const std::string text = std::string(R"({"apiVersion": "karpenter.sh/v1", "kind": "NodePool",
        "metadata": {"name": "p", "labels": )") +
                             labels + R"(}, "spec": {"limits": )" + limits + "}}";
    return json::parse(encode_object(**decode_object(text)));
  };
  EXPECT_EQ(create_merge_patch(encoded(R"({"memory": "1024Mi", "cpu": "1000m"})", "{}"),
                               encoded(R"({"memory": "1Gi", "cpu": 1})", "null")),
            json::object());
}

TEST(MergePatch, KeepsWhatTheTypedObjectDoesNotKnow) {
  // API-15, API-19
  const char* stored = R"({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n",
      "labels": {"a": "b"}, "managedFields": [{"manager": "kubelet"}], "finalizers": ["other/f"]},
      "spec": {"podCIDR": "10.0.0.0/24", "futureField": {"x": [1]}, "taints": [{"key": "k",
      "effect": "NoExecute", "value": "v", "timeAdded": "2024-01-01T01:01:01Z"}]},
      "status": {"images": [{"names": ["i"]}], "capacity": {"cpu": "1"}}})";
  const ObjectPtr before = *decode_object(stored);
  Node after = as<Node>(*before);
  after.meta.labels["karpenter.sh/registered"] = "true";
  after.meta.finalizers.emplace_back("karpenter.sh/termination");
  after.taints.push_back({.key = "karpenter.sh/disrupted", .value = "", .effect = "NoSchedule"});
  const auto patch = create_merge_patch(boost::json::parse(encode_object(*before)),
                                        boost::json::parse(encode_object(after)));
  boost::json::value live = boost::json::parse(stored);
  apply_merge_patch(live, patch);
  boost::json::value expected = boost::json::parse(stored);
  auto& metadata = expected.at("metadata").as_object();
  metadata["labels"].as_object()["karpenter.sh/registered"] = "true";
  metadata["finalizers"].as_array().emplace_back("karpenter.sh/termination");
  expected.at("spec").at("taints").as_array().push_back(
      {{"key", "karpenter.sh/disrupted"}, {"effect", "NoSchedule"}});
  EXPECT_EQ(live, expected) << boost::json::serialize(live);
}

bool is_same(const char* a, const char* b) {
  return same_json(json::parse(a), json::parse(b));
}

TEST(SameJson, OrderOfMembersDoesNotMatter) {
  EXPECT_TRUE(
      is_same(R"({"a": 1, "b": [{"c": "x"}, null]})", R"({"b": [{"c": "x"}, null], "a": 1})"));
}

TEST(SameJson, DifferencesAreSeenAtAnyDepth) {
  EXPECT_FALSE(is_same(R"({"a": [{"b": 1}]})", R"({"a": [{"b": 2}]})"));
  EXPECT_FALSE(is_same(R"({"a": [{"b": 1}]})", R"({"a": [{"b": 1, "c": 1}]})"));
  EXPECT_FALSE(is_same(R"({"a": [{"b": 1, "c": 1}]})", R"({"a": [{"b": 1}]})"));
  EXPECT_FALSE(is_same(R"([1, 2])", R"([1])"));
  EXPECT_FALSE(is_same(R"([1])", R"([1, 2])"));
}

TEST(SameJson, AbsentIsNotNullAndTextIsNoNumber) {
  EXPECT_FALSE(is_same(R"({"a": null})", R"({"b": null})"));
  EXPECT_FALSE(is_same(R"({"a": null})", "{}"));
  EXPECT_FALSE(is_same("1", R"("1")"));
  EXPECT_FALSE(is_same("{}", "[]"));
  EXPECT_TRUE(is_same("2.5", "2.5"));
}

}  // namespace
}  // namespace k8s
