#include "app/disruption_scene_testing.h"

#include <algorithm>
#include <filesystem>
#include <functional>

#include <gtest/gtest.h>

#include "base/text.h"
#include "runtime/files.h"

namespace app::testing {

namespace json = boost::json;

namespace {

constexpr const char* kTypeSuffix = "-amd64-linux";

// Fields of `more` replace or extend those of `into`.
void merge(json::object& into, const json::object& more) {
  for (const auto& [key, value] : more) {
    if (json::value* old = into.if_contains(key);
        old != nullptr && old->is_object() && value.is_object()) {
      merge(old->get_object(), value.get_object());
    } else {
      into.insert_or_assign(key, value);
    }
  }
}

void merge(json::value& into, const std::string& more) {
  merge(into.as_object(), json::parse(more).as_object());
}

json::object condition(std::string_view type, std::string_view status, std::string_view since) {
  return {{"type", type},
          {"status", status},
          {"reason", type},
          {"message", ""},
          {"lastTransitionTime", since}};
}

std::int64_t cpus_of(const std::string& type) {
  return *base::parse_int(type.substr(2, type.find('x') - 2));
}

json::object resources_of(const std::string& type) {
  const std::int64_t cpus = cpus_of(type);
  const std::int64_t factor = type[0] == 'c' ? 2 : type[0] == 's' ? 4 : 8;
  return {{"cpu", std::to_string(cpus)},
          {"memory", std::to_string(cpus * factor) + "Gi"},
          {"ephemeral-storage", "20Gi"},
          {"pods", std::to_string(std::min<std::int64_t>(cpus * 16, 1024))}};
}

json::object labels_of(const std::string& name, const MachineSpec& spec) {
  json::object labels{{"node.kubernetes.io/instance-type", spec.type + kTypeSuffix},
                      {"kubernetes.io/arch", "amd64"},
                      {"kubernetes.io/os", "linux"},
                      {"kubernetes.io/hostname", name},
                      {"topology.kubernetes.io/zone", spec.zone},
                      {"karpenter.sh/capacity-type", spec.capacity},
                      {"karpenter.sh/nodepool", spec.pool},
                      {"karpenter.sh/registered", "true"},
                      {"karpenter.sh/initialized", spec.is_initialized ? "true" : "false"}};
  for (const std::string& label : spec.without) {
    labels.erase(label);
  }
  return labels;
}

// Braces around one object are an array to g++ and the object itself to clang.
json::array one_of(json::object item) {
  json::array out;
  out.push_back(std::move(item));
  return out;
}

json::array claim_conditions(const MachineSpec& spec) {
  json::array out{condition("Launched", "True", kLongAgo),
                  condition("Registered", "True", kLongAgo)};
  out.push_back(condition("Initialized", spec.is_initialized ? "True" : "Unknown", kLongAgo));
  if (spec.is_consolidatable) {
    out.push_back(condition("Consolidatable", "True", kLongAgo));
  }
  if (!spec.drifted.empty()) {
    out.push_back(condition("Drifted", "True", spec.drifted));
  }
  return out;
}

std::string text_of(const json::object& replacement) {
  std::string type(replacement.at("instanceType").as_string());
  if (type.ends_with(kTypeSuffix)) {
    type.resize(type.size() - std::string_view(kTypeSuffix).size());
  }
  return base::concat(type, " ", std::string_view(replacement.at("capacityType").as_string()));
}

std::string text_of(const json::value& command) {
  std::string out = base::concat(std::string_view(command.at("method").as_string()),
                                 " ",
                                 std::string_view(command.at("decision").as_string()));
  for (const json::value& node : command.at("candidates").as_array()) {
    out += base::concat(" ", std::string_view(node.as_string()));
  }
  std::vector<std::string> launches;
  for (const json::value& replacement : command.at("replacements").as_array()) {
    launches.push_back(text_of(replacement.as_object()));
  }
  return launches.empty() ? out : out + " -> " + base::join(launches, ", ");
}

std::string key_of(const json::value& object) {
  return base::concat(std::string_view(object.at("kind").as_string()),
                      "/",
                      std::string_view(object.at("metadata").at("name").as_string()));
}

}  // namespace

DisruptionScene::DisruptionScene() {
  arguments.output = "json";
  arguments.disruption = true;
  arguments.now = kMoment;
  pool("default", {});
}

void DisruptionScene::pool(const std::string& name, const PoolSpec& spec) {
  json::value pool = json::parse(R"({"apiVersion": "karpenter.sh/v1", "kind": "NodePool",
    "metadata": {}, "spec": {"disruption": {}, "template": {"spec": {}}}, "status": {}})");
  pool.at("metadata").as_object()["name"] = name;
  pool.at("status").as_object()["conditions"] = one_of(condition("Ready", spec.ready, kLongAgo));
  const auto in = [](const char* key, const json::value& values) {
    return json::object{{"key", key}, {"operator", "In"}, {"values", values}};
  };
  const bool is_kwok = spec.class_kind == "KWOKNodeClass";
  json::value& template_spec = pool.at("spec").at("template").at("spec");
  template_spec.as_object()["nodeClassRef"] = {
      {"group", is_kwok ? "karpenter.kwok.sh" : "karpenter.k8s.aws"},
      {"kind", spec.class_kind},
      {"name", "default"}};
  template_spec.as_object()["requirements"] = {
      in("kubernetes.io/os", json::array{"linux"}),
      in("kubernetes.io/arch", json::array{"amd64"}),
      in("karpenter.sh/capacity-type", json::parse(spec.capacity))};
  merge(template_spec, spec.template_);
  pool.at("spec").at("disruption") = {{"consolidationPolicy", spec.policy},
                                      {"consolidateAfter", spec.after},
                                      {"budgets", json::parse(spec.budgets)}};
  merge(pool.at("spec"), spec.rest);
  add(json::serialize(pool));
}

