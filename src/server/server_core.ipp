// The I/O thread's part of the server: connects the broker with the loop and the integrator's callbacks.
#pragma once

#include "base/cold.hpp"
#include "live/engine.ipp"
#include "server/check_options.hpp"
#include "server/event_facts.hpp"
#include "server/server_core.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace detail {

WIRTHFORGE_COLD inline live::peer_options peer_options_of(const server_options& options) {
  live::peer_options result;
  result.protocol.max_message_bytes = options.max_message_bytes;
  result.protocol.max_fragments = options.max_fragments;
  result.liveness.handshake_timeout = options.handshake_timeout;
  result.liveness.ping_interval = options.ping_interval;
  result.liveness.pong_timeout = options.pong_timeout;
  result.liveness.idle_timeout = options.idle_timeout;
  result.liveness.close_timeout = options.close_timeout;
  result.max_head_bytes = options.max_head_bytes;
  return result;
}

WIRTHFORGE_COLD inline live::broker_options broker_options_of(const server_options& options) {
  live::broker_options all;
  all.lines.peer = peer_options_of(options);
  all.lines.max_connections = options.max_connections;
  all.lines.max_half_open = options.max_half_open;
  all.stop_timeout = options.stop_timeout;
  return all;
}

WIRTHFORGE_COLD inline live::engine_options engine_options_of(const server_options& options) {
  live::engine_options result;
  result.hub.log = {options.log_max_bytes, options.log_max_events, options.log_max_age};
  result.hub.heartbeat_interval = options.heartbeat_interval;
  result.hub.max_client_messages_per_second = options.max_client_messages_per_second;
  result.hub.open_answers_bytes = options.max_open_answer_bytes;
  result.access.allowed_origins = std::make_shared<rfc6455::origin_list>(options.allowed_origins,
                                                                         options.invite_loopback_twins);
  result.access.token = options.token;
  result.access.allows_null_origin = options.allow_null_origin;
  result.lag_threshold = options.lag_threshold;
  result.peers = peer_options_of(options);
  return result;
}

// `listen` refuses options out of their range; no value is computed from them before that.
WIRTHFORGE_COLD inline const server_options& within_range(const server_options& options) {
  static const server_options defaults;
  return option_fault(options).empty() ? options : defaults;
}

inline server_core::server_core(std::unique_ptr<server_loop> loop, server_options options)
    : options_(std::move(options)), loop_(std::move(loop)),
      engine_(random_epoch(machine_randomness()), engine_options_of(within_range(options_)), *this, *this),
      broker_(engine_, engine_, *this, *this, *this, lifecycle_, shortage_, broker_options_of(within_range(options_))),
      callbacks_(options_.callback_queue_bytes), energies_(within_range(options_).energy) {
  const server_options& chosen = within_range(options_);
  descriptors_ = std::make_shared<net::descriptor_limit>(chosen.reserved_descriptors, chosen.max_connections,
                                                         [this](std::string line) {
                                                           log_line(log_level::warning, std::move(line));
                                                         });
  loop_->serve(broker_, chosen.send_buffer_bytes, shortage_, descriptors_);
}

template <live::alarm which>
void server_core::ring() noexcept {
  const instant now = machine_time();
  broker_.ring(which, now);
  if constexpr (which == live::alarm::sweep) shortage_.attempt([&] { keep_rows(now); });
}
inline void server_core::set_alarm(live::alarm which, steady_time when) {
  using live::alarm;
  static constexpr void (server_core::*steps[live::alarm_count])() noexcept = {
      &server_core::ring<alarm::tokens>, &server_core::ring<alarm::sweep>, &server_core::ring<alarm::stop>,
      &server_core::ring<alarm::journal>};
  loop_->await(which, when, {weak_from_this(), steps[static_cast<std::size_t>(which)]});
}

inline void server_core::connected(const live::info_ptr& who) {
  if (!hooks.on_connect) return;
  callbacks_.post(sizeof(connection_info), [this, who] { hooks.on_connect(*who); });
}
inline void server_core::stop_asked(const live::info_ptr& who, const std::string& session_id) {
  wake_loop_users();
  if (!hooks.on_stop) return;
  callbacks_.post(sizeof(stop_request) + session_id.size(),
                  [this, request = stop_request{session_id, *who}] { hooks.on_stop(request); });
}
inline void server_core::disconnected(const live::info_ptr& who, const disconnect_info& how) {
  if (!hooks.on_disconnect) return;
  callbacks_.post(sizeof(connection_info), [this, who, how] { hooks.on_disconnect(*who, how); });
}
inline void server_core::backpressure_changed(const live::info_ptr& who, const backpressure& how) {
  if (!hooks.on_backpressure) return;
  callbacks_.post(sizeof(connection_info), [this, who, how] { hooks.on_backpressure(*who, how); });
}
inline void server_core::published(const live::frame_ptr& frame, const token_stream* tokens) {
  if (hooks.on_event) {
    callbacks_.post(frame->text().size(), [this, frame] {
      const event_facts facts(*frame);
      hooks.on_event(event_view{frame->type(), frame->channel(), frame->timestamp(), frame->text(), facts.frame_number(),
                                facts.model_id(), facts.session_id()});
    });
  }
  if (journal_ && frame->channel() != channel::energy) journal_->record(frame, tokens);  // energy has its own interval
}

