// The catalogue file as bytes of the binary. The assembler includes the file as it is: no generated
// source, no decoding at start. KP_CATALOGUE_FILE comes from src/cloud/embed.cmake.
#include "cloud/ec2/facts.h"

__asm__(
    ".pushsection .rodata\n"
    ".balign 16\n"
    ".global karpenter_ec2_catalogue_begin\n"
    ".hidden karpenter_ec2_catalogue_begin\n"
    "karpenter_ec2_catalogue_begin:\n"
    ".incbin \"" KP_CATALOGUE_FILE
    "\"\n"
    ".global karpenter_ec2_catalogue_end\n"
    ".hidden karpenter_ec2_catalogue_end\n"
    "karpenter_ec2_catalogue_end:\n"
    ".byte 0\n"
    ".popsection\n");

extern "C" {
__attribute__((visibility("hidden"))) extern const char karpenter_ec2_catalogue_begin[];
__attribute__((visibility("hidden"))) extern const char karpenter_ec2_catalogue_end[];
}

namespace cloud::ec2 {

std::string_view embedded_catalogue() {
  return {karpenter_ec2_catalogue_begin, karpenter_ec2_catalogue_end};
}

}  // namespace cloud::ec2
