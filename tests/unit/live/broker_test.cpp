// The I/O thread's turn in steps that a test chooses, on a loop that keeps its requests: the behaviour without
// memory, and the order in which clients make room.
#include <array>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"
#include "wirthforge_ws.hpp"

namespace broker_test {

using namespace wirthforge;
using live::alarm;

namespace {

instant at(std::int64_t ms) { return {steady_time(seconds(1000) + milliseconds(ms)), 1'700'000'000'000 + ms}; }

// Sends the test's bytes, reads all that it is sent, and closes nothing by itself.
class fake_client final : public live::line {
 public:
  fake_client(const std::shared_ptr<live::line_shared>& shared, const instant& now, std::string says)
      : line(shared, now), says_(std::move(says)) {}
  std::string got;
  bool is_full = false;
  bool is_closed = false;

 private:
  using outcome = live::transfer::outcome;
  live::transfer read_some(char* to, std::size_t room) noexcept override {
    const std::size_t size = says_.copy(to, room);
    says_.erase(0, size);
    return {size > 0 ? outcome::done : outcome::would_block, size, {}};
  }
  live::transfer write_some(const std::vector<std::string_view>& runs) noexcept override {
    if (is_full) return {outcome::would_block, 0, {}};
    std::size_t size = 0;
    for (const std::string_view each : runs) {
      got += each;
      size += each.size();
    }
    return {outcome::done, size, {}};
  }
  void await_input(char*, std::size_t) override {}
  void await_writable() override {}
  std::error_code end_sending() noexcept override { return {}; }
  void close_socket() noexcept override { is_closed = true; }

  std::string says_;
};

const std::string upgrade =
    "GET /ws HTTP/1.1\r\nHost: 127.0.0.1:8145\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

struct stage final : live::environment, live::observer, live::event_loop {
  explicit stage(live::broker_options options = {})
      : engine("0123456789abcdef0123456789abcdef", with_port(), *this, *this),
        broker(engine, engine, *this, *this, *this, life, shortage, options) {
    std::error_code error;
    REQUIRE(life.begin_opening(error));
    REQUIRE(life.opened(true));
    REQUIRE_FALSE(life.begin_starting());
    REQUIRE(life.started());
    broker.begin(at(0));
    REQUIRE(is_accepting);
  }
  static live::engine_options with_port() {
    live::engine_options options;
    options.access.port = 8145;
    return options;
  }
  std::shared_ptr<fake_client> come(std::int64_t ms, const std::string& says = upgrade) {
    auto made = std::make_shared<fake_client>(broker.shared(), at(ms), says);
    broker.add(made, at(ms));
    return made;
  }
  void reward(std::int64_t ms) {
    std::error_code error;
    engine.prepare(reward_event{}, 0, error, [&](live::command next) { broker.push(std::move(next)); });
    REQUIRE_FALSE(error);
    broker.drain(at(ms));
  }
  std::optional<steady_time>& due(alarm which) { return alarms[static_cast<std::size_t>(which)]; }

  double frame_rate_hz() const override { return 60; }
  std::string page(const rfc6455::http_request&) override { return {}; }
  bool is_public(std::string_view) const override { return true; }
  void carrying_out(const live::command&) override {
    if (std::exchange(has_no_memory, false)) throw std::bad_alloc();
  }
  void set_alarm(alarm which, steady_time when) override {
    if (std::exchange(has_no_timer, false)) throw std::bad_alloc();
    due(which) = when;
  }
  void begin_to_accept() override { is_accepting = true; }
  void retry_accepting() override { ++retries; }
  void stop_accepting() noexcept override { is_accepting = false; }
  void finish_stop() noexcept override { life.stopped(); }

