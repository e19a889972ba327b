// One object while it is being converted. For .cc files of this folder only (includes boost/json).
// Thread rule: values.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "k8s/convert/convert.h"

namespace k8s::convert {

struct Draft {
  boost::json::value object;
  std::vector<std::string> notes;
  std::string problem;  // Not empty: cannot be converted.
  std::size_t source = 0;
  bool is_changed = false;
  std::optional<boost::json::value> kubelet;  // Of a pool: on its way to the node class.

  void note(std::string text) {
    notes.push_back(std::move(text));
    is_changed = true;
  }

  std::string_view kind() const;
  std::string_view name() const;
  bool is(std::string_view api_version, std::string_view kind) const;
};

// The child object, made when it is absent or something else.
boost::json::object& child(boost::json::object& of, std::string_view name);
// nullptr when it is not there, or no object.
boost::json::object* find_child(boost::json::object& of, std::string_view name);
boost::json::object* find_child(boost::json::object& of,
                                std::initializer_list<std::string_view> path);
// Removes the field and returns what it held.
std::optional<boost::json::value> take(boost::json::object& from, std::string_view name);
// "" when it is absent or no text.
std::string text_in(const boost::json::object& of, std::string_view name);

// Steps, each to be called on the kind that it names; one does nothing to an object that it does
// not concern.
void convert_provisioner(Draft& draft);                            // v1alpha5 -> v1beta1 NodePool
void convert_node_template(Draft& draft, const Options& options);  // -> v1beta1 EC2NodeClass
void convert_node_pool(Draft& draft);                              // v1beta1 -> v1
void convert_node_claim(Draft& draft);                             // v1beta1 -> v1
void convert_node_class(Draft& draft);                             // v1beta1 -> v1
void rename_annotations(Draft& draft);                             // API-198
// Annotations of the conversion webhooks of 1.0 (API-196). A pool's kubelet among them is kept in
// `draft.kubelet`.
void drop_compatibility(Draft& draft);
// What the server writes: status, uid, managedFields and so on.
void drop_server_fields(Draft& draft);
// Puts the kubelet configuration of pools into their node classes, splitting a class where pools
// differ. New classes are appended after the class that they copy.
void move_kubelets(std::vector<Draft>& drafts);

}  // namespace k8s::convert
