// The server's core with simulated sockets around it, on a clock that the input moves: does with a peer what net::connection
// does, and with the engine what server_core does. It watches from outside that memory and timeouts are kept, and keeps every
// byte that was sent.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fuzz/support/fuzz.hpp"
#include "live/engine.hpp"
#include "live/engine.ipp"

namespace fuzz {

namespace live = wirthforge::live;
namespace rfc = wirthforge::rfc6455;
using wirthforge::instant;
using wirthforge::milliseconds;

constexpr const char* token = "0123456789abcdef0123456789abcdef";

/// One connection, its socket's two directions, and what is known of it.
struct line {
  line(live::peer_shared& shared, const instant& now) : peer(shared, now), accepted(now.steady), heard(now.steady) {}

  live::peer peer;
  std::string inbox;             // sent by the client and not yet read
  std::string sent;              // by us, from the first byte on
  std::size_t room = ~0ULL;      // what the socket still takes
  bool has_ended = false, was_reset = false;  // by the client
  bool is_shut = false;          // our sending side is
  bool was_opened = false, has_subscribed = false, wants_open_answers = false, is_head_request = false;
  wirthforge::steady_time accepted, heard;
  wirthforge::steady_time must_end_by{};
};

class host final : public live::surroundings, public live::service {
 public:
  host(live::engine_options chosen, live::peer_options limits)
      : options_(chosen), engine_(token, std::move(chosen), *this), shared_(*this, limits) {
    engine_.access().port = 8145;
    now_.steady = wirthforge::steady_time(wirthforge::seconds(1000));
    now_.unix_ms = 1'700'000'000'000;
  }

  std::vector<std::unique_ptr<line>> lines;  // all that ever were, gone ones too
  std::vector<std::pair<std::int64_t, wirthforge::event_type>> reliable;  // what was published, in order
  std::size_t largest_event = 0;
  std::size_t models = 0;

  const instant& now() const noexcept { return now_; }
  live::engine& engine() noexcept { return engine_; }
  void set_wall_clock(std::int64_t unix_ms) { now_.unix_ms = unix_ms; }

  void connect() {
    if (is_stopping_) return;
    lines.push_back(std::make_unique<line>(shared_, now_));
  }
  void bytes(line& to, std::string_view what) {
    if (to.peer.is_gone() || to.has_ended) return;
    to.inbox += what;
    work(to);
  }
  void end(line& which, bool is_reset) {
    if (which.peer.is_gone() || which.has_ended) return;
    which.has_ended = true;
    which.was_reset = is_reset;
    work(which);
  }
  void set_room(line& which, std::size_t room) {
    which.room = room;
    if (!which.peer.is_gone()) work(which);
  }

  template <class Event>
  void publish(const Event& event, std::int64_t frame_number) {
    std::error_code error;
    engine_.prepare(event, frame_number, error, [this](live::command next) { queue_.push_back(std::move(next)); });
    require(static_cast<bool>(error) == static_cast<bool>(check(event)), "publishing and checking do not agree");
  }
  /// Once, as server::ready sees to it.
  void ready() {
    if (!std::exchange(is_ready_, true)) push(wirthforge::startup_complete{"m", wirthforge::tier::mid, "1.0.0", std::nullopt});
  }
  void push(live::command next) { queue_.push_back(std::move(next)); }
  void drain() {
    std::vector<live::command> taken;
    taken.swap(queue_);
    for (live::command& each : taken) engine_.carry_out(each, now_);
    engine_.finish_batch(now_);
    for (const auto& each : lines) {
      if (!each->peer.is_gone() && each->peer.is_websocket()) flush(*each);
    }
  }

  /// In steps of at most 100 ms, as the sweep comes.
  void advance(milliseconds by) {
    while (by.count() > 0) {
      const milliseconds step = std::min(by, milliseconds(100));
      by -= step;
      now_.steady += step;
      now_.unix_ms += step.count();
      const bool is_news = engine_.sweep(now_);
      for (const auto& each : lines) {
        if (each->peer.is_gone()) continue;
        at_work_ = each.get();
        if (each->peer.sweep(now_) || is_news) work(*each);
      }
      drain();
      inspect();
    }
  }
  bool is_anybody_there() const {
    for (const auto& each : lines) {
      if (!each->peer.is_gone()) return true;
    }
    return false;
  }
  void stop() {
    is_stopping_ = true;
    drain();
    engine_.finish(now_);
    for (const auto& each : lines) {
      at_work_ = each.get();
      if (!each->peer.is_gone()) each->peer.close_after_drain(rfc::close_code::going_away, {}, now_);
      if (!each->peer.is_gone()) work(*each);
    }
  }
  void inspect() {
    const auto& times = shared_.options.liveness;
    for (const auto& each : lines) {
      if (each->peer.is_gone()) continue;
      check_bytes(each->peer.unsent_bytes());
      const auto check_end = [&](wirthforge::steady_time start, wirthforge::nanoseconds allowed, const char* why) {
        require(now_.steady <= start + allowed + times.close_timeout + milliseconds(400), why);
      };
      if (!each->was_opened) check_end(each->accepted, times.handshake_timeout, "a connection that never opened is still there");
      else check_end(each->heard, times.ping_interval + times.pong_timeout, "a connection that fell silent is still there");
      if (each->must_end_by != wirthforge::steady_time()) check_end(each->must_end_by, {}, "a connection that is over is still there");
    }
    const auto& hub = options_.hub;
    require(engine_.core().bytes_held() <= std::max(hub.log.max_bytes, largest_event) + hub.open_answers_bytes, "log and answers");
    std::size_t members = 0;
    for (const auto& each : lines) members += each->was_opened && each->peer.state ? 1 : 0;
    require(engine_.core().client_count() == members, "the hub knows other clients than there are");
    require(connected_ - disconnected_ == members, "hooks that were not told");
  }