  bool has_no_memory = false;
  bool has_no_timer = false;
  bool is_accepting = false;
  int retries = 0;
  std::array<std::optional<steady_time>, live::alarm_count> alarms;
  live::lifecycle life;
  live::memory_shortage shortage;
  live::engine engine;
  live::broker broker;
};

}  // namespace

TEST_CASE("an event without memory closes every connection, and clients that come back are told of a gap", "[live][broker]") {
  stage up;
  up.broker.push(startup_complete{"m", tier::mid, "1.0.0", {}});
  up.broker.drain(at(1));
  const auto client = up.come(2);
  REQUIRE(client->got.find("startup_complete") != std::string::npos);
  up.has_no_memory = true;
  up.reward(10);
  CHECK(client->is_closed);
  CHECK(up.shortage.take());
  const std::string since = std::to_string(at(5).unix_ms);
  const auto again = up.come(20, "GET /ws?epoch=0123456789abcdef0123456789abcdef&since=" + since + upgrade.substr(7));
  CHECK(again->got.find("RESUME_GAP") != std::string::npos);
}

TEST_CASE("a startup_complete without memory is sent by the retry", "[live][broker]") {
  stage up;
  up.has_no_memory = true;
  up.broker.push(startup_complete{"m", tier::mid, "1.0.0", {}});
  up.broker.drain(at(1));
  const auto client = up.come(2);
  REQUIRE(client->peer().is_websocket());
  REQUIRE(client->got.find("startup_complete") == std::string::npos);
  REQUIRE(up.shortage.take());
  up.broker.retry_stalled(at(17));
  CHECK(client->got.find("startup_complete") != std::string::npos);
  CHECK(up.retries == 1);
}

TEST_CASE("a sweep whose timer could not be set, or never fired, is made up for", "[live][broker]") {
  stage up;
  up.has_no_timer = true;
  const auto client = up.come(0, "");
  CHECK_FALSE(up.due(alarm::sweep));
  CHECK(up.shortage.take());
  up.broker.retry_stalled(at(17));
  REQUIRE(up.due(alarm::sweep));
  CHECK(*up.due(alarm::sweep) == at(117).steady);
  up.due(alarm::sweep).reset();  // and it never fires
  up.broker.retry_stalled(at(1017));
  CHECK_FALSE(up.due(alarm::sweep));  // it may yet come
  up.broker.retry_stalled(at(1018));
  CHECK(up.due(alarm::sweep) == at(1118).steady);
}

TEST_CASE("a stop waits for a client that lags until its deadline, and no step after it waits for anything",
          "[live][broker][stop]") {
  live::broker_options options;
  options.stop_timeout = milliseconds(300);
  stage up(options);
  up.broker.push(startup_complete{"m", tier::mid, "1.0.0", {}});
  up.broker.drain(at(0));
  const auto client = up.come(0);
  client->is_full = true;
  up.reward(1);
  REQUIRE(up.life.stop());
  up.broker.stop(at(100));
  CHECK(up.is_accepting);  // a new client is told that the server stops
  CHECK(up.due(alarm::stop) == at(105).steady);
  const auto newcomer = up.come(101);
  CHECK(newcomer->got.find("HTTP/1.1 503 ") == 0);
  CHECK(newcomer->got.find("\r\n\r\nthe server stops\n") != std::string::npos);
  const auto silent = up.come(102, "GET / HT");  // nobody waits for its end
  up.broker.ring(alarm::stop, at(399));
  CHECK_FALSE(up.life.is_stopped());
  CHECK_FALSE(client->is_closed);
  up.broker.ring(alarm::stop, at(400));
  CHECK(up.life.is_stopped());
  CHECK(client->is_closed);
  CHECK(silent->is_closed);
  CHECK_FALSE(up.is_accepting);
  for (auto& each : up.alarms) each.reset();
  up.broker.begin(at(401));
  up.broker.drain(at(401));
  up.broker.retry_stalled(at(401));
  up.broker.stop(at(401));
  for (const alarm each : {alarm::tokens, alarm::sweep, alarm::stop, alarm::journal}) up.broker.ring(each, at(401));
  const auto late = up.come(401);
  CHECK(late->got.empty());
  CHECK_FALSE(up.is_accepting);
  for (const auto& each : up.alarms) CHECK_FALSE(each);
}

TEST_CASE("the half-open connection that has waited longest makes room, and is told so", "[live][broker][half-open]") {
  live::broker_options options;
  options.lines.max_half_open = 2;
  stage up(options);
  const auto first = up.come(0, "GET / HT");
  const auto second = up.come(1, "GET / HT");
  const auto page = up.come(2);  // its head is complete at once
  CHECK(first->got.substr(0, 12) == "HTTP/1.1 503");
  CHECK(second->got.empty());
  CHECK(page->peer().is_websocket());
  CHECK(up.broker.traffic().turned_away == 1);
}

}  // namespace broker_test
