// An answer's life as the engine tells it, on a virtual clock: the events before its first token, and directly before its last.
#include <optional>
#include <string>
#include <vector>

#include "unit/live/answer_stage.hpp"

namespace answer_life_test {

using namespace wirthforge;
using namespace answer_stage;

TEST_CASE("half an answer passed for a whole one: each answer's end is told directly before its last event", "[live][answer]") {
  stage s;
  std::int64_t now = 0;
  const auto end_of = [&](answer_end how, const std::string& reason = {}) {
    now += 100;
    const auto answer = s.open("s", now);
    s.write(answer, "half", now);
    s.finish(answer, how, now, reason);
    s.run(now, now);
    return s.take();
  };
  CHECK(end_of(answer_end::stop) == "ANSWER_DONE s=half,!");
  CHECK(end_of(answer_end::length) == "ANSWER_LENGTH s=half,!");
  CHECK(end_of(answer_end::stopped) == "ANSWER_STOPPED s=half,!");
  CHECK(end_of(answer_end::failed, "no memory") == "ANSWER_FAILED s=half,!");
  const auto& payload = s.last.front().at("payload");
  CHECK(payload.at("details") == nlohmann::json({{"sessionId", "s"}, {"modelId", "m"}, {"reason", "no memory"}}));
  CHECK(payload.at("severity") == "error");
  CHECK(payload.at("component") == "model");
}

TEST_CASE("a server that stopped left its open answers open for ever", "[live][answer][stop]") {
  stage s;
  const auto answer = s.open("s", 0);
  const auto thought = s.open("s:thinking", 0, answer);
  s.write(answer, "half", 1);
  s.engine.finish(at(2));
  CHECK(s.take() == "ANSWER_FAILED s:thinking=! ANSWER_FAILED s=half,!");
}

TEST_CASE("an answer ended before what it had thought, where that had ended in the same beat", "[live][answer][side]") {
  stage s;
  const auto answer = s.open("s", 0);
  const auto thought = s.open("s:thinking", 0, answer);
  s.write(answer, "a", 1);
  s.write(thought, "t", 1);
  s.finish(thought, answer_end::length, 1);
  s.finish(answer, answer_end::stop, 1);
  s.run(1, 1);
  CHECK(s.take() == "ANSWER_LENGTH s:thinking=t,! ANSWER_DONE s=a,!");
}

TEST_CASE("the figures of an answer are told with its end", "[live][answer][figures]") {
  stage s;
  const auto answer = s.open("s", 0);
  s.write(answer, "a", 500);
  s.write(answer, "b", 1500);
  s.write(answer, "c", 2000);
  s.finish(answer, answer_end::stop, 2500);
  s.run(3000, 3000);
  s.take();
  const auto& details = s.last.at(s.last.size() - 2).at("payload").at("details");
  CHECK(details.at("tokens") == 3);
  CHECK(details.at("seconds") == 2.5);
  CHECK(details.at("tokensPerSecond") == 1.5);
  CHECK(details.at("secondsToFirstToken") == 0.5);
}

TEST_CASE("a model server's token count is sent in place of the number of pieces", "[live][answer][figures]") {
  stage s;
  const auto answer = s.open("s", 0);
  s.write(answer, "many tokens at once", 0);
  answer->usage.store(222);
  s.finish(answer, answer_end::stop, 1000);
  s.run(2000, 2000);
  s.take();
  CHECK(s.last.front().at("payload").at("details").at("tokens") == 222);
  CHECK(s.last.front().at("payload").at("details").at("tokensPerSecond") == 222.0);
}

TEST_CASE("an answer without a token has figures that are numbers", "[live][answer][figures]") {
  stage s;
  s.finish(s.open("s", 0), answer_end::stop, 0);
  s.run(20, 20);
  CHECK(s.take() == "ANSWER_DONE s=!");
  const auto& details = s.last.front().at("payload").at("details");
  CHECK(details ==
        nlohmann::json({{"sessionId", "s"}, {"modelId", "m"}, {"tokens", 0}, {"seconds", 0}, {"tokensPerSecond", 0}}));
}

TEST_CASE("reading a prompt looked dead: an open answer without text says that it waits", "[live][answer][waiting]") {
  stage s;
  const auto slow = s.open("slow", 0);
  const auto quick = s.open("quick", 0);
  s.write(quick, "word", 1);
  s.run(1, 10'000);
  CHECK(s.take() == "quick=word, ANSWER_WAITING");
  CHECK(s.last.back().at("payload").at("details") == nlohmann::json({{"sessionId", "slow"}, {"modelId", "m"}}));
}

TEST_CASE("progress of a prompt is told four times a second, and the last value is not lost", "[live][answer][waiting]") {
  stage s;
  const auto answer = s.open("s", 0);
  std::vector<double> told;
  for (int ms = 0; ms < 1000; ++ms) {
    s.wait(answer, ms / 1000.0, ms);
    s.run(ms, ms);
  }
  s.run(1000, 5000);
  s.take();
  for (const auto& each : s.last) told.push_back(each.at("payload").at("details").at("progress").get<double>());
  CHECK(told == std::vector<double>{0, 0.25, 0.5, 0.75, 0.999});
}

TEST_CASE("no waiting is told once the first token or thought has come", "[live][answer][waiting]") {
  stage s;
  const auto answer = s.open("s", 0);
  s.wait(answer, 0.1, 0);
  s.run(0, 0);
  CHECK(s.take() == "ANSWER_WAITING");
  s.wait(answer, 0.9, 10);
  s.write(s.open("s:thinking", 11, answer), "hm", 11);
  s.wait(answer, 1, 12);
  s.run(300, 5000);
  CHECK(s.take() == "s:thinking=hm,");
}

TEST_CASE("text is not delayed by a prompt's progress that waits to be sent", "[live][answer][waiting]") {
  stage s;
  const auto slow = s.open("slow", 0);
  s.wait(slow, 0.1, 0);
  s.run(0, 0);
  s.wait(slow, 0.2, 1);  // due at 250
  const auto answer = s.open("s", 2);
  s.write(answer, "a", 2);
  s.run(2, 2);
  s.take();
  s.write(answer, "b", 3);
  const auto next = s.engine.finish_batch(at(3));
  REQUIRE(next);
  CHECK(*next <= at(20).steady);
}

TEST_CASE("side answers end before the main answer, for its reason, and after their own text", "[live][answer][side]") {
  stage s;
  const auto answer = s.open("s", 0);
  s.write(answer, "say", 1);
  const auto thought = s.open("s:thinking", 1, answer);
  const auto call = s.open("s:tool:1", 1, answer);
  s.write(thought, "hm", 2);
  s.write(call, "search", 2);
  s.write(call, "{}", 2);
  s.finish(call, answer_end::stop, 3);
  s.finish(answer, answer_end::stopped, 4);
  s.run(1000, 1000);
  CHECK(s.take() == "ANSWER_STOPPED s:thinking=hm,! s:tool:1=search,{},! ANSWER_STOPPED s=say,!");
}

TEST_CASE("queued bytes count until they are an event, and an answer that has ended has none", "[live][answer][queued]") {
  stage s;
  const auto answer = s.open("s", 0);
  s.run(0, 100);
  s.write(answer, std::string(100'000, 'x'), 200);
  CHECK(answer->queued_bytes == 100'000);
  s.run(200, 300);
  CHECK(answer->queued_bytes == 0);
}

TEST_CASE("a reason of any bytes and length can be sent", "[live][answer]") {
  const std::string reason = text::mended("\xFF" + std::string(5000, 'x'), live::max_reason_characters);
  const error_event event = live::ending_event("s", "m", answer_end::failed, reason);
  CHECK_FALSE(check(event));
  CHECK(text::mended("abc", 3) == "abc");
  CHECK(text::mended("abcd", 3) == "ab\xE2\x80\xA6");
  CHECK(text::mended("\xE4", 3) == "\xEF\xBF\xBD");
  CHECK(text::mended("\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80", 2) == "\xF0\x9F\x98\x80\xE2\x80\xA6");
}

}  // namespace answer_life_test
