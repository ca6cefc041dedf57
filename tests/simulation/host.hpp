// One run of the server in virtual time: does with the engine what server_core does, in the same order, and writes down what
// it did. It also watches, from outside, that memory and timeouts are kept.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "wirthforge_ws.hpp"

#include "simulation/line.hpp"
#include "simulation/plan.hpp"

namespace simulation {

class host final : public actor, public live::surroundings, public live::service {
 public:
  host(scheduler& clock, const plan& chosen, std::uint64_t seed)
      : clock_(clock), plan_(chosen), chance_(seed), started_(clock.time()), engine_(epoch_from(chance_), chosen.engine, *this),
        shared_(std::make_shared<live::line_shared>(*this, chosen.peer)) {
    engine_.access().port = 8145;
  }

  ledger truth;
  bool is_accepting() const noexcept { return state_ == state::running; }
  bool is_over() const noexcept { return state_ == state::over; }
  const live::engine& engine() const noexcept { return engine_; }
  std::int64_t tick_number() const noexcept { return (clock_.time() - started_) / (second / 60); }
  std::size_t line_count() const noexcept { return lines_.size(); }
  std::size_t unsent_bytes() {
    std::size_t total = 0;
    for (const auto& each : lines_) total += each->peer().unsent_bytes();
    return total;
  }

  void accept(std::shared_ptr<cable> wire, std::shared_ptr<visit> known) {
    lines_.push_back(std::make_shared<line>(clock_, shared_, std::move(wire), std::move(known)));
    by_peer_[&lines_.back()->peer()] = lines_.back().get();
    lines_.back()->start(clock_.now());
    if (std::exchange(is_sweeping_, true)) return;
    clock_.after(100 * millisecond, *this, sweep_mark);
    clock_.after(inspection_period, *this, inspect_mark);
  }

  // Publishers. They run on other threads: what they hand over is carried out a little later.
  template <class Event>
  void publish(const Event& event) {
    std::error_code error;
    bool is_kept = false;
    engine_.prepare(event, tick_number(), error, [&](live::command next) {
      const auto* reliable = std::get_if<live::reliable_publication>(&next);
      is_kept = reliable == nullptr || reliable->frame != nullptr;
      push(std::move(next));
    });
    if (error) throw failure(oracle::completeness, "a valid event was refused");
    if (!is_kept) ++truth.omissions;
  }
  void ready(const wirthforge::startup_complete& event) { push(live::command(event)); }
  std::size_t open_tokens(std::string session_id, std::string model_id) {
    const std::size_t stream = truth.open_stream(session_id, model_id);
    wirthforge::token_stream opening;
    opening.session_id = std::move(session_id);
    opening.model_id = std::move(model_id);
    push(live::command(live::open_tokens{stream, std::move(opening)}));
    return stream;
  }
  void write_tokens(std::size_t stream, std::string piece) {
    push(live::command(live::write_tokens{stream, std::move(piece), 0.25}));
  }
  void finish_tokens(std::size_t stream) { push(live::command(live::finish_tokens{stream})); }

  void stop() {
    if (state_ != state::running) return;
    state_ = state::stopping;
    take_queue();
    const auto omitted = omitted_tokens();
    engine_.finish(clock_.now());
    if (omitted_tokens() != omitted) truth.omit_streams();
    for (const auto& each : lines_) {
      each->close_after_drain(wirthforge::rfc6455::close_code::going_away, clock_.now());
    }
    stop_deadline_ = clock_.time() + plan_.stop_timeout;
    clock_.after(20 * millisecond, *this, stop_mark);
  }
  /// The process is killed.
  void kill() {
    state_ = state::over;
    for (const auto& each : lines_) each->abandon(wirthforge::errc::server_stopped, clock_.now());
    bury();
  }

  void wake(std::uint64_t what) override {
    if (state_ == state::over) return;
    switch (what) {
      case drain_mark: is_draining_ = false; return drain();
      case token_mark: is_token_timer_set_ = false; return drain();
      case sweep_mark: return sweep();
      case inspect_mark: return inspect();
      default: return await_drained();
    }
  }

  // live::surroundings
  double frame_rate_hz() const override { return 60; }
  std::string page(const wirthforge::rfc6455::http_request&) override {
    return wirthforge::rfc6455::http_response(200, "text/plain", "a page\n");
  }
  bool is_public(std::string_view) const override { return true; }
  void connected(const live::info_ptr&) override {}
  void disconnected(const live::info_ptr&, const wirthforge::disconnect_info&) override {}
  void published(const live::frame_ptr& frame, const wirthforge::token_stream*) override {
    last_published_ = frame.get();
    watched([&] { truth.note_published(*frame, clock_.time()); });
  }
  void pressed(const live::info_ptr&, const wirthforge::backpressure&) override {}
  void remark(wirthforge::log_level, std::string) override {}

