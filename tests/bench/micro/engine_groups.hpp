// The engine without sockets: the server's own work for clients, without the kernel's part. And a client that comes back
// 5,000 events behind, without sockets (CPU) and through them (time).
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../load/line.hpp"
#include "harness.hpp"
#include "wirthforge_ws.hpp"

namespace micro {

constexpr int events_behind = 5000;

struct quiet final : wirthforge::live::environment, wirthforge::live::observer {
  double frame_rate_hz() const override { return 60; }
  std::string page(const wirthforge::rfc6455::http_request&) override { return {}; }
  bool is_public(std::string_view) const override { return true; }
};

/// A client that asks for a path, and reads at once whatever it is given.
class eager_client final : public wirthforge::live::line {
 public:
  eager_client(const std::shared_ptr<wirthforge::live::line_shared>& shared, const wirthforge::instant& now,
               const std::string& path, std::size_t& bytes_read)
      : line(shared, now), head_(load::upgrade_request({8145, path})), bytes_read_(bytes_read) {}

 private:
  using transfer = wirthforge::live::transfer;

  transfer read_some(char* to, std::size_t room) noexcept override {
    const std::size_t size = head_.copy(to, room);
    head_.erase(0, size);
    return {size > 0 ? transfer::outcome::done : transfer::outcome::would_block, size, {}};
  }
  transfer write_some(const std::vector<std::string_view>& runs) noexcept override {
    std::size_t bytes = 0;
    for (const std::string_view run : runs) bytes += run.size();
    bytes_read_ += bytes;
    return {transfer::outcome::done, bytes, {}};
  }
  void await_input(char*, std::size_t) override {}
  void await_writable() override {}
  std::error_code end_sending() noexcept override { return {}; }
  void close_socket() noexcept override {}

  std::string head_;
  std::size_t& bytes_read_;
};

/// The I/O thread's part of a server, with clients instead of sockets and no alarms.
class small_world final : public wirthforge::live::event_loop {
 public:
  explicit small_world(std::size_t clients)
      : engine_(epoch, options(), around_, around_), broker_(engine_, engine_, around_, around_, *this, life_, {}, {}) {
    broker_.push(wirthforge::startup_complete{"m", wirthforge::tier::mid, "1.0.0", {}});
    flush();
    for (std::size_t count = 0; count < clients; ++count) come("/ws");
  }

  std::shared_ptr<wirthforge::live::line> come(const std::string& path) {
    auto made = std::make_shared<eager_client>(broker_.shared(), now_, path, bytes_read_);
    broker_.add(made, now_);
    return made;
  }
  void leave(wirthforge::live::line& who) { who.abandon({}, now_); }
  template <class Event>
  void publish(const Event& event) {
    now_.unix_ms += 1;
    std::error_code error;
    engine_.prepare(event, ++frame_, error, [this](wirthforge::live::command next) { broker_.push(std::move(next)); });
  }
  void flush() { broker_.drain(now_); }
  void sweep() {
    engine_.sweep(now_);
    engine_.connections(now_.steady, rows_);
  }
  std::int64_t now_ms() const { return now_.unix_ms; }
  std::size_t bytes_read() const { return bytes_read_; }

  void set_alarm(wirthforge::live::alarm, wirthforge::steady_time) override {}
  void begin_to_accept() override {}
  void retry_accepting() override {}
  void stop_accepting() noexcept override {}
  void finish_stop() noexcept override {}

  static constexpr const char* epoch = "0123456789abcdef0123456789abcdef";

 private:
  static wirthforge::live::engine_options options() {
    wirthforge::live::engine_options result;
    result.access.port = 8145;
    return result;
  }

