// An engine with its tap, and clients of it, without a socket and on a virtual clock.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "catch.hpp"
#include "wirthforge_ws.hpp"

namespace answer_stage {

using namespace wirthforge;
using live::answer_end;

inline instant at(std::int64_t ms) { return {steady_time(seconds(1000) + milliseconds(ms)), 1'700'000'000'000 + ms}; }

struct teller final : live::environment, live::observer {
  std::vector<nlohmann::json> said;
  double frame_rate_hz() const override { return 60; }
  std::string page(const rfc6455::http_request&) override { return "page"; }
  bool is_public(std::string_view) const override { return true; }
  std::vector<std::string> stops;
  void stop_asked(const live::info_ptr& who, const std::string& session) override { stops.push_back(who->id + " " + session); }
  void published(const live::frame_ptr& frame, const token_stream*) override {
    said.push_back(nlohmann::json::parse(frame->text()));
  }
};

struct stage {
  teller told;
  live::engine engine;
  std::uint64_t last_id = 0;
  using state_ptr = std::shared_ptr<live::token_stream_state>;

  explicit stage(bool is_ready = true, const live::engine_options& options = {}) : engine("e", with_port(options), told, told) {
    if (!is_ready) return;
    engine.attach_tap();
    ready(0);
  }
  static live::engine_options with_port(live::engine_options options) {
    options.access.port = 8145;
    return options;
  }
  void ready(std::int64_t ms) { carry_out(startup_complete{"m", tier::mid, "1.2.3"}, ms); }
  publish_result reward(const std::string& title, std::int64_t ms) {
    std::error_code error;
    reward_event event;
    event.title = title;
    return engine.prepare(event, 0, error, [&](live::command next) { carry_out(std::move(next), ms); });
  }
  void loading(const std::string& model, std::optional<double> progress, std::int64_t ms) {
    carry_out(live::tell_model{model, live::loading_stage::loading, progress, {}}, ms);
  }
  void carry_out(live::command what, std::int64_t ms) { engine.carry_out(what, at(ms)); }
  state_ptr open(const std::string& session, std::int64_t ms, state_ptr parent = nullptr) {
    auto state = std::make_shared<live::token_stream_state>(++last_id, session, "m", std::move(parent));
    carry_out(live::open_tokens{state}, ms);
    return state;
  }
  void write(const state_ptr& to, const std::string& piece, std::int64_t ms) {
    to->queued_bytes += piece.size();
    carry_out(live::write_tokens{to->id, piece, 0}, ms);
  }
  void wait(const state_ptr& with, std::optional<double> progress, std::int64_t ms) {
    with->set_progress(progress);
    if (!with->is_waiting_queued.exchange(true)) carry_out(live::wait_tokens{with->id}, ms);
  }
  void finish(const state_ptr& which, answer_end how, std::int64_t ms, const std::string& reason = {}) {
    carry_out(live::finish_tokens{which->id, how, reason}, ms);
  }
  /// Rings each alarm up to that time.
  void run(std::int64_t from, std::int64_t to) {
    auto next = engine.finish_batch(at(from));
    while (next && *next <= at(to).steady) {
      const auto ms = std::chrono::duration_cast<milliseconds>(*next - at(0).steady + nanoseconds(999'999)).count();
      next = engine.finish_batch(at(ms));
    }
  }
  /// The events since the last call: codes, and texts with a mark where they are complete.
  std::string take() {
    std::string all;
    for (const auto& each : told.said) {
      const auto& payload = each.at("payload");
      if (!all.empty()) all += ' ';
      if (each.at("type") == "error_event") {
        all += payload.at("code").get<std::string>();
        continue;
      }
      all += payload.at("sessionId").get<std::string>() + "=";
      for (const auto& token : payload.at("tokens")) all += token.get<std::string>() + ",";
      if (payload.at("isComplete").get<bool>()) all += '!';
    }
    last = told.said;
    told.said.clear();
    return all;
  }
  std::vector<nlohmann::json> last;
};

// A client on a peer of its own.
struct client {
  live::peer_shared shared;
  live::peer peer;
  std::vector<std::string_view> runs;
  explicit client(stage& of, std::int64_t ms, const std::string& query = {}) : shared(of.engine, {}), peer(shared, at(ms)) {
    receive("GET /ws" + query +
                " HTTP/1.1\r\nHost: 127.0.0.1:8145\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            ms);
    REQUIRE(peer.is_websocket());
  }
  void receive(std::string bytes, std::int64_t ms) { peer.receive(bytes.data(), bytes.data() + bytes.size(), at(ms)); }
  void say(const std::string& text, std::int64_t ms) {
    std::string frame{'\x81', static_cast<char>(0x80U | text.size()), 0, 0, 0, 0};
    receive(frame + text, ms);
  }
  /// The events' types, or titles, sessions and codes, in order.
  std::string hear(std::int64_t ms) {
    std::string bytes;
    while (peer.gather(runs, at(ms))) {
      std::size_t size = 0;
      for (const std::string_view run : runs) {
        bytes += run;
        size += run.size();
      }
      peer.sent(size);
    }
    std::string all;
    times.clear();
    for (std::size_t where = bytes.find("{\"type\""); where != std::string::npos; where = bytes.find("{\"type\"", where + 1)) {
      std::size_t depth = 0;
      std::size_t end = where;
      do {
        depth += bytes[end] == '{' ? 1U : 0U;
        depth -= bytes[end] == '}' ? 1U : 0U;
      } while (depth > 0 && ++end < bytes.size());
      const auto event = nlohmann::json::parse(bytes.substr(where, end + 1 - where));
      const auto& payload = event.at("payload");
      std::string name = event.at("type");
      for (const char* const member : {"title", "sessionId", "code"}) {
        if (payload.contains(member)) name = payload.at(member).get<std::string>();
      }
      all += (all.empty() ? "" : " ") + name;
      times.push_back(event.at("timestamp"));
    }
    return all;
  }
  std::vector<std::int64_t> times;
};

}  // namespace answer_stage
