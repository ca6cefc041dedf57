// The state that one run of a hub leaves to the next, without a file: which answers are whole, which have failed, and which
// must be reported as left out.
#include <string>
#include <vector>

#include "catch.hpp"
#include "unit/live/desk.hpp"

namespace restart_test {

using namespace wirthforge;
using namespace test;

// A run that writes down what it publishes.
struct journaled {
  desk of;
  live::journal_past past;
  explicit journaled(const live::hub_options& options = {}) : of(options) {}

  template <class Event>
  void publish(const Event& event, std::int64_t ms) {
    const auto frame = live::make_frame(event, envelope{});
    of.hub.publish(frame, at(ms));
    past.events.push_back({frame->timestamp(), std::string(frame->text())});
  }
  void tokens(const std::string& session, const std::string& text, bool is_complete, std::int64_t ms) {
    const token_stream event{{text}, is_complete, session, "m", std::nullopt};
    publish(event, ms);
    of.hub.record(event, at(ms));
  }
  void end(const std::string& session, live::answer_end how, std::int64_t ms) {
    const error_event event = live::ending_event(session, "m", how, "no memory");
    publish(event, ms);
    of.hub.record(event);
  }
  /// The next one, of which the journal has dropped so many events.
  std::vector<token_stream> go_on(live::hub& next, std::size_t dropped, std::int64_t ms) {
    past.epoch = epoch;
    past.state = "{";
    of.hub.write_state(past.state, at(ms));
    past.state += R"("epoch":")" + epoch + "\"}";
    for (; dropped > 0; --dropped) {
      past.lost_through = past.events.front().timestamp;
      past.events.pop_front();
    }
    return next.restore(past, at(ms));
  }
};

// The events of a page that connects after the restart.
std::vector<std::string> told(live::hub& by, std::int64_t ms) {
  by.ready(startup_complete{"m", tier::mid, "1.2.3"}, 60, at(ms));
  live::hub_client& page = by.join(live::parse_resume("replay=recent"), 60, at(ms));
  std::vector<std::string> all;
  while (by.collect(page, [&](const live::frame_ptr& frame) {
    const auto payload = nlohmann::json::parse(frame->text())["payload"];
    if (payload.contains("code")) all.push_back(payload["code"]);
    if (payload.contains("tokens")) all.push_back(payload["sessionId"]);
  })) {}
  return all;
}

TEST_CASE("after a restart half an answer passed for a whole one: how it ended had dropped out of the log",
          "[live][restart][recent]") {
  journaled before;
  before.end("a", live::answer_end::failed, 1);
  before.tokens("a", "half", true, 2);
  before.tokens("b", "whole", true, 3);
  live::hub next("0", {});
  before.go_on(next, 1, 100);
  CHECK(told(next, 200) == std::vector<std::string>{"b", "RESUME_GAP"});
}

TEST_CASE("after a restart an answer that was too long never ended", "[live][restart]") {
  live::hub_options options;
  options.open_answers_bytes = 1000;
  journaled before(options);
  before.tokens("long", std::string(1500, 'l'), false, 1);
  before.tokens("b", "whole", true, 2);
  live::hub next("0", options);
  const std::vector<token_stream> failed = before.go_on(next, 1, 100);
  REQUIRE(failed.size() == 1);
  CHECK(failed.front().session_id == "long");
}

TEST_CASE("an answer whose text had dropped out of the log was told as an empty one after a restart",
          "[live][restart][recent]") {
  journaled before;
  before.tokens("a", "text", false, 1);
  before.tokens("b", "whole", true, 2);
  live::hub next("0", {});
  const std::vector<token_stream> failed = before.go_on(next, 1, 100);
  REQUIRE(failed.size() == 1);
  next.record(token_stream{{}, true, "a", "m", std::nullopt}, at(101));  // as the engine ends it
  CHECK(told(next, 200) == std::vector<std::string>{"b", "RESUME_GAP"});
}

TEST_CASE("after a restart an answer that was left out is not told of any more", "[live][restart][recent]") {
  live::hub_options options;
  options.open_answers_bytes = 1000;
  journaled before(options);
  before.tokens("long", std::string(1500, 'l'), false, 1);
  before.tokens("long", "end", true, 2);
  before.tokens("b", "whole", true, 3);
  SECTION("while it is young") {
    live::hub next("0", options);
    before.go_on(next, 2, 100);
    CHECK(told(next, 200) == std::vector<std::string>{"b", "RESUME_GAP"});
  }
  SECTION("and when it is old, nobody is told") {
    live::hub next("0", options);
    before.go_on(next, 2, 100);
    CHECK(told(next, 125'000).empty());
  }
}

TEST_CASE("answers and their ends are whole after a restart that has all of the log", "[live][restart][recent]") {
  journaled before;
  before.tokens("a", "ha", false, 1);
  before.end("a", live::answer_end::failed, 2);
  before.tokens("a", "lf", true, 3);
  before.tokens("b", "whole", true, 4);
  before.tokens("c", "open", false, 5);
  live::hub next("0", {});
  CHECK(before.go_on(next, 0, 100).size() == 1);
  CHECK(told(next, 200) == std::vector<std::string>{"ANSWER_FAILED", "a", "b", "c"});
}

}  // namespace restart_test
