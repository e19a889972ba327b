#include <gtest/gtest.h>

#include "k8s/schema/schema_testing.h"

namespace k8s::schema {
namespace {

void expect_all(std::initializer_list<Case> cases) {
  for (const Case& c : cases) {
    expect_case(kGoodEC2NodeClass, c);
  }
}

TEST(EC2NodeClassSchema, AcceptsTheSmallestClass) {
  // API-77, API-3
  EXPECT_EQ(errors_of(kGoodEC2NodeClass), "");
  EXPECT_EQ(defaulted(kGoodEC2NodeClass, "spec.metadataOptions"),
            R"({"httpEndpoint":"enabled","httpProtocolIPv6":"disabled",)"
            R"("httpPutResponseHopLimit":1,"httpTokens":"required"})");
  const auto partial =
      changed(kGoodEC2NodeClass, "spec.metadataOptions.httpTokens", "\"optional\"");
  EXPECT_EQ(defaulted(partial, "spec.metadataOptions.httpEndpoint"), "\"enabled\"");
  EXPECT_EQ(defaulted(partial, "spec.metadataOptions.httpTokens"), "\"optional\"");
  expect_all({{"spec", "", "spec: Required value"}});
}

TEST(EC2NodeClassSchema, SubnetTerms) {
  // API-78, API-81, API-82
  const char* path = "spec.subnetSelectorTerms";
  expect_all({
      {path, R"([{"tags": {"a": "b"}}, {"id": "subnet-1"}])", ""},
      {path, "", "spec.subnetSelectorTerms: Required value"},
      {path, "[]", "subnetSelectorTerms cannot be empty"},
      {path, "[{}]", "expected at least one, got none, ['tags', 'id']"},
      {path,
       R"([{"id": "subnet-1", "tags": {"a": "b"}}])",
       "'id' is mutually exclusive, cannot be set with a combination of other fields in a subnet "
       "selector term"},
      {path, R"([{"id": "subnet-1", "tags": {"a": "b"}}, {"id": "subnet-2"}])", ""},
      {path, R"([{"tags": {"a": ""}}])", "empty tag keys or values aren't supported"},
      {path, R"([{"tags": {"": "a"}}])", "empty tag keys or values aren't supported"},
      {path, R"([{"id": "x"}])", "should match 'subnet-[0-9a-z]+'"},
  });
}

TEST(EC2NodeClassSchema, SecurityGroupTerms) {
  // API-79
  const char* path = "spec.securityGroupSelectorTerms";
  expect_all({
      {path, R"([{"name": "a"}])", ""},
      {path, "[]", "securityGroupSelectorTerms cannot be empty"},
      {path, "[{}]", "expected at least one, got none, ['tags', 'id', 'name']"},
      {path, R"([{"id": "sg-1", "name": "a"}])", "'id' is mutually exclusive"},
      {path,
       R"([{"name": "a", "tags": {"a": "b"}}])",
       "'name' is mutually exclusive, cannot be set with a combination of other fields in a "
       "security group selector term"},
  });
}

TEST(EC2NodeClassSchema, CapacityReservationTerms) {
  // API-80
  const char* path = "spec.capacityReservationSelectorTerms";
  expect_all({
      {path, "[]", ""},
      {path, R"([{"id": "cr-1"}])", ""},
      {path, R"([{"instanceMatchCriteria": "open", "ownerID": "012345678901"}])", ""},
      {path, R"([{"tags": {"a": "b"}, "instanceMatchCriteria": "targeted"}])", ""},
      {path,
       R"([{"ownerID": "012345678901"}])",
       "expected at least one, got none, ['tags', 'id', 'instanceMatchCriteria']"},
      {path,
       R"([{"id": "cr-1", "ownerID": "012345678901"}])",
       "'id' is mutually exclusive, cannot be set along with other fields in a capacity "
       "reservation selector term"},
      {path, R"([{"id": "cr_1"}])", "should match"},
      {path, R"([{"instanceMatchCriteria": "other"}])", "Unsupported value: \"other\""},
      {path, R"([{"tags": {"a": "b"}, "ownerID": "1"}])", "should match"},
  });
}

TEST(EC2NodeClassSchema, AmiTerms) {
  // API-84
  const auto base = changed(kGoodEC2NodeClass, "spec.amiFamily", "\"AL2023\"");
  const Case cases[] = {
      {"spec.amiSelectorTerms", R"([{"id": "ami-1"}, {"name": "n", "owner": "self"}])", ""},
      {"spec.amiSelectorTerms", R"([{"owner": "self", "tags": {"a": "b"}}])", ""},
      {"spec.amiSelectorTerms", R"([{"ssmParameter": "/x"}])", ""},
      {"spec.amiSelectorTerms", "[]", "should have at least 1 items"},
      {"spec.amiSelectorTerms",
       R"([{"owner": "self"}])",
       "expected at least one, got none, ['tags', 'id', 'name', 'alias', 'ssmParameter']"},
      {"spec.amiSelectorTerms",
       R"([{"id": "ami-1", "name": "n"}, {"id": "ami-2"}])",
       "'id' is mutually exclusive, cannot be set with a combination of other fields in "
       "amiSelectorTerms"},
      {"spec.amiSelectorTerms",
       R"([{"alias": "al2023@latest", "name": "n"}])",
       "'alias' is mutually exclusive, cannot be set with a combination of other fields in "
       "amiSelectorTerms"},
      {"spec.amiSelectorTerms",
       R"([{"alias": "al2023@latest"}, {"id": "ami-1"}])",
       "'alias' is mutually exclusive, cannot be set with a combination of other "
       "amiSelectorTerms"},
  };
  for (const Case& c : cases) {
    expect_case(base.c_str(), c);
  }
}

TEST(EC2NodeClassSchema, Aliases) {
  // API-85
  const char* path = "spec.amiSelectorTerms.0.alias";
  for (const char* good : {"\"al2@latest\"",
                           "\"al2@v20240625\"",
                           "\"al2023@v20240625\"",
                           "\"bottlerocket@latest\"",
                           "\"bottlerocket@1.10.0\"",
                           "\"windows2019@latest\"",
                           "\"windows2025@latest\""}) {
    expect_all({{path, good, ""}});
  }
  for (const char* bad : {"\"@latest\"", "\"al2023\"", "\"al2023@\"", "\"al2023-latest\""}) {
    expect_all({{path, bad, "'alias' is improperly formatted, must match the format"}});
  }
  expect_all({
      {path, "\"ubuntu@latest\"", "family is not supported, must be one of the following: 'al2',"},
      {path, "\"windows2022@v1.0.0\"", "windows families may only specify version 'latest'"},
      {path, "\"al2023@aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"", "may not be more than 30 bytes"},
  });
}

TEST(EC2NodeClassSchema, FamilyAndAlias) {
  // API-87, API-88
  expect_all({
      {"spec.amiFamily", "\"AL2023\"", ""},
      {"spec.amiFamily", "\"Custom\"", ""},
      {"spec.amiFamily",
       "\"Bottlerocket\"",
       "if set, amiFamily must be 'AL2023' or 'Custom' when using an AL2023 alias"},
      {"spec.amiFamily", "\"Ubuntu\"", "Unsupported value: \"Ubuntu\""},
      {"spec.amiSelectorTerms",
       R"([{"id": "ami-1"}])",
       "spec: Invalid value: must specify amiFamily if amiSelectorTerms does not contain an alias"},
  });
  const auto rocket =
      changed(kGoodEC2NodeClass, "spec.amiSelectorTerms.0.alias", "\"bottlerocket@latest\"");
  EXPECT_EQ(errors_of(changed(rocket, "spec.amiFamily", "\"AL2\"")),
            "spec: Invalid value: if set, amiFamily must be 'Bottlerocket' or 'Custom' when using "
            "a Bottlerocket alias");
}

TEST(EC2NodeClassSchema, RoleOrProfile) {
  // API-86
  expect_all({
      {"spec.role", "", "must specify exactly one of ['role', 'instanceProfile']"},
      {"spec.role", "\"\"", "role cannot be empty"},
      {"spec.instanceProfile", "\"p\"", "must specify exactly one of"},
  });
  const auto profile =
      changed(changed(kGoodEC2NodeClass, "spec.role", ""), "spec.instanceProfile", "\"p\"");
  EXPECT_EQ(update_errors(kGoodEC2NodeClass, profile), "");
}

TEST(EC2NodeClassSchema, Tags) {
  // API-89
  const char* path = "spec.tags";
  expect_all({
      {path, "{}", ""},
      {path, R"({"karpenter.sh/custom-key": "x", "kubernetes.io/role/key": ""})", ""},
      {path, R"({"": "x"})", "empty tag keys aren't supported"},
      {path,
       R"({"eks:eks-cluster-name": "x"})",
       "tag contains a restricted tag matching eks:eks-cluster-name"},
      {path,
       R"({"kubernetes.io/cluster/x": "owned"})",
       "tag contains a restricted tag matching kubernetes.io/cluster/"},
      {path, R"({"karpenter.sh/nodepool": "x"})", "matching karpenter.sh/nodepool"},
      {path, R"({"karpenter.sh/nodeclaim": "x"})", "matching karpenter.sh/nodeclaim"},
      {path,
       R"({"karpenter.k8s.aws/ec2nodeclass": "x"})",
       "matching karpenter.k8s.aws/ec2nodeclass"},
  });
}

TEST(EC2NodeClassSchema, BlockDevices) {
  // API-90
  const char* path = "spec.blockDeviceMappings";
  expect_all({
      {path, R"([{"deviceName": "a", "rootVolume": true, "ebs": {"volumeSize": "20Gi"}}])", ""},
      {path,
       R"([{"rootVolume": true}, {"rootVolume": true}])",
       "must have only one blockDeviceMappings with rootVolume"},
      {path, R"([{"ebs": {"encrypted": true}}])", "snapshotID or volumeSize must be defined"},
      {path,
       R"([{"ebs": {"volumeSize": "1Gi", "volumeInitializationRate": 100}}])",
       "snapshotID must be set when volumeInitializationRate is set"},
      {path,
       R"([{"ebs": {"snapshotID": "s", "volumeInitializationRate": 99}}])",
       "greater than or equal to 100"},
      {path, R"([{"ebs": {"snapshotID": "s", "volumeInitializationRate": 300}}])", ""},
      {path, R"([{"ebs": {"volumeSize": "1Gi", "volumeType": "gp9"}}])", "Unsupported value"},
  });
}

TEST(EC2NodeClassSchema, VolumeSizes) {
  // API-91
  for (const char* good :
       {"58G", "500G", "45T", "50T", "64T", "1Gi", "59000Gi", "18Ti", "58Ti", "64000G"}) {
    const auto list = std::string(R"([{"ebs": {"volumeSize": ")") + good + R"("}}])";
    expect_all({{"spec.blockDeviceMappings", list.c_str(), ""}});
  }
  for (const char* bad : {"1m", "100T", "0", "Ti", "T", "59001Gi", "59Ti", "65T"}) {
    const auto list = std::string(R"([{"ebs": {"volumeSize": ")") + bad + R"("}}])";
    expect_all({{"spec.blockDeviceMappings", list.c_str(), "should match"}});
  }
}

TEST(EC2NodeClassSchema, NetworkInterfaces) {
  // API-92
  const char* path = "spec.networkInterfaces";
  const char* primary =
      R"({"networkCardIndex": 0, "deviceIndex": 0, "interfaceType": "interface"})";
  const auto with = [&](const char* more) { return std::string("[") + primary + more + "]"; };
  expect_all({
      {path, "[]", ""},
      {path, with("").c_str(), ""},
      {path,
       with(R"(, {"networkCardIndex": 0, "deviceIndex": 1, "interfaceType": "efa-only"})").c_str(),
       ""},
      {path,
       R"([{"networkCardIndex": 0, "deviceIndex": 1, "interfaceType": "interface"}])",
       "networkInterfaces must include a primary interface with interfaceType='interface'"},
      {path,
       with(R"(, {"networkCardIndex": 0, "deviceIndex": 0, "interfaceType": "efa-only"})").c_str(),
       "networkInterfaces must not have duplicate networkCardIndex and deviceIndex pairs"},
      {path,
       with(R"(, {"networkCardIndex": 1, "deviceIndex": 1, "interfaceType": "efa-only"},
               {"networkCardIndex": 1, "deviceIndex": 2, "interfaceType": "efa-only"})")
           .c_str(),
       "at most one efa device per network card"},
      {path, R"([{"networkCardIndex": 0, "deviceIndex": 0}])", "interfaceType: Required value"},
  });
}

TEST(EC2NodeClassSchema, SmallObjects) {
  // API-83, API-93
  expect_all({
      {"spec.placementGroupSelector", R"({"name": "a"})", ""},
      {"spec.placementGroupSelector", "{}", "expected at least one, got none, ['name', 'id']"},
      {"spec.placementGroupSelector",
       R"({"name": "a", "id": "pg-1"})",
       "'name' and 'id' are mutually exclusive"},
      {"spec.connectionTracking", R"({"udpTimeout": 30})", ""},
      {"spec.connectionTracking",
       "{}",
       "at least one of tcpEstablishedTimeout, udpStreamTimeout, or udpTimeout must be set"},
      {"spec.connectionTracking", R"({"tcpEstablishedTimeout": 59})", "or equal to 60"},
      {"spec.connectionTracking", R"({"tcpEstablishedTimeout": 432001})", "or equal to 432000"},
      {"spec.connectionTracking", R"({"udpStreamTimeout": 181})", "or equal to 180"},
      {"spec.connectionTracking", R"({"udpTimeout": 61})", "or equal to 60"},
      {"spec.cpuOptions", "{}", ""},
      {"spec.cpuOptions", R"({"nestedVirtualization": "enabled"})", ""},
      {"spec.metadataOptions", R"({"httpPutResponseHopLimit": -5})", "or equal to 1"},
      {"spec.metadataOptions", R"({"httpEndpoint": "x"})", "Unsupported value: \"x\""},
      {"spec.instanceStorePolicy", "\"RAID0\"", ""},
      {"spec.instanceStorePolicy", "\"RAID1\"", "Unsupported value: \"RAID1\""},
  });
}

TEST(EC2NodeClassSchema, KubeletIsKeptAsItIs) {
  // API-102, API-19
  const auto node_class = changed(kGoodEC2NodeClass,
                                  "spec.kubelet",
                                  R"({"maxPods": 110, "logging": {"anything": {"goes": [1]}}})");
  EXPECT_EQ(errors_of(node_class), "");
  EXPECT_EQ(defaulted(node_class, "spec.kubelet.logging.anything.goes"), "[1]");
  EXPECT_TRUE(check_manifest(node_class).unknown.empty());
}

}  // namespace
}  // namespace k8s::schema
