// The engine without sockets: what the server itself spends on clients, without the kernel's part. And a client that comes back
// 5,000 events behind, without sockets (CPU) and through them (time).
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "../load/line.hpp"
#include "harness.hpp"
#include "wirthforge_ws.hpp"

namespace micro {

constexpr int events_behind = 5000;

struct quiet final : wirthforge::live::surroundings {
  double frame_rate_hz() const override { return 60; }
  std::string page(const wirthforge::rfc6455::http_request&) override { return {}; }
  bool is_public(std::string_view) const override { return true; }
  void connected(const wirthforge::live::info_ptr&) override {}
  void disconnected(const wirthforge::live::info_ptr&, const wirthforge::disconnect_info&) override {}
  void published(const wirthforge::live::frame_ptr&, const wirthforge::token_stream*) override {}
  void pressed(const wirthforge::live::info_ptr&, const wirthforge::backpressure&) override {}
  void remark(wirthforge::log_level, std::string) override {}
};

/// Whatever a client is given it reads at once.
class small_world {
 public:
  explicit small_world(std::size_t clients) : engine_(epoch, options(), around_), shared_(engine_, {}) {
    carry_out(wirthforge::startup_complete{"m", wirthforge::tier::mid, "1.0.0", {}});
    for (std::size_t count = 0; count < clients; ++count) peers_.push_back(come("/ws"));
  }

  std::unique_ptr<wirthforge::live::peer> come(const std::string& path) {
    auto made = std::make_unique<wirthforge::live::peer>(shared_, now_);
    std::string head = load::upgrade_request({8145, path});
    made->receive(head.data(), head.data() + head.size(), now_);
    read_all(*made);
    return made;
  }
  void leave(wirthforge::live::peer& who) { who.abandon({}, now_); }
  template <class Event>
  void publish(const Event& event) {
    now_.unix_ms += 1;
    std::error_code error;
    engine_.prepare(event, ++frame_, error, [this](wirthforge::live::command next) { carry_out(std::move(next)); });
  }
  void flush() {
    for (const auto& each : peers_) read_all(*each);
  }
  void sweep() {
    engine_.sweep(now_);
    engine_.connections(now_.steady, rows_);
  }
  std::int64_t now_ms() const { return now_.unix_ms; }
  std::size_t bytes_read() const { return bytes_read_; }

  static constexpr const char* epoch = "0123456789abcdef0123456789abcdef";

 private:
  static wirthforge::live::engine_options options() {
    wirthforge::live::engine_options result;
    result.access.port = 8145;
    return result;
  }
  void carry_out(wirthforge::live::command what) { engine_.carry_out(what, now_); }
  void read_all(wirthforge::live::peer& from) {
    while (from.gather(runs_, now_)) {
      std::size_t bytes = 0;
      for (const std::string_view run : runs_) bytes += run.size();
      bytes_read_ += bytes;
      if (!from.sent(bytes)) break;
    }
  }

  wirthforge::instant now_{wirthforge::steady_time(wirthforge::seconds(1000)), 1'700'000'000'000};
  quiet around_;
  wirthforge::live::engine engine_;
  wirthforge::live::peer_shared shared_;
  std::vector<std::unique_ptr<wirthforge::live::peer>> peers_;
  std::vector<std::string_view> runs_;
  std::vector<wirthforge::live::connection_row> rows_;
  std::int64_t frame_ = 0;
  std::size_t bytes_read_ = 0;
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
      .add("one energy_update to all", [world, energy] {
        world->publish(energy);
        world->flush();
      })
      .add("nothing new for anybody", [world] { world->flush(); })
      .add("ten times a second: who lags, what is due, statistics", [world] { world->sweep(); })
      .run();
}

inline void resume_group(pace how) {
  const auto world = std::make_shared<small_world>(1);
  const std::int64_t since = world->now_ms();
  for (int count = 0; count < events_behind; ++count) world->publish(missed_event());
  const std::string path = std::string("/ws?epoch=") + small_world::epoch + "&since=" + std::to_string(since);
  const std::size_t before = world->bytes_read();
  world->leave(*world->come(path));
  const auto text = std::make_shared<std::string>(world->bytes_read() - before, 'x');
  const auto copy = std::make_shared<std::string>(*text);
  group("a client 5,000 events behind comes back, without the kernel", how)
      .add("handshake to last byte", [world, path] { world->leave(*world->come(path)); })
      .add("a copy of as many bytes", [text, copy] {
        std::memcpy(copy->data(), text->data(), text->size());
        keep(*copy);
      })
      .run();
}

/// The number after `name` in a text, or what stands there in quotes.
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
      if (!again.receive([&](std::string_view text) { events += text.find("reward_event") != std::string_view::npos ? 1 : 0; })) {
        std::fprintf(stderr, "micro: the server hung up while it resumed\n");
        std::exit(1);
      }
    }
    taken.push_back(static_cast<double>(load::steady_ns() - began) / 1e6);
  }
  std::sort(taken.begin(), taken.end());
  std::printf("{\"group\": \"a client 5,000 events behind comes back, through sockets\", \"unit\": \"ms\", \"median\": %.4g, "
              "\"longest\": %.4g}\n", taken[taken.size() / 2], taken.back());
}

inline void engine_groups(pace how, bool is_quick) {
  fanout_group(how);
  resume_group(how);
  resume_time(is_quick);
}

}  // namespace micro