void DisruptionScene::machine(const std::string& name, const MachineSpec& spec) {
  json::value metadata = {{"name", name},
                          {"creationTimestamp", kLongAgo},
                          {"labels", labels_of(name, spec)},
                          {"annotations", json::parse(spec.annotations)}};
  const json::object resources = resources_of(spec.type);
  if (spec.has_node) {
    add(json::serialize(json::value{
        {"apiVersion", "v1"},
        {"kind", "Node"},
        {"metadata", metadata},
        {"spec", {{"providerID", "kwok://" + name}, {"taints", json::parse(spec.taints)}}},
        {"status",
         {{"capacity", resources},
          {"allocatable", resources},
          {"conditions", one_of(condition("Ready", spec.ready, kLongAgo))}}}}));
  }
  if (spec.has_claim) {
    merge(metadata, spec.metadata);
    json::value claim = {
        {"apiVersion", "karpenter.sh/v1"},
        {"kind", "NodeClaim"},
        {"metadata", metadata},
        {"spec",
         {{"nodeClassRef",
           {{"group", "karpenter.kwok.sh"}, {"kind", "KWOKNodeClass"}, {"name", "default"}}},
          {"requirements", json::array{}},
          {"expireAfter", "Never"}}},
        {"status",
         {{"providerID", "kwok://" + name},
          {"capacity", resources},
          {"allocatable", resources},
          {"conditions", claim_conditions(spec)}}}};
    if (spec.has_node) {
      claim.at("status").as_object()["nodeName"] = name;
    }
    merge(claim.at("spec"), spec.claim);
    merge(claim.at("status"), spec.status);
    add(json::serialize(claim));
  }
}

