#include "kube/kubeconfig.h"

#include <gtest/gtest.h>

#include "kube/folder_testing.h"
#include "kube/load_access.h"

namespace kube {
namespace {

constexpr std::string_view kProd = R"(apiVersion: v1
kind: Config
current-context: prod
clusters:
- name: east
  cluster:
    server: https://east.example:6443/
    certificate-authority: pki/ca.crt
    tls-server-name: kubernetes
    proxy-url: http://proxy.example:3128
users:
- name: me
  user:
    client-certificate-data: Y2VydA==
    client-key-data: a2V5
    as: robot
    as-groups: [operators]
    as-user-extra: {scopes: [one, two]}
- name: eks
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1beta1
      command: aws
      args: [eks, get-token, --cluster-name, prod]
      env:
      - {name: AWS_PROFILE, value: prod}
contexts:
- name: prod
  context: {cluster: east, user: me, namespace: karpenter}
- name: eks
  context: {cluster: east, user: eks}
)";

Kubeconfig parse(std::string_view text, const std::string& path = "/home/me/.kube/config") {
  auto config = parse_kubeconfig(text, path);
  EXPECT_TRUE(config.has_value()) << config.error().detail;
  return config.value_or(Kubeconfig{});
}

std::string error_of(std::string_view text) {
  const auto config = parse_kubeconfig(text, "FILE");
  return config ? "" : config.error().detail;
}

TEST(Kubeconfig, CurrentContextNamesClusterAndUser) {
  // OPR-13
  const auto access = parse(kProd).access("");

  ASSERT_TRUE(access.has_value());
  EXPECT_EQ(access->cluster.server, "https://east.example:6443");
  EXPECT_EQ(access->cluster.ca_file, "/home/me/.kube/pki/ca.crt");
  EXPECT_EQ(access->cluster.tls_server_name, "kubernetes");
  EXPECT_EQ(access->cluster.proxy_url, "http://proxy.example:3128");
  EXPECT_EQ(access->namespace_, "karpenter");
  EXPECT_EQ(access->user.cert_pem, "cert");
  EXPECT_EQ(access->user.key_pem, "key");
  EXPECT_EQ(access->user.impersonation.user, "robot");
  EXPECT_EQ(access->user.impersonation.groups, std::vector<std::string>{"operators"});
  EXPECT_EQ(access->user.impersonation.extra.at(0).second.size(), 2U);
}

TEST(Kubeconfig, AnyContextCanBeChosen) {
  const auto access = parse(kProd).access("eks");

  ASSERT_TRUE(access.has_value());
  ASSERT_TRUE(access->user.exec.has_value());
  EXPECT_EQ(access->user.exec->command, "aws");
  EXPECT_EQ(access->user.exec->args.back(), "prod");
  EXPECT_EQ(access->user.exec->env.front(),
            (std::pair<std::string, std::string>{"AWS_PROFILE", "prod"}));
}

TEST(Kubeconfig, MergingKeepsTheFirstOfEachName) {
  Kubeconfig merged = parse(kProd);
  merged.merge(parse(R"(
current-context: other
clusters:
- {name: east, cluster: {server: "https://wrong"}}
- {name: west, cluster: {server: "https://west"}}
contexts:
- {name: west, context: {cluster: west, user: me}}
)",
                     "/etc/more"));

  EXPECT_EQ(merged.current_context, "prod");
  EXPECT_EQ(merged.access("")->cluster.server, "https://east.example:6443");
  EXPECT_EQ(merged.access("west")->cluster.server, "https://west");
  EXPECT_EQ(merged.access("west")->user.cert_pem, "cert");
}

TEST(Kubeconfig, SaysWhatIsMissing) {
  const Kubeconfig config = parse(kProd, "FILE");
  EXPECT_EQ(config.access("dev").error().detail,
            "FILE: context \"dev\" is not there; there are: eks, prod");
  EXPECT_EQ(parse("clusters: []", "FILE").access("").error().detail,
            "FILE: no current-context; contexts: there are none");
  EXPECT_EQ(parse("{current-context: a, contexts: [{name: a, context: {cluster: b}}]}", "FILE")
                .access("")
                .error()
                .detail,
            "context \"a\" of FILE: cluster \"b\" is not there; there are none");
}

