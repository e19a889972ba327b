// EC2NodeClass, karpenter.k8s.aws/v1: fields and structure (spec 01 s10.1, s10.3). The rules
// between fields are in ec2_rules.cc.
#include <string>
#include <utility>

#include "k8s/schema/common.h"
#include "k8s/schema/ec2_rules.h"
#include "k8s/schema/karpenter_kinds.h"

namespace k8s::schema {
namespace {

Schema selector_tags() {
  return with_selector_tag_rules(map_of(string()).max_length(20))
      .describe("Tags that must match; the value * matches any.");
}

Schema subnet_terms() {
  Schema term = object({
      optional("id", string().pattern("subnet-[0-9a-z]+")),
      optional("tags", selector_tags()),
  });
  return with_subnet_rules(array(std::move(term)).max_length(30))
      .describe("Which subnets nodes may be in; any term may match.");
}

Schema security_group_terms() {
  Schema term = object({
      optional("id", string().pattern("sg-[0-9a-z]+")),
      optional("name", string().describe("The name of the group, not its Name tag.")),
      optional("tags", selector_tags()),
  });
  return with_security_group_rules(array(std::move(term)).max_length(30))
      .describe("Which security groups nodes get; all that any term matches.");
}

Schema capacity_reservation_terms() {
  Schema term = object({
      optional("id", string().pattern("^cr-[0-9a-z]+$")),
      optional("instanceMatchCriteria", string().one_of({"open", "targeted"})),
      optional("ownerID", string().pattern("^[0-9]{12}$")),
      optional("tags", selector_tags()),
  });
  return with_capacity_reservation_rules(array(std::move(term)).max_length(30))
      .describe("Which capacity reservations nodes may use.");
}

Schema ami_terms() {
  Schema term = object({
      optional("alias",
               with_alias_rules(string().max_length(30))
                   .describe("family@version, e.g. al2023@latest.")),
      optional("id", string().pattern("ami-[0-9a-z]+")),
      optional("name", string()),
      optional("owner", string().describe("Account, self, amazon or aws-marketplace.")),
      optional("ssmParameter", string().describe("Name or ARN of an SSM parameter.")),
      optional("tags", selector_tags()),
  });
  return with_ami_rules(array(std::move(term)).min_length(1).max_length(30))
      .describe("Which machine images nodes may be made from.");
}

// API-91, with the gaps of the published pattern closed: 18Ti passes, Ti alone does not.
constexpr const char* kVolumeSizePattern =
    "^((?:[1-9][0-9]{0,3}|[1-4][0-9]{4}|5[0-8][0-9]{3}|59000)Gi|"
    "(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-3][0-9]{3}|64000)G|"
    "([1-9]|[1-4][0-9]|5[0-8])Ti|([1-9]|[1-5][0-9]|6[0-4])T)$";

Schema block_device_mappings() {
  Schema size = string().pattern(kVolumeSizePattern);
  size.type = Type::kIntOrString;
  Schema ebs = with_ebs_rules(object({
      optional("deleteOnTermination", boolean()),
      optional("encrypted", boolean()),
      optional("iops", int64()),
      optional("kmsKeyID", string()),
      optional("snapshotID", string()),
      optional("throughput", int64().describe("MiB per second.")),
      optional("volumeInitializationRate", int32().min(100).max(300).describe("MiB per second.")),
      optional("volumeSize", std::move(size).describe("1Gi to 59000Gi, or up to 64T.")),
      optional("volumeType",
               string().one_of({"standard", "io1", "io2", "gp2", "sc1", "st1", "gp3"})),
  }));
  Schema mapping = object({
      optional("deviceName", string().describe("E.g. /dev/xvda.")),
      optional("ebs", std::move(ebs)),
      optional("rootVolume", boolean().describe("This is the volume that pods' files are on.")),
  });
  return with_block_device_rules(array(std::move(mapping)).max_length(50))
      .describe("The volumes of the instances.");
}

Schema network_interfaces() {
  Schema interface = object({
      required("deviceIndex", int32().min(0)),
      required("interfaceType", string().one_of({"interface", "efa-only"})),
      required("networkCardIndex", int32().min(0)),
  });
  return with_network_interface_rules(array(std::move(interface)).max_length(150));
}

Schema metadata_options() {
  // API-77: the whole and each field have defaults.
  return object({
                    optional("httpEndpoint",
                             string().one_of({"enabled", "disabled"}).fallback("\"enabled\"")),
                    optional("httpProtocolIPv6",
                             string().one_of({"enabled", "disabled"}).fallback("\"disabled\"")),
                    optional("httpPutResponseHopLimit", int64().min(1).max(64).fallback("1")),
                    optional("httpTokens",
                             string().one_of({"required", "optional"}).fallback("\"required\"")),
                })
      .fallback(R"({"httpEndpoint": "enabled", "httpProtocolIPv6": "disabled", )"
                R"("httpPutResponseHopLimit": 1, "httpTokens": "required"})")
      .describe("How processes on the node may reach the instance metadata service.");
}

Schema connection_tracking() {
  return with_connection_tracking_rules(object({
      optional("tcpEstablishedTimeout", int32().min(60).max(432000)),
      optional("udpStreamTimeout", int32().min(60).max(180)),
      optional("udpTimeout", int32().min(30).max(60)),
  }));
}

Schema placement_group() {
  return with_placement_group_rules(object({
      optional("id", string().pattern("^pg-[0-9a-z]+$")),
      optional("name", string().min_length(1)),
  }));
}

Schema instance_identity(const std::string& field) {
  return string().rule("self != ''", field + " cannot be empty", is_not_empty());
}

Schema spec() {
  return with_spec_rules(
             object({
                 optional("amiFamily",
                          string().one_of({"AL2",
                                           "AL2023",
                                           "Bottlerocket",
                                           "Custom",
                                           "Windows2019",
                                           "Windows2022",
                                           "Windows2025"})),
                 required("amiSelectorTerms", ami_terms()),
                 optional("associatePublicIPAddress", boolean()),
                 optional("blockDeviceMappings", block_device_mappings()),
                 optional("capacityReservationSelectorTerms", capacity_reservation_terms()),
                 optional("connectionTracking", connection_tracking()),
                 optional("context", string().describe("Reserved by EC2.")),
                 optional(
                     "cpuOptions",
                     object({
                         optional("nestedVirtualization", string().one_of({"enabled", "disabled"})),
                     })),
                 optional("detailedMonitoring", boolean()),
                 optional("instanceProfile", instance_identity("instanceProfile")),
                 optional("instanceStorePolicy", string().one_of({"RAID0"})),
                 optional("ipPrefixCount", int32().min(0)),
                 optional("kubelet", any_object().describe("KubeletConfiguration, passed on.")),
                 optional("metadataOptions", metadata_options()),
                 optional("networkInterfaces", network_interfaces()),
                 optional("placementGroupSelector", placement_group()),
                 optional("role", instance_identity("role").describe("IAM role of the nodes.")),
                 required("securityGroupSelectorTerms", security_group_terms()),
                 required("subnetSelectorTerms", subnet_terms()),
                 optional("tags",
                          with_tag_rules(map_of(string())).describe("Tags of what is created.")),
                 optional("userData", string().describe("Merged into or used as the user data.")),
             }))
      .describe("How instances are made on EC2.");
}

Schema status_amis() {
  Schema requirement = object({
      required("key", string()),
      required("operator", string()),
      optional("values", array(string()).list("atomic")),
  });
  return array(object({
      optional("deprecated", boolean()),
      required("id", string()),
      optional("name", string()),
      required("requirements", array(std::move(requirement))),
  }));
}

Schema status_capacity_reservations() {
  return array(object({
      required("availabilityZone", string()),
      optional("endTime", date_time()),
      required("id", string().pattern("^cr-[0-9a-z]+$")),
      required("instanceMatchCriteria", string().one_of({"open", "targeted"})),
      required("instanceType", string()),
      optional("interruptible", boolean()),
      required("ownerID", string().pattern("^[0-9]{12}$")),
      optional("reservationType",
               string().one_of({"default", "capacity-block"}).fallback("\"default\"")),
      optional("state", string().one_of({"active", "expiring"}).fallback("\"active\"")),
  }));
}

Schema status() {
  return object({
      optional("amis", status_amis()),
      optional("capacityReservations", status_capacity_reservations()),
      optional("conditions", conditions(ConditionList::kAtomic)),
      optional("instanceProfile", string()),
      optional("securityGroups",
               array(object({required("id", string()), optional("name", string())}))),
      optional("subnets",
               array(object({
                   required("id", string()),
                   required("zone", string()),
                   optional("zoneID", string()),
               }))),
  });
}

}  // namespace

KindSchema ec2_node_class_kind() {
  return {
      .group = "karpenter.k8s.aws",
      .version = "v1",
      .kind = "EC2NodeClass",
      .plural = "ec2nodeclasses",
      .singular = "ec2nodeclass",
      .short_names = {"ec2nc", "ec2ncs"},
      .categories = {"karpenter"},
      .is_custom = true,
      .columns = {ready_column(), age_column(), {"Role", "string", ".spec.role", 1}},  // API-8
      // API-3: unlike upstream, a node class without spec is refused: none of its rules would run.
      .schema = top_level({required("spec", spec()), optional("status", status())})
                    .describe("An EC2NodeClass says how instances are made on EC2."),
  };
}

}  // namespace k8s::schema
