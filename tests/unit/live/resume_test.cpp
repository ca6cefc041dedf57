// A client that comes back: its parameters, the events that it is given, and the gaps that it is told.
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "catch.hpp"
#include "unit/live/desk.hpp"
#include "wirthforge_ws.hpp"

namespace resume_test {

using namespace wirthforge;
using nlohmann::json;
using test::at;
using test::desk;
using test::epoch;
using test::resume;
using test::time_of;
using kind = live::resume_request::kind;

namespace {

// Without startup_complete and heartbeat, which every client gets first.
std::vector<std::string> short_form(const std::vector<json>& events) {
  REQUIRE(events.size() >= 2);
  CHECK(events[0]["type"] == "startup_complete");
  CHECK(events[1]["type"] == "heartbeat");
  std::vector<std::string> result;
  for (std::size_t n = 2; n < events.size(); ++n) {
    const json& payload = events[n]["payload"];
    const std::string type = events[n]["type"];
    if (type == "reward_event") result.push_back(payload["title"]);
    else if (type == "error_event") result.push_back(payload["code"]);
    else if (type == "token_stream") result.push_back("text:" + payload["tokens"][0].get<std::string>());
    else result.push_back(payload["modelId"].get<std::string>() + ":" + std::to_string(payload["tokensGenerated"].get<int>()));
  }
  return result;
}
using names = std::vector<std::string>;

}  // namespace

TEST_CASE("resume parameters are read strictly", "[live][resume]") {
  CHECK(live::parse_resume("").what == kind::fresh);
  CHECK(live::parse_resume("token=x&since2=5&&=").what == kind::fresh);
  CHECK(live::parse_resume("replay=open").replay == live::replay_of::open_answers);
  CHECK(live::parse_resume("replay=recent").replay == live::replay_of::recent_answers);
  CHECK(live::parse_resume("replay=open").what == kind::fresh);

  const auto whole = live::parse_resume(resume(1700000000123, "&frame=0&began=3&frames=a%3A12%2Cb:7&replay=open&x=1"));
  CHECK(whole.what == kind::resume);
  CHECK(whole.epoch == epoch);
  CHECK(whole.since == 1700000000123);
  CHECK(whole.frame == 0);
  CHECK(whole.frame_of("a") == 12);
  CHECK(whole.frame_of("b") == 7);
  CHECK_FALSE(whole.frame_of("c"));
  CHECK(whole.energy_since() == 3);
  CHECK(live::parse_resume(resume(5, "&began=3")).energy_since() == 3);
  CHECK(live::parse_resume(resume(5, "&frame=9")).frame_of("c") == 9);
  CHECK_FALSE(live::parse_resume(resume(5)).frame_of("c"));
  CHECK(live::parse_resume(resume(5, "&since=5")).what == kind::invalid);

  for (const std::string number : {"", "-1", "+1", "01", "1.0", "1e3", "0x1", "NaN", " 1", "1 ", "18446744073709551616",
                                   "1000000000000000000", "%31", "9,9"}) {
    CAPTURE(number);
    CHECK(live::parse_resume("epoch=" + epoch + "&since=" + number).what == kind::invalid);
    CHECK(live::parse_resume(resume(5, "&frame=" + number)).what == kind::invalid);
    CHECK(live::parse_resume(resume(5, "&frames=a:" + number)).what == kind::invalid);
  }
  CHECK(live::parse_resume(resume(5, "&frame=999999999999999999")).frame == 999999999999999999);
  for (const std::string& query : std::vector<std::string>{
           "since=5", "epoch=" + epoch, "frame=5", "frames=a:1", "began=1", "epoch=abc&since=5", "epoch=" + epoch + "0&since=5",
           "epoch=0123456789ABCDEF0123456789ABCDEF&since=5", "epoch&since", resume(5, "&replay=open&replay=open"),
           resume(5, "&frames=:1"), resume(5, "&frames=a"), resume(5, "&frames=")}) {
    CAPTURE(query);
    CHECK(live::parse_resume(query).what == kind::invalid);
  }
  std::string models = "&frames=m0:1";
  for (int n = 1; n < 64; ++n) models += ",m" + std::to_string(n) + ":1";
  CHECK(live::parse_resume(resume(5, models)).what == kind::resume);
  CHECK(live::parse_resume(resume(5, models + ",m64:1")).what == kind::invalid);
  CHECK(live::parse_resume("epoch=" + std::string(1U << 20U, 'a') + "&since=5").what == kind::invalid);
}

TEST_CASE("a page that asks for a replay of a later version keeps its resume", "[live][resume]") {
  for (const std::string value : {"", "all", "OPEN", "recent2", "closed", "open,recent"}) {
    CAPTURE(value);
    const auto request = live::parse_resume(resume(5, "&frame=3&replay=" + value + "&later=parameter"));
    CHECK(request.what == kind::resume);
    CHECK(request.since == 5);
    CHECK(request.frame == 3);
    CHECK(request.replay == live::replay_of::nothing);
    CHECK(live::parse_resume("replay=" + value).what == kind::fresh);
  }
  CHECK(live::parse_resume(resume(5, "&replay")).what == kind::resume);
}

TEST_CASE("a client that comes back gets the events that it missed, in order, then energy, then new events", "[live][resume]") {
  desk d;
  live::hub_client& before = d.join("", 1);
  d.energy("m", 1, 1, 1, 2);
  d.reward("seen", 3);
  const auto had = d.take(before);
  d.hub.leave(before);
  d.energy("m", 1, 2, 2, 20);
  d.reward("missed 1", 21);
  d.energy("m", 1, 3, 3, 40);
  d.reward("missed 2", 41);

  const std::string query = resume(time_of(had.back()), "&frame=1");
  for (int again = 0; again < 2; ++again) {  // a resume changes nothing, so any number of tabs may do it
    live::hub_client& after = d.join(query, 50);
    d.reward("live", 60);
    CHECK(short_form(d.take(after)) ==
          (again == 0 ? names{"missed 1", "missed 2", "m:5", "live"} : names{"missed 1", "missed 2", "live", "m:5", "live"}));
    CHECK(after.frames_skipped() == 0);
  }
}

TEST_CASE("the parameter since may be the startup's time while no reliable event has come", "[live][resume]") {
  desk d;
  live::hub_client& before = d.join("", 10);
  const std::int64_t startup = time_of(d.take(before)[0]);
  d.reward("a", 10);  // in the same millisecond
  live::hub_client& after = d.join(resume(startup), 20);
  CHECK(short_form(d.take(after)) == names{"a"});
}

TEST_CASE("each reason for a gap has its code", "[live][resume][gap]") {
  live::hub_options options;
  options.log.max_events = 3;
  desk d(options);
  live::hub_client& first = d.join("", 1);
  const std::int64_t startup = time_of(d.take(first)[0]);
  d.reward("1", 2);
  d.take(first);
  for (int n = 2; n <= 5; ++n) d.reward(std::to_string(n), n + 1);

  SECTION("too old: the events that are left are replayed, and the gap covers the others") {
    live::hub_client& back = d.join(resume(startup), 100);
    const auto events = d.take(back);
    CHECK(short_form(events) == names{"RESUME_GAP", "3", "4", "5"});
    CHECK(events[2]["payload"]["component"] == "websocket");
    CHECK(events[2]["payload"]["severity"] == "warning");
    const json details = events[2]["payload"]["details"];
    CHECK(details["cause"] == "too_old");
    CHECK(details["from"] == startup);
    CHECK(details["to"] == time_of(events[3]) - 1);
  }
  SECTION("at the very edge of the log nothing was missed") {
    live::hub_client& back = d.join(resume(at(3).unix_ms), 100);
    CHECK(short_form(d.take(back)) == names{"3", "4", "5"});
    live::hub_client& one_less = d.join(resume(at(3).unix_ms - 1), 100);
    CHECK(short_form(d.take(one_less))[0] == "RESUME_GAP");
  }
  SECTION("lagged") {
    REQUIRE(d.hub.is_lagging(first));
    d.hub.note_lagging(first);
    d.hub.leave(first);
    live::hub_client& back = d.join(resume(at(2).unix_ms), 100);
    CHECK(short_form(d.take(back)) == names{"RESUME_LAGGED", "3", "4", "5"});
    live::hub_client& other = d.join(resume(startup - 1), 100);
    CHECK(short_form(d.take(other))[0] == "RESUME_GAP");
  }
  SECTION("another epoch, and parameters that make no sense: a fresh connection") {
    live::hub_client& back = d.join("epoch=" + std::string(32, 'f') + "&since=5&frame=3", 100);
    const auto events = d.take(back);
    CHECK(short_form(events) == names{"RESUME_EPOCH_CHANGED"});
    CHECK(events[2]["payload"]["details"]["from"] == 5);
    CHECK(events[2]["payload"]["details"]["to"] == time_of(events[0]));
    for (const std::string& query : {std::string("since=abc"), resume(at(1000).unix_ms), resume(startup, "&frame=77")}) {
      live::hub_client& odd = d.join(query, 100);
      CHECK(short_form(d.take(odd)) == names{"RESUME_INVALID"});
    }
  }
}

TEST_CASE("events that were published while no client could receive them are a gap", "[live][resume][gap]") {
  desk d;
  live::hub_client& before = d.join("", 1);
  const std::int64_t startup = time_of(d.take(before)[0]);
  d.hub.leave(before);
  d.hub.note_omission(at(500'000));
  live::hub_client& back = d.join(resume(startup), 500'000);
  const auto events = d.take(back);
  CHECK(short_form(events) == names{"RESUME_GAP"});
  d.hub.leave(back);
  live::hub_client& again = d.join(resume(time_of(events[0])), 500'001);
  CHECK(short_form(d.take(again)).empty());
}

TEST_CASE("energy sums are exact for a client that lost its connection between two models of one frame",
          "[live][resume][energy]") {
  desk d;
  live::hub_client& before = d.join("", 1);
  for (std::int64_t frame = 1; frame <= 3; ++frame) {
    d.energy("a", 1, 1, frame, frame * 16);
    d.energy("b", 1, 10, frame, frame * 16);
  }
  d.take(before);
  d.energy("c", 1, 100, 4, 64);
  d.energy("a", 1, 1, 4, 64);
  d.energy("b", 1, 10, 4, 64);

  // It has a's frame 4, b's frame 3 and never heard of c.
  const std::string began = std::to_string(at(1).unix_ms);
  live::hub_client& exact = d.join(resume(at(1).unix_ms, "&frame=4&began=" + began + "&frames=a:4,b:3"), 70);
  CHECK(short_form(d.take(exact)) == names{"b:10", "c:100"});
  live::hub_client& plain = d.join(resume(at(1).unix_ms, "&frame=3"), 70);
  CHECK(short_form(d.take(plain)) == names{"a:1", "b:10", "c:100"});
  // It came back without any energy, and was cut again when it had heard a's sum alone: the others' sums are still owed.
  live::hub_client& sum = d.join(resume(at(1).unix_ms, "&frame=4&began=" + began + "&frames=a:4"), 70);
  CHECK(short_form(d.take(sum)) == names{"b:40", "c:100"});
  live::hub_client& late = d.join(resume(at(64).unix_ms, "&began=" + began), 70);
  CHECK(short_form(d.take(late)) == names{"a:4", "b:40", "c:100"});
  live::hub_client& nonsense = d.join(resume(at(1).unix_ms, "&frames=a:4&began=" + std::to_string(at(1'000'000).unix_ms)), 70);
  CHECK(short_form(d.take(nonsense))[0] == "RESUME_INVALID");
  // No energy at all before it was cut: everything since then.
  live::hub_client& none = d.join(resume(at(1).unix_ms), 70);
  CHECK(short_form(d.take(none)) == names{"a:4", "b:40", "c:100"});
}

TEST_CASE("frame numbers of one model increase strictly, so that each can be named", "[live][resume][energy]") {
  desk d;
  live::hub_client& client = d.join("", 1);
  d.take(client);
  std::int64_t last = -1;
  for (const std::int64_t frame : {5, 5, 5, 6, 4, 12}) {
    d.energy("m", 1, 1, frame, 2);
    const auto events = d.take(client);
    REQUIRE(events.size() == 1);
    CHECK(events[0]["frameNumber"] > last);
    last = events[0]["frameNumber"];
  }
  CHECK(last == 12);  // back on the beat
}

TEST_CASE("energy from before the history's end is a gap, not a wrong sum", "[live][resume][energy]") {
  live::hub_options options;
  options.log.max_age = seconds(1);
  desk d(options);
  for (std::int64_t frame = 0; frame < 180; ++frame) d.energy("m", 1, 1, frame, frame * 1000 / 60);
  live::hub_client& recent = d.join(resume(at(0).unix_ms, "&frame=150"), 3000);
  CHECK(short_form(d.take(recent)) == names{"m:29"});
  live::hub_client& old = d.join(resume(at(0).unix_ms, "&frame=20"), 3000);
  CHECK(short_form(d.take(old)) == names{"RESUME_GAP", "m:1"});
}

TEST_CASE("sums of very different sizes stay true", "[live][energy]") {
  live::running_sum sum;
  sum.add(1e15);
  const live::running_sum before = sum;
  for (int n = 0; n < 100; ++n) sum.add(0.001);
  CHECK(sum - before == Approx(0.1).margin(1e-9));
  sum.add(1.7e308);
  sum.add(1.7e308);  // would be infinite: left out
  CHECK(sum - before == Approx(1.7e308));
}

TEST_CASE("a sum over missed energy would have been sent as infinity", "[live][energy]") {
  live::running_sum low;
  low.add(-1.7e308);
  live::running_sum high = low;
  high.add(1.7e308);
  high.add(1.7e308);
  CHECK(high - low == std::numeric_limits<double>::max());
  CHECK(low - high == std::numeric_limits<double>::lowest());
}

}  // namespace resume_test
