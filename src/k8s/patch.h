// Changing JSON documents as the API server does: the four patch types.
//
//   apply_merge_patch(live, patch);                                   // RFC 7386
//   TRY_VOID(apply_json_patch(live, operations));                     // RFC 6902
//   TRY_VOID(apply_strategic_patch(Kind::kPod, live, patch));
//   live = TRY(apply_configuration(kind, live, previous, applied));   // server-side apply
//
// Depth is bounded: documents nested deeper than 512 are refused by the JSON parser in front.
// Thread rule: free functions; arguments are not shared.
#pragma once

#include <boost/json/fwd.hpp>

#include "base/error.h"
#include "k8s/meta.h"

namespace k8s {

// null members of the patch remove; lists are replaced.
void apply_merge_patch(boost::json::value& target, const boost::json::value& patch);

// Equality, whatever the order of members. That of Boost 1.81 copies each member that it compares.
bool same_json(const boost::json::value& a, const boost::json::value& b);

// The merge patch that turns `from` into `to`: {} when they are equal.
boost::json::value create_merge_patch(const boost::json::value& from, const boost::json::value& to);

// `operations` is the list of operations. Errors: kInvalid (form, a path that does not exist, a
// failed test), with the operation's index. `target` is unchanged then.
base::Result<void> apply_json_patch(boost::json::value& target,
                                    const boost::json::value& operations);

// Lists of core kinds are merged by their keys (containers by name, ...), with $patch,
// $retainKeys, $deleteFromPrimitiveList and $setElementOrder. Custom resources have no merge keys:
// the API server refuses (kUnsupported), and so do we. Errors: kInvalid. `target` is unchanged
// then.
base::Result<void> apply_strategic_patch(Kind kind,
                                         boost::json::value& target,
                                         const boost::json::value& patch);

// Server-side apply with one manager: what `applied` says wins; what `previous` (the manager's last
// applied configuration, null at first) said and `applied` no longer does is removed; the rest of
// `live` stays. Lists merge by the keys of the kind, for custom resources by those of their schemas
// (conditions).
base::Result<boost::json::value> apply_configuration(Kind kind,
                                                     const boost::json::value& live,
                                                     const boost::json::value& previous,
                                                     const boost::json::value& applied);

}  // namespace k8s
