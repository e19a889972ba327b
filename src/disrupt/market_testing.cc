#include "disrupt/market_testing.h"

#include "base/text.h"
#include "cloud/ec2/build.h"
#include "cloud/ec2/label_schema.h"
#include "cloud/kwok/catalogue.h"
#include "world/names.h"

namespace disrupt::testing {

namespace {

k8s::SelectorTerm term(std::string_view key, std::string_view op, std::vector<std::string> values) {
  k8s::SelectorTerm out;
  out.key = std::string(key);
  out.op = std::string(op);
  out.values = std::move(values);
  return out;
}

std::vector<k8s::SelectorTerm> usual_requirements() {
  return {term("kubernetes.io/os", "In", {"linux"}),
          term("kubernetes.io/arch", "In", {"amd64"}),
          term(world::kCapacityTypeLabel, "In", {"on-demand"})};
}

std::string kwok_type(std::size_t family, int cpus) {
  static constexpr std::array kFamilies{"c", "s", "m"};
  return base::concat(kFamilies[family], "-", cpus, "x-amd64-linux");
}

std::string ec2_type(std::size_t family, int cpus) {
  static constexpr std::array kFamilies{"c6a", "m6a", "r6a"};
  const std::string multiple = cpus == 4 ? "" : std::to_string(cpus / 4);
  return base::concat(kFamilies[family], ".", multiple, "xlarge");
}

}  // namespace

Market kwok_market() {
  Market market;
  market.catalogue = cloud::kwok::embedded_catalogue();
  market.schema =
      std::make_shared<const cloud::LabelSchema>(cloud::kwok::label_schema(*market.catalogue));
  market.node_class = {.group = "karpenter.kwok.sh", .kind = "KWOKNodeClass", .name = "default"};
  market.zones = {"test-zone-a", "test-zone-b", "test-zone-c", "test-zone-d"};
  market.requirements = usual_requirements();
  market.type_name = kwok_type;
  return market;
}

Market ec2_market() {
  cloud::ec2::ClassView view;
  view.region = "us-east-1";
  Market market;
  market.catalogue = *cloud::ec2::build_catalogue(cloud::ec2::embedded_facts(), view);
  market.schema = std::make_shared<const cloud::LabelSchema>(cloud::ec2::label_schema());
  market.node_class = {.group = "karpenter.k8s.aws", .kind = "EC2NodeClass", .name = "default"};
  market.zones = {"us-east-1a", "us-east-1b", "us-east-1c", "us-east-1d"};
  market.requirements = usual_requirements();
  market.requirements.push_back(term("karpenter.k8s.aws/instance-category", "In", {"c", "m", "r"}));
  market.requirements.push_back(term("karpenter.k8s.aws/instance-generation", "Gt", {"2"}));
  market.type_name = ec2_type;
  return market;
}

}  // namespace disrupt::testing
