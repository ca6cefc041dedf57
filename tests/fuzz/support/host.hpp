// The engine and the broker that ship, with simulated sockets around them, on a clock that the input moves. It watches from
// outside that memory and timeouts are kept, and keeps every byte that was sent.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "fuzz/support/fuzz.hpp"
#include "live/broker.hpp"
#include "live/engine.hpp"
#include "live/engine.ipp"

namespace fuzz {

namespace live = wirthforge::live;
namespace rfc = wirthforge::rfc6455;
using wirthforge::instant;
using wirthforge::milliseconds;

constexpr const char* token = "0123456789abcdef0123456789abcdef";

/// One connection, its socket's two directions, and what is known of it.
class line final : public live::line {
 public:
  line(std::shared_ptr<live::line_shared> shared, const instant& now)
      : live::line(std::move(shared), now), accepted(now.steady), heard(now.steady), now_(now) {}

  std::string inbox;                          // sent by the client and not yet read
  std::string sent;                           // by us, from the first byte on
  std::size_t room = ~0ULL;                   // bytes that the socket still takes
  bool has_ended = false, was_reset = false;  // by the client
  bool is_shut = false;                       // our sending side is
  bool was_opened = false, has_subscribed = false, wants_open_answers = false, is_head_request = false;
  wirthforge::steady_time accepted, heard;
  wirthforge::steady_time must_end_by{};

  /// Wakes each waiting call when its condition holds, one after the other.
  void work(const instant& now) {
    now_ = now;
    while (!is_gone()) {
      if (awaits_room_ && room > 0) {
        awaits_room_ = false;
        take_writable({}, now);
      } else if (into_ != nullptr && (!inbox.empty() || has_ended)) {
        take_input(read_some(std::exchange(into_, nullptr), room_), now);
      } else {
        return;
      }
    }
  }

 private:
  using outcome = live::transfer::outcome;

  live::transfer read_some(char* to, std::size_t most) noexcept override {
    if (inbox.empty() && !has_ended) return {outcome::would_block, 0, {}};
    if (inbox.empty() && was_reset) return {outcome::failed, 0, make_error_code(std::errc::connection_reset)};
    if (inbox.empty()) return {outcome::end, 0, {}};
    const std::size_t size = inbox.copy(to, most);
    inbox.erase(0, size);
    heard = now_.steady;
    return {outcome::done, size, {}};
  }
  live::transfer write_some(const std::vector<std::string_view>& runs) noexcept override {
    require(!is_shut, "bytes after the end of the sending side");
    std::size_t total = 0;
    for (const std::string_view run : runs) {
      const std::string_view taken = run.substr(0, room);
      sent += taken;
      total += taken.size();
      if (room != ~0ULL) room -= taken.size();
    }
    return {total == 0 ? outcome::would_block : outcome::done, total, {}};
  }
  void await_input(char* to, std::size_t most) override {
    require(into_ == nullptr, "input is awaited twice");
    into_ = to;
    room_ = most;
  }
  void await_writable() override { require(!std::exchange(awaits_room_, true), "room is awaited twice"); }
  std::error_code end_sending() noexcept override {
    require(!std::exchange(is_shut, true), "a sending side that ends twice");
    return {};
  }
  void close_socket() noexcept override { require(!std::exchange(is_closed_, true), "a socket that is closed twice"); }

  instant now_;
  char* into_ = nullptr;
  std::size_t room_ = 0;
  bool awaits_room_ = false, is_closed_ = false;
};

class host final : public live::environment, public live::observer, public live::service, public live::event_loop {
 public:
  host(live::engine_options chosen, live::peer_options limits)
      : options_(chosen), limits_(limits), engine_(token, std::move(chosen), *this, *this),
        broker_(engine_, *this, *this, *this, *this, life_, shortage_, broker_options_for(limits)) {
    engine_.access().port = 8145;
    now_.steady = wirthforge::steady_time(wirthforge::seconds(1000));
    now_.unix_ms = 1'700'000'000'000;
    std::error_code ignored;
    life_.begin_opening(ignored);
    life_.opened(true);
    life_.begin_starting();
    life_.started();
    broker_.begin(now_);
  }

