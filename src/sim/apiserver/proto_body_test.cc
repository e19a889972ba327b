#include "sim/apiserver/proto_body.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace sim::api {
namespace {

// A field of length-delimited bytes.
std::string field(int number, std::string_view bytes) {
  std::string out;
  out.push_back(static_cast<char>(number * 8 + 2));
  out.push_back(static_cast<char>(bytes.size()));
  return out.append(bytes);
}

std::string number_field(int number, char value) {
  return {static_cast<char>(number * 8), value};
}

std::string envelope(std::string_view api_version, std::string_view kind, std::string_view raw) {
  std::string out("k8s\0", 4);
  out += field(1, field(1, api_version) + field(2, kind));
  return out + field(2, raw);
}

std::string decoded(const std::string& body) {
  const auto out = decode_protobuf(body);
  return out ? boost::json::serialize(*out) : std::to_string(out.error().code);
}

TEST(ProtoBody, ReadsMetadataAndMaps) {
  const std::string meta = field(1, "x") + field(11, field(1, "app") + field(2, "web"));
  EXPECT_EQ(decoded(envelope("v1", "Namespace", field(1, meta))),
            R"({"metadata":{"name":"x","labels":{"app":"web"}},)"
            R"("apiVersion":"v1","kind":"Namespace"})");
}

TEST(ProtoBody, ReadsBytesAsBase64) {
  const std::string entry = field(1, "k") + field(2, "ab");
  EXPECT_EQ(decoded(envelope("v1", "Secret", field(2, entry))),
            R"({"data":{"k":"YWI="},"apiVersion":"v1","kind":"Secret"})");
}

TEST(ProtoBody, ZeroOfPointerIsKeptZeroOfValueIsNot) {
  // DeploymentSpec: replicas is a pointer, minReadySeconds is not.
  const std::string spec = number_field(1, 0) + number_field(5, 0);
  EXPECT_EQ(decoded(envelope("apps/v1", "Deployment", field(2, spec))),
            R"({"spec":{"replicas":0},"apiVersion":"apps/v1","kind":"Deployment"})");
}

TEST(ProtoBody, ReadsIntOrString) {
  const std::string spec = field(1, number_field(1, 1) + field(3, "50%"));
  EXPECT_EQ(decoded(envelope("policy/v1", "PodDisruptionBudget", field(2, spec))),
            R"({"spec":{"minAvailable":"50%"},"apiVersion":"policy/v1",)"
            R"("kind":"PodDisruptionBudget"})");
}

TEST(ProtoBody, MalformedBodiesAreRefused) {
  const std::string good = envelope("v1", "Namespace", field(1, field(1, "x")));
  EXPECT_EQ(decoded(""), "400");
  EXPECT_EQ(decoded("{}"), "400");
  EXPECT_EQ(decoded(good.substr(0, good.size() - 1)), "400");
  EXPECT_EQ(decoded(envelope("v1", "Namespace", "\x0a\x7f")), "400");
  EXPECT_EQ(decoded(envelope("v9", "Nothing", "")), "415");
}

}  // namespace
}  // namespace sim::api