  // live::service: the engine's, with somebody who looks over its shoulder
  live::answer respond(const wirthforge::rfc6455::http_request& request, const instant& now) override {
    return engine_.respond(request, now);
  }
  live::answer refuse(std::error_code error) override { return engine_.refuse(error); }
  void opened(live::peer& from, const wirthforge::rfc6455::http_request& request, const instant& now) override {
    line& who = of(from);
    who.was_opened = true;
    who.note_message();
    if (engine_.core().is_ready()) who.known().greet(truth, clock_.time());
    engine_.opened(from, request, now);
  }
  void received(live::peer& from, const wirthforge::rfc6455::input& message, const instant& now) override {
    using kind = wirthforge::rfc6455::input::kind;
    line& who = of(from);
    if (message.what != kind::ping) who.note_message();
    wirthforge::control_message control;
    const bool may_subscribe = message.what == kind::text && message.payload.find("\"subscribe\"") != std::string_view::npos;
    if (may_subscribe && !wirthforge::read_control(message.payload, control)) {
      if (const auto* wish = std::get_if<wirthforge::subscribe>(&control)) note_subscription(who, *wish);
    }
    engine_.received(from, message, now);
  }
  bool collect(live::peer& to, std::vector<live::frame_ptr>& batch, const instant& now) override {
    const std::uint64_t lagged = engine_.counters().lagged.value();
    const bool has_more = engine_.collect(to, batch, now);
    std::size_t bytes = 0;
    for (const live::frame_ptr& each : batch) bytes += each->wire().size();
    watched([&] { check_bytes(of(to), bytes, "taken at once for a client"); });
    if (engine_.counters().lagged.value() != lagged) end_soon(of(to), "it lagged");
    return has_more;
  }
  void closed(live::peer& from, const live::ending& how, const instant& now) override {
    end_soon(of(from), "its connection is over");
    engine_.closed(from, how, now);
  }

 private:
  enum class state { running, stopping, over };
  enum mark : std::uint64_t { drain_mark, token_mark, sweep_mark, inspect_mark, stop_mark };
  static constexpr ticks inspection_period = 500 * millisecond;
  static constexpr ticks grace = 400 * millisecond;  // three sweeps, and something for rounding

  // The server lets no exception through, and takes each for a want of memory.
  template <class Function>
  void watched(Function function) {
    try {
      function();
    } catch (const failure& what) {
      clock_.note(what);
      throw;
    }
  }
  static std::string epoch_from(dice& chance) {
    return wirthforge::random_epoch([&chance] { return static_cast<std::uint32_t>(chance.bits()); });
  }
  static ticks ticks_of(wirthforge::nanoseconds duration) noexcept { return duration.count(); }

  void push(live::command next) {
    queue_.push_back(std::move(next));
    if (std::exchange(is_draining_, true)) return;
    clock_.after(chance_.between(0, plan_.post_delay), *this, drain_mark);
  }
  std::uint64_t omitted_tokens() const { return engine_.counters().events.value() - engine_.counters().events_framed.value(); }

  void drain() {
    take_queue();
    const auto omitted = omitted_tokens();
    const auto again = engine_.finish_batch(clock_.now());
    if (omitted_tokens() != omitted) truth.omit_streams();
    if (again && !std::exchange(is_token_timer_set_, true)) {
      const ticks wait = ticks_of(*again - clock_.now().steady);
      clock_.after(wait, *this, token_mark);
    }
    flush_all();
  }
  void flush_all() {
    for (const auto& each : lines_) {
      if (each->peer().is_websocket()) each->flush(clock_.now());
    }
  }
  void take_queue() {
    taken_.swap(queue_);
    for (live::command& next : taken_) carry_out(next);
    taken_.clear();
  }
  void carry_out(live::command& next) {
    if (const auto* energy = std::get_if<live::energy_publication>(&next)) {
      if (const auto* update = std::get_if<wirthforge::energy_update>(&energy->event)) {
        truth.note_update(*update, energy->outer.frame_number, clock_.time());
      } else {
        truth.note_field(std::get<wirthforge::energy_field>(energy->event), energy->outer.frame_number);
      }
    } else if (const auto* piece = std::get_if<live::write_tokens>(&next)) {
      truth.note_piece(piece->id, piece->piece);
    } else if (const auto* end = std::get_if<live::finish_tokens>(&next)) {
      truth.streams[end->id].is_finished = true;
    } else if (std::holds_alternative<wirthforge::startup_complete>(next)) {
      for (const auto& each : lines_) {
        if (!each->was_opened || each->is_gone()) continue;
        each->known().greet(truth, clock_.time());
        each->note_message();  // from now on it has something to answer
      }
    }
    const auto* reliable = std::get_if<live::reliable_publication>(&next);
    const live::event_frame* const frame = reliable != nullptr ? reliable->frame.get() : nullptr;
    if (reliable != nullptr && reliable->tokens) note_raw_tokens(*reliable);
    const auto omitted = omitted_tokens();
    engine_.carry_out(next, clock_.now());
    if (omitted_tokens() != omitted) truth.omit_streams();
    const bool is_published = frame == nullptr || last_published_ == frame;
    if (!is_published) throw failure(oracle::completeness, "an event was handed in and not published");
  }
  // A whole token_stream event that its publisher made himself.
  void note_raw_tokens(const live::reliable_publication& from) {
    for (std::size_t index = 0; index < truth.streams.size(); ++index) {
      stream_account& each = truth.streams[index];
      if (each.session_id != from.tokens->session_id) continue;
      for (const std::string& token : from.tokens->tokens) truth.note_piece(index, token);
      each.is_finished = from.tokens->is_complete;
      if (from.frame) return;
      each.published = each.whole;
      each.has_events = true;
      each.is_complete = each.is_finished;
    }
  }