  std::vector<std::shared_ptr<line>> lines;                               // all that ever were, gone ones too
  std::vector<std::pair<std::int64_t, wirthforge::event_type>> reliable;  // published events, in order
  std::size_t largest_event = 0;
  std::size_t models = 0;

  const instant& now() const noexcept { return now_; }
  live::engine& engine() noexcept { return engine_; }
  void set_wall_clock(std::int64_t unix_ms) { now_.unix_ms = unix_ms; }

  void connect() {
    if (!is_accepting_) return;
    lines.push_back(std::make_shared<line>(broker_.shared(), now_));
    reads_ = lines.back().get();
    broker_.add(lines.back(), now_);
  }
  void bytes(line& to, std::string_view what) {
    if (to.is_gone() || to.has_ended) return;
    to.inbox += what;
    work(to);
  }
  void end(line& which, bool is_reset) {
    if (which.is_gone() || which.has_ended) return;
    which.has_ended = true;
    which.was_reset = is_reset;
    work(which);
  }
  void set_room(line& which, std::size_t room) {
    which.room = room;
    if (!which.is_gone()) work(which);
  }

  template <class Event>
  void publish(const Event& event, std::int64_t frame_number) {
    std::error_code error;
    engine_.prepare(event, frame_number, error, [this](live::command next) { push(std::move(next)); });
    require(static_cast<bool>(error) == static_cast<bool>(check(event)), "publishing and checking do not agree");
  }
  /// Once, as server::ready sees to it.
  void ready() {
    if (!std::exchange(is_ready_, true)) push(wirthforge::startup_complete{"m", wirthforge::tier::mid, "1.0.0", std::nullopt});
  }
  void push(live::command next) { broker_.push(std::move(next)); }
  /// The writer of an answer. Its session is no raw one's.
  void open(std::uint64_t id, const std::string& name) {
    opened_[name] = true;
    push(live::open_tokens{std::make_shared<live::token_stream_state>(id, name, name)});
  }
  /// An answer that a client is sent again. Events without a connected client are not known here.
  void check_told_again(const wirthforge::token_stream& answer) const {
    if (engine_.counters().events.value() != engine_.counters().events_framed.value()) return;
    std::string text;
    for (const std::string& each : answer.tokens) text += each;
    const auto known = texts_.find(answer.session_id);
    require(known != texts_.end(), "an answer is told again that nobody gave");
    const bool is_known = std::any_of(known->second.begin(), known->second.end(), [&](const std::string& each) {
      return answer.is_complete ? each == text : each.compare(0, text.size(), text) == 0;
    });
    require(is_known, answer.is_complete ? "an answer is not whole that is told again" : "the text so far is another");
  }
  /// The state of a model, likewise. `payload`: as on the wire, to the end of the event.
  bool was_said(const std::string& payload) const {
    return engine_.counters().events.value() != engine_.counters().events_framed.value() || states_.count(payload) > 0;
  }
  void drain() { broker_.drain(now_); }

