// The node classes of the providers.
#include "k8s/decode.h"

namespace k8s {

void read(JsonIn& in, Element e, ResourceSelectorTerm& out);
void read(JsonIn& in, Element e, BlockDevice& out);
void read(JsonIn& in, Element e, ResolvedSubnet& out);
void read(JsonIn& in, Element e, ResolvedImage& out);

void read(JsonIn& in, Element e, ResourceSelectorTerm& out) {
  in.object(e, [&](Field f) {
    return f("tags", out.tags) || f("id", out.id) || f("name", out.name) || f("owner", out.owner) ||
           f("ownerID", out.owner) || f("alias", out.alias) ||
           f("ssmParameter", out.ssm_parameter) || f.skip("instanceMatchCriteria");
  });
}

void read(JsonIn& in, Element e, BlockDevice& out) {
  in.object(e, [&](Field f) {
    return f("deviceName", out.device_name) || f("rootVolume", out.root_volume) ||
           f.object("ebs", [&](Field g) {
             return g("volumeType", out.volume_type) || g("volumeSize", out.volume_size) ||
                    g.skip("deleteOnTermination",
                           "encrypted",
                           "iops",
                           "kmsKeyID",
                           "snapshotID",
                           "throughput",
                           "volumeInitializationRate");
           });
  });
}

void read(JsonIn& in, Element e, ResolvedSubnet& out) {
  in.object(e, [&](Field f) {
    return f("id", out.id) || f("zone", out.zone) || f("zoneID", out.zone_id);
  });
}

void read(JsonIn& in, Element e, ResolvedImage& out) {
  in.object(e, [&](Field f) {
    return f("id", out.id) || f("name", out.name) || f("requirements", out.requirements) ||
           f("deprecated", out.deprecated);
  });
}

namespace {

void read_group_ids(JsonIn& in, Element e, std::vector<std::string>& out) {
  in.array(e, [&](Element item) {
    in.object(item, [&](Field f) { return f("id", out.emplace_back()) || f.skip("name"); });
  });
}

// Any object is admitted here, and nothing in it may keep the class from being read: a wrong type
// is the controller's to report (API-102, API-104). Unmanaged keys are passed through (API-103).
void read_kubelet(Element e, EC2NodeClass& out) {
  out.kubelet_json = simdjson::minify(e);
  JsonIn own(nullptr);
  own.push("spec");
  own.push("kubelet");
  own.object(e, [&](Field f) {
    if (f.key() == "maxPods" && f.value().is_string()) {
      return true;  // An expression (API-105).
    }
    KubeletConfiguration& k = out.kubelet;
    return f("maxPods", k.max_pods) || f("podsPerCore", k.pods_per_core) ||
           f("systemReserved", k.system_reserved) || f("kubeReserved", k.kube_reserved) ||
           f("evictionHard", k.eviction_hard) || f("evictionSoft", k.eviction_soft) ||
           f("clusterDNS", k.cluster_dns);
  });
  if (own.has_failed()) {
    out.kubelet = {};
    out.kubelet_error = own.error().detail;
  }
}

bool read_ec2_spec(Field f, EC2NodeClass& out) {
  if (f.key() == "kubelet") {
    read_kubelet(f.value(), out);
    return true;
  }
  return f("subnetSelectorTerms", out.subnet_terms) ||
         f("securityGroupSelectorTerms", out.security_group_terms) ||
         f("amiSelectorTerms", out.ami_terms) ||
         f("capacityReservationSelectorTerms", out.capacity_reservation_terms) ||
         f("amiFamily", out.ami_family) || f("role", out.role) ||
         f("instanceProfile", out.instance_profile) || f("userData", out.user_data) ||
         f("instanceStorePolicy", out.instance_store_policy) ||
         f("blockDeviceMappings", out.block_devices) || f("tags", out.tags) ||
         f("associatePublicIPAddress", out.associate_public_ip) ||
         f.skip("placementGroupSelector",
                "ipPrefixCount",
                "networkInterfaces",
                "detailedMonitoring",
                "metadataOptions",
                "connectionTracking",
                "context",
                "cpuOptions");
}

bool read_ec2_status(JsonIn& in, Field f, EC2NodeClass& out) {
  if (f.key() == "securityGroups") {
    read_group_ids(in, f.value(), out.status_security_groups);
    return true;
  }
  return f("subnets", out.status_subnets) || f("amis", out.status_amis) ||
         f("instanceProfile", out.status_instance_profile) || f("conditions", out.conditions) ||
         f.skip("capacityReservations");
}

}  // namespace

void read(JsonIn& in, Element e, EC2NodeClass& out) {
  in.object(e, [&](Field f) {
    return read_header(f, out) ||
           f.object("spec", [&](Field g) { return read_ec2_spec(g, out); }) ||
           f.object("status", [&](Field g) { return read_ec2_status(in, g, out); });
  });
}

void read(JsonIn& in, Element e, KWOKNodeClass& out) {
  in.object(e, [&](Field f) {
    return read_header(f, out) || f.object("spec", [&](Field g) {
      return g("nodeRegistrationDelay", AsDuration{out.node_registration_delay});
    }) || f.object("status", [&](Field g) { return g("conditions", out.conditions); });
  });
}

}  // namespace k8s
