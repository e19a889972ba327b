// Typed objects from JSON and back. Decoding is strict about types (an error names the field's path
// and what was expected) and applies the API's defaults for absent fields, so that what it returns
// needs no second look; fields that we do not model are skipped, and listed for our own kinds.
// Encoding writes apiVersion, kind, metadata, spec, status in that order and omits what is empty.
//
//   const ObjectPtr object = TRY(decode_object(body, &warnings));
//   if (object->kind == Kind::kPod) { const Pod& pod = as<Pod>(*object); }
//
// Thread rule: free functions without shared state. A Decoder keeps its buffers: one per thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "k8s/meta.h"

namespace k8s {

// Paths of fields that the kind does not have ("spec.template.spec.taintz"), in document order.
using Warnings = std::vector<std::string>;

// REQUIRES: the object's kind is T's.
template <typename T>
const T& as(const Object& object) {
  return static_cast<const T&>(object);
}

template <typename T>
std::shared_ptr<const T> shared_as(const ObjectPtr& object) {
  return std::static_pointer_cast<const T>(object);
}

// Errors: kInvalid (not JSON, wrong type at a path), kUnsupported (a kind that we do not know).
base::Result<ObjectPtr> decode_object(std::string_view json, Warnings* unknown_fields = nullptr);
// The kind is given; apiVersion and kind in the text may be absent (items of a typed List).
base::Result<ObjectPtr> decode_as(Kind kind,
                                  std::string_view json,
                                  Warnings* unknown_fields = nullptr);

std::string encode_object(const Object& object);

// The parts that travel alone.
struct PodTemplate;
struct PodSpec;
std::string encode_meta(const ObjectMeta& meta);
std::string encode_pod_spec(const PodSpec& spec);
std::string encode_resources(const Resources& resources);
std::string encode_conditions(const std::vector<Condition>& conditions);
std::string encode_taints(const std::vector<Taint>& taints);

// Decodes many objects with one set of buffers.
class Decoder {
 public:
  Decoder();
  ~Decoder();
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  base::Result<ObjectPtr> decode(std::string_view json, Warnings* unknown_fields = nullptr);
  base::Result<ObjectPtr> decode_as(Kind kind,
                                    std::string_view json,
                                    Warnings* unknown_fields = nullptr);

 private:
  struct Buffers;
  std::unique_ptr<Buffers> buffers_;
};

// Reads a List piece by piece: feed() takes any split of the text, the sink gets each item as soon
// as it is complete, and only the item under way is kept.
class ListReader {
 public:
  // An item that cannot be decoded is the sink's to judge: the list goes on behind it (API-25).
  using Sink = std::function<void(base::Result<ObjectPtr>)>;

  // Kind::kCount: as the List says ("PodList"), else as each item says.
  ListReader(Kind kind, Sink sink, Warnings* unknown_fields = nullptr);
  ~ListReader();
  ListReader(const ListReader&) = delete;
  ListReader& operator=(const ListReader&) = delete;

  base::Result<void> feed(std::string_view chunk);
  // Call at the end of the text. Errors: kInvalid when it was not a complete List.
  base::Result<void> finish();

  // Known after finish().
  const std::string& resource_version() const { return resource_version_; }

  const std::string& continue_token() const { return continue_; }

 private:
  struct State;
  std::unique_ptr<State> state_;
  std::string resource_version_;
  std::string continue_;
};

// The whole text at once. A kind for untyped items is taken from the List's own kind.
base::Result<void> decode_list(std::string_view json,
                               const ListReader::Sink& sink,
                               Warnings* unknown_fields = nullptr);

}  // namespace k8s
