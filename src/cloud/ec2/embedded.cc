// The catalogue file as bytes of the binary. The assembler includes the file as it is: no generated
// source, no decoding at start. KP_CATALOGUE_FILE comes from src/cloud/embed.cmake.
#include "cloud/ec2/facts.h"

__asm__(
    ".pushsection .rodata\n"
    ".balign 16\n"
    ".global kEc2CatalogueBegin\n"
    ".hidden kEc2CatalogueBegin\n"
    "kEc2CatalogueBegin:\n"
    ".incbin \"" KP_CATALOGUE_FILE
    "\"\n"
    ".global kEc2CatalogueEnd\n"
    ".hidden kEc2CatalogueEnd\n"
    "kEc2CatalogueEnd:\n"
    ".byte 0\n"
    ".popsection\n");

extern "C" {
__attribute__((visibility("hidden"))) extern const char kEc2CatalogueBegin[];
__attribute__((visibility("hidden"))) extern const char kEc2CatalogueEnd[];
}

namespace cloud::ec2 {

std::string_view embedded_catalogue() {
  return {kEc2CatalogueBegin, kEc2CatalogueEnd};
}

}  // namespace cloud::ec2
