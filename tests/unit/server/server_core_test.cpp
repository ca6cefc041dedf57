// The server's steps in an order that a test chooses: the real core on a loop that does nothing by itself.
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <asio/any_io_executor.hpp>
#include <asio/io_context.hpp>

#include "catch.hpp"
#include "wirthforge_ws.hpp"

namespace server_core_test {

using namespace wirthforge;
using detail::posted_step;
using detail::server_core;

// Keeps its steps until the test runs them.
class hand_driven_loop final : public detail::server_loop {
 public:
  std::function<void()> on_open = [] {};
  std::function<void()> on_post = [] {};  // before the step is queued
  std::function<asio::any_io_executor()> executor = [] { return asio::any_io_executor(); };

  // All steps, including those that the steps add.
  void run_all() {
    for (std::size_t done = 0;; ++done) {
      posted_step next;
      {
        const std::lock_guard<std::mutex> lock(mutex_);
        if (done >= queued.size()) break;
        next = queued[done];
      }
      next();
    }
    const std::lock_guard<std::mutex> lock(mutex_);
    queued.clear();
  }

  asio::io_context* own() const noexcept override { return nullptr; }
  asio::any_io_executor callers_executor() const override { return executor(); }
  void keep_running() override {}
  void let_go() override { armed.clear(); }
  void post(posted_step what) override {
    on_post();
    keep(what);
    const std::lock_guard<std::mutex> lock(mutex_);
    queued.push_back(what);
  }
  void await(live::alarm which, steady_time, posted_step what) override {
    ++activity;
    keep(what);
    armed.emplace_back(which, what);
  }
  std::error_code await_wake(posted_step what) override {
    on_wake = what;
    return {};
  }
  void wake() noexcept override { post(on_wake); }
  bool post_last(std::shared_ptr<void>) noexcept override { return true; }
  void forget() noexcept override {}
  bool is_this_thread() const noexcept override { return false; }
  void serve(live::broker& lines, std::size_t, live::memory_shortage, std::shared_ptr<net::descriptor_limit>) override {
    broker = &lines;
  }
  std::error_code open(std::uint16_t, std::uint16_t) override {
    on_open();
    is_bound = true;
    return {};
  }
  std::uint16_t port() const noexcept override { return 4242; }
  bool has_ipv6() const noexcept override { return true; }
  void begin_to_accept() override {
    ++activity;
    is_accepting = true;
  }
  void stop_accepting() noexcept override { is_bound = is_accepting = false; }
  void retry_accepting() override { ++activity; }

  live::broker* broker = nullptr;
  bool is_bound = false;
  bool is_accepting = false;
  int activity = 0;  // calls that open or wait for something
  posted_step on_wake;
  std::vector<posted_step> queued;
  std::vector<std::pair<live::alarm, posted_step>> armed;
  std::vector<posted_step> ever;

 private:
  void keep(const posted_step& what) {
    const std::lock_guard<std::mutex> lock(mutex_);
    ever.push_back(what);
  }
  std::mutex mutex_;
};

// A client that opens a WebSocket, and then sends nothing and does not close.
class mute_client final : public live::line {
 public:
  explicit mute_client(const hand_driven_loop& loop) : line(loop.broker->shared(), machine_time()) {
    loop.broker->add(std::shared_ptr<line>(std::shared_ptr<void>(), this), machine_time());
  }

 private:
  live::transfer read_some(char* to, std::size_t room) noexcept override {
    const std::size_t size = head_.copy(to, room);
    head_.erase(0, size);
    return {size > 0 ? live::transfer::outcome::done : live::transfer::outcome::would_block, size, {}};
  }
  live::transfer write_some(const std::vector<std::string_view>& runs) noexcept override {
    std::size_t size = 0;
    for (const std::string_view each : runs) size += each.size();
    return {live::transfer::outcome::done, size, {}};
  }
  void await_input(char*, std::size_t) override {}
  void await_writable() override {}
  std::error_code end_sending() noexcept override { return {}; }
  void close_socket() noexcept override {}