  wirthforge::instant now_{wirthforge::steady_time(wirthforge::seconds(1000)), 1'700'000'000'000};
  std::size_t bytes_read_ = 0;
  quiet around_;
  wirthforge::live::lifecycle life_;
  wirthforge::live::engine engine_;
  wirthforge::live::broker broker_;
  std::vector<wirthforge::live::connection_row> rows_;
  std::int64_t frame_ = 0;
};

inline wirthforge::reward_event missed_event() {
  wirthforge::reward_event event;
  event.title = "something that was missed";
  return event;
}

inline void fanout_group(pace how) {
  const auto world = std::make_shared<small_world>(1000);
  wirthforge::energy_update energy;
  energy.model_id = "llama3_2-3b";
  group("1000 clients, without the kernel", how)
      .add("one energy_update to all",
           [world, energy] {
             world->publish(energy);
             world->flush();
           })
      .add("nothing new for anybody", [world] { world->flush(); })
      .add("ten times a second: lagging clients, deadlines, statistics", [world] { world->sweep(); })
      .run();
}

inline void resume_group(pace how) {
  const auto world = std::make_shared<small_world>(1);
  const std::int64_t since = world->now_ms();
  for (int count = 0; count < events_behind; ++count) world->publish(missed_event());
  world->flush();
  const std::string path = std::string("/ws?epoch=") + small_world::epoch + "&since=" + std::to_string(since);
  const std::size_t before = world->bytes_read();
  world->leave(*world->come(path));
  const auto text = std::make_shared<std::string>(world->bytes_read() - before, 'x');
  const auto copy = std::make_shared<std::string>(*text);
  group("a client 5,000 events behind comes back, without the kernel", how)
      .add("handshake to last byte", [world, path] { world->leave(*world->come(path)); })
      .add("a copy of as many bytes",
           [text, copy] {
             std::memcpy(copy->data(), text->data(), text->size());
             keep(*copy);
           })
      .run();
}

/// The number after `name` in a text, or the quoted string there.
inline std::string value_after(std::string_view text, std::string_view name) {
  std::size_t at = text.find(name);
  if (at == std::string_view::npos) return {};
  at = text.find_first_not_of(" \"", at + name.size());
  return std::string(text.substr(at, text.find_first_of(",}\".", at) - at));
}

/// Through sockets: from the first byte of the handshake until the last event has been read.
inline void resume_time(bool is_quick) {
  wirthforge::server_options options;
  options.port = 0;
  wirthforge::server server(options);
  server.ready({"llama3_2-3b", wirthforge::tier::mid, "1.0.0"});
  server.start();
  std::string since;
  std::string epoch;
  load::line first;
  first.dial({server.port(), "/ws"});  // not `open`, which would drop what came together with the answer
  while (epoch.empty()) {
    first.receive([&](std::string_view text) {
      if (text.find("startup_complete") != std::string_view::npos) since = value_after(text, "\"timestamp\":");
      epoch = value_after(text, "\"connectionId\":");
    });
  }
  for (int count = 0; count < events_behind; ++count) server.publish(missed_event());
  std::vector<double> taken;
  for (int round = 0; round < (is_quick ? 3 : 25); ++round) {
    const std::int64_t began = load::steady_ns();
    load::line again;
    again.dial({server.port(), "/ws?epoch=" + epoch + "&since=" + since});
    int events = 0;
    while (events < events_behind) {
      if (!again.receive([&](std::string_view text) {
            events += text.find("reward_event") != std::string_view::npos ? 1 : 0;
          })) {
        std::fprintf(stderr, "micro: the server hung up while it resumed\n");
        std::exit(1);
      }
    }
    taken.push_back(static_cast<double>(load::steady_ns() - began) / 1e6);
  }
  std::sort(taken.begin(), taken.end());
  std::printf(
      "{\"group\": \"a client 5,000 events behind comes back, through sockets\", \"unit\": \"ms\", \"median\": %.4g, "
      "\"longest\": %.4g}\n",
      taken[taken.size() / 2], taken.back());
}

inline void engine_groups(pace how, bool is_quick) {
  fanout_group(how);
  resume_group(how);
  resume_time(is_quick);
}

}  // namespace micro
