// Events about models, events before ready, and a client's stop of an answer.
#include <optional>
#include <string>
#include <vector>

#include "unit/live/answer_stage.hpp"

namespace before_ready_test {

using namespace wirthforge;
using namespace answer_stage;

TEST_CASE("a model's loading is sent four times a second, its last value and its result at once", "[live][model]") {
  stage s;
  std::vector<double> told;
  for (int ms = 0; ms < 1000; ++ms) {
    s.loading("m", ms / 1000.0, ms);
    s.run(ms, ms);
  }
  s.run(1000, 5000);
  s.take();
  for (const auto& each : s.last) told.push_back(each.at("payload").at("details").at("progress").get<double>());
  CHECK(told == std::vector<double>{0, 0.25, 0.5, 0.75, 0.999});
  s.loading("m", 0.1, 6000);
  s.loading("m", 0.2, 6001);
  s.carry_out(live::tell_model{"m", live::loading_stage::ready, {}, {}}, 6002);
  s.loading("other", {}, 6003);
  s.carry_out(live::tell_model{"m", live::loading_stage::failed, {}, "no memory"}, 6004);
  s.carry_out(live::tell_model{"m", live::loading_stage::unloaded, {}, {}}, 6005);
  s.run(6010, 9000);
  CHECK(s.take() == "MODEL_LOADING MODEL_READY MODEL_LOADING MODEL_FAILED MODEL_UNLOADED");
  CHECK(s.last.at(2).at("payload").at("details") == nlohmann::json({{"modelId", "other"}}));
  CHECK(s.last.at(3).at("payload").at("details") == nlohmann::json({{"modelId", "m"}, {"reason", "no memory"}}));
}

TEST_CASE("events published before ready while a client waited were lost, without a gap", "[live][ready]") {
  stage s(false);
  CHECK(s.reward("one", 0) == publish_result::nobody_listening);  // and is held all the same
  client waits(s, 1);
  CHECK(s.reward("two", 2) == publish_result::sent);
  s.loading("m", 0.5, 3);
  const auto answer = s.open("s", 4);
  s.write(answer, "word", 4);
  s.run(4, 4);
  CHECK(waits.hear(5).find("startup_complete") == std::string::npos);
  s.ready(1000);
  CHECK(s.reward("three", 1001) == publish_result::sent);
  CHECK(waits.hear(1002) == "startup_complete heartbeat one two MODEL_LOADING s three");
  for (std::size_t index = 2; index < waits.times.size(); ++index) {
    CHECK(waits.times[index] > waits.times[0]);
    CHECK(waits.times[index] >= 1'700'000'001'000);  // stamped then
  }
  client late(s, 1003, "?replay=open");
  CHECK(late.hear(1004) == "startup_complete heartbeat MODEL_LOADING s");
}

TEST_CASE("a client that asks for the text so far before ready is not sent it twice", "[live][ready]") {
  stage s(false);
  client waits(s, 0, "?replay=open");
  const auto answer = s.open("s", 1);
  s.write(answer, "word", 1);
  s.run(1, 1);
  s.ready(1000);
  CHECK(waits.hear(1001) == "startup_complete heartbeat s");
}

TEST_CASE("events before ready that the log cannot hold are told as a gap", "[live][ready]") {
  live::engine_options options;
  options.hub.log.max_events = 2;
  stage s(false, options);
  client waits(s, 0);
  for (const char* const title : {"one", "two", "three"}) s.reward(title, 1);
  s.ready(1000);
  CHECK(waits.hear(1001) == "startup_complete heartbeat RESUME_GAP two three");
}

TEST_CASE("a stop before ready hands the held events to tap and journal", "[live][ready][stop]") {
  stage s(false);
  s.engine.attach_tap();
  s.reward("one", 1);
  CHECK(s.told.said.empty());
  s.engine.finish(at(2));
  REQUIRE(s.told.said.size() == 1);
}

TEST_CASE("a client's stop reaches the writer of an open answer and its side answers, and no other", "[live][stop]") {
  stage s;
  client person(s, 0);
  const auto answer = s.open("s", 0);
  const auto thought = s.open("s:thinking", 0, answer);
  const auto other = s.open("other", 0);
  person.say(R"({"type":"stop","payload":{"sessionId":"s"}})", 1);
  CHECK(answer->is_stop_requested());
  CHECK(thought->is_stop_requested());
  CHECK_FALSE(other->is_stop_requested());
  CHECK(s.told.stops == std::vector<std::string>{"e.1 s"});
  person.say(R"({"type":"stop","payload":{"sessionId":"other"}})", 2);
  CHECK(other->is_stop_requested());
  s.finish(answer, answer_end::stopped, 3);
  person.hear(4);
  person.say(R"({"type":"stop","payload":{"sessionId":"s"}})", 5);       // has ended
  person.say(R"({"type":"stop","payload":{"sessionId":"nobody"}})", 6);  // never was
  CHECK(s.told.stops.size() == 2);
  CHECK(person.hear(7).empty());
  person.say(R"({"type":"stop","payload":{}})", 8);
  person.say(R"({"type":"stop","payload":{"sessionId":"s","more":1}})", 9);
  CHECK(person.hear(10) == "CLIENT_MESSAGE_MALFORMED CLIENT_MESSAGE_MALFORMED");
}

TEST_CASE("a stop for an answer that is published without a writer is handed on as well", "[live][stop]") {
  stage s;
  client person(s, 0);
  std::error_code error;
  s.engine.prepare(token_stream{{"a"}, false, "own", "m", {}}, 0, error,
                   [&](live::command next) { s.carry_out(std::move(next), 1); });
  person.say(R"({"type":"stop","payload":{"sessionId":"own"}})", 2);
  CHECK(s.told.stops == std::vector<std::string>{"e.1 own"});
}

}  // namespace before_ready_test