  void sweep() {
    bury();
    if (lines_.empty()) {
      is_sweeping_ = false;
      return;
    }
    const bool is_news = engine_.sweep(clock_.now());
    for (std::size_t index = 0; index < lines_.size(); ++index) {
      line& each = *lines_[index];
      if (!each.is_gone()) each.sweep(is_news, clock_.now());
    }
    clock_.after(100 * millisecond, *this, sweep_mark);
  }
  void bury() {
    for (auto& each : lines_) {
      if (!each->is_gone()) continue;
      by_peer_.erase(&each->peer());
      buried_.push_back(std::move(each));
    }
    lines_.erase(std::remove(lines_.begin(), lines_.end(), nullptr), lines_.end());
  }
  void await_drained() {
    bury();
    if (lines_.empty() || clock_.time() >= stop_deadline_) return kill();
    clock_.after(20 * millisecond, *this, stop_mark);
  }

  void note_subscription(line& who, const wirthforge::subscribe& wish) {
    unsigned channels = 0;
    for (const wirthforge::channel each : wish.channels) channels |= 1U << static_cast<unsigned>(each);
    who.known().subscriptions.push_back({channels, truth.reliable.size(), visit::places_in(truth)});
  }

  line& of(const live::peer& known) const { return *by_peer_.at(&known); }
  void end_soon(line& who, const char* why) {
    if (who.must_end_by != 0) return;
    who.must_end_by = clock_.time() + ticks_of(plan_.peer.liveness.close_timeout) + grace;
    who.end_reason = why;
  }

  // Per client: one batch and the event that completes it, the newest of each slot, and what is its own.
  void check_bytes(line& who, std::size_t bytes, const char* what) const {
    constexpr std::size_t own = 16384;     // startup_complete, heartbeat, at most 16 errors, a ping, a pong, a close
    constexpr std::size_t largest_energy = 1024;
    const std::size_t texts = who.known().is_open_wanted ? 2 * plan_.engine.hub.open_answers_bytes : 0;
    const std::size_t newest = 2 * truth.models.size() * largest_energy;
    const std::size_t bound = plan_.engine.hub.batch_bytes + truth.largest_event + newest + own + texts;
    if (bytes > bound) throw failure(oracle::memory, say(bytes, " bytes ", what, ", bound ", bound));
  }
  void inspect() {
    const auto& times = plan_.peer.liveness;
    const ticks now = clock_.time();
    for (const auto& each : lines_) {
      if (each->is_gone()) continue;
      check_bytes(*each, each->peer().unsent_bytes(), "held for a client");
      const auto check_end = [&](ticks latest, const char* why) {
        if (now > latest) throw failure(oracle::timeouts, say("a connection is still there ", (now - latest) / millisecond,
                                                              " ms after its time: ", why));
      };
      const ticks close = ticks_of(times.close_timeout) + grace;
      if (!each->was_opened) check_end(each->accepted() + ticks_of(times.handshake_timeout) + close, "it never opened");
      else check_end(each->heard() + ticks_of(times.ping_interval + times.pong_timeout) + close, "it fell silent");
      if (each->was_opened && each->known().is_greeted && times.idle_timeout.count() > 0) {
        check_end(each->spoken() + ticks_of(times.idle_timeout) + close, "it said nothing");
      }
      if (each->must_end_by != 0) check_end(each->must_end_by, each->end_reason);
    }
    const live::hub_options& hub = plan_.engine.hub;
    const std::size_t bound = std::max(hub.log.max_bytes, truth.largest_event) + hub.open_answers_bytes;
    const std::size_t held = engine_.core().bytes_held();
    if (held > bound) throw failure(oracle::memory, say(held, " bytes in log and open answers, bound ", bound));
    if (is_sweeping_) clock_.after(inspection_period, *this, inspect_mark);
  }

  scheduler& clock_;
  const plan& plan_;
  dice chance_;
  ticks started_;
  live::engine engine_;
  std::shared_ptr<live::line_shared> shared_;
  std::vector<std::shared_ptr<line>> lines_;
  std::unordered_map<const live::peer*, line*> by_peer_;
  std::vector<std::shared_ptr<line>> buried_;  // timers may still know them
  std::vector<live::command> queue_;
  std::vector<live::command> taken_;
  const live::event_frame* last_published_ = nullptr;
  state state_ = state::running;
  ticks stop_deadline_ = 0;
  bool is_draining_ = false;
  bool is_token_timer_set_ = false;
  bool is_sweeping_ = false;
};

}  // namespace simulation
