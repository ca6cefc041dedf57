// A server that ends in unusual places: in its own callbacks, at the end of the process, in a signal handler.
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "support/child_process.hpp"
#include "support/temp_folder.hpp"
#include "support/test_client.hpp"
#include "wirthforge_ws.hpp"

namespace lifetime_test {

using namespace wirthforge;

enum class place { tick, connect, disconnect, backpressure, event, log };
constexpr place all_places[] = {place::tick, place::connect, place::disconnect, place::event, place::log};

void publish_one(tick& now) {
  std::error_code stopped_by_then;
  now.publish(test::reward("for the tap"), stopped_by_then);
}

// Calls `then` once, in a callback of that kind.
void arrange(server& up, place where, std::function<void()> then) {
  const auto once = [then = std::move(then), is_first = std::make_shared<std::atomic<bool>>(true)] {
    if (is_first->exchange(false)) then();
  };
  if (where == place::event) {
    up.on_tick([](tick& now) { publish_one(now); });
    up.ready({"m", tier::mid, "1.0.0"});  // before ready, events are held back from the tap too
  }
  switch (where) {
    case place::tick: return up.on_tick([once](tick&) { once(); });
    case place::connect: return up.on_connect([once](const connection_info&) { once(); });
    case place::disconnect: return up.on_disconnect([once](const connection_info&, const disconnect_info&) { once(); });
    case place::backpressure: return up.on_backpressure([once](const connection_info&, const backpressure&) { once(); });
    case place::event: return up.on_event([once](const event_view&) { once(); });
    case place::log: return up.on_log([once](log_level, std::string_view) { once(); });
  }
}
// Makes that callback happen.
void provoke(std::uint16_t port, place where) {
  if (where == place::connect || where == place::disconnect) {
    test::raw_client client(port);
    client.send(test::upgrade_head(port));
    client.receive();
  }
  if (where == place::log) test::http(port, "/", "GET", "evil.test");
}

server_options any_port() {
  server_options options;
  options.port = 0;
  return options;
}

}  // namespace lifetime_test

using namespace lifetime_test;

TEST_CASE("a callback may destroy the server that it belongs to", "[integration][lifetime]") {
  for (const place where : all_places) {
    for (const bool has_journal : {false, true}) {
      INFO(static_cast<int>(where) << (has_journal ? " with a journal" : ""));
      const test::temp_folder folder;
      auto up = std::make_unique<server>(any_port());
      if (has_journal) up->keep_journal({folder.file("j")});
      std::promise<void> gone;
      up->listen();
      const std::uint16_t port = up->port();
      arrange(*up, where, [&] {
        up.reset();
        gone.set_value();
      });
      up->start();
      provoke(port, where);
      gone.get_future().wait();
      server_options same = any_port();
      same.port = port;
      server next(same);  // the port is free
      std::error_code error;
      next.listen(error);
      CHECK_FALSE(error);
    }
  }
}

TEST_CASE("a callback may destroy the server while run and wait are in it", "[integration][lifetime]") {
  for (const place where : {place::tick, place::log}) {
    INFO(static_cast<int>(where));
    auto up = std::make_unique<server>(any_port());
    up->listen();
    const std::uint16_t port = up->port();
    server* const raw = up.get();
    std::promise<void> is_waiting;
    auto has_begun = is_waiting.get_future();
    std::promise<void> gone;
    auto is_gone = gone.get_future();
    arrange(*up, where, [&] {
      has_begun.wait();
      up.reset();
      gone.set_value();
    });
    std::thread runs([&] { raw->run(); });
    std::thread provokes([&] { provoke(port, where); });
    is_waiting.set_value();
    is_gone.wait();
    runs.join();
    provokes.join();
  }
}

TEST_CASE("a server on the caller's loop may be destroyed in a callback while the loop runs", "[integration][lifetime]") {
  for (const place where : all_places) {
    INFO(static_cast<int>(where));
    asio::io_context loop;
    auto work = asio::make_work_guard(loop);
    auto up = std::make_unique<server>(loop.get_executor(), any_port());
    std::promise<void> gone;
    arrange(*up, where, [&] {
      up.reset();
      gone.set_value();
    });
    up->listen();
    const std::uint16_t port = up->port();
    up->start();
    std::thread one([&] { loop.run(); });
    std::thread two([&] { loop.run(); });
    provoke(port, where);
    gone.get_future().wait();
    work.reset();
    one.join();  // nothing of the server keeps the loop busy
    two.join();
  }
}

TEST_CASE("a server on the caller's loop may be destroyed on that loop", "[integration][lifetime]") {
  asio::io_context loop;
  auto up = std::make_unique<server>(loop.get_executor(), any_port());
  up->start();
  asio::post(loop, [&] { up.reset(); });
  loop.run();
  CHECK_FALSE(up);
}

TEST_CASE("no hook is called after one has destroyed the server", "[integration][lifetime]") {
  auto up = std::make_unique<server>(any_port());
  std::promise<void> all_published;
  auto may_go = all_published.get_future();
  std::promise<void> gone;
  std::atomic<int> calls{0};
  up->on_event([&](const event_view&) {
    if (++calls > 1) return;
    may_go.wait();
    up.reset();
    gone.set_value();
  });
  up->ready({"m", tier::mid, "1.0.0"});
  up->start();
  for (int number = 0; number < 50; ++number) up->publish(test::reward("one of many"));
  REQUIRE(test::eventually([&] { return up->stats().queued_bytes == 0; }));  // the other calls wait behind the first
  all_published.set_value();
  gone.get_future().wait();
  CHECK(calls == 1);
}

#if !defined(_WIN32)
TEST_CASE("exit in a callback ends the process in good order, with a static server", "[integration][lifetime][exit]") {
  for (const place where : all_places) {
    for (const bool in_background : {false, true}) {
      INFO(static_cast<int>(where) << (in_background ? " in the background" : ""));
      test::child_process child([&](test::child_process& self) {
        static server up(any_port());
        arrange(up, where, [] { std::exit(7); });
        up.listen();
        self.say(static_cast<char>(up.port() & 0xFF));
        self.say(static_cast<char>(up.port() >> 8));
        if (!in_background) up.run();
        else up.start();
        for (;;) ::pause();
        return 1;
      });
      const auto low = static_cast<unsigned char>(child.hear());
      const auto high = static_cast<unsigned char>(child.hear());
      provoke(static_cast<std::uint16_t>(low | high << 8), where);
      CHECK(child.end() == 7);
    }
  }
}

namespace {
server* stopped_by_signal = nullptr;
extern "C" void stop_in_handler(int) { stopped_by_signal->stop(); }
}  // namespace

TEST_CASE("stop may be called in a signal handler", "[integration][lifetime][signal]") {
  for (const bool has_journal : {false, true}) {
    for (const bool is_idle : {false, true}) {
      const test::temp_folder folder;
      test::child_process child([&](test::child_process& self) {
        server up(any_port());
        if (has_journal) up.keep_journal({folder.file("j")});
        stopped_by_signal = &up;
        std::signal(SIGTERM, stop_in_handler);
        if (is_idle) {
          std::raise(SIGTERM);
          std::error_code error;
          up.run(error);
          return error == errc::server_stopped ? 7 : 1;
        }
        up.on_tick([&, is_first = true](tick&) mutable {
          if (std::exchange(is_first, false)) self.say('t');
        });
        up.run();
        return 7;
      });
      if (!is_idle) {
        REQUIRE(child.hear() == 't');
        child.signal(SIGTERM);
      }
      CHECK(child.end() == 7);
    }
  }
}
#endif
