// Answers that a page is told again: those that are open, and those that ended not long ago.
#include <algorithm>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "catch.hpp"
#include "unit/live/desk.hpp"
#include "wirthforge_ws.hpp"

namespace again_test {

using namespace wirthforge;
using nlohmann::json;
using test::at;
using test::desk;
using test::resume;
using test::time_of;
using names = std::vector<std::string>;

namespace {

// Without startup_complete and heartbeat. Each has the startup's time, but for a gap before them.
names short_form(const std::vector<json>& events) {
  REQUIRE(events.size() >= 2);
  names result;
  for (std::size_t n = 2; n < events.size(); ++n) {
    const json& payload = events[n]["payload"];
    if (payload.contains("code")) result.push_back(payload["code"]);
    else if (payload.contains("title")) result.push_back(payload["title"]);
    else
      result.push_back(payload["sessionId"].get<std::string>() + ":" + payload["tokens"][0].get<std::string>() +
                       (payload["isComplete"] ? "." : ""));
    if (payload.contains("tokens")) CHECK(payload["tokens"].size() == 1);
    if (payload.contains("tokens") || result.back().substr(0, 7) == "ANSWER_") CHECK(time_of(events[n]) == time_of(events[0]));
  }
  return result;
}
std::vector<json> open(desk& d, const std::string& query, std::int64_t ms) {
  live::hub_client& page = d.join(query, ms);
  const auto events = d.take(page);
  d.hub.leave(page);
  return events;
}
names told(desk& d, const std::string& query, std::int64_t ms) { return short_form(open(d, query, ms)); }
names recent(desk& d, std::int64_t ms) { return told(d, "replay=recent", ms); }

error_event ending(const std::string& code, const std::string& session, const std::string& more = {}) {
  error_event event;
  event.component = component::model;
  event.code = code;
  event.message = code;
  event.details = json::parse(R"({"sessionId":")" + session + R"(","modelId":"m","more":")" + more + "\"}");
  return event;
}

}  // namespace

TEST_CASE("a fresh page is sent the text so far of each open answer", "[live][resume][open]") {
  desk d;
  d.tokens("s1", "Hello");
  d.tokens("s2", "gone");
  d.tokens("s1", ", world");
  d.tokens("s2", "", true);
  live::hub_client& page = d.join("replay=open", 10);
  const auto events = d.take(page);
  CHECK(short_form(events) == names{"s1:Hello, world"});
  CHECK(time_of(events[2]) == time_of(events[0]));  // by this time a client tells it from new text
  CHECK(events[2]["payload"]["isComplete"] == false);

  live::hub_client& plain = d.join("", 10);
  CHECK(short_form(d.take(plain)).empty());
  live::hub_client& resumed = d.join(resume(time_of(events[0]), "&replay=open"), 11);
  CHECK(short_form(d.take(resumed)).empty());  // it missed nothing
  live::hub_client& restarted = d.join("epoch=" + std::string(32, 'f') + "&since=5&replay=open", 11);
  CHECK(short_form(d.take(restarted)) == names{"RESUME_EPOCH_CHANGED", "s1:Hello, world"});
}

