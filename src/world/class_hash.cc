#include "world/class_hash.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "world/static_hash.h"

namespace world {

namespace {

using k8s::EC2NodeClass;

bool is_given(const EC2NodeClass& node_class, std::string_view name, bool is_empty) {
  const auto& empty = node_class.explicit_empty;
  return !is_empty || std::ranges::find(empty, name) != empty.end();
}

std::uint64_t hash_ebs(const k8s::BlockDevice& device) {
  StructHash hash("BlockDevice");
  hash.pointer("DeleteOnTermination", device.delete_on_termination);
  hash.pointer("Encrypted", device.encrypted);
  hash.pointer("IOPS", device.iops);
  hash.pointer("KMSKeyID", device.kms_key_id);
  hash.pointer("SnapshotID", device.snapshot_id);
  hash.pointer("Throughput", device.throughput);
  hash.pointer("VolumeInitializationRate", device.volume_initialization_rate);
  if (device.volume_size) {  // API-180
    hash.field("VolumeSize", hash_text(device.volume_size->text()));
  }
  hash.text("VolumeType", device.volume_type);
  return hash.value();
}

std::uint64_t hash_devices(const std::vector<k8s::BlockDevice>& devices) {
  std::uint64_t state = 0;
  for (const k8s::BlockDevice& device : devices) {
    StructHash hash("BlockDeviceMapping");
    hash.text("DeviceName", device.device_name);
    if (device.has_ebs) {
      hash.field("EBS", hash_ebs(device));
    }
    hash.flag("RootVolume", device.root_volume);
    state ^= hash.value();
  }
  return state;
}

std::uint64_t hash_interfaces(const std::vector<k8s::NetworkInterface>& interfaces) {
  std::uint64_t state = 0;
  for (const k8s::NetworkInterface& interface : interfaces) {
    StructHash hash("NetworkInterface");
    hash.number("NetworkCardIndex", interface.network_card_index);
    hash.number("DeviceIndex", interface.device_index);
    hash.text("InterfaceType", interface.interface_type);
    state ^= hash.value();
  }
  return state;
}

std::uint64_t hash_placement(const k8s::PlacementGroupSelector& selector) {
  StructHash hash("PlacementGroupSelector");
  hash.text("Name", selector.name);
  hash.text("ID", selector.id);
  return hash.value();
}

std::uint64_t hash_metadata(const k8s::MetadataOptions& options) {
  StructHash hash("MetadataOptions");
  hash.pointer("HTTPEndpoint", options.http_endpoint);
  hash.pointer("HTTPProtocolIPv6", options.http_protocol_ipv6);
  hash.pointer("HTTPPutResponseHopLimit", options.http_put_response_hop_limit);
  hash.pointer("HTTPTokens", options.http_tokens);
  return hash.value();
}

std::uint64_t hash_tracking(const k8s::ConnectionTracking& tracking) {
  StructHash hash("ConnectionTracking");
  hash.pointer("TCPEstablishedTimeout", tracking.tcp_established_timeout);
  hash.pointer("UDPStreamTimeout", tracking.udp_stream_timeout);
  hash.pointer("UDPTimeout", tracking.udp_timeout);
  return hash.value();
}

std::uint64_t hash_cpu(const k8s::CpuOptions& options) {
  StructHash hash("CPUOptions");
  hash.pointer("NestedVirtualization", options.nested_virtualization);
  return hash.value();
}

// API-184: in declaration order.
std::uint64_t hash_spec(const EC2NodeClass& c) {
  StructHash hash("EC2NodeClassSpec");
  if (c.placement_group) {
    hash.field("PlacementGroupSelector", hash_placement(*c.placement_group));
  }
  hash.pointer("AssociatePublicIPAddress", c.associate_public_ip);
  hash.pointer("UserData", c.user_data);
  hash.text("Role", c.role);
  hash.text("InstanceProfile", c.instance_profile);
  if (is_given(c, "tags", c.tags.empty())) {
    hash.field("Tags", hash_map(c.tags));
  }
  if (is_given(c, "blockDeviceMappings", c.block_devices.empty())) {
    hash.field("BlockDeviceMappings", hash_devices(c.block_devices));
  }
  hash.text("InstanceStorePolicy", c.instance_store_policy);
  if (is_given(c, "networkInterfaces", c.network_interfaces.empty())) {
    hash.field("NetworkInterfaces", hash_interfaces(c.network_interfaces));
  }
  hash.pointer("DetailedMonitoring", c.detailed_monitoring);
  if (c.metadata_options) {
    hash.field("MetadataOptions", hash_metadata(*c.metadata_options));
  }
  if (c.connection_tracking) {
    hash.field("ConnectionTracking", hash_tracking(*c.connection_tracking));
  }
  hash.pointer("Context", c.context);
  if (c.cpu_options) {
    hash.field("CPUOptions", hash_cpu(*c.cpu_options));
  }
  return hash.value();
}

}  // namespace

std::string effective_ami_family(const EC2NodeClass& node_class) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kFamilies{{
      {"al2", "AL2"},
      {"al2023", "AL2023"},
      {"bottlerocket", "Bottlerocket"},
      {"windows2019", "Windows2019"},
      {"windows2022", "Windows2022"},
      {"windows2025", "Windows2025"},
  }};
  if (!node_class.ami_family.empty()) {
    return node_class.ami_family;
  }
  for (const k8s::ResourceSelectorTerm& term : node_class.ami_terms) {
    for (const auto& [alias, family] : kFamilies) {
      if (std::string_view(term.alias).substr(0, term.alias.find('@')) == alias) {
        return std::string(family);
      }
    }
  }
  return "Custom";
}

std::string class_hash(const EC2NodeClass& node_class, std::string_view ca_bundle) {
  // API-183: a list of four, without finish step (API-187).
  const std::string_view kubelet =
      node_class.kubelet_json.empty() ? std::string_view("null") : node_class.kubelet_json;
  return std::to_string(hash_spec(node_class) ^ hash_text(effective_ami_family(node_class)) ^
                        hash_text(ca_bundle) ^ hash_text(kubelet));
}

}  // namespace world
