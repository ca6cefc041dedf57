// Events for one connection alone, and its end: in order, without a hole in anybody's sequence, and bounded.
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"
#include "unit/live/answer_stage.hpp"
#include "unit/live/desk.hpp"
#include "wirthforge_ws.hpp"

namespace addressed_test {

using namespace wirthforge;

namespace {

std::shared_ptr<live::event_frame> titled(const std::string& title) {
  reward_event event;
  event.title = title;
  return live::make_frame(event, envelope{});
}
std::shared_ptr<live::event_frame> coded(const std::string& code) {
  error_event event;
  event.code = code;
  return live::make_frame(event, envelope{});
}
std::string names(const std::vector<nlohmann::json>& events) {
  std::string all;
  for (const auto& each : events) {
    const auto& payload = each.at("payload");
    const std::string name = payload.contains("title")  ? payload.at("title")
                             : payload.contains("code") ? payload.at("code")
                                                        : each.at("type");
    all += (all.empty() ? "" : " ") + name;
  }
  return all;
}
// All bytes that the peer wants to be sent.
std::string bytes_of(answer_stage::client& from, std::int64_t ms) {
  std::string bytes;
  while (from.peer.gather(from.runs, answer_stage::at(ms))) {
    std::size_t size = 0;
    for (const std::string_view run : from.runs) {
      bytes += run;
      size += run.size();
    }
    from.peer.sent(size);
  }
  return bytes;
}

}  // namespace

TEST_CASE("an event for one client stands where it was sent, with a time of its own, and no other client sees it",
          "[live][hub][send]") {
  test::desk desk;
  live::hub_client& one = desk.join("", 1);
  live::hub_client& other = desk.join("", 1);
  desk.reward("a", 2);
  desk.hub.send_to(one, titled("for-one"), test::at(2));
  desk.hub.send_to(one, titled("for-one-too"), test::at(2));
  desk.reward("b", 2);
  desk.hub.send_to(one, coded("AT_THE_END"), test::at(2));
  CHECK(desk.hub.has_more(one));
  const auto heard = desk.take(one);
  CHECK(names(heard) == "startup_complete heartbeat a for-one for-one-too b AT_THE_END");
  for (std::size_t index = 3; index < heard.size(); ++index) {
    CHECK(heard[index].at("timestamp").get<std::int64_t>() > heard[index - 1].at("timestamp").get<std::int64_t>());
  }
  CHECK_FALSE(desk.hub.has_more(one));
  CHECK(names(desk.take(other)) == "startup_complete heartbeat a b");
}

TEST_CASE("a client that returns from an event of its own misses nothing and is told of no gap", "[live][hub][send][resume]") {
  test::desk desk;
  live::hub_client& one = desk.join("", 1);
  desk.reward("a", 2);
  desk.hub.send_to(one, titled("mine"), test::at(2));
  const std::int64_t mine = desk.take(one).back().at("timestamp");
  CHECK(names(desk.take(desk.join(test::resume(mine), 3))) == "startup_complete heartbeat");  // also as the newest of all
  desk.reward("b", 4);
  CHECK(names(desk.take(desk.join(test::resume(mine), 5))) == "startup_complete heartbeat b");
  CHECK(names(desk.take(desk.join(test::resume(mine - 1), 5))) == "startup_complete heartbeat b");  // it is not in the log
}

TEST_CASE("an event for one client waits behind its replay", "[live][hub][send][resume]") {
  test::desk desk;
  const std::int64_t began = desk.take(desk.join("", 1)).front().at("timestamp");
  desk.reward("a", 2);
  desk.reward("b", 3);
  live::hub_client& back = desk.join(test::resume(began), 4);
  desk.hub.send_to(back, titled("mine"), test::at(4));
  CHECK(names(desk.take(back)) == "startup_complete heartbeat a b mine");
}

TEST_CASE("an event for one client needs its subscription, and one of the system none", "[live][hub][send]") {
  test::desk desk;
  live::hub_client& one = desk.join("", 1);
  desk.take(one);
  REQUIRE_FALSE(desk.hub.receive(one, R"({"type":"subscribe","payload":{"channels":["energy"]}})", test::at(2)));
  desk.hub.send_to(one, titled("mine"), test::at(3));
  desk.hub.send_to(one, coded("MINE"), test::at(3));
  CHECK(names(desk.take(one)) == "MINE");
  CHECK_FALSE(desk.hub.has_more(one));
}

TEST_CASE("a client that is sent more than the log may hold is lagging, and the newest event always stays",
          "[live][hub][send][lag]") {
  live::hub_options options;
  options.log.max_events = 3;
  test::desk few(options);
  live::hub_client& slow = few.join("", 1);
  for (int each = 0; each < 3; ++each) few.hub.send_to(slow, titled("t"), test::at(2));
  CHECK_FALSE(few.hub.is_lagging(slow));
  few.hub.send_to(slow, titled("t"), test::at(2));
  CHECK(few.hub.is_lagging(slow));
  CHECK(few.hub.events_lost(slow) == 0);

  options.log.max_events = 100;
  options.log.max_bytes = 1;
  test::desk small(options);
  live::hub_client& other = small.join("", 1);
  small.hub.send_to(other, titled("large"), test::at(2));
  CHECK_FALSE(small.hub.is_lagging(other));
  CHECK(names(small.take(other)) == "startup_complete heartbeat large");
  small.hub.send_to(other, titled("t"), test::at(2));
  small.hub.send_to(other, titled("t"), test::at(2));
  CHECK(small.hub.is_lagging(other));
}

TEST_CASE("an event that is sent to a client before ready comes right after its startup_complete", "[live][engine][send]") {
  answer_stage::stage s(false);
  answer_stage::client early(s, 1), other(s, 1);
  s.carry_out(live::send_to{"e.1", titled("state")}, 2);
  s.carry_out(live::send_to{"e.7", titled("nobody")}, 2);
  bytes_of(early, 3);  // the response to its upgrade
  CHECK(early.hear(3).empty());
  s.ready(4);
  s.reward("after", 5);
  CHECK(early.hear(6) == "startup_complete heartbeat state after");
  CHECK(early.times[2] > early.times[0]);
  CHECK(early.times[3] > early.times[2]);
  CHECK(other.hear(6) == "startup_complete heartbeat after");
}

TEST_CASE("text that was written to an answer first goes before an event for one client, and before its end",
          "[live][engine][send]") {
  answer_stage::stage s;
  answer_stage::client one(s, 1);
  one.hear(1);
  const auto answer = s.open("answer", 2);
  s.write(answer, "text", 2);
  s.carry_out(live::send_to{"e.1", titled("mine")}, 2);
  CHECK(one.hear(3) == "answer mine");
  s.write(answer, "more", 3);
  s.carry_out(live::disconnect{"e.1", 4001, "bye"}, 3);
  CHECK(one.hear(4) == "answer");
  CHECK(one.peer.is_closing());
}

TEST_CASE("one who is disconnected is sent what was published before, then the code and the reason",
          "[live][engine][disconnect]") {
  answer_stage::stage s;
  answer_stage::client one(s, 1), other(s, 1);
  one.hear(1);
  other.hear(1);
  s.reward("a", 2);
  s.carry_out(live::send_to{"e.1", coded("MINE")}, 2);
  s.carry_out(live::disconnect{"e.1", 4001, "bye"}, 2);
  s.reward("b", 2);
  s.carry_out(live::send_to{"e.1", coded("LATE")}, 2);
  const std::string bytes = bytes_of(one, 3);
  const std::string close{'\x88', 5, '\x0f', '\xa1', 'b', 'y', 'e'};
  REQUIRE(bytes.size() > close.size());
  CHECK(bytes.substr(bytes.size() - close.size()) == close);
  CHECK(bytes.find("\"a\"") < bytes.find("MINE"));
  CHECK(bytes.find("\"b\"") == std::string::npos);
  CHECK(bytes.find("LATE") == std::string::npos);
  CHECK(other.hear(3) == "a b");
  CHECK_FALSE(other.peer.is_closing());
  s.carry_out(live::disconnect{"e.1", 4002, "again"}, 4);
  s.carry_out(live::disconnect{"e.9", 4002, "nobody"}, 4);
  CHECK(bytes_of(one, 5).empty());
}

TEST_CASE("one who is disconnected and does not read is gone after the time for closing", "[live][engine][disconnect]") {
  answer_stage::stage s;
  answer_stage::client one(s, 1);
  s.carry_out(live::disconnect{"e.1", 1008, ""}, 2);
  CHECK(one.peer.is_closing());
  const auto limit = std::chrono::duration_cast<milliseconds>(live::peer_options().liveness.close_timeout).count();
  one.peer.sweep(answer_stage::at(2 + limit - 1));
  CHECK_FALSE(one.peer.is_gone());
  one.peer.sweep(answer_stage::at(2 + limit));
  CHECK(one.peer.is_gone());
}

TEST_CASE("one who was sent too much for its reading is closed with 1013", "[live][engine][send][lag]") {
  live::engine_options options;
  options.hub.log.max_events = 2;
  answer_stage::stage s(true, options);
  answer_stage::client slow(s, 1);
  bytes_of(slow, 1);
  for (int each = 0; each < 3; ++each) s.carry_out(live::send_to{"e.1", titled("t")}, 2);
  const std::string bytes = bytes_of(slow, 3);
  CHECK(bytes.find(std::string{'\x03', '\xf5'}) != std::string::npos);
  CHECK(slow.peer.is_closing());
}

}  // namespace addressed_test
