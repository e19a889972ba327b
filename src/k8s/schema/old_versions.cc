#include "k8s/schema/old_versions.h"

#include <algorithm>
#include <array>

namespace k8s::schema {
namespace {

struct OldKind {
  std::string_view api_version;
  std::string_view kind;
  std::string_view served_api_version;
  std::string_view served_kind;
};

constexpr std::array<OldKind, 6> kOldKinds{{
    {"karpenter.sh/v1beta1", "NodePool", "karpenter.sh/v1", "NodePool"},
    {"karpenter.sh/v1beta1", "NodeClaim", "karpenter.sh/v1", "NodeClaim"},
    {"karpenter.k8s.aws/v1beta1", "EC2NodeClass", "karpenter.k8s.aws/v1", "EC2NodeClass"},
    {"karpenter.sh/v1alpha5", "Provisioner", "karpenter.sh/v1", "NodePool"},
    {"karpenter.sh/v1alpha5", "Machine", "karpenter.sh/v1", "NodeClaim"},
    {"karpenter.k8s.aws/v1alpha1", "AWSNodeTemplate", "karpenter.k8s.aws/v1", "EC2NodeClass"},
}};

}  // namespace

std::string old_version_advice(std::string_view api_version,
                               std::string_view kind,
                               std::string_view name,
                               std::string_view file) {
  const auto found = std::find_if(kOldKinds.begin(), kOldKinds.end(), [&](const OldKind& old) {
    return old.api_version == api_version && old.kind == kind;
  });
  if (found == kOldKinds.end()) {
    return {};
  }
  std::string out(kind);
  if (!name.empty()) {
    out.append(" \"").append(name).append("\"");
  }
  out.append(" is ").append(api_version).append(", which is not served any more (served: ");
  out.append(found->served_api_version).append(" ").append(found->served_kind);
  out.append("); run: karpenter convert -f ").append(file.empty() ? "FILE" : file);
  return out;
}

}  // namespace k8s::schema
