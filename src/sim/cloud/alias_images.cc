#include "sim/cloud/alias_images.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace sim {

namespace {

constexpr std::string_view kKubernetes = "1.33";

struct Variant {
  std::string_view family;
  std::string_view arch;
  std::string_view variant;  // "standard", "nvidia", "neuron".
  // Variants with the same source are served by one image (the GPU image of AL2 is both).
  std::string_view source;
};

// AWN-44: AL2 gives four entries of three images, AL2023 five, Bottlerocket five of four.
constexpr std::array kVariants{
    Variant{"al2", "amd64", "standard", "x86_64"},
    Variant{"al2", "arm64", "standard", "arm64"},
    Variant{"al2", "amd64", "neuron", "gpu"},
    Variant{"al2", "amd64", "nvidia", "gpu"},
    Variant{"al2023", "amd64", "standard", "x86_64-standard"},
    Variant{"al2023", "amd64", "nvidia", "x86_64-nvidia"},
    Variant{"al2023", "amd64", "neuron", "x86_64-neuron"},
    Variant{"al2023", "arm64", "standard", "arm64-standard"},
    Variant{"al2023", "arm64", "nvidia", "arm64-nvidia"},
    Variant{"bottlerocket", "amd64", "standard", "x86_64"},
    Variant{"bottlerocket", "amd64", "neuron", "x86_64"},
    Variant{"bottlerocket", "arm64", "standard", "arm64"},
    Variant{"bottlerocket", "amd64", "nvidia", "nvidia-x86_64"},
    Variant{"bottlerocket", "arm64", "nvidia", "nvidia-arm64"},
    Variant{"windows2019", "amd64", "windows", "10.0.17763"},
    Variant{"windows2022", "amd64", "windows", "10.0.20348"},
    Variant{"windows2025", "amd64", "windows", "10.0.26100"},
};

k8s::SelectorTerm in(std::string key, std::string value) {
  return {.key = std::move(key), .op = "In", .values = {std::move(value)}, .min_values = {}};
}

k8s::SelectorTerm bare(std::string key, std::string op) {
  return {.key = std::move(key), .op = std::move(op), .values = {}, .min_values = {}};
}

// AWN-41; sorted by the length of the key, then the key (AWN-17).
std::vector<k8s::SelectorTerm> requirements_of(const Variant& variant) {
  std::vector<k8s::SelectorTerm> terms{in("kubernetes.io/arch", std::string(variant.arch))};
  const std::string gpus = "karpenter.k8s.aws/instance-gpu-count";
  const std::string accelerators = "karpenter.k8s.aws/instance-accelerator-count";
  if (variant.variant == "standard") {
    terms.push_back(bare(gpus, "DoesNotExist"));
    terms.push_back(bare(accelerators, "DoesNotExist"));
  } else if (variant.variant == "nvidia") {
    terms.push_back(bare(gpus, "Exists"));
  } else if (variant.variant == "neuron") {
    terms.push_back(bare(accelerators, "Exists"));
  } else {
    terms.push_back(in("kubernetes.io/os", "windows"));
    terms.push_back(in("node.kubernetes.io/windows-build", std::string(variant.source)));
  }
  std::ranges::sort(terms, [](const auto& a, const auto& b) {
    return std::pair(a.key.size(), a.key) < std::pair(b.key.size(), b.key);
  });
  return terms;
}

std::string image_name(const Variant& variant, std::string_view version) {
  return fmt::format("{}-node-{}-{}-{}", variant.family, variant.source, kKubernetes, version);
}

}  // namespace

base::Result<std::vector<k8s::ResolvedImage>> alias_images(std::string_view alias,
                                                           const IdMaker& make_id) {
  const std::size_t at = alias.find('@');
  if (at == std::string_view::npos || at == 0 || at + 1 == alias.size()) {
    return base::fail(base::ErrorCode::kInvalid,
                      fmt::format("alias \"{}\" must have the form family@version", alias));
  }
  const std::string_view family = alias.substr(0, at);
  std::vector<k8s::ResolvedImage> images;
  for (const Variant& variant : kVariants) {
    if (variant.family == family) {
      const std::string name = image_name(variant, alias.substr(at + 1));
      images.push_back({.id = make_id("ami", name),
                        .name = name,
                        .requirements = requirements_of(variant),
                        .deprecated = false});
    }
  }
  if (images.empty()) {
    return base::fail(base::ErrorCode::kInvalid,
                      fmt::format("failed to discover any AMIs for alias (alias={})", alias));
  }
  // All of an alias are of one day, so the id decides (AWN-45).
  std::ranges::stable_sort(images, {}, &k8s::ResolvedImage::id);
  return images;
}

}  // namespace sim