  std::string head_ =
      "GET /ws HTTP/1.1\r\nHost: 127.0.0.1:4242\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
};

// A journal on no disk.
class fake_journal final : public live::recorder {
 public:
  explicit fake_journal(bool& is_open) : is_open_(is_open) {}
  std::string fault() const override { return {}; }
  std::error_code open(live::engine&, const instant&) override {
    is_open_ = true;
    return {};
  }
  const journal_summary& summary() const override { return summary_; }
  void start(log_line) override {}
  void close(live::engine&, const instant&) override {}
  void stop() override { is_open_ = false; }
  void record(const live::frame_ptr&, const token_stream*) noexcept override {}
  void record_energy(live::engine&, bool) override {}
  nanoseconds energy_interval() const override { return milliseconds(100); }
  std::uint64_t written() const override { return 0; }
  std::uint64_t left_out() const override { return 0; }

 private:
  bool& is_open_;
  journal_summary summary_;
};

struct fixture {
  fixture() {
    auto made = std::make_unique<hand_driven_loop>();
    loop = made.get();
    core = std::make_shared<server_core>(std::move(made), server_options());
  }
  ~fixture() { core->shut_down(); }

  hand_driven_loop* loop;
  std::shared_ptr<server_core> core;
};

}  // namespace server_core_test

using namespace server_core_test;

TEST_CASE("a journal's alarm that was due when the server stopped sets no other alarm", "[server][stop]") {
  bool is_open = false;
  fixture up;
  REQUIRE_FALSE(up.core->keep(std::make_unique<fake_journal>(is_open)));
  REQUIRE_FALSE(up.core->start_in_background());
  up.loop->run_all();
  REQUIRE(up.loop->armed.size() == 1);
  const posted_step is_due = up.loop->armed.front().second;  // Asio has queued it; a cancel comes too late
  up.core->stop();
  up.loop->run_all();
  REQUIRE_FALSE(up.core->wait());
  CHECK_FALSE(is_open);
  is_due();
  CHECK(up.loop->armed.empty());
}

TEST_CASE("no step that was queued opens or waits for anything after the stop", "[server][stop]") {
  bool is_open = false;
  fixture up;
  REQUIRE_FALSE(up.core->keep(std::make_unique<fake_journal>(is_open)));
  REQUIRE_FALSE(up.core->start_in_background());
  std::error_code error;
  token_stream_writer answer = up.core->open_tokens({{}, false, "s", "m", {}}, nullptr, error);
  REQUIRE_FALSE(error);
  answer.write("some");
  up.loop->run_all();
  answer.write(" text");
  up.loop->run_all();
  mute_client client(*up.loop);
  REQUIRE(client.peer().is_websocket());
  up.core->stop();
  up.loop->run_all();  // it waits for its client now, and looks again by an alarm
  CHECK_FALSE(client.is_gone());
  client.abandon({}, machine_time());
  for (const auto& each : std::vector<std::pair<live::alarm, posted_step>>(up.loop->armed)) each.second();
  REQUIRE_FALSE(up.core->wait());
  const int before = up.loop->activity;
  const std::vector<posted_step> late = up.loop->ever;
  REQUIRE(late.size() >= 5);
  for (const posted_step& each : late) each();
  up.loop->on_wake();
  CHECK(up.loop->activity == before);
  CHECK_FALSE(up.loop->is_accepting);
}

