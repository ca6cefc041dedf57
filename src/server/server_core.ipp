// The I/O thread's part of the server: what happens with requests, clients, events and the end.
#pragma once

#include "base/cold.hpp"
#include "live/engine.ipp"
#include "server/check_options.hpp"
#include "server/report.hpp"
#include "server/server_core.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace detail {

WIRTHFORGE_COLD inline net::connection_options connection_options_of(const server_options& options) {
  net::connection_options result;
  result.peer.protocol.max_message_bytes = options.max_message_bytes;
  result.peer.protocol.max_fragments = options.max_fragments;
  result.peer.liveness.handshake_timeout = options.handshake_timeout;
  result.peer.liveness.ping_interval = options.ping_interval;
  result.peer.liveness.pong_timeout = options.pong_timeout;
  result.peer.liveness.idle_timeout = options.idle_timeout;
  result.peer.liveness.close_timeout = options.close_timeout;
  result.peer.max_head_bytes = options.max_head_bytes;
  result.max_connections = options.max_connections;
  result.max_half_open = options.max_half_open;
  result.send_buffer_bytes = options.send_buffer_bytes;
  return result;
}

WIRTHFORGE_COLD inline live::engine_options engine_options_of(const server_options& options) {
  live::engine_options result;
  result.hub.log = {options.log_max_bytes, options.log_max_events, options.log_max_age};
  result.hub.heartbeat_interval = options.heartbeat_interval;
  result.hub.max_client_messages_per_second = options.max_client_messages_per_second;
  result.hub.open_answers_bytes = options.max_open_answer_bytes;
  result.access.allowed_origins = options.allowed_origins;
  result.access.token = options.token;
  result.access.allows_null_origin = options.allow_null_origin;
  result.lag_threshold = options.lag_threshold;
  return result;
}

// What is out of its range is refused by `listen`; nothing is computed from it before.
WIRTHFORGE_COLD inline const server_options& within_range(const server_options& options) {
  static const server_options defaults;
  return option_fault(options).empty() ? options : defaults;
}

inline server_core::server_core(std::unique_ptr<server_loop> loop, server_options options)
    : options_(std::move(options)),
      loop_(std::move(loop)),
      engine_(random_epoch(machine_randomness()), engine_options_of(within_range(options_)), *this),
      callbacks_(options_.callback_queue_bytes) {
  const server_options& chosen = within_range(options_);
  descriptors_ = std::make_shared<net::descriptor_limit>(chosen.reserved_descriptors, chosen.max_connections, [this](std::string line) {
    remark(log_level::warning, std::move(line));
  });
  loop_->serve(engine_, connection_options_of(chosen), [this](const instant& now) { return sweep(now); }, stalled_, descriptors_);
}

// Calls `then` at that moment; `is_waiting`, where given, is true until then.
inline void server_core::await(alarm which, steady_time when, void (server_core::*then)(), bool* is_waiting) {
  loop_->await(which, when, {weak_from_this(), then, is_waiting});
  if (is_waiting != nullptr) *is_waiting = true;
}

inline void server_core::begin_to_accept() {
  if (is_accepting_ || lifecycle_.is_stopping()) return;
  loop_->begin_to_accept();
  is_accepting_ = true;
  if (journal_) record_energy();
}

// Once a second, and when something could not be arranged for want of memory: which it was nobody knows; what goes on already
// is left alone. The system may also have refused Asio its timers, which Asio does not tell: this is then the only clock here.
inline void server_core::resume() {
  if (lifecycle_.is_stopping()) {
    if (is_stop_begun_) await_drained();
    else begin_stop();
    return;
  }
  begin_to_accept();
  loop_->resume();
  if (journal_ && !is_journal_timer_set_) record_energy();
  if (startup_again_) {
    live::command again(std::move(*startup_again_));
    startup_again_.reset();
    try {
      engine_.carry_out(again, machine_time());
    } catch (...) {
      lose(again, machine_time());
    }
  }
  drain();
}

