// Drives the served API with the real kubectl, fetched once by tools/fetch-kubectl (or named by the
// environment variable KUBECTL). Runs from the repository's root, as ctest does.

#include <cstdio>
#include <fstream>

#include <gtest/gtest.h>

#include "runtime/environment.h"
#include "runtime/process.h"
#include "runtime/real_executor.h"
#include "sim/apiserver/cluster_testing.h"
#include "sim/apiserver/kubeconfig.h"

namespace sim::api {
namespace {

struct Output {
  int exit_code = -1;
  std::string text;
};

Output run_shell(const std::string& command) {
  Output out;
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) {
    return out;
  }
  char buffer[4096];
  while (const std::size_t count = std::fread(buffer, 1, sizeof buffer, pipe)) {
    out.text.append(buffer, count);
  }
  const int status = pclose(pipe);
  out.exit_code = (status >> 8) & 0xff;
  return out;
}

std::string find_kubectl() {
  const auto environment = runtime::Environment::of_process();
  if (const auto given = environment.get("KUBECTL")) {
    return *given;
  }
  Output fetched = run_shell("tools/fetch-kubectl | tail -n 1");
  while (fetched.text.ends_with('\n')) {
    fetched.text.pop_back();
  }
  return fetched.text + "/kubectl";
}

// Commands run one after the other on the I/O pool while the loop serves them.
class Kubectl : public testing::Test {
 protected:
  void SetUp() override {
    registry_.bootstrap();
    auto server = runtime::HttpServer::start(executor_, {}, rest_.handler());
    ASSERT_TRUE(server.has_value()) << server.error().detail;
    server_ = std::move(*server);
    folder_ = testing::TempDir() + "kubectl-" + std::to_string(runtime::process_id());
    ASSERT_EQ(run_shell("mkdir -p " + folder_).exit_code, 0);
    write_file("config", make_kubeconfig(server_->url()));
    kubectl_ = find_kubectl();
    ASSERT_EQ(run_shell("test -x " + kubectl_).exit_code, 0) << "no kubectl at " << kubectl_;
  }

  void TearDown() override { run_shell("rm -rf " + folder_); }

  std::string write_file(const std::string& name, std::string_view text) {
    std::ofstream(folder_ + "/" + name) << text;
    return folder_ + "/" + name;
  }

  // Adds a command; `expected` must occur in what it prints.
  void step(const std::string& arguments, const std::string& expected, int exit_code = 0) {
    steps_.push_back({arguments, expected, exit_code});
  }

  void run() {
    executor_.post([this] { next(0); });
    executor_.run();
  }

  std::string folder_;

 private:
  struct Step {
    std::string arguments;
    std::string expected;
    int exit_code;
  };

  void next(std::size_t index) {
    if (index == steps_.size()) {
      executor_.stop();
      return;
    }
    const std::string command = "HOME=" + folder_ + " KUBECONFIG=" + folder_ +
                                "/config timeout 30 " + kubectl_ + " " + steps_[index].arguments;
    runtime::run_blocking<Output>(
        executor_,
        [command] { return run_shell(command); },
        [this, index](const Output& output) {
          const Step& done = steps_[index];
          EXPECT_EQ(output.exit_code, done.exit_code) << done.arguments << "\n" << output.text;
          EXPECT_NE(output.text.find(done.expected), std::string::npos) << done.arguments << "\n"
                                                                        << output.text;
          next(index + 1);
        });
  }

  runtime::RealExecutor executor_;
  Store store_;
  Registry registry_{store_, executor_.clock(), runtime::Rng(1)};
  RestServer rest_{registry_, executor_};
  std::unique_ptr<runtime::HttpServer> server_;
  std::string kubectl_;
  std::vector<Step> steps_;
};

constexpr std::string_view kNode = R"(
apiVersion: v1
kind: Node
metadata: {name: n1}
status:
  conditions: [{type: Ready, status: "True", reason: Test, message: ready}]
  allocatable: {cpu: "4", memory: 8Gi, pods: "110"}
---
apiVersion: v1
kind: Pod
metadata: {name: guarded, labels: {app: guarded}}
spec: {nodeName: n1, containers: [{name: c, image: pause}]}
)";

