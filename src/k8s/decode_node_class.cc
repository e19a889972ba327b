// The node classes of the providers.
#include <algorithm>

#include "base/text.h"
#include "k8s/decode.h"
#include "k8s/json_out.h"

namespace k8s {

void read(JsonIn& in, Element e, ResourceSelectorTerm& out);
void read(JsonIn& in, Element e, BlockDevice& out);
void read(JsonIn& in, Element e, ResolvedSubnet& out);
void read(JsonIn& in, Element e, ResolvedImage& out);
void read(JsonIn& in, Element e, NetworkInterface& out);
void read(JsonIn& in, Element e, MetadataOptions& out);
void read(JsonIn& in, Element e, ConnectionTracking& out);
void read(JsonIn& in, Element e, CpuOptions& out);
void read(JsonIn& in, Element e, PlacementGroupSelector& out);

void read(JsonIn& in, Element e, ResourceSelectorTerm& out) {
  in.object(e, [&](Field f) {
    return f("tags", out.tags) || f("id", out.id) || f("name", out.name) || f("owner", out.owner) ||
           f("ownerID", out.owner) || f("alias", out.alias) ||
           f("ssmParameter", out.ssm_parameter) || f.skip("instanceMatchCriteria");
  });
}

void read(JsonIn& in, Element e, BlockDevice& out) {
  in.object(e, [&](Field f) {
    out.has_ebs = out.has_ebs || f.key() == "ebs";
    return f("deviceName", out.device_name) || f("rootVolume", out.root_volume) ||
           f.object("ebs", [&](Field g) {
             return g("volumeType", out.volume_type) || g("volumeSize", out.volume_size) ||
                    g("deleteOnTermination", out.delete_on_termination) ||
                    g("encrypted", out.encrypted) || g("iops", out.iops) ||
                    g("kmsKeyID", out.kms_key_id) || g("snapshotID", out.snapshot_id) ||
                    g("throughput", out.throughput) ||
                    g("volumeInitializationRate", out.volume_initialization_rate);
           });
  });
}

void read(JsonIn& in, Element e, NetworkInterface& out) {
  in.object(e, [&](Field f) {
    return f("networkCardIndex", out.network_card_index) || f("deviceIndex", out.device_index) ||
           f("interfaceType", out.interface_type);
  });
}

void read(JsonIn& in, Element e, MetadataOptions& out) {
  in.object(e, [&](Field f) {
    return f("httpEndpoint", out.http_endpoint) || f("httpProtocolIPv6", out.http_protocol_ipv6) ||
           f("httpPutResponseHopLimit", out.http_put_response_hop_limit) ||
           f("httpTokens", out.http_tokens);
  });
}

void read(JsonIn& in, Element e, ConnectionTracking& out) {
  in.object(e, [&](Field f) {
    return f("tcpEstablishedTimeout", out.tcp_established_timeout) ||
           f("udpStreamTimeout", out.udp_stream_timeout) || f("udpTimeout", out.udp_timeout);
  });
}

void read(JsonIn& in, Element e, CpuOptions& out) {
  in.object(e, [&](Field f) { return f("nestedVirtualization", out.nested_virtualization); });
}

void read(JsonIn& in, Element e, PlacementGroupSelector& out) {
  in.object(e, [&](Field f) { return f("name", out.name) || f("id", out.id); });
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

// Compact JSON with the top-level keys in order, and the characters that Go's encoder escapes. They
// can only stand within strings, so that a plain replacement is right.
std::string kubelet_text(Element e) {
  std::vector<std::pair<std::string, std::string>> fields;
  simdjson::dom::object object;
  if (e.get(object) != simdjson::SUCCESS || object.size() == 0) {
    return {};
  }
  for (const auto& [key, value] : object) {
    std::string quoted;
    append_json_string(quoted, key);
    fields.emplace_back(std::string(key), quoted + ":" + std::string(simdjson::minify(value)));
  }
  std::ranges::stable_sort(fields, {}, [](const auto& field) { return field.first; });
  std::string out;
  for (const auto& [key, text] : fields) {
    out += (out.empty() ? "{" : ",") + text;
  }
  out = base::replace_all(out, "<", "\\u003c");
  out = base::replace_all(out, ">", "\\u003e");
  out = base::replace_all(out, "&", "\\u0026");
  out = base::replace_all(out, "\xe2\x80\xa8", "\\u2028");
  return base::replace_all(out, "\xe2\x80\xa9", "\\u2029") + "}";
}

// Any object is admitted here, and nothing in it may keep the class from being read: a wrong type
// is the controller's to report (API-102, API-104). Unmanaged keys are passed through (API-103).
void read_kubelet(Element e, EC2NodeClass& out) {
  out.kubelet_json = kubelet_text(e);
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
  note_if_empty(f, {"tags", "blockDeviceMappings", "networkInterfaces"}, out.explicit_empty);
  return f("subnetSelectorTerms", out.subnet_terms) ||
         f("securityGroupSelectorTerms", out.security_group_terms) ||
         f("amiSelectorTerms", out.ami_terms) ||
         f("capacityReservationSelectorTerms", out.capacity_reservation_terms) ||
         f("amiFamily", out.ami_family) || f("role", out.role) ||
         f("instanceProfile", out.instance_profile) || f("userData", out.user_data) ||
         f("instanceStorePolicy", out.instance_store_policy) ||
         f("blockDeviceMappings", out.block_devices) || f("tags", out.tags) ||
         f("associatePublicIPAddress", out.associate_public_ip) ||
         f("placementGroupSelector", out.placement_group) ||
         f("ipPrefixCount", out.ip_prefix_count) ||
         f("networkInterfaces", out.network_interfaces) ||
         f("detailedMonitoring", out.detailed_monitoring) ||
         f("metadataOptions", out.metadata_options) ||
         f("connectionTracking", out.connection_tracking) || f("context", out.context) ||
         f("cpuOptions", out.cpu_options);
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