  /// In steps of at most 100 ms; what is due rings.
  void advance(milliseconds by) {
    while (by.count() > 0) {
      const milliseconds step = std::min(by, milliseconds(100));
      by -= step;
      now_.steady += step;
      now_.unix_ms += step.count();
      for (std::size_t which = 0; which < live::alarm_count; ++which) {
        if (!due_[which] || *due_[which] > now_.steady) continue;
        due_[which].reset();
        broker_.ring(static_cast<live::alarm>(which), now_);
      }
      drain();
      inspect();
    }
  }
  bool is_anybody_there() const {
    return std::any_of(lines.begin(), lines.end(), [](const auto& each) { return !each->is_gone(); });
  }
  void stop() { life_.stop() ? broker_.stop(now_) : void(); }
  void inspect() {
    const auto& times = limits_.liveness;
    for (const auto& each : lines) {
      if (each->is_gone()) continue;
      check_bytes(each->peer().unsent_bytes());
      const auto check_end = [&](wirthforge::steady_time start, wirthforge::nanoseconds allowed, const char* why) {
        require(now_.steady <= start + allowed + times.close_timeout + milliseconds(400), why);
      };
      if (!each->was_opened)
        check_end(each->accepted, times.handshake_timeout, "a connection that never opened is still there");
      else check_end(each->heard, times.ping_interval + times.pong_timeout, "a connection that fell silent is still there");
      if (each->must_end_by != wirthforge::steady_time())
        check_end(each->must_end_by, {}, "a connection that is over is still there");
    }
    const auto& hub = options_.hub;
    // The answers that ended are kept beside the log, within the same bound; of each model its newest event.
    const std::size_t beside = hub.open_answers_bytes + hub.log.max_bytes + models * 1024;
    require(engine_.core().bytes_held() <= std::max(hub.log.max_bytes, largest_event) + beside, "log, answers and states");
    std::size_t members = 0;
    for (const auto& each : lines) members += each->was_opened && each->peer().state ? 1 : 0;
    require(engine_.core().client_count() == members, "the hub knows other clients than there are");
    require(connected_ - disconnected_ == members, "hooks that were not told");
  }

  void set_alarm(live::alarm which, wirthforge::steady_time when) override {
    require(!life_.is_stopped(), "the server waits for something after its end");
    due_[static_cast<std::size_t>(which)] = when;
  }
  void begin_to_accept() override { is_accepting_ = true; }
  void retry_accepting() override {}
  void stop_accepting() noexcept override { is_accepting_ = false; }
  void finish_stop() noexcept override { life_.stopped(); }

  double frame_rate_hz() const override { return 60; }
  std::string page(const rfc::http_request& request) override {
    return rfc::http_response(200, "text/plain", "a page\n", {}, request.method == "HEAD");
  }
  bool is_public(std::string_view path) const override { return path == "/"; }
  void connected(const live::info_ptr&) override { ++connected_; }
  void disconnected(const live::info_ptr&, const wirthforge::disconnect_info& how) override {
    require(how.close_code >= 1000 && how.close_code <= 4999, "a close code that is none");
    require(++disconnected_ <= connected_, "more clients left than came");
  }
  void stop_asked(const live::info_ptr& who, const std::string& session) override {
    require(who != nullptr && session == stop_wanted_, "a stop of another answer than was named");
    require(opened_.count(session) > 0 || texts_.count(session) > 0, "a stop of an answer that there never was");
    stop_wanted_.clear();
  }
  void published(const live::frame_ptr& frame, const wirthforge::token_stream* tokens) override {
    if (tokens != nullptr) note_answer(*tokens);
    said_ = frame->type() == wirthforge::event_type::error_event ? std::string(frame->text()) : std::string();
    if (const std::size_t at = said_.find("\"payload\":"); at != std::string::npos) states_.insert(said_.substr(at));
    largest_event = std::max(largest_event, frame->wire().size());
    if (frame->channel() == wirthforge::channel::energy) return;
    require(reliable.empty() || frame->timestamp() > reliable.back().first, "time stamps that do not increase");
    reliable.emplace_back(frame->timestamp(), frame->type());
  }
  void log_line(wirthforge::log_level, std::string log_line) override {
    for (const char each : log_line) require(each >= 0x20 && each < 0x7F, "a note that is not printable");
  }

