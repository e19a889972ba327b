#include "act/actor.h"

#include <deque>

#include <gtest/gtest.h>

#include "act/ports_testing.h"
#include "runtime/virtual_executor.h"

namespace act {
namespace {

using base::ErrorCode;

// Answers writes with the scripted errors, then with success; remembers the requests.
class ScriptedApi : public testing::IdleApi {
 public:
  explicit ScriptedApi(runtime::Executor& executor) : executor_(executor) {}

  void write(k8s::WriteRequest request, WriteDone done) override {
    requests.push_back(std::move(request));
    base::Result<k8s::ObjectPtr> answer = nullptr;
    if (!errors.empty()) {
      answer = base::fail(errors.front(), "scripted");
      errors.pop_front();
    }
    executor_.post([done = std::move(done), answer] { done(answer); });
  }

  std::deque<ErrorCode> errors;
  std::vector<k8s::WriteRequest> requests;

 private:
  runtime::Executor& executor_;
};

class ActorTest : public ::testing::Test {
 protected:
  ErrorCode perform(k8s::Verb verb) {
    k8s::WriteRequest request{};
    request.verb = verb;
    request.key = {k8s::Kind::kNodeClaim, "", "a"};
    ErrorCode code = ErrorCode::kInternal;
    bool is_fine = false;
    actor_.perform({WriteObject{request}, "test"}, [&](const Outcome& outcome) {
      const base::Error* error = error_of(outcome);
      is_fine = error == nullptr;
      code = error != nullptr ? error->code : ErrorCode::kInternal;
    });
    executor_.run_until_idle();
    succeeded_ = is_fine;
    return code;
  }

  runtime::VirtualExecutor executor_;
  ScriptedApi api_{executor_};
  testing::IdleCloud cloud_;
  Actor actor_{{.api = api_, .cloud = cloud_, .resolver = nullptr}, executor_};
  bool succeeded_ = false;
};

TEST_F(ActorTest, RetriesTransportErrorsWithPauses) {
  api_.errors = {ErrorCode::kUnavailable, ErrorCode::kTimeout, ErrorCode::kThrottled};
  const base::Instant start = executor_.now();
  perform(k8s::Verb::kMergePatch);
  EXPECT_TRUE(succeeded_);
  EXPECT_EQ(api_.requests.size(), 4U);
  EXPECT_EQ(executor_.now() - start, std::chrono::milliseconds(700));
}

TEST_F(ActorTest, GivesUpAfterFiveAttempts) {
  api_.errors.assign(10, ErrorCode::kUnavailable);
  EXPECT_EQ(perform(k8s::Verb::kMergePatch), ErrorCode::kUnavailable);
  EXPECT_EQ(api_.requests.size(), 5U);
}

TEST_F(ActorTest, LeavesRefusedEvictionsToTheCaller) {
  // LIF-148
  api_.errors = {ErrorCode::kThrottled};
  EXPECT_EQ(perform(k8s::Verb::kEvict), ErrorCode::kThrottled);
  EXPECT_EQ(api_.requests.size(), 1U);
}

TEST_F(ActorTest, LostAnswerOfACreateIsRecognised) {
  api_.errors = {ErrorCode::kTimeout, ErrorCode::kAlreadyExists};
  perform(k8s::Verb::kCreate);
  EXPECT_TRUE(succeeded_);
  api_.errors = {ErrorCode::kAlreadyExists};
  EXPECT_EQ(perform(k8s::Verb::kCreate), ErrorCode::kAlreadyExists);
}

TEST_F(ActorTest, CountsARepeatedEventInsteadOfWritingItAgain) {
  // OPR-80
  const PublishEvent event{
      .object = {.api_version = "v1", .kind = "Pod", .namespace_ = "ns", .name = "p", .uid = "u"},
      .type = "Normal",
      .reason = "Nominated",
      .message = "m",
      .dedupe = {"u"}};
  for (int i = 0; i < 3; ++i) {
    actor_.perform({event, "test"});
    executor_.run_for(std::chrono::seconds(90));
  }
  ASSERT_EQ(api_.requests.size(), 2U);
  EXPECT_EQ(api_.requests[0].verb, k8s::Verb::kCreate);
  EXPECT_EQ(api_.requests[1].verb, k8s::Verb::kMergePatch);
  EXPECT_NE(api_.requests[1].body.find(R"("count":2)"), std::string::npos);
  EXPECT_EQ(api_.requests[0].key.name, api_.requests[1].key.name);
}

TEST_F(ActorTest, DigestTellsRunsApart) {
  perform(k8s::Verb::kMergePatch);
  const std::uint64_t once = actor_.digest();
  perform(k8s::Verb::kMergePatch);
  EXPECT_NE(actor_.digest(), once);
  EXPECT_EQ(actor_.count(), 2U);
}

}  // namespace
}  // namespace act