TEST_F(Kubectl, AppliesAndChangesTheExample) {
  const std::string examples = "examples/field-report";
  step("version", "Server Version: v1.35");
  step("get crd", "nodepools.karpenter.sh");
  step("apply -f " + examples, "nodepool.karpenter.sh/amd64 created");
  step("apply -f " + examples, "deployment.apps/inflate unchanged");
  step("diff -f " + examples, "");
  step("apply --server-side -f " + examples, "serverside-applied");
  step("get nodepools", "NODECLASS");
  step("get nodepools --chunk-size=1", "arm64");
  step("get --raw /", "/apis/karpenter.sh/v1");
  step("scale deployment inflate --replicas=5", "scaled");
  step("get deployment inflate -o jsonpath='{.spec.replicas}'", "5");
  step("apply --server-side -f " + examples, ".spec.replicas", 1);
  step("apply --server-side --force-conflicts -f " + examples, "serverside-applied");
  step("label nodepool amd64 team=a", "labeled");
  step("annotate nodepool amd64 note=b", "annotated");
  step(
      "patch nodepool amd64 --type=json -p "
      R"('[{"op":"replace","path":"/spec/weight","value":7}]')",
      "patched");
  step(
      "patch nodepool amd64 --type=json -p "
      R"('[{"op":"test","path":"/spec/weight","value":8}]')",
      "the patch does not fit the object",
      1);
  step("describe nodepool amd64", "Weight:  7");
  step("get all -A", "deployment.apps/inflate");
  step("explain nodepool.spec.disruption", "consolidateAfter");
  step("delete nodepool --all", "\"arm64\" deleted");
  step("get nodepools", "No resources found");
  run();
}

TEST_F(Kubectl, RefusesABrokenPoolReadably) {
  const std::string broken = write_file("broken.yaml", R"(
apiVersion: karpenter.sh/v1
kind: NodePool
metadata: {name: broken}
spec:
  template:
    spec:
      nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: x}
      requirements: [{key: kubernetes.io/arch, operator: Inn, values: [arm64]}]
)");
  step("apply -f " + broken, "spec.template.spec.requirements[0].operator: Unsupported value", 1);
  const std::string unknown = write_file("unknown.yaml", R"(
apiVersion: karpenter.sh/v1
kind: NodePool
metadata: {name: unknown}
spec:
  budget: 1
  template:
    spec:
      nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: x}
      requirements: []
)");
  step("apply -f " + unknown, "unknown field \"spec.budget\"", 1);
  run();
}

TEST_F(Kubectl, DrainsANodeUnderABudget) {
  const std::string node = write_file("node.yaml", kNode);
  step("apply -f " + node, "node/n1 created");
  step("taint node n1 a=b:NoSchedule", "tainted");
  step("get nodes", "Ready");
  step("describe node n1", "a=b:NoSchedule");
  step(
      "patch pod guarded --subresource=status --type=merge -p "
      R"('{"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}}')",
      "patched");
  step("create pdb guard --selector=app=guarded --min-available=1", "created");
  step(
      "patch pdb guard --subresource=status --type=merge -p "
      R"('{"status":{"observedGeneration":1,"currentHealthy":1,"desiredHealthy":1,)"
      R"("disruptionsAllowed":0,"expectedPods":1}}')",
      "patched");
  step("drain n1 --force --timeout=2s",
       "Cannot evict pod as it would violate the pod's disruption budget",
       1);
  step(
      "patch pdb guard --subresource=status --type=merge -p "
      R"('{"status":{"disruptionsAllowed":1}}')",
      "patched");
  step("drain n1 --force --grace-period=0 --timeout=10s", "node/n1 drained");
  step("get nodes", "SchedulingDisabled");
  step("uncordon n1", "uncordoned");
  run();
}

TEST_F(Kubectl, CreatesAsksAndWaits) {
  step("create namespace team", "created");
  step("create configmap c --from-literal=a=b -n team", "created");
  step("create secret generic s --from-literal=a=b -n team", "created");
  step("get secret s -n team -o jsonpath='{.data.a}'", "Yg==");
  step("create deployment web --image=pause --replicas=2 -n team", "created");
  step("run single --image=pause", "created");
  step("get pods -o wide", "NOMINATED NODE");
  step("describe pod single", "BestEffort");
  step("logs single", "");
  step("auth can-i create pods", "yes");
  step("top nodes", "Metrics API not available", 1);
  step("events", "No events found");
  step("wait --for=condition=established crd/nodepools.karpenter.sh --timeout=5s", "met");
  step("delete pod single", "deleted");
  step("delete namespace team --timeout=10s", "deleted");
  step("get configmap c -n team", "NotFound", 1);
  run();
}

}  // namespace
}  // namespace sim::api
