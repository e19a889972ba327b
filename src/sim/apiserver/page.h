// One page of a list. All pages of a list show the same moment: the continue token carries the
// version of the first page, and what has changed since is undone from the store's log. A token
// that is older than the log is refused with 410, as by a real server after compaction.
//
// Thread rule: free functions on values. Cost of a page: what it skips and shows, plus the changes
// since the first page.
#pragma once

#include <string>
#include <vector>

#include "sim/apiserver/rest_path.h"

namespace sim::api {

struct Page {
  TypeId type;
  std::vector<DocumentPtr> documents;
  std::string resource_version;
  std::string next{};         // Continue token; empty: complete.
  std::size_t remaining = 0;  // Behind this page; 0: not counted (lists with a selector).
};

// Errors: 400 (selector, token, version), 410 (token or exact version too old), 504 (version not
// reached yet).
Answer<Page> select_page(const Store& store,
                         const runtime::HttpServerRequest& request,
                         const RestPath& path);

}  // namespace sim::api