  live::answer respond(const rfc::http_request& request, const instant& now) override {
    reads_->is_head_request = request.method == "HEAD";
    reads_->wants_open_answers = request.query.find("replay") != std::string::npos;
    return engine_.respond(request, now);
  }
  live::answer refuse(std::error_code error) override { return engine_.refuse(error); }
  void opened(live::peer& from, const rfc::http_request& request, const instant& now) override {
    of(from).was_opened = true;
    engine_.opened(from, request, now);
  }
  std::optional<live::ending> received(live::peer& from, const rfc::input& message, const instant& now) override {
    wirthforge::control_message control;
    if (message.what == rfc::input::kind::text && !wirthforge::read_control(message.payload, control)) {
      line& who = of(from);
      who.has_subscribed = who.has_subscribed || std::holds_alternative<wirthforge::subscribe>(control);
      if (const auto* request = std::get_if<wirthforge::tools::stop>(&control)) stop_wanted_ = request->session_id;
    }
    std::optional<live::ending> result = engine_.received(from, message, now);
    stop_wanted_ = "none is wanted";
    return result;
  }
  live::collected collect(live::peer& to, std::vector<live::frame_ptr>& batch, const instant& now) override {
    const live::collected got = engine_.collect(to, batch, now);
    std::size_t bytes = 0;
    for (const live::frame_ptr& each : batch) bytes += each->wire().size();
    check_bytes(bytes);
    return got;
  }
  void closed(live::peer& from, const live::ending& how, const instant& now) override {
    of(from).must_end_by = now.steady;
    engine_.closed(from, how, now);
  }

 private:
  // Half an answer is not a whole one: how it ended is said directly before its last event, where a writer gave it.
  void note_answer(const wirthforge::token_stream& event) {
    std::vector<std::string>& all = texts_[event.session_id];
    if (all.empty() || std::exchange(ended_[event.session_id], event.is_complete)) all.emplace_back();
    ended_[event.session_id] = event.is_complete;
    for (const std::string& each : event.tokens) all.back() += each;
    if (!event.is_complete || event.session_id.compare(0, 4, "raw-") == 0) return;
    const bool is_said = said_.find("\"code\":\"ANSWER_") != std::string::npos &&
                         said_.find("\"code\":\"ANSWER_WAITING") == std::string::npos &&
                         said_.find("\"sessionId\":\"" + event.session_id + "\"") != std::string::npos;
    require(is_said, "an answer ends, and nothing says how");
  }

  static live::broker_options broker_options_for(const live::peer_options& limits) {
    live::broker_options options;
    options.lines = {limits, 8, 3};
    options.stop_timeout = milliseconds(1500);
    return options;
  }
  // While a peer reads its head, the reader identifies the connection; otherwise the peer does.
  void work(line& which) {
    reads_ = &which;
    which.work(now_);
  }
  line& of(const live::peer& known) {
    const auto found = std::find_if(lines.begin(), lines.end(), [&](const auto& each) { return &each->peer() == &known; });
    return **found;
  }
  // One batch and the event that completes it, the newest of each model, and the client's own messages; answers to a flood.
  void check_bytes(std::size_t bytes) const {
    constexpr std::size_t own = 32768;
    const std::size_t bound = options_.hub.batch_bytes + largest_event + 2 * models * 1024 + own +
                              2 * options_.hub.open_answers_bytes;
    require(bytes <= bound, "more bytes held for a client than it may");
  }

  instant now_;
  live::engine_options options_;
  const live::peer_options limits_;
  live::lifecycle life_;
  live::memory_shortage shortage_;
  live::engine engine_;
  live::broker broker_;
  std::optional<wirthforge::steady_time> due_[live::alarm_count];
  line* reads_ = nullptr;
  std::map<std::string, bool> opened_, ended_;
  std::map<std::string, std::vector<std::string>> texts_;  // of each session all that were published, one after the other
  std::set<std::string> states_;                           // the payloads of all error_events
  std::string said_;                                       // by the error_event right before
  std::string stop_wanted_;
  std::size_t connected_ = 0, disconnected_ = 0;
  bool is_accepting_ = false;
  bool is_ready_ = false;
};

}  // namespace fuzz
