# The EC2 catalogue is included into cloud/ec2/embedded.cc by the assembler, which the compiler's dependency
# scan does not see.
set(KP_CATALOGUE ${CMAKE_SOURCE_DIR}/data/ec2/catalogue.tsv)
set_source_files_properties(cloud/ec2/embedded.cc PROPERTIES
  COMPILE_DEFINITIONS "KP_CATALOGUE_FILE=\"${KP_CATALOGUE}\""
  OBJECT_DEPENDS ${KP_CATALOGUE})