inline void server_core::keep_rows(const instant& now) {
  engine_.connections(now.steady, next_rows_);
  const std::lock_guard<std::mutex> lock(rows_mutex_);
  rows_.swap(next_rows_);
}
inline std::vector<connection_stats> server_core::connections() const {
  std::vector<connection_stats> result;
  const std::lock_guard<std::mutex> lock(rows_mutex_);
  for (const live::connection_row& each : rows_) result.push_back({*each.info, each.pressure});
  return result;
}

inline void server_core::finish_stop() noexcept {
  release();
  set_stopped();
}

// On the loop's thread, or while no thread runs the loop. A second call does nothing.
inline void server_core::release() noexcept {
  loop_->stop_accepting();
  loop_users_.send_away();
  broker_.release(machine_time());
  loop_->let_go();
}

inline void server_core::log_line(log_level level, std::string line) {
  if (!hooks.on_log) return;
  const std::size_t bytes = line.size();
  callbacks_.post(bytes, [this, level, line = std::move(line)] { hooks.on_log(level, line); });
}

inline server_stats server_core::stats() const {
  const live::engine_counters& seen = engine_.counters();
  server_stats now;
  now.connections = static_cast<std::uint64_t>(seen.connections.value());
  now.connections_total = seen.connections_total.value();
  const live::traffic traffic = broker_.traffic();
  now.connections_limit = descriptors_->capacity();
  now.refused_total = seen.refused.value() + traffic.turned_away;
  now.clients_lagging = static_cast<std::uint64_t>(seen.lagging.value());
  now.log_bytes = static_cast<std::uint64_t>(seen.log_bytes.value());
  now.queued_bytes = broker_.queued_bytes();
  now.lagged_total = seen.lagged.value();
  now.ticks_total = ticks_.count();
  now.missed_ticks_total = ticks_.missed();
  now.overruns_total = ticks_.overruns();
  now.frame_rate_hz = frame_rate_hz();
  now.events_total = seen.events.value();
  now.events_framed_total = seen.events_framed.value();
  now.events_refused_total = seen.events_refused.value();
  now.frames_skipped_total = seen.frames_skipped.value();
  now.client_messages_total = seen.client_messages.value();
  now.client_messages_bad_total = seen.client_messages_bad.value();
  now.callback_errors_total = tick_errors_.value() + callbacks_.thrown();
  now.callback_dropped_total = callbacks_.dropped();
  if (journal_) {
    now.journal_written_total = journal_->written();
    now.journal_left_out_total = journal_->left_out();
  }
  now.bytes_sent_total = traffic.bytes_sent;
  now.bytes_received_total = traffic.bytes_received;
  const std::int64_t since = listening_since_ns_.load();
  if (since != 0) {
    const nanoseconds up = machine_time().steady.time_since_epoch() - nanoseconds(since);
    now.uptime_seconds = std::chrono::duration<double>(up).count();
  }
  return now;
}

inline net::health_report server_core::health() const {
  health_snapshot now;
  now.stats = stats();
  now.is_ready = is_ready_.load(std::memory_order_acquire);
  now.is_stopping = lifecycle_.is_stopping();
  now.since_tick = ticks_.silence(machine_time().steady);
  {
    const std::lock_guard<std::mutex> lock(startup_mutex_);
    now.startup = startup_;
  }
  return health_report_of(now);
}

inline std::error_code server_core::disconnect(const connection_info& whom, std::uint16_t close_code, std::string_view reason) {
  if (lifecycle_.is_stopped()) return errc::server_stopped;
  if (!rfc6455::may_be_sent(close_code)) return errc::close_code_invalid;
  if (reason.size() > rfc6455::max_control_payload_bytes - 2) return errc::close_reason_too_long;
  if (!text::is_utf8(reason)) return errc::close_reason_utf8;
  push(live::disconnect{whom.id, close_code, std::string(reason)});
  return {};
}

inline std::error_code server_core::invite(std::string_view origin) {
  if (const std::error_code error = rfc6455::check_origin_syntax(origin)) return error;
  invited_->invite(origin);
  return {};
}
// On the I/O thread. A predicate that throws has not admitted the origin.
inline bool server_core::decides(std::string_view origin) noexcept {
  try {
    return hooks.on_origin(origin);
  } catch (...) {
    tick_errors_.add();
    return false;
  }
}

}}}  // namespace wirthforge::detail
