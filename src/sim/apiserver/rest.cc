#include "sim/apiserver/rest.h"

#include <utility>

#include <boost/json.hpp>

#include "sim/apiserver/json.h"
#include "sim/apiserver/nonresource.h"
#include "sim/apiserver/patching.h"
#include "sim/apiserver/render.h"
#include "sim/apiserver/request_check.h"
#include "sim/apiserver/subresources.h"

namespace sim::api {

namespace {

using runtime::HttpResponse;
using runtime::HttpServerRequest;

constexpr auto kBookmarkInterval = std::chrono::seconds(60);

bool is_watch(const HttpServerRequest& request, const RestPath& path) {
  return request.method == "GET" && flag(request, "watch") && path.subresource.empty();
}

ObjectRef ref_of(const RestPath& path) {
  return {path.type, path.namespace_, path.name, path.subresource};
}

Answer<ListSelector> watch_selector(const HttpServerRequest& request, const RestPath& path) {
  if (const Answer<void> checked = check_parameters(request); !checked) {
    return refuse(checked.error());
  }
  const std::string_view version = parameter(request, "resourceVersion");
  if (!version.empty() && !number(request, "resourceVersion")) {
    return refuse(bad_resource_version(version));
  }
  return selector_of(request, path);
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
  if (std::optional<HttpResponse> document = answer_nonresource(request)) {
    return std::move(*document);
  }
  const std::optional<RestPath> path = parse_rest_path(request.path);
  if (!path) {
    return error_response(unknown_path());
  }
  if (!negotiate(request).acceptable) {
    return error_response(not_acceptable());
  }
  if (const Answer<void> checked = check_parameters(request); !checked) {
    return error_response(checked.error());
  }
  const Answer<HttpServerRequest> readable = with_json_body(request);
  return readable ? answer_resource(*readable, *path) : error_response(readable.error());
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
  Answer<ListSelector> selector = watch_selector(request, path);
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
