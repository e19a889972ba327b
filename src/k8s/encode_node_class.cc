// EC2NodeClass (spec 01 s10).
#include "k8s/encode.h"

namespace k8s {
namespace {

void write_terms(JsonOut& out,
                 std::string_view name,
                 const std::vector<ResourceSelectorTerm>& terms,
                 std::string_view owner_key) {
  out.array(name, terms, [&](const ResourceSelectorTerm& term) {
    out.object([&] {
      out.field("alias", term.alias);
      out.field("tags", term.tags);
      out.field("id", term.id);
      out.field("name", term.name);
      out.field(owner_key, term.owner);
      out.field("ssmParameter", term.ssm_parameter);
    });
  });
}

void write_block_devices(JsonOut& out, const std::vector<BlockDevice>& devices) {
  out.array("blockDeviceMappings", devices, [&](const BlockDevice& device) {
    out.object([&] {
      out.field("deviceName", device.device_name);
      out.object("ebs", [&] {
        out.field("deleteOnTermination", device.delete_on_termination);
        out.field("encrypted", device.encrypted);
        out.field("iops", device.iops);
        out.field("kmsKeyID", device.kms_key_id);
        out.field("snapshotID", device.snapshot_id);
        out.field("throughput", device.throughput);
        out.field("volumeInitializationRate", device.volume_initialization_rate);
        if (device.volume_size) {
          out.field("volumeSize", device.volume_size->text());
        }
        out.field("volumeType", device.volume_type);
      });
      out.field("rootVolume", device.root_volume);
    });
  });
}

void write_network(JsonOut& out, const EC2NodeClass& c) {
  out.array("networkInterfaces", c.network_interfaces, [&](const NetworkInterface& interface) {
    out.object([&] {
      out.always("networkCardIndex", std::int64_t{interface.network_card_index});
      out.always("deviceIndex", std::int64_t{interface.device_index});
      out.always("interfaceType", std::string_view(interface.interface_type));
    });
  });
  out.field("associatePublicIPAddress", c.associate_public_ip);
  out.field("ipPrefixCount", c.ip_prefix_count);
  if (c.connection_tracking) {
    out.object_always("connectionTracking", [&] {
      out.field("tcpEstablishedTimeout", c.connection_tracking->tcp_established_timeout);
      out.field("udpStreamTimeout", c.connection_tracking->udp_stream_timeout);
      out.field("udpTimeout", c.connection_tracking->udp_timeout);
    });
  }
}

void write_instance_options(JsonOut& out, const EC2NodeClass& c) {
  if (c.placement_group) {
    out.object_always("placementGroupSelector", [&] {
      out.field("name", c.placement_group->name);
      out.field("id", c.placement_group->id);
    });
  }
  out.field("detailedMonitoring", c.detailed_monitoring);
  if (c.metadata_options) {
    out.object_always("metadataOptions", [&] {
      out.field("httpEndpoint", c.metadata_options->http_endpoint);
      out.field("httpProtocolIPv6", c.metadata_options->http_protocol_ipv6);
      out.field("httpPutResponseHopLimit", c.metadata_options->http_put_response_hop_limit);
      out.field("httpTokens", c.metadata_options->http_tokens);
    });
  }
  out.field("context", c.context);
  if (c.cpu_options) {
    out.object_always("cpuOptions", [&] {
      out.field("nestedVirtualization", c.cpu_options->nested_virtualization);
    });
  }
}

void write_ec2_status(JsonOut& out, const EC2NodeClass& c) {
  out.array("subnets", c.status_subnets, [&](const ResolvedSubnet& subnet) {
    out.object([&] {
      out.always("id", std::string_view(subnet.id));
      out.always("zone", std::string_view(subnet.zone));
      out.field("zoneID", subnet.zone_id);
    });
  });
  out.array("securityGroups", c.status_security_groups, [&](const std::string& id) {
    out.object([&] { out.field("id", id); });
  });
  out.array("amis", c.status_amis, [&](const ResolvedImage& image) {
    out.object([&] {
      out.always("id", std::string_view(image.id));
      out.field("deprecated", image.deprecated);
      out.field("name", image.name);
      out.array_always("requirements", image.requirements, [&](const SelectorTerm& term) {
        write_item(out, term);
      });
    });
  });
  out.field("instanceProfile", c.status_instance_profile);
  write_items(out, "conditions", c.conditions);
}

void write_ec2_spec(JsonOut& out, const EC2NodeClass& c) {
  write_terms(out, "subnetSelectorTerms", c.subnet_terms, "owner");
  write_terms(out, "securityGroupSelectorTerms", c.security_group_terms, "owner");
  write_terms(out, "capacityReservationSelectorTerms", c.capacity_reservation_terms, "ownerID");
  write_terms(out, "amiSelectorTerms", c.ami_terms, "owner");
  out.field("amiFamily", c.ami_family);
  out.field("userData", c.user_data);
  out.field("role", c.role);
  out.field("instanceProfile", c.instance_profile);
  out.field("tags", c.tags);
  if (!c.kubelet_json.empty()) {
    out.raw("kubelet", c.kubelet_json);
  }
  write_block_devices(out, c.block_devices);
  out.field("instanceStorePolicy", c.instance_store_policy);
  write_network(out, c);
  write_instance_options(out, c);
}

}  // namespace

void write_body(JsonOut& out, const EC2NodeClass& node_class) {
  out.object("spec", [&] { write_ec2_spec(out, node_class); });
  out.object("status", [&] { write_ec2_status(out, node_class); });
}

}  // namespace k8s
