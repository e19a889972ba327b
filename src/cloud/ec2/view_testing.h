// Fixtures of the EC2 catalogue tests: the embedded facts and small questions about a type.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cloud/catalogue.h"
#include "cloud/ec2/build.h"

namespace cloud::ec2 {

// Parsed once per process.
const Facts& test_facts();

// us-west-2, AL2023, all zones.
ClassView test_view(AmiFamily family = AmiFamily::kAL2023);

// REQUIRES: the region of the view is known.
CataloguePtr test_catalogue(const ClassView& view, const UnavailableOfferings& unavailable = {});

// One type of a catalogue by its own. REQUIRES: the region sells it.
InstanceType test_type(std::string_view name, const ClassView& view);

// The values of a label joined by "|"; "<absent>" for does-not-exist, "<undefined>" without entry.
std::string label_text(const InstanceType& type, std::string_view key);

// The canonical text of one resource; "<none>" when it is not listed.
std::string amount(const k8s::Resources& resources, std::string_view name);

std::size_t count_available(const InstanceType& type);

}  // namespace cloud::ec2
