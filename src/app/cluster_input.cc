#include "app/cluster_input.h"

#include <algorithm>
#include <utility>

#include <boost/json.hpp>

#include "app/input_advice.h"
#include "app/manifest_files.h"
#include "base/text.h"
#include "k8s/codec.h"
#include "k8s/kinds.h"
#include "k8s/manifest.h"
#include "k8s/schema/validate.h"
#include "model/pod_shape.h"

namespace app {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;

std::string place(const k8s::Manifest& manifest, int line) {
  return manifest.file + ":" + std::to_string(line);
}

// An object that an API server stored needs no second validation: a dump is read as it stands.
bool comes_from_a_cluster(const k8s::Object& object) {
  return !object.meta.uid.empty() && !object.meta.resource_version.empty() &&
         !k8s::is_custom(object.kind);
}

class Reader {
 public:
  Reader(const ReadOptions& options, std::string provider) : options_(options) {
    input_.provider = std::move(provider);
  }

  void add(const k8s::Manifest& manifest, std::string_view text) {
    const k8s::schema::Flavour flavour =
        input_.provider == "kwok" ? k8s::schema::Flavour::kKwok : k8s::schema::Flavour::kAws;
    const auto kind = k8s::find_kind(manifest.api_version, manifest.kind);
    if (kind && !k8s::is_custom(*kind) && !options_.keep_json) {
      auto decoded = decoder_.decode(manifest.json);
      if (decoded && comes_from_a_cluster(**decoded)) {
        input_.objects.push_back({shared(*decoded), "", manifest.file, manifest.line});
        return;
      }
    }
    const auto checked = k8s::schema::check_manifest(manifest.json, flavour);
    if (!checked.old_version_advice.empty()) {
      errors_.push_back(place(manifest, manifest.line) + ": " + checked.old_version_advice);
      return;
    }
    for (const k8s::schema::FieldError& error : checked.errors) {
      // "<nil>" only says that the other errors are not all.
      if (error.path != "<nil>") {
        errors_.push_back(place(manifest, k8s::locate(text, manifest.line, error.path)) + ": " +
                          checked.kind + " \"" + checked.name + "\": " + explained(error));
      }
    }
    for (const std::string& path : checked.unknown) {
      input_.warnings.push_back(place(manifest, k8s::locate(text, manifest.line, path)) + ": " +
                                checked.kind + " \"" + checked.name + "\": unknown field \"" +
                                path + "\" is ignored");
    }
    if (checked.errors.empty()) {
      decode(manifest, kind, checked.json);
    }
  }

  Result<ClusterInput> finish() {
    if (!errors_.empty()) {
      return fail(ErrorCode::kInvalid, base::join(errors_, "\n"));
    }
    return std::move(input_);
  }

 private:
  void decode(const k8s::Manifest& manifest,
              std::optional<k8s::Kind> kind,
              const std::string& json) {
    if (!kind) {
      pass_over(manifest);
      if (options_.keep_json) {
        input_.objects.push_back({nullptr, manifest.json, manifest.file, manifest.line});
      }
      return;
    }
    auto decoded = decoder_.decode(json);
    if (!decoded) {
      errors_.push_back(place(manifest, manifest.line) + ": " + decoded.error().detail);
      return;
    }
    k8s::ObjectPtr object = std::move(*decoded);
    if (k8s::facts(*kind).is_namespaced && object->meta.namespace_.empty()) {
      object = in_default_namespace(json);
    }
    input_.objects.push_back({shared(std::move(object)),
                              options_.keep_json ? manifest.json : "",
                              manifest.file,
                              manifest.line});
  }

  // A dump of a hundred thousand pods holds what replicas have in common once.
  k8s::ObjectPtr shared(k8s::ObjectPtr object) {
    if (object->kind != k8s::Kind::kPod) {
      return object;
    }
    return shapes_.adopt(std::static_pointer_cast<const k8s::Pod>(std::move(object))).pod;
  }

  void pass_over(const k8s::Manifest& manifest) {
    const std::optional<KindAdvice> advice = advise_on_kind(manifest);
    if (advice) {
      (advice->is_error ? errors_ : input_.warnings)
          .push_back(place(manifest, manifest.line) + ": " + advice->text);
    } else {
      ++input_.ignored[manifest.kind];
    }
  }

  // kubectl's own default.
  k8s::ObjectPtr in_default_namespace(const std::string& json) {
    boost::json::value document = boost::json::parse(json);
    document.at("metadata").as_object()["namespace"] = "default";
    return *decoder_.decode(boost::json::serialize(document));
  }

  const ReadOptions& options_;
  k8s::Decoder decoder_;
  model::PodShapes shapes_;
  ClusterInput input_;
  std::vector<std::string> errors_;
};

struct Document {
  std::string text;
  std::vector<k8s::Manifest> manifests;
};

Result<Document> parse_document(std::string text, const std::string& name) {
  Document document{.text = std::move(text), .manifests = {}};
  document.manifests = TRY(k8s::read_manifests(document.text, name));
  return document;
}

std::string infer_provider(const std::vector<Document>& documents) {
  for (const Document& document : documents) {
    for (const k8s::Manifest& manifest : document.manifests) {
      if (manifest.kind == "NodePool" && manifest.json.contains("\"karpenter.kwok.sh\"")) {
        return "kwok";
      }
    }
  }
  return "ec2";
}

// Gives the memory of each document back as soon as it has been read.
Result<ClusterInput> read_documents(std::vector<Document> documents, const ReadOptions& options) {
  Reader reader(options, options.provider.empty() ? infer_provider(documents) : options.provider);
  std::size_t count = 0;
  for (Document& document : documents) {
    count += document.manifests.size();
    for (k8s::Manifest& manifest : document.manifests) {
      reader.add(manifest, document.text);
      manifest = {};
    }
    document = {};
  }
  if (count == 0) {
    return fail(ErrorCode::kInvalid, "the input holds no Kubernetes object");
  }
  return reader.finish();
}

}  // namespace

Result<ClusterInput> read_cluster(const std::vector<std::string>& paths,
                                  const ReadOptions& options) {
  std::vector<Document> documents;
  for (ManifestFile& file : TRY(read_manifest_files(paths))) {
    documents.push_back(TRY(parse_document(std::move(file.text), file.name)));
  }
  return read_documents(std::move(documents), options);
}

Result<ClusterInput> read_cluster_text(std::string text,
                                       const std::string& name,
                                       const ReadOptions& options) {
  std::vector<Document> documents;
  Result<std::string> unpacked = k8s::unpack(text);
  if (!unpacked) {
    return fail(base::with_context(std::move(unpacked).error(), name));
  }
  documents.push_back(TRY(parse_document(std::move(*unpacked), name)));
  return read_documents(std::move(documents), options);
}

}  // namespace app
