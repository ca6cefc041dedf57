// One peer before the engine, without a socket and on a virtual clock: limits just before their border and at it.
#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"
#include "wirthforge_ws.hpp"

namespace engine_test {

using namespace wirthforge;

namespace {

constexpr nanoseconds moment{1};
instant at(nanoseconds since) {
  return {steady_time(seconds(1000) + since), 1'700'000'000'000 + std::chrono::duration_cast<milliseconds>(since).count()};
}

struct nobody final : live::environment, live::observer {
  std::vector<bool> presses;
  std::vector<disconnect_info> departures;
  double frame_rate_hz() const override { return 60; }
  std::string page(const rfc6455::http_request&) override { return "page"; }
  bool is_public(std::string_view) const override { return true; }
  void disconnected(const live::info_ptr&, const disconnect_info& how) override { departures.push_back(how); }
  void backpressure_changed(const live::info_ptr&, const backpressure& how) override { presses.push_back(how.is_lagging); }
};

struct stage {
  nobody around;
  live::engine engine;
  live::peer_shared shared;
  live::peer peer;
  std::vector<std::string_view> runs;

  explicit stage(live::engine_options options = {}, const live::peer_options& peer_options = {})
      : engine("e", with_port(std::move(options)), around, around), shared(engine, peer_options), peer(shared, at({})) {}
  static live::engine_options with_port(live::engine_options options) {
    options.access.port = 8145;
    return options;
  }
  void receive(std::string bytes, const instant& now) { peer.receive(bytes.data(), bytes.data() + bytes.size(), now); }
  void open(const instant& now) {
    receive(
        "GET /ws HTTP/1.1\r\nHost: 127.0.0.1:8145\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        now);
    REQUIRE(peer.is_websocket());
    read_all(now);
  }
  std::size_t gather(const instant& now) {
    std::size_t bytes = 0;
    if (!peer.gather(runs, now)) return 0;
    for (const std::string_view run : runs) bytes += run.size();
    return bytes;
  }
  std::string read_all(const instant& now) {
    std::string all;
    while (const std::size_t bytes = gather(now)) {
      for (const std::string_view run : runs) all += run;
      peer.sent(bytes);
    }
    return all;
  }
  void carry_out(live::command what, const instant& now) { engine.carry_out(what, now); }
  void reward(const instant& now) {
    std::error_code error;
    reward_event event;
    event.title = "t";
    engine.prepare(event, 0, error, [&](live::command next) { carry_out(std::move(next), now); });
    REQUIRE_FALSE(error);
  }
};

}  // namespace

TEST_CASE("a client that waits for ready is not idle; the time runs from the startup_complete", "[live][peer][idle]") {
  live::peer_options options;
  options.liveness.idle_timeout = seconds(20);
  options.liveness.ping_interval = std::chrono::hours(1);
  stage up({}, options);
  up.open(at(seconds(1)));
  CHECK_FALSE(up.peer.sweep(at(seconds(500))));
  up.carry_out(startup_complete{"m", tier::mid, "1.0.0"}, at(seconds(500)));
  CHECK(up.read_all(at(seconds(500))).find("startup_complete") != std::string::npos);
  CHECK_FALSE(up.peer.sweep(at(seconds(520) - moment)));
  CHECK(up.peer.sweep(at(seconds(520))));
  CHECK(up.peer.is_closing());
}

TEST_CASE("a client lags from the threshold on, and has recovered at half of it", "[live][engine][lag]") {
  live::engine_options options;
  options.lag_threshold = milliseconds(250);
  stage up(options);
  up.carry_out(startup_complete{"m", tier::mid, "1.0.0"}, at(seconds(1)));
  up.open(at(seconds(1)));
  up.reward(at(seconds(2)));
  const std::size_t waiting = up.gather(at(seconds(2)));  // and the socket is full
  REQUIRE(waiting > 0);
  up.engine.sweep(at(seconds(2) + milliseconds(250) - moment));
  CHECK(up.around.presses.empty());
  up.engine.sweep(at(seconds(2) + milliseconds(250)));
  CHECK(up.around.presses == std::vector<bool>{true});
  up.peer.sent(waiting);
  up.read_all(at(seconds(3)));
  up.reward(at(seconds(3)));
  REQUIRE(up.gather(at(seconds(3))) > 0);
  up.engine.sweep(at(seconds(3) + milliseconds(125)));
  CHECK(up.around.presses.size() == 1);
  up.engine.sweep(at(seconds(3) + milliseconds(125) - moment));
  CHECK(up.around.presses == std::vector<bool>{true, false});
}

TEST_CASE("a client that takes any number of bytes at a time is sent all of them in order", "[live][peer][gather]") {
  constexpr int count = 200;  // events, more than three times the runs of one gather
  std::string whole;
  for (const std::size_t at_once : {std::size_t{0}, std::size_t{1}, std::size_t{7}, std::size_t{150}, std::size_t{5000}}) {
    stage up;
    up.carry_out(startup_complete{"m", tier::mid, "1.0.0"}, at(seconds(1)));
    up.open(at(seconds(1)));
    for (int events = 0; events < count; ++events) up.reward(at(seconds(1)));
    std::string all;
    while (const std::size_t ready = up.gather(at(seconds(1)))) {
      REQUIRE(up.runs.size() <= live::peer::most_runs);
      std::string run;
      for (const std::string_view each : up.runs) run += each;
      const std::size_t taken = at_once > 0 ? std::min(at_once, ready) : ready;
      const std::size_t before = up.peer.unsent_bytes();
      up.peer.sent(taken);
      REQUIRE(up.peer.unsent_bytes() == before - taken);
      all += run.substr(0, taken);
    }
    CHECK(up.peer.unsent_bytes() == 0);
    if (at_once == 0) whole = all;
    else CHECK(all == whole);
  }
  std::size_t events = 0;
  for (std::size_t found = whole.find("reward_event"); found != std::string::npos;
       found = whole.find("reward_event", found + 1))
    ++events;
  CHECK(events == count);
}

TEST_CASE("a heartbeat that is due is sent with the next events, and by itself when there are none",
          "[live][engine][heartbeat]") {
  stage up;
  const instant began = at(seconds(1));
  const auto beats_with_a_reward = [&](const instant& now) {
    up.reward(now);
    REQUIRE(up.gather(now) > 0);
    std::string all;
    for (const std::string_view run : up.runs) all += run;
    up.peer.sent(all.size());
    CHECK(all.find("reward_event") != std::string::npos);
    return all.find("\"heartbeat\"") != std::string::npos;
  };
  up.carry_out(startup_complete{"m", tier::mid, "1.0.0"}, began);
  up.open(began);
  CHECK_FALSE(beats_with_a_reward(at(seconds(2) - moment)));
  CHECK(beats_with_a_reward(at(seconds(2))));
  CHECK_FALSE(beats_with_a_reward(at(seconds(3) - moment)));
  CHECK_FALSE(up.engine.sweep(at(seconds(3) - moment)));
  CHECK(up.engine.sweep(at(seconds(3))));
  CHECK(up.read_all(at(seconds(3))).find("\"heartbeat\"") != std::string::npos);
  CHECK_FALSE(beats_with_a_reward(at(seconds(4) - moment)));
}

TEST_CASE("a client that is sent twenty errors a second still gets a heartbeat each second", "[live][engine][heartbeat]") {
  stage up;
  up.carry_out(startup_complete{"m", tier::mid, "1.0.0"}, at(seconds(0)));
  up.open(at(seconds(0)));
  std::size_t beats = 0;
  std::size_t answers = 0;
  for (milliseconds now(50); now <= seconds(10); now += milliseconds(50)) {
    up.receive(std::string("\x81\x82\0\0\0\0{}", 8), at(now));
    const std::string sent = up.read_all(at(now));
    beats += sent.find("\"heartbeat\"") != std::string::npos ? 1 : 0;
    answers += sent.find("CLIENT_MESSAGE_UNKNOWN") != std::string::npos ? 1 : 0;
    up.engine.sweep(at(now));
  }
  CHECK(beats == 10);
  CHECK(answers == 200);
}

TEST_CASE("a peer is half-open until its head is complete", "[live][peer][half-open]") {
  stage up;
  CHECK(up.peer.is_half_open());
  up.receive("GET /health HTTP/1.1\r\nHost: 127.0.0.1:8145\r\n\r", at({}));
  CHECK(up.peer.is_half_open());
  up.receive("\n", at({}));
  CHECK_FALSE(up.peer.is_half_open());
  up.peer.refuse("too late", at({}));
  CHECK(up.read_all(at({})) == "page");
}

TEST_CASE("a refused connection is answered, its stream is ended, and it is closed in time", "[live][peer][half-open]") {
  live::peer_options options;
  options.liveness.close_timeout = seconds(2);
  stage up({}, options);
  up.receive("GET / HT", at({}));
  up.peer.refuse("no room", at(seconds(1)));
  CHECK_FALSE(up.peer.is_half_open());
  CHECK(up.read_all(at(seconds(1))) == "no room");
  CHECK(up.peer.take_shutdown());
  up.receive("TP/1.1\r\nHost: 127.0.0.1:8145\r\n\r\n", at(seconds(2)));  // is read, and no answer to it
  CHECK(up.read_all(at(seconds(2))).empty());
  CHECK_FALSE(up.peer.sweep(at(seconds(3) - moment)));
  CHECK(up.peer.sweep(at(seconds(3))));
  CHECK(up.peer.is_gone());
  CHECK(up.around.departures.empty());
}

TEST_CASE("the log keeps as many events as it may and drops the oldest for one more", "[live][log]") {
  live::event_log log({1U << 20U, 3, seconds(120)});
  for (int n = 0; n < 3; ++n) log.append(live::make_frame(reward_event{}, envelope{}), at({}));
  CHECK(log.first() == 0);
  log.append(live::make_frame(reward_event{}, envelope{}), at({}));
  CHECK(log.first() == 1);
  CHECK(log.end() == 4);
}

}  // namespace engine_test