TEST_CASE("a page that was opened after an answer ended showed nothing", "[live][resume][recent]") {
  desk d;
  d.tokens("s", "Hello");
  d.tokens("s", ", world", true);
  CHECK(recent(d, 700) == names{"s:Hello, world."});
  CHECK(told(d, "replay=open", 700).empty());
  CHECK(told(d, "", 700).empty());
  CHECK(recent(d, 120'000) == names{"s:Hello, world."});
  CHECK(recent(d, 120'001).empty());
}

TEST_CASE(
    "answers are sent again in the order in which they ended, then open ones, thoughts and tool calls before their answer",
    "[live][resume][recent]") {
  desk d;
  d.tokens("open", "still");
  d.tokens("b", "second to end");
  d.tokens("a", "first to end", true);
  d.tokens("b:thinking", "hm", true);
  d.tokens("b:tool:1", "look{}", true);
  d.tokens("b", "", true);
  d.tokens("c:thinking", "ends with its answer");
  d.tokens("c", "third", true);
  d.tokens("c:thinking", "", true);  // one event after it
  d.tokens("open:thinking", "aloud");
  CHECK(recent(d, 1) == names{"a:first to end.", "b:thinking:hm.", "b:tool:1:look{}.", "b:second to end.",
                              "c:thinking:ends with its answer.", "c:third.", "open:thinking:aloud", "open:still"});
  CHECK(told(d, "replay=open", 1) == names{"open:thinking:aloud", "open:still"});
}

TEST_CASE("an id that comes again is a new answer, and its thoughts are not the old one's", "[live][resume][recent]") {
  desk d;
  d.tokens("s", "the first", true);
  d.tokens("s:thinking", "of the second", true);
  CHECK(recent(d, 1) == names{"s:the first.", "s:thinking:of the second."});
  d.tokens("s", "the second");
  CHECK(recent(d, 1) == names{"s:the first.", "s:thinking:of the second.", "s:the second"});
  d.tokens("s", "", true);
  CHECK(recent(d, 1) == names{"s:the first.", "s:thinking:of the second.", "s:the second."});
}

TEST_CASE("an answer's end is sent again with it", "[live][resume][recent]") {
  desk d;
  d.tokens("s", "half");
  d.hub.record(ending("ANSWER_FAILED", "s"));
  d.tokens("other", "whole", true);
  d.tokens("s", "", true);
  d.hub.record(ending("ANSWER_STOPPED", "t"));  // it never had any text
  d.tokens("t", "", true);
  d.hub.record(ending("ANSWER_LENGTH", "u"));
  d.tokens("u", "it went on after all");
  d.tokens("u", ".", true);
  d.hub.record(ending("ANSWER_DONE", "v"));
  d.hub.record(ending("ANSWER_LENGTH", "v"));
  d.tokens("v", "v", true);
  const auto events = open(d, "replay=recent", 5);
  CHECK(short_form(events) == names{"other:whole.", "ANSWER_FAILED", "s:half.", "ANSWER_STOPPED", "t:.",
                                    "u:it went on after all..", "ANSWER_LENGTH", "v:v."});
  CHECK(events[3]["payload"]["details"]["sessionId"] == "s");
  CHECK_FALSE(live::says_how_it_ended(ending("ANSWER_WAITING", "s")));
  error_event other = ending("ANSWER_FAILED", "s");
  other.component = component::ui;
  CHECK_FALSE(live::says_how_it_ended(other));
  CHECK(live::session_of(error_event()).empty());
}

TEST_CASE("the log of answers' ends is bounded, and an answer whose end is not kept is left out", "[live][resume][recent]") {
  live::open_answers answers(4000);
  const auto write = [&](const std::string& text, bool is_complete = false) {
    return answers.record(token_stream{{text}, is_complete, "s", "m", std::nullopt});
  };
  write("half");
  answers.record(ending("ANSWER_FAILED", "s", std::string(2000, 'x')));
  CHECK(answers.bytes() <= 4000);
  const auto ended = write("", true);
  REQUIRE(ended);
  CHECK(ended->is_given_up);
  CHECK(answers.bytes() == 0);
  for (int n = 0; n < 1000; ++n) answers.record(ending("ANSWER_DONE", std::to_string(n)));
  CHECK(answers.bytes() <= 4000);
  CHECK(write("whole", true)->text.tokens.front() == "whole");
}

TEST_CASE("an answer that is too long to be kept is not told in part, and the page is told so", "[live][resume][recent]") {
  live::hub_options options;
  options.open_answers_bytes = 2000;
  desk d(options);
  d.tokens("long", std::string(1500, 'x'));
  d.tokens("long", std::string(1500, 'x'));
  d.tokens("short", "well", true);
  d.tokens("long", "the end", true);
  d.tokens("once", std::string(3000, 'x'), true);
  CHECK(recent(d, 1) == names{"short:well.", "RESUME_GAP"});
  CHECK(told(d, "replay=open", 1).empty());
  CHECK(recent(d, 120'001).empty());  // it would be gone by now in any case
}

TEST_CASE("answers that ended are bounded by the log's bytes and count, and the page is told of those that are left out",
          "[live][resume][recent]") {
  live::hub_options options;
  options.log.max_events = 3;
  options.log.max_bytes = 5000;
  desk d(options);
  for (int n = 1; n <= 3; ++n) d.tokens(std::to_string(n), "x", true);
  CHECK(recent(d, 1) == names{"1:x.", "2:x.", "3:x."});
  d.now_ms = 1000;
  d.tokens("4", "x", true);
  CHECK(recent(d, 1000) == names{"2:x.", "3:x.", "4:x.", "RESUME_GAP"});
  CHECK(recent(d, 120'001) == names{"4:x."});  // the ones before would be gone by now in any case
  d.tokens("5", std::string(4900, 'y'), true);
  CHECK(recent(d, 1000) == names{"4:x.", "RESUME_GAP"});
  CHECK(d.hub.bytes_held() <= 5000);
  d.tokens("6", "x", true);
  CHECK(recent(d, 1000) == names{"4:x.", "6:x.", "RESUME_GAP"});
}

TEST_CASE("a client that resumes without a gap is sent no answer again, one with a gap is sent all", "[live][resume][recent]") {
  live::hub_options options;
  options.log.max_events = 2;
  desk d(options);
  const std::int64_t startup = time_of(open(d, "", 1)[0]);
  d.tokens("s", "all", true);
  CHECK(told(d, resume(startup, "&replay=recent"), 2).empty());
  for (int n = 0; n < 3; ++n) d.reward("r", 3);
  CHECK(told(d, resume(startup, "&replay=recent"), 4) == names{"RESUME_GAP", "s:all."});
  CHECK(told(d, "epoch=" + std::string(32, 'f') + "&since=5&replay=recent", 4) == names{"RESUME_EPOCH_CHANGED", "s:all."});
}

TEST_CASE("many answers are sent in several writes, without a heartbeat or a new event between them",
          "[live][resume][recent]") {
  live::hub_options options;
  options.batch_bytes = 1000;
  desk d(options);
  for (int n = 0; n < 20; ++n) d.tokens(std::to_string(n), std::string(400, 'x'), true);
  d.tokens("open", "so far");
  live::hub_client& page = d.join("replay=recent", 1);
  d.energy("m", 1, 1, 1, 1);
  d.reward("news", 2);
  std::vector<std::vector<std::string>> writes;
  std::int64_t ms = 1000;
  for (; d.hub.has_more(page); ms += 1000) {
    d.hub.sweep(60, at(ms));
    writes.emplace_back();
    d.hub.collect(page, [&](const live::frame_ptr& frame) { writes.back().push_back(json::parse(frame->text())["type"]); });
    REQUIRE(writes.size() < 100);
  }
  CHECK(writes.size() > 8);
  names all;
  for (const auto& each : writes) all.insert(all.end(), each.begin(), each.end());
  names expected{"startup_complete", "heartbeat"};
  expected.insert(expected.end(), 21, "token_stream");
  names seen(all.begin(), all.begin() + 23);
  CHECK(seen == expected);
  CHECK(std::count(all.begin() + 23, all.end(), "reward_event") == 1);
  CHECK(std::count(all.begin() + 23, all.end(), "energy_update") == 1);
  CHECK(std::count(all.begin() + 23, all.end(), "heartbeat") >= 1);
}

TEST_CASE("open answers are bounded, and one that was dropped is never shown in part", "[live][resume][open]") {
  live::open_answers answers(20'000);
  const auto write = [&](const std::string& session, std::size_t bytes) {
    answers.record(token_stream{{std::string(bytes, 'x')}, false, session, "m", std::nullopt});
  };
  write("old", 10'000);
  write("new", 9'000);
  CHECK(answers.size() == 2);
  write("new", 9'000);  // past the bound: the least recently written one is dropped
  std::string left;
  CHECK_FALSE(answers.each([&](const live::kept_answer& each) { left += each.text.session_id; }));
  CHECK(left == "new");
  write("old", 100);
  left.clear();
  CHECK_FALSE(answers.each([&](const live::kept_answer& each) { left += each.text.session_id; }));
  CHECK(left == "new");
  answers.record(token_stream{{}, true, "old", "m", std::nullopt});
  CHECK(answers.each([](const live::kept_answer&) {}));
  for (int n = 0; n < 10'000; ++n) write(std::to_string(n), 0);
  CHECK(answers.bytes() <= 20'000);
}

TEST_CASE("an answer whose name was not kept is not shown from its middle on", "[live][resume][open]") {
  live::open_answers answers(20'000);
  const auto write = [&](const std::string& session, const std::string& text, bool is_complete = false) {
    answers.record(token_stream{{text}, is_complete, session, "m", std::nullopt});
  };
  const auto shown = [&] {
    std::string all;
    const bool is_whole = answers.each([&](const live::kept_answer& each) { all += each.text.tokens.front() + ";"; });
    return all + (is_whole ? "whole" : "partial");
  };
  const std::string large_name(15'000, 'n');
  write("old", "the beginning");
  write(large_name + "1", "");
  write(large_name + "2", "");  // their names alone are too much
  CHECK(shown() == "partial");
  write("old", " and the middle");
  CHECK(shown() == "partial");
  write(large_name + "1", " its middle");
  CHECK(shown() == "partial");
  write("old", " and the end", true);
  write(large_name + "1", " its end", true);
  write(large_name + "2", " its end", true);
  CHECK(shown() == "whole");
  write("old", "a new one");
  CHECK(shown() == "a new one;whole");
}

TEST_CASE("open answers are kept up to their bound, and with a bound of 0 none is", "[live][resume][open]") {
  live::open_answers none(0);
  none.record(token_stream{{"text"}, false, "s", "m", std::nullopt});
  CHECK(none.bytes() == 0);
  CHECK_FALSE(none.each([](const live::kept_answer&) { FAIL("nothing is kept"); }));

  live::open_answers measure;
  measure.record(token_stream{{""}, false, "s", "m", std::nullopt});
  const std::size_t bound = measure.bytes() + 100;
  live::open_answers at(bound);
  at.record(token_stream{{std::string(100, 'x')}, false, "s", "m", std::nullopt});
  CHECK(at.bytes() == bound);
  CHECK(at.each([](const live::kept_answer& each) { CHECK(each.text.tokens.front().size() == 100); }));
  at.record(token_stream{{"x"}, false, "s", "m", std::nullopt});
  CHECK_FALSE(at.each([](const live::kept_answer&) { FAIL("one byte more is too much"); }));
}

}  // namespace again_test
