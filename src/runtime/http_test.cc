#include "runtime/http.h"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/text.h"
#include "runtime/certificate.h"
#include "runtime/fake_http_client.h"
#include "runtime/http_client.h"
#include "runtime/http_server.h"
#include "runtime/real_executor.h"
#include "runtime/virtual_executor.h"

namespace runtime {
namespace {

using namespace std::chrono_literals;
using Answer = base::Result<HttpResponse>;
using Responder = std::shared_ptr<HttpResponder>;

// A server and a client over loopback, on one loop.
class HttpRoundTrip : public testing::Test {
 protected:
  void serve(HttpServer::Handler handler, HttpServerOptions options = {}) {
    auto server = HttpServer::start(executor_, std::move(options), std::move(handler));
    ASSERT_TRUE(server) << server.error().detail;
    server_ = std::move(*server);
  }

  void run() {
    // A guard against hanging, far above what is needed.
    executor_.after(60s, [] { FAIL() << "timed out"; });
    executor_.run();
  }

  std::string url(const std::string& target) const { return server_->url() + target; }

  RealExecutor executor_;
  std::unique_ptr<HttpServer> server_;
  std::unique_ptr<HttpClient> client_ = make_curl_http_client(executor_);
};

TEST_F(HttpRoundTrip, RequestAndAnswerArriveWhole) {
  serve([](const HttpServerRequest& request, const Responder& responder) {
    EXPECT_EQ(request.method, "PATCH");
    EXPECT_EQ(request.path, "/api/a b");
    EXPECT_EQ(*request.parameter("labelSelector"), "a=b,c");
    EXPECT_EQ(request.parameter("none"), nullptr);
    EXPECT_EQ(*request.header("content-type"), "application/merge-patch+json");
    responder->send(
        {.status = 409, .headers = {{"X-Kind", "Status"}}, .body = request.body + request.body});
  });
  const std::string body(300'000, 'x');
  client_->send({.method = "PATCH",
                 .url = url("/api/a%20b?labelSelector=a%3Db%2Cc"),
                 .headers = {{"Content-Type", "application/merge-patch+json"}},
                 .body = body},
                [&](Answer answer) {
                  ASSERT_TRUE(answer) << answer.error().detail;
                  EXPECT_EQ(answer->status, 409);
                  EXPECT_EQ(*find_header(answer->headers, "x-kind"), "Status");
                  EXPECT_EQ(answer->body.size(), 2 * body.size());
                  executor_.stop();
                });
  run();
}

TEST_F(HttpRoundTrip, StreamsChunksAsTheyAreWritten) {
  std::vector<std::string> got;
  serve([&](const HttpServerRequest&, const Responder& responder) {
    responder->begin_stream(200, {{"Content-Type", "application/json"}});
    EXPECT_TRUE(responder->write("one\n"));
    executor_.after(20ms, [responder] {
      responder->write("two\n");
      responder->close();
    });
  });
  client_->stream(
      {.url = url("/watch")},
      [&](std::string_view chunk) { got.emplace_back(chunk); },
      [&](Answer answer) {
        ASSERT_TRUE(answer);
        EXPECT_EQ(answer->status, 200);
        EXPECT_TRUE(answer->body.empty());
        executor_.stop();
      });
  run();
  EXPECT_EQ(got, (std::vector<std::string>{"one\n", "two\n"}));
}

TEST_F(HttpRoundTrip, FailedStreamGivesItsBodyAtTheEnd) {
  serve([](const HttpServerRequest&, const Responder& responder) {
    responder->send({.status = 410, .headers = {}, .body = "expired"});
  });
  client_->stream(
      {.url = url("/")},
      [](std::string_view) { FAIL(); },
      [&](Answer answer) {
        EXPECT_EQ(answer->status, 410);
        EXPECT_EQ(answer->body, "expired");
        executor_.stop();
      });
  run();
}

TEST_F(HttpRoundTrip, CancelledStreamIsNoticedByTheServer) {
  Responder kept;
  HttpCallId call{};
  serve([&](const HttpServerRequest&, const Responder& responder) {
    kept = responder;
    responder->begin_stream(200, {});
    responder->write("hello");
    responder->on_disconnect([&] {
      EXPECT_FALSE(kept->is_open());
      EXPECT_FALSE(kept->write("more"));
      executor_.stop();
    });
  });
  call = client_->stream(
      {.url = url("/")}, [&](std::string_view) { client_->cancel(call); }, [](Answer) { FAIL(); });
  run();
}

TEST_F(HttpRoundTrip, ClientThatLeavesBeforeTheAnswerIsNoticed) {
  Responder kept;
  HttpCallId call{};
  serve([&](const HttpServerRequest&, const Responder& responder) {
    kept = responder;
    responder->on_disconnect([&] { executor_.stop(); });
    client_->cancel(call);
  });
  call = client_->send({.url = url("/")}, [](Answer) { FAIL(); });
  run();
}

TEST_F(HttpRoundTrip, StopEndsOpenStreamsAtOnce) {
  std::vector<Responder> kept;
  int ended = 0;
  serve([&](const HttpServerRequest&, const Responder& responder) {
    responder->begin_stream(200, {});
    kept.push_back(responder);
    if (kept.size() == 20) {
      const Instant before = executor_.clock().now();
      server_->stop();
      EXPECT_LT(executor_.clock().now() - before, 1s);
      EXPECT_EQ(server_->open_connections(), 0U);
    }
  });
  for (int i = 0; i < 20; ++i) {
    client_->stream(
        {.url = url("/")},
        [](std::string_view) {},
        [&](Answer answer) {
          EXPECT_FALSE(answer);
          if (++ended == 20) {
            executor_.stop();
          }
        });
  }
  run();
  EXPECT_FALSE(kept.front()->write("late"));
}

TEST_F(HttpRoundTrip, ManyStreamsDoNotStarveRequests) {
  std::vector<Responder> streams;
  serve([&](const HttpServerRequest& request, Responder responder) {
    if (request.path == "/watch") {
      responder->begin_stream(200, {});
      streams.push_back(std::move(responder));
    } else {
      responder->send({.status = 200, .headers = {}, .body = request.path});
    }
  });
  const auto many = make_curl_http_client(executor_, {.max_connections_per_host = 400});
  for (int i = 0; i < 200; ++i) {
    many->stream({.url = url("/watch"), .timeout = 0s}, [](std::string_view) {}, [](Answer) {});
  }
  int left = 500;
  for (int i = 0; i < 500; ++i) {
    client_->send({.url = url(base::concat("/", i))}, [&, i](Answer answer) {
      ASSERT_TRUE(answer) << answer.error().detail;
      EXPECT_EQ(answer->body, base::concat("/", i));
      if (--left == 0) {
        executor_.stop();
      }
    });
  }
  run();
  EXPECT_EQ(left, 0);
}

TEST_F(HttpRoundTrip, SlowReaderIsCutOff) {
  Responder kept;
  std::function<void()> flood = [&] {
    if (kept->write(std::string(1 << 20, 'x'))) {
      executor_.post(flood);
    }
  };
  serve(
      [&](const HttpServerRequest&, const Responder& responder) {
        kept = responder;
        responder->begin_stream(200, {});
        responder->on_disconnect([&] { executor_.stop(); });
        // One chunk is above the limit by itself: no race with a client that reads fast.
        EXPECT_FALSE(responder->write(std::string(1 << 21, 'x')));
      },
      {.max_stream_backlog = 1 << 20});
  client_->stream({.url = url("/")}, [](std::string_view) {}, [](Answer) {});
  run();
}

TEST_F(HttpRoundTrip, DroppedResponderAnswers500) {
  serve([](const HttpServerRequest&, const Responder&) {});
  client_->send({.url = url("/")}, [&](Answer answer) {
    EXPECT_EQ(answer->status, 500);
    executor_.stop();
  });
  run();
}

TEST_F(HttpRoundTrip, TooLongBodyIsRefused) {
  serve([](const HttpServerRequest&, const Responder&) { FAIL(); }, {.max_body_bytes = 1000});
  client_->send({.method = "POST", .url = url("/"), .body = std::string(5000, 'x')},
                [&](Answer answer) {
                  ASSERT_TRUE(answer) << answer.error().detail;
                  EXPECT_EQ(answer->status, 413);
                  executor_.stop();
                });
  run();
}

TEST_F(HttpRoundTrip, HeadHasNoBody) {
  serve([](const HttpServerRequest& request, const Responder& responder) {
    EXPECT_EQ(request.method, "HEAD");
    responder->send({.status = 200, .headers = {}, .body = "content"});
  });
  client_->send({.method = "HEAD", .url = url("/")}, [&](Answer answer) {
    ASSERT_TRUE(answer);
    EXPECT_TRUE(answer->body.empty());
    EXPECT_EQ(*find_header(answer->headers, "content-length"), "7");
    executor_.stop();
  });
  run();
}

TEST_F(HttpRoundTrip, TlsWithAMadeCertificate) {
  const CertificatePem pem =
      make_self_signed_certificate({"127.0.0.1", "localhost"}, executor_.clock().wall()).value();
  serve(
      [](const HttpServerRequest&, const Responder& responder) {
        responder->send({.status = 200, .headers = {}, .body = "secret"});
      },
      {.tls_cert_pem = pem.cert, .tls_key_pem = pem.key});
  client_->send({.url = url("/"), .tls = {.ca_pem = pem.cert}}, [&](Answer answer) {
    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(answer->body, "secret");
    client_->send({.url = url("/")}, [&](Answer untrusted) {
      EXPECT_EQ(untrusted.error().code, base::ErrorCode::kDenied);
      executor_.stop();
    });
  });
  run();
}

TEST_F(HttpRoundTrip, CertificateMayBeForAnotherNameThanTheUrl) {
  const CertificatePem pem =
      make_self_signed_certificate({"kubernetes"}, executor_.clock().wall()).value();
  std::string host;
  serve(
      [&](const HttpServerRequest& request, const Responder& responder) {
        host = *request.header("Host");
        responder->send({.status = 200, .headers = {}, .body = "secret"});
      },
      {.tls_cert_pem = pem.cert, .tls_key_pem = pem.key});
  client_->send({.url = url("/"), .tls = {.ca_pem = pem.cert}}, [&](Answer by_address) {
    EXPECT_EQ(by_address.error().code, base::ErrorCode::kDenied);
    client_->send({.url = url("/"), .tls = {.ca_pem = pem.cert, .server_name = "kubernetes"}},
                  [&](Answer by_name) {
                    ASSERT_TRUE(by_name) << by_name.error().detail;
                    EXPECT_EQ(host, url("").substr(std::string_view("https://").size()));
                    executor_.stop();
                  });
  });
  run();
}

TEST_F(HttpRoundTrip, ProxyOfTheRequestIsUsed) {
  std::string target;
  serve([&](const HttpServerRequest& request, const Responder& responder) {
    target = request.target;
    responder->send({.status = 200, .headers = {}, .body = "through"});
  });
  client_->send({.url = "http://nowhere.invalid/a", .proxy = url("")}, [&](Answer answer) {
    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(answer->body, "through");
    EXPECT_EQ(target, "http://nowhere.invalid/a");
    executor_.stop();
  });
  run();
}

TEST_F(HttpRoundTrip, ClientErrorsHaveTheirCodes) {
  serve([](const HttpServerRequest&, const Responder&) {});
  const std::string dead = url("/");
  server_->stop();
  client_->send({.url = dead}, [&](Answer answer) {
    EXPECT_EQ(answer.error().code, base::ErrorCode::kUnavailable);
    client_->send({.url = "ftp://x/"}, [&](Answer odd) {
      EXPECT_EQ(odd.error().code, base::ErrorCode::kInvalid);
      executor_.stop();
    });
  });
  run();
}

TEST_F(HttpRoundTrip, SlowAnswerTimesOut) {
  Responder kept;
  serve([&](const HttpServerRequest&, const Responder& responder) { kept = responder; });
  client_->send({.url = url("/"), .timeout = 50ms}, [&](Answer answer) {
    EXPECT_EQ(answer.error().code, base::ErrorCode::kTimeout);
    executor_.stop();
  });
  run();
}

TEST_F(HttpRoundTrip, DestroyedClientNeverCallsBack) {
  serve([&](const HttpServerRequest&, const Responder& responder) {
    client_.reset();
    responder->send({.status = 200, .headers = {}, .body = {}});
    executor_.after(20ms, [&] { executor_.stop(); });
  });
  client_->send({.url = url("/")}, [](Answer) { FAIL(); });
  run();
}

TEST(HttpServer, SecondServerOnAPortIsRefused) {
  VirtualExecutor executor;
  const auto ignore = [](const HttpServerRequest&, const Responder&) {};
  const auto first = HttpServer::start(executor, {}, ignore).value();
  const auto second = HttpServer::start(executor, {.port = first->port()}, ignore);
  EXPECT_EQ(second.error().code, base::ErrorCode::kUnavailable);
  EXPECT_EQ(HttpServer::start(executor, {.host = "nowhere"}, ignore).error().code,
            base::ErrorCode::kInvalid);
}

TEST(Http, DecodesQueriesAndEscapes) {
  EXPECT_EQ(percent_decode("a%2Fb+c%zz%", false), "a/b+c%zz%");
  EXPECT_EQ(percent_encode("a b/ü"), "a%20b%2F%C3%BC");
  const auto query = parse_query("watch=true&x&&fieldSelector=a%3Db+c");
  ASSERT_EQ(query.size(), 3U);
  EXPECT_EQ(query[1].second, "");
  EXPECT_EQ(query[2].second, "a=b c");
}

TEST(FakeHttpClient, AnswersOnTheLoopAndHoldsStreams) {
  VirtualExecutor executor;
  FakeHttpClient client(executor, [](const HttpRequest& request) -> Answer {
    return HttpResponse{.status = 200, .headers = {}, .body = request.url};
  });
  client.hold_streams(true);
  std::string got;
  client.send({.url = "a"}, [&](Answer answer) { got += answer->body; });
  const HttpCallId stream = client.stream(
      {.url = "b"}, [&](std::string_view chunk) { got += chunk; }, [&](Answer) { got += "!"; });
  EXPECT_TRUE(got.empty());
  executor.run_until_idle();
  client.push_chunk(stream, "c");
  client.end_stream(stream, HttpResponse{.status = 200});
  executor.run_until_idle();
  EXPECT_EQ(got, "abc!");
  EXPECT_EQ(client.open_calls(), 0U);
}

}  // namespace
}  // namespace runtime