TEST_CASE("a stop in the first tick, before the start has begun to accept, stops the server", "[server][stop]") {
  fixture up;
  std::promise<void> first_tick;
  auto has_ticked = first_tick.get_future();
  bool is_first = true;
  REQUIRE_FALSE(up.core->set(&detail::server_hooks::on_tick, std::function<void(tick&)>([&](tick&) {
    if (!std::exchange(is_first, false)) return;
    up.core->stop();
    first_tick.set_value();
  })));
  const std::thread::id starter = std::this_thread::get_id();
  bool has_waited = false;
  up.loop->on_post = [&] {  // the first step that the starting thread posts is to begin to accept
    if (std::this_thread::get_id() == starter && !std::exchange(has_waited, true)) has_ticked.wait();
  };
  REQUIRE_FALSE(up.core->start_in_background());
  REQUIRE(has_waited);
  up.loop->run_all();
  REQUIRE_FALSE(up.core->wait());
  CHECK_FALSE(up.loop->is_bound);
  CHECK_FALSE(up.loop->is_accepting);
}

TEST_CASE("after a stop before accepting has begun, the server does not accept", "[server][stop]") {
  fixture up;
  REQUIRE_FALSE(up.core->start_in_background());
  mute_client client(*up.loop);  // so that it does not end at once
  REQUIRE(client.peer().is_websocket());
  const std::vector<posted_step> steps = up.loop->queued;
  up.core->stop();
  up.loop->on_wake();
  for (const posted_step& each : steps) each();
  CHECK_FALSE(up.loop->is_accepting);
  up.core->shut_down();
}

TEST_CASE("a stop while the server opens closes all that was opened", "[server][stop]") {
  bool is_open = false;
  fixture up;
  REQUIRE_FALSE(up.core->keep(std::make_unique<fake_journal>(is_open)));
  up.loop->on_open = [&] { up.core->stop(); };
  CHECK(up.core->start_in_background() == errc::server_stopped);
  CHECK_FALSE(up.loop->is_bound);
  CHECK_FALSE(is_open);
}

TEST_CASE("a server that is stopped before it ran releases its port and its journal in the next call", "[server][stop]") {
  for (const bool by_wait : {false, true}) {
    bool is_open = false;
    fixture up;
    REQUIRE_FALSE(up.core->keep(std::make_unique<fake_journal>(is_open)));
    REQUIRE_FALSE(up.core->listen());
    REQUIRE(up.loop->is_bound);
    REQUIRE(is_open);
    up.core->stop();
    if (by_wait) CHECK_FALSE(up.core->wait());
    else CHECK(up.core->start_in_background() == errc::server_stopped);
    CHECK_FALSE(up.loop->is_bound);
    CHECK_FALSE(is_open);
  }
}

TEST_CASE("a wait before the start ends nothing that the start needs", "[server][wait]") {
  fixture up;
  std::promise<void> ticked;
  bool is_first = true;
  REQUIRE_FALSE(up.core->set(&detail::server_hooks::on_tick, std::function<void(tick&)>([&](tick&) {
    if (std::exchange(is_first, false)) ticked.set_value();
  })));
  REQUIRE_FALSE(up.core->wait());
  REQUIRE_FALSE(up.core->listen());
  REQUIRE_FALSE(up.core->wait());
  REQUIRE_FALSE(up.core->start_in_background());
  ticked.get_future().wait();
  up.core->stop();
  up.loop->run_all();
}

// The loop asks for the executor while it begins to ask the first question: both calls come within that turn.
TEST_CASE("a question was asked that had been cancelled within the turn that began to ask another", "[server][bridge]") {
  asio::io_context io;
  fixture up;
  const auto bridge = std::make_shared<detail::bridge_state_on<asio::any_io_executor>>(up.core, model_bridge_options());
  up.core->add_loop_user(bridge);
  std::error_code error;
  const auto ask = [&](const std::string& session) { bridge->ask({"http://127.0.0.1:1/", "{}"}, session, error); };
  int asked = 0;
  up.loop->executor = [&] {
    if (++asked == 1) {
      ask("second");
      bridge->cancel("second");
    }
    return asio::any_io_executor(io.get_executor());
  };
  ask("first");
  up.loop->run_all();
  CHECK_FALSE(error);
  CHECK(asked == 2);
  CHECK(bridge->open_questions() == 1);  // the first one's, whose connection is not made yet
}
