#include "explain/why.h"

#include <gtest/gtest.h>

namespace explain {
namespace {

struct OnePod {
  OnePod() {
    pod.meta.name = "web";
    pod.meta.namespace_ = "default";
    auto row = std::make_shared<world::PodRow>();
    row->pod = std::make_shared<const k8s::Pod>(pod);
    row->shape = shapes.intern(pod);
    pods.push_back(snapshot.pods.insert(row));
  }

  k8s::Pod pod;
  model::PodShapes shapes;
  world::Snapshot snapshot;
  std::vector<world::PodId> pods;
};

TEST(Why, SaysThatThereIsNoPool) {
  // SCH-114
  OnePod scene;
  EXPECT_EQ(why({.snapshot = scene.snapshot, .pods = scene.pods}, scene.pods[0]),
            "pod default/web stays pending. It asks for pods 1.\n"
            "  new nodes:\n"
            "    - there is no NodePool\n");
}

}  // namespace
}  // namespace explain
