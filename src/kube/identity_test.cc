#include "kube/identity.h"

#include <gtest/gtest.h>

#include "kube/exec_credential.h"
#include "kube/folder_testing.h"

namespace kube {
namespace {

using base::ErrorCode;

constexpr base::WallTime kNow = base::from_unix_ns(1'700'000'000'000'000'000);

class IdentityTest : public testing::Test {
 protected:
  std::string write(const std::string& name, std::string_view text) const {
    return folder_.write(name, text);
  }

  // An access whose credentials come from a shell script.
  static Access with_plugin(std::string script) {
    Access access;
    access.environment.set("PATH", "/usr/bin:/bin");
    access.user.exec = ExecPlugin{.api_version = "client.authentication.k8s.io/v1",
                                  .command = "sh",
                                  .args = {"-c", std::move(script)},
                                  .install_hint = "install sh"};
    return access;
  }

  static std::string header(const Identity& identity, std::string_view name) {
    const std::string* value = runtime::find_header(identity.headers, name);
    return value == nullptr ? "" : *value;
  }

  TestFolder folder_;
};

TEST_F(IdentityTest, TokenFileIsReadEachTime) {
  Access access;
  access.user.token_file = write("token", "one\n");
  EXPECT_EQ(header(**load_identity(access, kNow), "Authorization"), "Bearer one");

  write("token", "two");
  const auto identity = load_identity(access, kNow);

  EXPECT_EQ(header(**identity, "Authorization"), "Bearer two");
  EXPECT_EQ((*identity)->refresh_at, kNow + std::chrono::minutes(1));
}

TEST_F(IdentityTest, FixedCredentialsNeverAge) {
  Access access;
  access.user.username = "me";
  access.user.password = "secret";

  const auto identity = load_identity(access, kNow);

  EXPECT_EQ(header(**identity, "Authorization"), "Basic bWU6c2VjcmV0");
  EXPECT_EQ((*identity)->refresh_at, base::WallTime::max());
}

TEST_F(IdentityTest, ImpersonationIsInHeaders) {
  Access access;
  access.user.impersonation = {
      .user = "robot", .uid = "7", .groups = {"a", "b"}, .extra = {{"acme.com/x", {"1"}}}};

  const auto identity = load_identity(access, kNow);

  EXPECT_EQ(header(**identity, "Impersonate-User"), "robot");
  EXPECT_EQ(header(**identity, "Impersonate-Uid"), "7");
  EXPECT_EQ(header(**identity, "Impersonate-Extra-acme.com%2Fx"), "1");
  EXPECT_EQ((*identity)->headers.size(), 5U);
}

TEST_F(IdentityTest, PluginHandsOutATokenUntilItExpires) {
  const auto identity =
      load_identity(with_plugin(R"(echo '{"apiVersion":"client.authentication.k8s.io/v1",
        "kind":"ExecCredential","status":{"token":"t","expirationTimestamp":"2023-11-14T23:13:20Z"}}')"),
                    kNow);

  ASSERT_TRUE(identity.has_value()) << identity.error().detail;
  EXPECT_EQ(header(**identity, "Authorization"), "Bearer t");
  EXPECT_EQ((*identity)->refresh_at, kNow + std::chrono::hours(1) - std::chrono::seconds(30));
}

TEST_F(IdentityTest, PluginIsToldOfTheCluster) {
  Access access = with_plugin(
      R"(echo "{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",)"
      R"(\"status\":{\"token\":\"$(echo "$KUBERNETES_EXEC_INFO" | tr -d '"')\"}}")");
  access.cluster.server = "https://s";
  access.user.exec->provide_cluster_info = true;

  const auto identity = load_identity(access, kNow);

  ASSERT_TRUE(identity.has_value()) << identity.error().detail;
  EXPECT_NE(header(**identity, "Authorization").find("server:https://s"), std::string::npos);
}

TEST_F(IdentityTest, FailingPluginIsQuoted) {
  const auto identity = load_identity(with_plugin("echo no session >&2; exit 4"), kNow);

  ASSERT_FALSE(identity.has_value());
  EXPECT_EQ(identity.error().detail,
            "credential plugin \"sh\": it ended with exit code 4: no session");
}

TEST_F(IdentityTest, MissingPluginComesWithItsHint) {
  Access access = with_plugin("");
  access.user.exec->command = "no-such-plugin";

  const auto identity = load_identity(access, kNow);

  ASSERT_FALSE(identity.has_value());
  EXPECT_EQ(identity.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(identity.error().detail,
            "credential plugin \"no-such-plugin\": no-such-plugin: not found in PATH; install sh");
}

TEST_F(IdentityTest, FilesThatAreNoCertificatesAreNamed) {
  Access access;
  access.cluster.ca_file = write("ca.crt", "not a certificate");

  const auto identity = load_identity(access, kNow);

  ASSERT_FALSE(identity.has_value());
  EXPECT_EQ(identity.error().detail,
            "certificate authority: " + folder_.path() + "/ca.crt is not in PEM format");
}

TEST(ExecCredential, RefusesOtherAnswersWithoutQuotingThem) {
  constexpr std::string_view kV1 = "client.authentication.k8s.io/v1";
  for (
      const std::string_view text :
      {"",
       "secret",
       "[]",
       R"({"kind":"ExecCredential"})",
       R"({"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential"})",
       R"({"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":7}})",
       R"({"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential",
            "status":{"clientCertificateData":"secret"}})",
       R"({"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential",
            "status":{"token":"t","expirationTimestamp":"soon"}})"}) {
    const auto credential = parse_exec_credential(text, kV1);
    ASSERT_FALSE(credential.has_value()) << text;
    EXPECT_EQ(credential.error().code, ErrorCode::kInvalid);
    EXPECT_EQ(credential.error().detail.find("secret"), std::string::npos);
  }
}

}  // namespace
}  // namespace kube