  double frame_rate_hz() const override { return 60; }
  std::string page(const rfc::http_request& request) override {
    return rfc::http_response(200, "text/plain", "a page\n", {}, request.method == "HEAD");
  }
  bool is_public(std::string_view path) const override { return path == "/"; }
  void connected(const live::info_ptr&) override { ++connected_; }
  void disconnected(const live::info_ptr&, const wirthforge::disconnect_info& how) override {
    require(how.close_code >= 1000 && how.close_code <= 4999, "a close code that is none");
    require(++disconnected_ <= connected_, "gone more often than come");
  }
  void published(const live::frame_ptr& frame, const wirthforge::token_stream*) override {
    largest_event = std::max(largest_event, frame->wire().size());
    if (frame->channel() == wirthforge::channel::energy) return;
    require(reliable.empty() || frame->timestamp() > reliable.back().first, "time stamps that do not increase");
    reliable.emplace_back(frame->timestamp(), frame->type());
  }
  void pressed(const live::info_ptr&, const wirthforge::backpressure&) override {}
  void remark(wirthforge::log_level, std::string remark) override {
    for (const char each : remark) require(each >= 0x20 && each < 0x7F, "a remark that is not printable");
  }

  live::answer respond(const rfc::http_request& request, const instant& now) override {
    at_work_->is_head_request = request.method == "HEAD";
    at_work_->wants_open_answers = request.query.find("replay") != std::string::npos;
    return engine_.respond(request, now);
  }
  live::answer refuse(std::error_code error) override { return engine_.refuse(error); }
  void opened(live::peer& from, const rfc::http_request& request, const instant& now) override {
    at_work_->was_opened = true;
    engine_.opened(from, request, now);
  }
  void received(live::peer& from, const rfc::input& message, const instant& now) override {
    wirthforge::control_message control;
    if (message.what == rfc::input::kind::text && !wirthforge::read_control(message.payload, control)) {
      at_work_->has_subscribed = at_work_->has_subscribed || std::holds_alternative<wirthforge::subscribe>(control);
    }
    engine_.received(from, message, now);
  }
  bool collect(live::peer& to, std::vector<live::frame_ptr>& batch, const instant& now) override {
    const bool has_more = engine_.collect(to, batch, now);
    std::size_t bytes = 0;
    for (const live::frame_ptr& each : batch) bytes += each->wire().size();
    check_bytes(bytes);
    return has_more;
  }
  void closed(live::peer& from, const live::ending& how, const instant& now) override {
    at_work_->must_end_by = now.steady;
    engine_.closed(from, how, now);
  }

 private:
  // One read and all that can be written.
  void work(line& which) {
    at_work_ = &which;
    const bool is_paused = which.room == 0 && !which.peer.wants_input();
    if (!which.inbox.empty() && !is_paused) {
      exact_copy read(which.inbox);
      which.inbox.clear();
      which.heard = now_.steady;
      which.peer.receive(read.begin(), read.end(), now_);
    } else if (which.has_ended && which.inbox.empty()) {
      const std::error_code error = which.was_reset ? make_error_code(std::errc::connection_reset) : std::error_code();
      which.peer.end_of_stream(error, now_);
    }
    flush(which);
    if (which.has_ended && which.inbox.empty() && !which.peer.is_gone()) {
      at_work_ = &which;
      which.peer.end_of_stream({}, now_);
    }
  }
  void flush(line& which) {
    at_work_ = &which;
    while (which.room > 0 && which.peer.gather(runs_, now_)) {
      std::size_t total = 0;
      for (const std::string_view run : runs_) {
        const std::string_view taken = run.substr(0, which.room);
        which.sent += taken;
        total += taken.size();
        if (which.room != ~0ULL) which.room -= taken.size();
      }
      require(!which.is_shut, "bytes after the end of the sending side");
      if (!which.peer.sent(total)) break;
    }
    if (which.peer.take_shutdown()) which.is_shut = true;
  }
  // One batch and the event that completes it, the newest of each model, and what is its own; answers to a flood.
  void check_bytes(std::size_t bytes) const {
    constexpr std::size_t own = 32768;
    const std::size_t bound = options_.hub.batch_bytes + largest_event + 2 * models * 1024 + own + 2 * options_.hub.open_answers_bytes;
    require(bytes <= bound, "more bytes held for a client than it may");
  }

  instant now_;
  live::engine_options options_;
  live::engine engine_;
  live::peer_shared shared_;
  line* at_work_ = nullptr;
  std::vector<live::command> queue_;
  std::vector<std::string_view> runs_;
  std::size_t connected_ = 0, disconnected_ = 0;
  bool is_stopping_ = false;
  bool is_ready_ = false;
};

}  // namespace fuzz
