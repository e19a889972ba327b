#include "world/class_hash.h"

#include <algorithm>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "k8s/codec.h"
#include "world/static_hash.h"

namespace world {
namespace {

constexpr const char* kBase = R"({"apiVersion": "karpenter.k8s.aws/v1", "kind": "EC2NodeClass",
  "metadata": {"name": "c"}, "spec": {"role": "role-1",
  "tags": {"keyTag-1": "valueTag-1", "keyTag-2": "valueTag-2"}, "context": "fake-context",
  "detailedMonitoring": false, "associatePublicIPAddress": false,
  "metadataOptions": {"httpEndpoint": "disabled", "httpProtocolIPv6": "disabled",
    "httpPutResponseHopLimit": 1, "httpTokens": "optional"},
  "blockDeviceMappings": [{"deviceName": "map-device-1", "rootVolume": false,
    "ebs": {"deleteOnTermination": false, "encrypted": false, "iops": 0,
      "kmsKeyID": "fakeKMSKeyID", "snapshotID": "fakeSnapshot", "throughput": 0,
      "volumeSize": "2G", "volumeType": "standard"}}, {"deviceName": "map-device-2"}],
  "userData": "userdata-test-1"}})";

std::string hash_of(const boost::json::value& spec, const std::string& ca_bundle) {
  boost::json::value object = boost::json::parse(kBase);
  object.as_object()["spec"] = spec;
  const auto decoded = k8s::decode_object(boost::json::serialize(object));
  return decoded ? class_hash(k8s::as<k8s::EC2NodeClass>(**decoded), ca_bundle)
                 : decoded.error().detail;
}

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

// The base with the fields of `change` laid over its spec; null removes one.
std::string changed_hash(const char* change) {
  boost::json::value spec = boost::json::parse(kBase).at("spec");
  const boost::json::value changes = boost::json::parse(change);
  for (const auto& [pointer, value] : changes.as_object()) {
    if (value.is_null()) {
      spec.as_object().erase(std::string_view(pointer).substr(1));
    } else {
      set_at(spec, pointer, value);
    }
  }
  return hash_of(spec, "test-ca-bundle");
}

TEST(StaticHash, MatchesThePrimitives) {
  // API-169, API-170, API-172, API-173, API-174, API-176
  EXPECT_EQ(hash_text("a"), 12638153115695167422ULL);
  EXPECT_EQ(hash_text("default"), 16045561405319332056ULL);
  EXPECT_EQ(hash_int64(0), 12161962213042174405ULL);
  EXPECT_EQ(hash_int64(1), 16390143479181108970ULL);
  EXPECT_EQ(hash_int32(60), 8055640659059412641ULL);
  EXPECT_EQ(hash_bool(true), 12638153115695167454ULL);
  EXPECT_EQ(hash_bool(false), 12638153115695167455ULL);
  EXPECT_EQ(hash_map({{"a", "b"}}), 3629586248519120669ULL);
}

TEST(StaticHash, NamesLegacyInstanceProfiles) {
  // API-98
  EXPECT_EQ(hash_text("us-west-2default"), 4067990795380418201ULL);
}

TEST(ClassHash, MatchesTheVectorsOfScalars) {
  // API-183, API-184, API-178, API-179
  EXPECT_EQ(changed_hash("{}"), "11148166120438674859");
  EXPECT_EQ(changed_hash(R"({"/userData": "userdata-test-2"})"), "11774429238106843388");
  EXPECT_EQ(changed_hash(R"({"/tags/keyTag-test-3": "valueTag-test-3"})"), "9327338697296909506");
  EXPECT_EQ(changed_hash(R"({"/context": "context-2"})"), "2279761750428738028");
  EXPECT_EQ(changed_hash(R"({"/detailedMonitoring": true})"), "1936848126751988570");
  EXPECT_EQ(changed_hash(R"({"/instanceStorePolicy": "RAID0"})"), "16697988646989909967");
  EXPECT_EQ(changed_hash(R"({"/associatePublicIPAddress": true})"), "16141801171825097963");
  EXPECT_EQ(changed_hash(R"({"/role": null, "/instanceProfile": "test-instance-profile"})"),
            "10323991363677716244");
}

