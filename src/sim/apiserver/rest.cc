#include "sim/apiserver/rest.h"

#include <utility>

#include <boost/json.hpp>

#include "sim/apiserver/discovery.h"
#include "sim/apiserver/json.h"
#include "sim/apiserver/patching.h"
#include "sim/apiserver/proto_body.h"
#include "sim/apiserver/render.h"
#include "sim/apiserver/subresources.h"

namespace sim::api {

namespace {

using runtime::HttpResponse;
using runtime::HttpServerRequest;

constexpr auto kBookmarkInterval = std::chrono::seconds(60);
constexpr std::string_view kAggregatedType =
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

HttpResponse plain_text(std::string body) {
  HttpResponse out;
  out.status = 200;
  out.headers = {{"Content-Type", "text/plain; charset=utf-8"}};
  out.body = std::move(body);
  return out;
}

bool is_health_path(std::string_view path) {
  for (const std::string_view known : {"/healthz", "/readyz", "/livez"}) {
    if (path == known || path.starts_with(std::string(known) + "/")) {
      return true;
    }
  }
  return false;
}

HttpResponse maybe(std::optional<std::string> body) {
  return body ? json_response(200, std::move(*body)) : error_response(unknown_path());
}

// Everything that is not a resource; nullopt: a resource path.
std::optional<HttpResponse> answer_document(const HttpServerRequest& request) {
  std::string_view path = request.path;
  while (path.size() > 1 && path.ends_with('/')) {
    path.remove_suffix(1);
  }
  if (path == "/version") {
    return json_response(200, version_json());
  }
  if (is_health_path(path)) {
    return plain_text("ok");
  }
  if (path.starts_with("/openapi/")) {
    return maybe(openapi_json(path));
  }
  const std::vector<std::string> parts = split_path(path);
  const bool is_root = path == "/api" || path == "/apis";
  if (is_root && negotiate(request).aggregated_discovery) {
    HttpResponse out = json_response(200, aggregated_discovery_json(path));
    out.headers.front().second = kAggregatedType;
    return out;
  }
  if (is_root || (!parts.empty() && parts[0] == "api" && parts.size() == 2) ||
      (!parts.empty() && parts[0] == "apis" && parts.size() <= 3)) {
    return maybe(discovery_json(path));
  }
  return std::nullopt;
}

bool is_watch(const HttpServerRequest& request, const RestPath& path) {
  return request.method == "GET" && flag(request, "watch") && path.subresource.empty();
}

ObjectRef ref_of(const RestPath& path) {
  return {path.type, path.namespace_, path.name, path.subresource};
}

// "prefix/" of the keys in a namespace; empty: all.
std::string key_prefix(const RestPath& path) {
  return path.namespace_.empty() ? std::string{} : path.namespace_ + "/";
}

Answer<Page> select_page(const Store& store,
                         const HttpServerRequest& request,
                         const RestPath& path) {
  const Answer<ListSelector> selector = selector_of(request, path);
  if (!selector) {
    return refuse(selector.error());
  }
  const std::int64_t limit = number(request, "limit").value_or(0);
  const std::string prefix = key_prefix(path);
  const std::string_view after = parameter(request, "continue");
  Page page{path.type, {}, std::to_string(store.version()), "", 0};
  const Store::Collection& all = store.collection(path.type);
  auto it = after.empty() ? all.lower_bound(prefix) : all.upper_bound(after);
  std::string last;
  for (; it != all.end() && it->first.starts_with(prefix); ++it) {
    if (!selector->matches(it->second->body())) {
      continue;
    }
    if (limit > 0 && page.documents.size() >= static_cast<std::size_t>(limit)) {
      page.next = last;
      ++page.remaining;
      continue;
    }
    page.documents.push_back(it->second);
    last = it->first;
  }
  return page;
}

std::optional<PatchType> patch_type_of(const HttpServerRequest& request) {
  const std::string* header = request.header("Content-Type");
  const std::string_view type = header == nullptr ? std::string_view{} : std::string_view(*header);
  if (type.starts_with("application/json-patch+json")) {
    return PatchType::kJson;
  }
  if (type.starts_with("application/merge-patch+json")) {
    return PatchType::kMerge;
  }
  if (type.starts_with("application/strategic-merge-patch+json")) {
    return PatchType::kStrategic;
  }
  if (type.starts_with("application/apply-patch+yaml")) {
    return PatchType::kApply;
  }
  return std::nullopt;
}

}  // namespace

RestServer::RestServer(Registry& registry, runtime::Executor& executor)
    : registry_(registry), executor_(executor) {
  schedule_bookmarks();
}

RestServer::~RestServer() {
  *is_alive_ = false;
  executor_.cancel(bookmarks_);
}

runtime::HttpServer::Handler RestServer::handler() {
  return
      [this](const HttpServerRequest& request, std::shared_ptr<runtime::HttpResponder> responder) {
        handle(request, std::move(responder));
      };
}

void RestServer::handle(const HttpServerRequest& request,
                        std::shared_ptr<runtime::HttpResponder> responder) {
  const std::optional<RestPath> path = parse_rest_path(request.path);
  if (path && is_watch(request, *path) && resource_type(path->type).storage != Storage::kVirtual) {
    begin_watch(request, *path, std::move(responder));
    return;
  }
  responder->send(answer(request));
}

HttpResponse RestServer::answer(const HttpServerRequest& request) {
  const std::string* type = request.header("Content-Type");
  if (type != nullptr && is_protobuf(*type) && !request.body.empty()) {
    const Answer<json::object> body = decode_protobuf(request.body);
    if (!body) {
      return error_response(body.error());
    }
    HttpServerRequest readable = request;
    readable.body = json::serialize(*body);
    // The first header of a name counts.
    readable.headers.insert(readable.headers.begin(), {"Content-Type", "application/json"});
    return answer_json(readable);
  }
  return answer_json(request);
}

HttpResponse RestServer::answer_json(const HttpServerRequest& request) {
  if (std::optional<HttpResponse> document = answer_document(request)) {
    return std::move(*document);
  }
  const std::optional<RestPath> path = parse_rest_path(request.path);
  if (!path) {
    return error_response(unknown_path());
  }
  if (!negotiate(request).acceptable) {
    StatusError error = bad_request(
        "only the following media types are accepted: "
        "application/json");
    error.code = 406;
    error.reason = "NotAcceptable";
    return error_response(error);
  }
  return answer_resource(request, *path);
}

HttpResponse RestServer::answer_resource(const HttpServerRequest& request, const RestPath& path) {
  const ResourceType& type = resource_type(path.type);
  if (type.storage == Storage::kVirtual) {
    return request.method == "POST" ? answer_review(type, request.body)
                                    : error_response(method_not_allowed(request.method));
  }
  if (!path.subresource.empty() && path.subresource != "status") {
    return subresource(request, path);
  }
  if (path.subresource == "status" && !type.has_status) {
    return error_response(unknown_path());
  }
  if (request.method == "GET" || request.method == "HEAD") {
    return path.name.empty() ? list(request, path) : read(request, path);
  }
  if (request.method == "POST") {
    return path.name.empty() ? create(request, path)
                             : error_response(method_not_allowed(request.method));
  }
  if (request.method == "PUT" || request.method == "PATCH") {
    return path.name.empty() ? error_response(method_not_allowed(request.method))
                             : write(request, path);
  }
  if (request.method == "DELETE" && path.subresource.empty()) {
    return path.name.empty() ? remove_all(request, path) : remove(request, path);
  }
  return error_response(method_not_allowed(request.method));
}

HttpResponse RestServer::render(const HttpServerRequest& request,
                                const Answer<Written>& written,
                                int success) const {
  if (!written) {
    return error_response(written.error());
  }
  const RenderOptions how{negotiate(request).form, row_object(request), registry_.now()};
  HttpResponse out = json_response(success, render_object(written->object, how));
  for (const std::string& warning : written->warnings) {
    // RFC 7234 warn-code 299, "-" for the agent, the text quoted.
    out.headers.emplace_back("Warning", "299 - " + json::serialize(json::value(warning)));
  }
  return out;
}

HttpResponse RestServer::read(const HttpServerRequest& request, const RestPath& path) {
  const Answer<DocumentPtr> found = registry_.get(ref_of(path));
  if (!found) {
    return error_response(found.error());
  }
  Written read;
  read.object = *found;
  return render(request, read, 200);
}

HttpResponse RestServer::list(const HttpServerRequest& request, const RestPath& path) {
  const Answer<Page> page = select_page(registry_.store(), request, path);
  if (!page) {
    return error_response(page.error());
  }
  const RenderOptions how{negotiate(request).form, row_object(request), registry_.now()};
  return json_response(200, render_list(*page, how));
}

HttpResponse RestServer::create(const HttpServerRequest& request, const RestPath& path) {
  Answer<json::object> body = parse_object(request.body);
  if (!body) {
    return error_response(body.error());
  }
  return render(
      request, registry_.create(ref_of(path), std::move(*body), write_options(request)), 201);
}

HttpResponse RestServer::write(const HttpServerRequest& request, const RestPath& path) {
  const WriteOptions options = write_options(request);
  if (request.method == "PATCH") {
    const std::optional<PatchType> type = patch_type_of(request);
    if (!type) {
      return error_response(unsupported_media_type(
          "the body of the request was in an unknown format - accepted media types include: "
          "application/json-patch+json, application/merge-patch+json, "
          "application/strategic-merge-patch+json, application/apply-patch+yaml"));
    }
    const Answer<Written> written = registry_.patch(ref_of(path), *type, request.body, options);
    return render(request, written, written && written->created ? 201 : 200);
  }
  Answer<json::object> body = parse_object(request.body);
  if (!body) {
    return error_response(body.error());
  }
  return render(request, registry_.update(ref_of(path), std::move(*body), options), 200);
}

HttpResponse RestServer::remove(const HttpServerRequest& request, const RestPath& path) {
  WriteOptions options = write_options(request);
  if (const Answer<void> read = read_delete_options(request.body, options); !read) {
    return error_response(read.error());
  }
  const Answer<Written> removed = registry_.remove(ref_of(path), options);
  if (removed && removed->is_gone) {
    return json_response(200,
                         success_json(resource_type(path.type), path.name, removed->object->uid()));
  }
  return render(request, removed, 200);
}

HttpResponse RestServer::remove_all(const HttpServerRequest& request, const RestPath& path) {
  WriteOptions options = write_options(request);
  if (const Answer<void> read = read_delete_options(request.body, options); !read) {
    return error_response(read.error());
  }
  const Answer<Page> page = select_page(registry_.store(), request, path);
  if (!page) {
    return error_response(page.error());
  }
  for (const DocumentPtr& document : page->documents) {
    // One that is gone meanwhile (a dependent of an earlier one) is no error.
    static_cast<void>(registry_.remove(
        {path.type, std::string(document->namespace_()), std::string(document->name()), ""},
        options));
  }
  return json_response(200, render_list(*page, {}));
}

HttpResponse RestServer::subresource(const HttpServerRequest& request, const RestPath& path) {
  return answer_subresource(registry_, request, path);
}

void RestServer::begin_watch(const HttpServerRequest& request,
                             const RestPath& path,
                             std::shared_ptr<runtime::HttpResponder> responder) {
  Answer<ListSelector> selector = selector_of(request, path);
  if (!selector) {
    responder->send(error_response(selector.error()));
    return;
  }
  WatchRequest wanted{path, std::move(*selector), negotiate(request).form, row_object(request)};
  wanted.resource_version = parameter(request, "resourceVersion");
  wanted.send_initial_events = flag(request, "sendInitialEvents");
  wanted.allow_bookmarks = flag(request, "allowWatchBookmarks");
  const std::uint64_t id = next_watch_++;
  responder->on_disconnect([this, id, alive = is_alive_] {
    if (*alive) {
      end_watch(id);
    }
  });
  auto stream = std::make_unique<WatchStream>(registry_, std::move(wanted), std::move(responder));
  stream->start();
  watches_.emplace(id, std::move(stream));
  const auto timeout = number(request, "timeoutSeconds").value_or(0);
  if (timeout > 0) {
    executor_.after(std::chrono::seconds(timeout), [this, id, alive = is_alive_] {
      if (*alive) {
        end_watch(id);
      }
    });
  }
}

void RestServer::end_watch(std::uint64_t id) {
  const auto found = watches_.find(id);
  if (found != watches_.end()) {
    found->second->close();
    watches_.erase(found);
  }
}

void RestServer::drop_watches() {
  while (!watches_.empty()) {
    end_watch(watches_.begin()->first);
  }
}

void RestServer::schedule_bookmarks() {
  bookmarks_ = executor_.after(kBookmarkInterval, [this] {
    for (const auto& [id, watch] : watches_) {
      watch->send_bookmark(false);
    }
    std::erase_if(watches_, [](const auto& entry) { return !entry.second->is_live(); });
    schedule_bookmarks();
  });
}

}  // namespace sim::api