TEST(Kubeconfig, NamesTheFieldThatIsWrong) {
  EXPECT_EQ(error_of("users: [{name: a, user: {token: 12}}]"),
            "FILE: users[0].user.token: text expected (quote it)");
  EXPECT_EQ(error_of("clusters: [{name: a, cluster: {certificate-authority-data: '!'}}]"),
            "FILE: clusters[0].cluster.certificate-authority-data: base64 expected");
  EXPECT_EQ(error_of("clusters: {a: b}"), "FILE: clusters: a list expected");
  EXPECT_EQ(error_of("users: [{name: a, user: {exec: {command: c, apiVersion: x/v1alpha1}}}]"),
            "FILE: users[0].user.exec.apiVersion: \"x/v1alpha1\" is not one of "
            "client.authentication.k8s.io/v1, client.authentication.k8s.io/v1beta1 (the program "
            "that wrote this kubeconfig is too old)");
  EXPECT_EQ(error_of("[1]").substr(0, 5), "FILE:");
  EXPECT_EQ(error_of("a: [").substr(0, 5), "FILE:");
}

TEST(Kubeconfig, RefusesContradictions) {
  const std::string with =
      R"({current-context: a, contexts: [{name: a, context: {cluster: c, user: u}}],
users: [{name: u, user: {USER}}], clusters: [{name: c, cluster: {server: "https://s"CLUSTER}}]})";
  const auto error = [&](std::string_view user, std::string_view cluster) {
    std::string text = with;
    text.replace(text.find("USER}"), 4, user);
    text.replace(text.find("CLUSTER"), 7, cluster);
    const auto access = parse(text, "FILE").access("");
    return access ? "" : access.error().detail;
  };
  EXPECT_EQ(error("", ""), "");
  EXPECT_NE(error("", ", insecure-skip-tls-verify: true, certificate-authority: /ca"), "");
  EXPECT_NE(error("client-certificate: /a", ""), "");
  EXPECT_NE(error("as-groups: [a]", ""), "");
}

class LoadAccess : public testing::Test {
 protected:
  std::string write(const std::string& name, std::string_view text) const {
    return folder_.write(name, text);
  }

  TestFolder folder_;
};

TEST_F(LoadAccess, VariableListsFilesOfWhichSomeMayBeMissing) {
  // OPR-13
  runtime::Environment environment;
  environment.set("KUBECONFIG", folder_.path() + "/none:" + write("a", kProd));

  const auto access = load_access(environment, {});

  ASSERT_TRUE(access.has_value()) << access.error().detail;
  EXPECT_EQ(access->source, "context \"prod\" of " + folder_.path() + "/a");
}

TEST_F(LoadAccess, PodUsesItsServiceAccount) {
  // OPR-13
  write("token", "t");
  write("namespace", "karpenter\n");
  runtime::Environment environment;
  environment.set("KUBERNETES_SERVICE_HOST", "fd00::1");
  environment.set("KUBERNETES_SERVICE_PORT", "443");

  const auto access = load_access(environment, {.service_account = folder_.path()});

  ASSERT_TRUE(access.has_value());
  EXPECT_EQ(access->cluster.server, "https://[fd00::1]:443");
  EXPECT_EQ(access->user.token_file, folder_.path() + "/token");
  EXPECT_EQ(access->namespace_, "karpenter");
}

TEST_F(LoadAccess, SaysWhatToDoWhenThereIsNothing) {
  const auto access = load_access(runtime::Environment(), {.service_account = folder_.path()});

  ASSERT_FALSE(access.has_value());
  EXPECT_NE(access.error().detail.find("--kubeconfig"), std::string::npos);
}

TEST_F(LoadAccess, NamedFileMustExist) {
  const auto access = load_access(runtime::Environment(), {.kubeconfig = folder_.path() + "/none"});

  ASSERT_FALSE(access.has_value());
  EXPECT_EQ(access.error().code, base::ErrorCode::kNotFound);
  EXPECT_NE(access.error().detail.find(folder_.path() + "/none"), std::string::npos);
}

}  // namespace
}  // namespace kube