TEST(ClassHash, MatchesTheVectorsOfOptions) {
  // API-185
  EXPECT_EQ(changed_hash(R"({"/metadataOptions/httpEndpoint": "enabled"})"),
            "14969742554812447671");
  EXPECT_EQ(changed_hash(R"({"/metadataOptions/httpProtocolIPv6": "enabled"})"),
            "1581716956216772561");
  EXPECT_EQ(changed_hash(R"({"/metadataOptions/httpPutResponseHopLimit": 10})"),
            "14046948658064232764");
  EXPECT_EQ(changed_hash(R"({"/metadataOptions/httpTokens": "required"})"), "1346719102507290084");
  EXPECT_EQ(changed_hash(R"({"/connectionTracking": {"tcpEstablishedTimeout": 300}})"),
            "1619669030802245540");
  EXPECT_EQ(changed_hash(R"({"/connectionTracking": {"udpStreamTimeout": 120}})"),
            "13743705849402595405");
  EXPECT_EQ(changed_hash(R"({"/connectionTracking": {"udpTimeout": 45}})"), "17941926745862994490");
  EXPECT_EQ(changed_hash(R"({"/cpuOptions": {"nestedVirtualization": "enabled"}})"),
            "6157846767212910604");
}

TEST(ClassHash, MatchesTheVectorsOfVolumes) {
  // API-185, API-180
  const std::pair<const char*, const char*> vectors[] = {
      {R"({"/blockDeviceMappings/0/deviceName": "map-device-test-3"})", "8979166653850509463"},
      {R"({"/blockDeviceMappings/0/rootVolume": true})", "8875796205856543692"},
      {R"({"/blockDeviceMappings/0/ebs/deleteOnTermination": true})", "1470935115846151531"},
      {R"({"/blockDeviceMappings/0/ebs/encrypted": true})", "5252376125396833097"},
      {R"({"/blockDeviceMappings/0/ebs/iops": 10})", "11651419893470054855"},
      {R"({"/blockDeviceMappings/0/ebs/kmsKeyID": "test"})", "1488385067008138755"},
      {R"({"/blockDeviceMappings/0/ebs/snapshotID": "test"})", "12786013539168652330"},
      {R"({"/blockDeviceMappings/0/ebs/throughput": 10})", "1873429003468556999"},
      {R"({"/blockDeviceMappings/0/ebs/volumeType": "io1"})", "6743466905516550702"},
      {R"({"/blockDeviceMappings/0/ebs/volumeSize": "10G"})", "10372902467896351912"},
      {R"({"/blockDeviceMappings/0/ebs/volumeSize": "2000M"})", "11148166120438674859"},
  };
  for (const auto& [change, hash] : vectors) {
    EXPECT_EQ(changed_hash(change), hash) << change;
  }
}

TEST(ClassHash, IgnoresSelectorsAndOrder) {
  // API-184, API-187
  const std::string before = changed_hash("{}");
  EXPECT_EQ(changed_hash(R"({"/subnetSelectorTerms": [{"id": "subnet-1"}],
      "/securityGroupSelectorTerms": [{"id": "sg-1"}], "/amiSelectorTerms": [{"id": "ami-1"}],
      "/capacityReservationSelectorTerms": [{"id": "cr-1"}], "/ipPrefixCount": 3})"),
            before);
  boost::json::value spec = boost::json::parse(kBase).at("spec");
  auto& devices = spec.at("blockDeviceMappings").as_array();
  std::swap(devices[0], devices[1]);
  EXPECT_EQ(hash_of(spec, "test-ca-bundle"), before);
}

TEST(ClassHash, TakesFamilyBundleAndKubelet) {
  // API-96, API-183, API-186, API-195
  boost::json::value spec = boost::json::parse(R"({"role": "KarpenterNodeRole-c",
      "amiSelectorTerms": [{"alias": "al2023@latest"}], "metadataOptions":
      {"httpEndpoint": "enabled", "httpProtocolIPv6": "disabled", "httpPutResponseHopLimit": 1,
       "httpTokens": "required"}})");
  EXPECT_EQ(hash_of(spec, ""), "1209769030858557679");
  EXPECT_NE(hash_of(spec, "bundle"), "1209769030858557679");
  spec.as_object()["kubelet"] = boost::json::parse(R"({ "maxPods" : 110 })");
  EXPECT_EQ(hash_of(spec, ""), "14795372909759525118");
  spec.as_object()["kubelet"] = boost::json::object();
  EXPECT_EQ(hash_of(spec, ""), "1209769030858557679");
}

TEST(ClassHash, KubeletTextIsSortedAndEscaped) {
  // API-186
  const auto object = k8s::decode_object(
      R"({"apiVersion": "karpenter.k8s.aws/v1", "kind": "EC2NodeClass", "metadata": {"name": "c"},
      "spec": {"kubelet": {"maxPods": 1, "a": {"z": "x<y&z>", "b": [1, null]}}}})");
  ASSERT_TRUE(object);
  EXPECT_EQ(k8s::as<k8s::EC2NodeClass>(**object).kubelet_json,
            R"({"a":{"z":"x\u003cy\u0026z\u003e","b":[1,null]},"maxPods":1})");
}

}  // namespace
}  // namespace world
