// The states of models, and answers whose prompt is being read, told to a client that connects after the event that said so.
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "catch.hpp"
#include "unit/live/answer_stage.hpp"
#include "unit/live/desk.hpp"
#include "wirthforge_ws.hpp"

namespace states_again_test {

using namespace wirthforge;
using live::loading_stage;
using nlohmann::json;
using test::at;
using test::desk;
using test::resume;
using test::time_of;
using names = std::vector<std::string>;

namespace {

// Behind startup_complete and heartbeat: what is told again, and with "later " what is not.
names told(const std::vector<json>& events) {
  REQUIRE(events.size() >= 2);
  names result;
  for (std::size_t n = 2; n < events.size(); ++n) {
    const json& payload = events[n]["payload"];
    std::string name = payload.contains("code") ? payload["code"].get<std::string>() : events[n]["type"].get<std::string>();
    if (payload.contains("title")) name = payload["title"];
    if (payload.contains("tokens"))
      name = payload["sessionId"].get<std::string>() + ":" + payload["tokens"][0].get<std::string>();
    const json details = payload.value("details", json::object());
    for (const char* const member : {"modelId", "sessionId"}) {
      if (details.contains(member) && (name.substr(0, 6) == "MODEL_") == (member[0] == 'm'))
        name += " " + details[member].get<std::string>();
    }
    if (details.contains("progress")) name += " " + details["progress"].dump();
    const bool is_again = time_of(events[n]) == time_of(events[0]);
    result.push_back((is_again || name.substr(0, 7) == "RESUME_" ? "" : "later ") + name);
  }
  return result;
}
names open(desk& d, const std::string& query, std::int64_t ms) {
  live::hub_client& page = d.join(query, ms);
  names result = told(d.take(page));
  d.hub.leave(page);
  return result;
}

// Published, as the engine does it. Returns its time.
std::int64_t say(desk& d, const error_event& event, std::int64_t ms) {
  d.hub.record(event);
  auto frame = live::make_frame(event, envelope{});
  const live::frame_ptr kept = frame;
  d.hub.publish(std::move(frame), at(ms));
  return kept->timestamp();
}
std::int64_t say(desk& d, const std::string& model, loading_stage stage, std::int64_t ms, std::optional<double> progress = {}) {
  return say(d, live::model_event(model, stage, progress, "no memory"), ms);
}

}  // namespace

TEST_CASE("a page that connected after the only MODEL_LOADING learned nothing of the model", "[live][model][again]") {
  desk d;
  say(d, "m", loading_stage::loading, 1, 0.5);
  for (const char* const query : {"", "replay=open", "replay=recent", "since=3"}) {
    const names all = open(d, query, 200'000);
    INFO(query);
    CHECK(all.back() == "MODEL_LOADING m 0.5");
    CHECK(all.size() == (std::string(query) == "since=3" ? 2 : 1));
  }
  CHECK(open(d, "epoch=" + std::string(32, 'f') + "&since=5", 200'000) == names{"RESUME_EPOCH_CHANGED", "MODEL_LOADING m 0.5"});
}

TEST_CASE("the newest state of each model is told again, in the order of the news", "[live][model][again]") {
  desk d;
  say(d, "a", loading_stage::loading, 1, 0.1);
  say(d, "b", loading_stage::loading, 2);
  say(d, "c", loading_stage::loading, 3);
  say(d, "a", loading_stage::failed, 4);
  say(d, "c", loading_stage::ready, 5);
  say(d, "b", loading_stage::unloaded, 6);
  say(d, "d", loading_stage::loading, 7, 0.25);
  say(d, "d", loading_stage::loading, 8, 0.75);
  CHECK(open(d, "", 10) == names{"MODEL_FAILED a", "MODEL_READY c", "MODEL_UNLOADED b", "MODEL_LOADING d 0.75"});
  say(d, "a", loading_stage::loading, 11);
  CHECK(open(d, "", 12).back() == "MODEL_LOADING a");
}

TEST_CASE("a client that misses nothing is told the states again that the replay does not tell", "[live][model][again]") {
  desk d;
  live::hub_client& first = d.join("", 0);
  const std::int64_t startup = time_of(d.take(first).at(0));
  const std::int64_t loads = say(d, "m", loading_stage::loading, 1, 0.5);
  d.reward("later", 3);
  const std::int64_t later = time_of(d.take(first).at(1));
  CHECK(open(d, resume(startup), 4) == names{"later MODEL_LOADING m 0.5", "later later"});
  // A page that was loaded anew, or cut in its greeting, may have a cursor and know no model.
  for (const std::int64_t since : {loads, later}) {
    for (const char* const more : {"", "&replay=recent"}) CHECK(open(d, resume(since, more), 4).at(0) == "MODEL_LOADING m 0.5");
  }
  say(d, "m", loading_stage::ready, 5);
  CHECK(open(d, resume(later), 6) == names{"later MODEL_READY m"});
  live::hub_client& second = d.join("", 6);
  const std::int64_t greeted = time_of(d.take(second).at(0));
  CHECK(open(d, resume(greeted), 7) == names{"MODEL_READY m"});
  d.hub.record(live::model_event("n", loading_stage::loading, {}, {}));  // nobody could be told
  d.hub.note_omission(at(8));
  CHECK(open(d, resume(greeted), 9) == names{"RESUME_GAP", "MODEL_READY m", "MODEL_LOADING n"});
  live::hub_client& third = d.join("", 9);
  const std::int64_t since = time_of(d.take(third).at(0));
  CHECK(open(d, resume(since), 10) == names{"MODEL_READY m", "MODEL_LOADING n"});
}

TEST_CASE("a client whose gap hides the news of a model is told the model's state", "[live][model][again]") {
  live::hub_options options;
  options.log.max_events = 2;
  desk d(options);
  d.reward("zero", 1);
  live::hub_client& first = d.join("", 1);
  const std::int64_t since = time_of(d.take(first).at(0));
  say(d, "m", loading_stage::loading, 2, 0.5);
  for (const char* const title : {"one", "two", "three"}) d.reward(title, 3);
  CHECK(open(d, resume(since), 4) == names{"RESUME_GAP", "MODEL_LOADING m 0.5", "later two", "later three"});
  CHECK(open(d, resume(since, "&replay=recent"), 4) == names{"RESUME_GAP", "MODEL_LOADING m 0.5"});
  d.hub.note_omission(at(5));
  CHECK(open(d, resume(since), 6) == names{"RESUME_GAP", "MODEL_LOADING m 0.5", "later two", "later three"});
}

TEST_CASE("states are told behind a gap and before answers, energy and the log", "[live][model][again]") {
  desk d;
  d.energy("m", 1, 1, 1, 1);
  say(d, "m", loading_stage::loading, 1, 0.5);
  d.tokens("s", "text");
  live::hub_client& page = d.join("epoch=" + std::string(32, 'f') + "&since=5&replay=recent", 2);
  d.reward("new", 3);
  d.hub.queue_due_heartbeat(page, 60, at(5000));
  CHECK(told(d.take(page)) ==
        names{"RESUME_EPOCH_CHANGED", "MODEL_LOADING m 0.5", "s:text", "later energy_update", "later new"});
}

TEST_CASE("a state that no client could receive is told to the next one", "[live][model][again]") {
  answer_stage::stage s(false);
  s.ready(0);
  s.run(0, 0);
  s.engine.sweep(answer_stage::at(500'000));
  s.loading("m", 0.5, 500'001);  // nobody has been here for as long as the log reaches back
  std::error_code error;
  const error_event own = live::model_event("own", loading_stage::failed, {}, "it died");
  const auto result = s.engine.prepare(own, 0, error, [&](live::command next) { s.carry_out(std::move(next), 500'002); });
  CHECK(result == publish_result::nobody_listening);
  CHECK(s.told.said.empty());
  answer_stage::client page(s, 500'003);
  CHECK(page.hear(500'004) == "startup_complete heartbeat MODEL_LOADING MODEL_FAILED");
}

TEST_CASE("a prompt that is read while nobody is there is told to the next page", "[live][waiting][again]") {
  answer_stage::stage s(false);
  s.ready(0);
  s.engine.sweep(answer_stage::at(500'000));
  const auto answer = s.open("s", 500'001);
  s.wait(answer, 0.25, 500'001);
  s.run(500'001, 501'000);
  CHECK(s.told.said.empty());
  CHECK(answer_stage::client(s, 501'001, "?replay=recent").hear(501'002) == "startup_complete heartbeat ANSWER_WAITING");
}

TEST_CASE("after a restart in good order a model of the run before was shown as loading for ever", "[live][model][restart]") {
  answer_stage::stage before;
  before.loading("a", 0.5, 1);
  before.loading("b", 0.5, 2);
  before.loading("c", {}, 3);
  before.carry_out(live::tell_model{"b", loading_stage::ready, {}, {}}, 4);
  live::journal_past past;
  past.epoch = "e";
  past.state = "{";
  before.engine.write_state(past.state, answer_stage::at(5));
  past.state += R"("last":0})";
  const std::int64_t since = time_of(before.told.said.back());
  answer_stage::stage next(false);
  next.engine.restore(past, answer_stage::at(100));
  REQUIRE(next.told.said.size() == 2);
  for (const std::size_t n : {0U, 1U}) {
    CHECK(next.told.said[n]["payload"]["code"] == "MODEL_UNLOADED");
    CHECK(next.told.said[n]["payload"]["details"]["modelId"] == (n == 0 ? "a" : "c"));
  }
  next.ready(200);
  CHECK(time_of(next.told.said[0]) > since);
  CHECK(answer_stage::client(next, 201).hear(202) == "startup_complete heartbeat MODEL_UNLOADED MODEL_UNLOADED");
}

TEST_CASE("the states told before ready that were cut are told at the greeting, the others follow it", "[live][model][ready]") {
  live::engine_options options;
  options.hub.log.max_events = 2;
  answer_stage::stage s(false, options);
  answer_stage::client waits(s, 0);
  s.loading("a", 0.5, 1);
  s.reward("one", 2);
  s.loading("b", 0.5, 3);
  s.ready(1000);
  CHECK(waits.hear(1001) == "startup_complete heartbeat RESUME_GAP MODEL_LOADING one MODEL_LOADING");
}

TEST_CASE("a page that was opened while a prompt was read saw no answer until its first token", "[live][waiting][again]") {
  answer_stage::stage s;
  const auto answer = s.open("s", 0);
  s.run(0, 100);
  s.wait(answer, 0.25, 1000);
  s.run(1000, 2000);
  answer_stage::client page(s, 2000, "?replay=recent");
  CHECK(page.hear(2001) == "startup_complete heartbeat ANSWER_WAITING");
  CHECK(page.times[2] == page.times[0]);
  CHECK(answer_stage::client(s, 2000, "?replay=open").hear(2001) == "startup_complete heartbeat ANSWER_WAITING");
  CHECK(answer_stage::client(s, 2000).hear(2001) == "startup_complete heartbeat");
  s.write(answer, "word", 2002);
  s.run(2002, 3000);
  CHECK(answer_stage::client(s, 3001, "?replay=open").hear(3002) == "startup_complete heartbeat s");
  s.finish(answer, answer_stage::answer_end::stop, 3003);
  s.run(3003, 4000);
  CHECK(answer_stage::client(s, 4001, "?replay=recent").hear(4002) == "startup_complete heartbeat ANSWER_DONE s");
}

TEST_CASE("a prompt is no longer told as being read once a thought came, or the answer's end", "[live][waiting][again]") {
  answer_stage::stage s;
  const auto thinks = s.open("t", 0);
  const auto fails = s.open("f", 0);
  s.run(0, 100);
  const auto thought = s.open("t:thinking", 101, thinks);
  s.write(thought, "hm", 101);
  s.finish(fails, answer_stage::answer_end::failed, 102, "no model");
  s.run(102, 500);
  CHECK(answer_stage::client(s, 501, "?replay=recent").hear(502) == "startup_complete heartbeat ANSWER_FAILED f t:thinking");
}

TEST_CASE("an id that waits again after its end is told behind the answer that ended", "[live][waiting][again]") {
  answer_stage::stage s;
  const auto first = s.open("s", 0);
  s.write(first, "old", 1);
  s.finish(first, answer_stage::answer_end::stop, 2);
  s.run(2, 100);
  s.open("s", 101);
  s.run(101, 300);
  CHECK(answer_stage::client(s, 301, "?replay=recent").hear(302) == "startup_complete heartbeat ANSWER_DONE s ANSWER_WAITING");
}

TEST_CASE("many states are sent in batches, and nothing else comes between", "[live][model][again]") {
  live::hub_options options;
  options.batch_bytes = 1000;
  desk d(options);
  for (int n = 0; n < 100; ++n) say(d, "m" + std::to_string(n), loading_stage::failed, 1);
  live::hub_client& page = d.join("", 2);
  d.energy("m", 1, 1, 1, 3);
  std::size_t batches = 0;
  std::vector<json> events;
  do {
    std::size_t bytes = 0;
    d.hub.collect(page, [&](const live::frame_ptr& frame) {
      bytes += frame->wire().size();
      events.push_back(json::parse(frame->text()));
    });
    CHECK(bytes < 4000);
    ++batches;
    d.hub.queue_due_heartbeat(page, 60, at(2));
  } while (d.hub.has_more(page) && batches < 1000);
  CHECK(batches > 5);
  CHECK(events.size() >= 103);
  for (std::size_t n = 2; n < 102; ++n) CHECK(events[n]["payload"]["code"] == "MODEL_FAILED");
}

}  // namespace states_again_test
