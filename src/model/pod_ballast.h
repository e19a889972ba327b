// What a real pod carries and nobody here reads: standard conditions about the start of containers,
// the prefix of its name, the resources of containers that are not being resized. Of 100,000 pods
// it would be 100 MB. Dropped from pods that are kept, never from pods that are written.
#pragma once

#include "k8s/pod.h"

namespace model {

bool has_ballast(const k8s::Pod& pod);
void drop_ballast(k8s::Pod& pod);

}  // namespace model