// There was no memory for it. Nothing is lost in silence: everybody's line is cut, and whoever comes back is told of a gap.
inline void server_core::lose(live::command& what, const instant& now) noexcept {
  if (auto* startup = std::get_if<startup_complete>(&what)) startup_again_ = std::move(*startup);
  lose_some(now);
}
inline void server_core::lose_some(const instant& now) noexcept {
  engine_.note_loss(now);
  loop_->abandon_all(std::make_error_code(std::errc::not_enough_memory));
  stalled_.note();
}

inline void server_core::connected(const live::info_ptr& who) {
  if (!hooks.on_connect) return;
  callbacks_.post(sizeof(connection_info), [this, who] { hooks.on_connect(*who); });
}
inline void server_core::disconnected(const live::info_ptr& who, const disconnect_info& how) {
  if (!hooks.on_disconnect) return;
  callbacks_.post(sizeof(connection_info), [this, who, how] { hooks.on_disconnect(*who, how); });
}
inline void server_core::pressed(const live::info_ptr& who, const backpressure& how) {
  if (!hooks.on_backpressure) return;
  callbacks_.post(sizeof(connection_info), [this, who, how] { hooks.on_backpressure(*who, how); });
}
inline void server_core::published(const live::frame_ptr& frame, const token_stream* tokens) {
  if (hooks.on_event) {
    callbacks_.post(frame->text().size(), [this, frame] {
      hooks.on_event(event_view{frame->type(), frame->channel(), frame->timestamp(), frame->text()});
    });
  }
  if (journal_ && frame->channel() != channel::energy) journal_->record(frame, tokens);  // energy has its own pace
}

inline void server_core::record_energy() {
  journal_->record_energy(engine_, false);
  await(alarm::journal, machine_time().steady + journal_->energy_interval(), &server_core::record_energy, &is_journal_timer_set_);
}
inline bool server_core::sweep(const instant& now) {
  const bool is_news = engine_.sweep(now);
  engine_.connections(now.steady, next_rows_);
  const std::lock_guard<std::mutex> lock(rows_mutex_);
  rows_.swap(next_rows_);
  return is_news;
}

inline std::vector<connection_stats> server_core::connections() const {
  std::vector<connection_stats> result;
  const std::lock_guard<std::mutex> lock(rows_mutex_);
  for (const live::connection_row& each : rows_) result.push_back({*each.info, each.pressure});
  return result;
}

inline void server_core::take_queue(const instant& now) {
  std::size_t bytes = 0;
  queue_.take_all([&](live::command&& next) {
    bytes += live::bytes_of(next);
    try {
      engine_.carry_out(next, now);
    } catch (...) {
      lose(next, now);
    }
  });
  queued_bytes_.fetch_sub(bytes, std::memory_order_relaxed);
}

// Everything that was published since the last time, then one write for each client.
inline void server_core::drain() {
  const instant now = machine_time();
  take_queue(now);
  std::optional<steady_time> again;
  try {
    again = engine_.finish_batch(now);
  } catch (...) {  // text of an answer
    lose_some(now);
  }
  if (again) drain_later(*again);
  loop_->flush_all(now);
}

inline void server_core::drain_later(steady_time when) {
  if (is_token_timer_set_) return;
  await(alarm::tokens, when, &server_core::drain, &is_token_timer_set_);
}

inline void server_core::begin_stop() {
  if (is_stop_begun_) return;
  is_stop_begun_ = true;
  loop_->stop_accepting();
  const instant now = machine_time();
  take_queue(now);
  stalled_.attempt([&] { engine_.finish(now); });
  loop_->close_all(rfc6455::close_code::going_away, now);
  stop_deadline_ = now.steady + options_.stop_timeout;
  await_drained();
}

inline void server_core::await_drained() {
  if (loop_->is_empty() || machine_time().steady >= stop_deadline_) return finish_stop();
  await(alarm::stop, machine_time().steady + milliseconds(5), &server_core::await_drained);
}

inline void server_core::finish_stop() {
  loop_->abandon_all(errc::server_stopped);
  if (journal_) stalled_.attempt([this] { journal_->record_energy(engine_, true); });
  release();
  set_stopped();
}

// On the loop's thread, or where no thread runs the loop. Twice is once.
inline void server_core::release() noexcept {
  loop_->stop_accepting();
  loop_->abandon_all(errc::server_stopped);
  loop_->let_go();
}

}}}  // namespace wirthforge::detail
