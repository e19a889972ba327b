// Reading manifests as kubectl does: YAML (many documents to a file), JSON, Lists of objects, plain
// or gzipped. What comes out is JSON text per object, with its place for error messages.
//
//   for (const Manifest& m : TRY(read_manifests(bytes, "pools.yaml"))) {
//     const auto object = decode_object(m.json, &warnings);
//     // on error: m.file, locate(bytes, m.line, "spec.weight")
//   }
//
// Scalars are typed as by YAML 1.1, the way kubectl types them (yes/no/on/off are booleans, 010 is
// eight, dates stay text). Duplicate keys, undefined aliases and unknown tags are errors that name
// file and line. Bounds: 1 GiB of text, 256 levels, 64 MiB out of aliases. A 30 MB dump takes
// about a quarter of a second (manifest_bench.cc): block YAML as tools write it is converted by
// hand (k8s/block_yaml.h), anything else goes through libyaml.
//
// Thread rule: free functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace k8s {

struct Manifest {
  std::string json;
  std::string file;
  int line = 0;  // Where the object begins, from 1.
  std::string api_version;
  std::string kind;
};

// Documents without content are passed over; List and *List objects are replaced by their items
// (an item without kind gets the List's). Errors: kInvalid, kLimit: "FILE:LINE: ...".
base::Result<std::vector<Manifest>> read_manifests(std::string_view bytes,
                                                   std::string_view filename);

// The line of a field ("spec.containers[0].image") of the object that begins on `object_line`; of
// the nearest enclosing field when there is no such field.
int locate(std::string_view bytes, int object_line, std::string_view field_path);

// The text itself, or what it holds when it is gzipped.
base::Result<std::string> unpack(std::string_view bytes);

}  // namespace k8s