void DisruptionScene::pod(const std::string& name, const PodSpec& spec) {
  json::value pod = {{"apiVersion", "v1"},
                     {"kind", "Pod"},
                     {"metadata",
                      {{"name", name},
                       {"namespace", "default"},
                       {"uid", "uid-" + name},
                       {"creationTimestamp", kLongAgo},
                       {"labels", {{"app", "web"}}}}},
                     {"spec",
                      {{"containers",
                        {{{"name", "main"},
                          {"image", "x"},
                          {"resources", {{"requests", {{"cpu", spec.cpu}}}}}}}}}},
                     {"status", {{"phase", spec.node.empty() ? "Pending" : "Running"}}}};
  if (spec.node.empty()) {
    json::object pending = condition("PodScheduled", "False", kLongAgo);
    pending["reason"] = "Unschedulable";
    pod.at("status").as_object()["conditions"] = one_of(std::move(pending));
  } else {
    pod.at("spec").as_object()["nodeName"] = spec.node;
    pod.at("status").as_object()["startTime"] = kLongAgo;
  }
  if (!spec.owner.empty()) {
    pod.at("metadata").as_object()["ownerReferences"] = {
        {{"apiVersion", spec.owner == "Node" ? "v1" : "apps/v1"},
         {"kind", spec.owner},
         {"name", "owner"},
         {"uid", "uid-owner"},
         {"controller", true}}};
  }
  merge(pod.at("spec"), spec.spec);
  merge(pod.at("metadata"), spec.metadata);
  merge(pod.at("status"), spec.status);
  add(json::serialize(pod));
}

void DisruptionScene::pdb(const std::string& name, int allowed, const std::string& spec) {
  json::value budget = {{"apiVersion", "policy/v1"},
                        {"kind", "PodDisruptionBudget"},
                        {"metadata", {{"name", name}, {"namespace", "default"}}},
                        {"spec", {{"selector", {{"matchLabels", {{"app", "web"}}}}}}},
                        {"status",
                         {{"disruptionsAllowed", allowed},
                          {"currentHealthy", 1},
                          {"desiredHealthy", 1},
                          {"expectedPods", 1}}}};
  json::object more = json::parse(spec).as_object();
  if (const json::value* selector = more.if_contains("selector")) {
    budget.at("spec").as_object()["selector"] = *selector;
    more.erase("selector");
  }
  merge(budget.at("spec").as_object(), more);
  add(json::serialize(budget));
}

void DisruptionScene::add(const std::string& text) {
  json::value object = json::parse(text);
  std::erase_if(objects_, [&](const json::value& old) { return key_of(old) == key_of(object); });
  objects_.push_back(std::move(object));
}

base::Result<PlanOutput> DisruptionScene::run() {
  const ::testing::TestInfo& test = *::testing::UnitTest::GetInstance()->current_test_info();
  // Several clones may test at once.
  const std::size_t clone = std::hash<std::string>()(std::filesystem::current_path().string());
  const std::string path =
      (std::filesystem::temp_directory_path() /
       base::concat(test.test_suite_name(), "-", test.name(), "-", clone, ".json"))
          .string();
  const json::value list = {{"apiVersion", "v1"},
                            {"kind", "List"},
                            {"items", json::array(objects_.begin(), objects_.end())}};
  EXPECT_TRUE(runtime::write_file(path, json::serialize(list)));
  arguments.paths = {path};
  auto output = plan_output(arguments);
  std::filesystem::remove(path);
  return output;
}

std::string DisruptionScene::error() {
  const auto output = run();
  return output ? "" : output.error().detail;
}

const json::object& DisruptionScene::document() {
  const auto output = run();
  EXPECT_TRUE(output) << output.error().detail;
  document_ = output ? json::parse(output->text).as_object()
                     : json::object{{"commands", json::array{}}, {"blocked", json::array{}}};
  return document_;
}

std::vector<std::string> DisruptionScene::commands() {
  std::vector<std::string> out;
  for (const json::value& command : document().at("commands").as_array()) {
    out.push_back(text_of(command));
  }
  return out;
}

std::string DisruptionScene::first() {
  const std::vector<std::string> all = commands();
  return all.empty() ? "" : all.front();
}

std::vector<std::string> DisruptionScene::reasons(const std::string& node) {
  std::vector<std::string> out;
  for (const json::value& one : document().at("blocked").as_array()) {
    if (one.at("node").as_string() == node) {
      out.emplace_back(one.at("reason").as_string());
    }
  }
  return out;
}

}  // namespace app::testing
