// The I/O thread's part of the server: what happens with requests, clients, events and the end.
#pragma once

#include "server/report.hpp"
#include "server/server_core.hpp"

namespace wirthforge::detail {

inline net::connection_options connection_options_of(const server_options& options) {
  net::connection_options result;
  result.protocol.max_message_bytes = options.max_message_bytes;
  result.protocol.max_fragments = options.max_fragments;
  result.liveness.handshake_timeout = options.handshake_timeout;
  result.liveness.ping_interval = options.ping_interval;
  result.liveness.pong_timeout = options.pong_timeout;
  result.liveness.idle_timeout = options.idle_timeout;
  result.liveness.close_timeout = options.close_timeout;
  result.max_head_bytes = options.max_head_bytes;
  result.max_connections = options.max_connections;
  return result;
}

inline live::hub_options hub_options_of(const server_options& options) {
  live::hub_options result;
  result.log = {options.log_max_bytes, options.log_max_events, options.log_max_age};
  result.heartbeat_interval = options.heartbeat_interval;
  result.max_client_messages_per_second = options.max_client_messages_per_second;
  return result;
}

inline server_core::server_core(asio::any_io_executor callers, server_options options)
    : options_(std::move(options)),
      own_loop_(callers ? nullptr : std::make_unique<asio::io_context>(1)),
      // A caller's loop may run on several threads; a strand keeps our handlers one after the other.
      executor_(callers ? asio::any_io_executor(asio::make_strand(callers)) : own_loop_->get_executor()),
      hub_(random_epoch(machine_randomness()), hub_options_of(options_)),
      pool_(std::make_shared<net::connection_pool>(executor_, *this, connection_options_of(options_))),
      listener_(std::make_shared<net::listener>(executor_)),
      callbacks_(options_.callback_queue_bytes),
      token_timer_(executor_),
      stop_timer_(executor_) {}

inline void server_core::begin_to_accept() {
  listener_->start([pool = pool_](asio::ip::tcp::socket socket) { pool->add(std::move(socket)); });
}

inline net::answer server_core::respond(const rfc6455::http_request& request) {
  const rfc6455::access_verdict verdict = rfc6455::check_access(request, access_);
  if (!verdict) {
    refused_.add();
    tell(log_level::warning, verdict.log_line);
    return {false, rfc6455::http_response(verdict.status, "text/plain", verdict.peer_reason + "\n", {}, request.method == "HEAD")};
  }
  if (request.path == "/ws" && rfc6455::is_upgrade_request(request)) {
    const rfc6455::upgrade upgrade = rfc6455::check_upgrade(request, {"wirthforge.v1", "wirthforge-v1"});
    if (upgrade.error) refused_.add();
    return {!upgrade.error, rfc6455::upgrade_response(upgrade)};
  }
  return {false, net::site_response(request, *this)};
}

inline net::answer server_core::refuse(std::error_code error) {
  refused_.add();
  return {false, rfc6455::refusal_response(error)};
}

inline void server_core::opened(net::connection& peer, const rfc6455::http_request& request) {
  const instant now = machine_time();
  auto state = std::make_unique<client>();
  state->member = &hub_.join(frame_rate(), now);
  state->info.id = state->member->connection_id();
  const auto origin = request.find("origin");
  if (origin) state->info.origin = *origin;
  if (hooks.on_connect) {
    callbacks_.post(sizeof(connection_info), [this, info = state->info] { hooks.on_connect(info); });
  }
  peer.state = std::move(state);
  connections_total_.add();
  update_audience(now.steady);
}

inline void server_core::received(net::connection& peer, const rfc6455::input& message) {
  live::hub_client& member = *static_cast<client&>(*peer.state).member;
  const instant now = machine_time();
  std::error_code error;
  switch (message.what) {
    case rfc6455::input::kind::text: error = hub_.receive(member, message.payload, now); break;
    case rfc6455::input::kind::binary: error = hub_.refuse(member, errc::binary_not_accepted, now); break;
    default:
      if (!hub_.admit_ping(member, now.steady)) error = errc::too_many_messages;
      break;
  }
  client_messages_.add();
  if (error) client_messages_bad_.add();
  if (error == errc::too_many_messages) peer.close(rfc6455::close_code_for(errc::too_many_messages), error);
}

inline bool server_core::collect(net::connection& peer, std::vector<live::frame_ptr>& batch) {
  live::hub_client& member = *static_cast<client&>(*peer.state).member;
  if (hub_.is_lagging(member)) {
    lagged_.add();
    peer.begin_close(rfc6455::close_code_for(errc::lagged), errc::lagged);
    return false;
  }
  const std::uint64_t skipped = member.frames_skipped();
  const bool any = hub_.collect(member, [&](live::frame_ptr frame) { batch.push_back(std::move(frame)); });
  frames_skipped_.add(member.frames_skipped() - skipped);
  return any;
}

inline void server_core::closed(net::connection& peer, const net::ending& how) {
  const auto& state = static_cast<client&>(*peer.state);
  if (hooks.on_disconnect) {
    const disconnect_info info{static_cast<std::uint16_t>(how.code), how.error};
    callbacks_.post(sizeof(connection_info), [this, who = state.info, info] { hooks.on_disconnect(who, info); });
  }
  hub_.leave(*state.member);
  peer.state.reset();
  update_audience(machine_time().steady);
}

inline void server_core::sweep(const instant& now) {
  update_audience(now.steady);
  if (hub_.sweep(frame_rate(), now)) pool_->flush_all();
}

inline void server_core::update_audience(steady_time now) {
  connections_.set(static_cast<double>(hub_.client_count()));
  audience next = audience_.load(std::memory_order_relaxed);
  if (hub_.client_count() > 0 || hooks.on_event) {
    next = audience::present;
  } else if (next == audience::present) {
    next = audience::absent;
    left_at_ = now;
  } else if (next == audience::absent && now - left_at_ > options_.log_max_age) {
    next = audience::nobody;
  }
  audience_.store(next, std::memory_order_release);
}

// Everything that was published since the last time, then one write for each client.
inline void server_core::drain() {
  const instant now = machine_time();
  queue_.take_all([&](command&& next) { carry_out(next, now); });
  if (tokens_.is_dirty()) {
    const steady_time next_beat = token_beat_ + live::pacer::period();
    if (now.steady >= next_beat) flush_tokens(now);
    else send_tokens_later(next_beat);
  }
  pool_->flush_all();
  if (audience_.load(std::memory_order_relaxed) == audience::absent) update_audience(now.steady);
}

inline void server_core::carry_out(command& next, const instant& now) {
  if (auto* reliable = std::get_if<std::shared_ptr<live::event_frame>>(&next)) {
    if (tokens_.is_dirty()) flush_tokens(now);  // what was written before it goes before it
    put_in_log(std::move(*reliable), now);
  } else if (auto* energy = std::get_if<live::energy_publication>(&next)) {
    const std::shared_ptr<live::event_frame> frame = energy->frame;
    hub_.publish(std::move(*energy), now);
    if (frame) tap(*frame);
  } else if (const auto* startup = std::get_if<startup_complete>(&next)) {
    hub_.ready(*startup, frame_rate(), now);
  } else if (auto* opening = std::get_if<open_tokens_command>(&next)) {
    tokens_.open(opening->id, std::move(opening->opening.session_id), std::move(opening->opening.model_id));
  } else if (auto* piece = std::get_if<write_tokens_command>(&next)) {
    tokens_.write(piece->id, piece->piece, piece->energy_cost);
  } else {
    tokens_.finish(std::get<finish_tokens_command>(next).id);
  }
}

inline void server_core::put_in_log(std::shared_ptr<live::event_frame> frame, const instant& now) {
  const live::event_frame& stamped = *frame;
  hub_.publish(std::move(frame), now);
  tap(stamped);
}

inline void server_core::flush_tokens(const instant& now) {
  token_beat_ = now.steady;
  const bool somebody = audience_.load(std::memory_order_relaxed) != audience::nobody;
  tokens_.take_all([&](const token_stream& event) {
    events_.add();
    if (!somebody) return;
    events_framed_.add();
    put_in_log(live::make_frame(event, envelope{}), now);
  });
}

inline void server_core::send_tokens_later(steady_time when) {
  if (std::exchange(is_token_timer_set_, true)) return;
  token_timer_.expires_at(when);
  token_timer_.async_wait([weak = weak_from_this()](std::error_code error) {
    const auto self = weak.lock();
    if (!self || error) return;
    self->is_token_timer_set_ = false;
    self->drain();
  });
}

inline void server_core::tap(const live::event_frame& frame) {
  if (!hooks.on_event) return;
  callbacks_.post(frame.text().size(), [this, type = frame.type(), channel = frame.channel(), at = frame.timestamp(),
                                        json = std::string(frame.text())] {
    hooks.on_event(event_view{type, channel, at, json});
  });
}

inline void server_core::begin_stop() {
  listener_->close();
  const instant now = machine_time();
  queue_.take_all([&](command&& next) { carry_out(next, now); });
  flush_tokens(now);
  pool_->close_all(rfc6455::close_code::going_away);
  stop_deadline_ = now.steady + options_.stop_timeout;
  await_drained();
}

inline void server_core::await_drained() {
  if (pool_->is_empty() || machine_time().steady >= stop_deadline_) return finish_stop();
  stop_timer_.expires_after(milliseconds(5));
  stop_timer_.async_wait([weak = weak_from_this()](std::error_code error) {
    const auto self = weak.lock();
    if (self && !error) self->await_drained();
  });
}

inline void server_core::finish_stop() {
  pool_->abandon_all(errc::server_stopped);
  token_timer_.cancel();
  is_stopped_.store(true, std::memory_order_release);
  work_.reset();
  const std::lock_guard<std::mutex> lock(state_mutex_);
  state_ = run_state::stopped;
  state_changed_.notify_all();
}

inline double server_core::frame_rate() const {
  const steady_time last{nanoseconds(last_tick_ns_.load(std::memory_order_acquire))};
  const double silence = std::chrono::duration<double>(machine_time().steady - last).count();
  const double measured = measured_rate_.load(std::memory_order_relaxed);
  // While a callback blocks no tick is recorded; then the silence itself says how slow it has become.
  return silence * measured > 2 ? 1 / silence : measured;
}

inline void server_core::tell(log_level level, std::string line) {
  if (!hooks.on_log) return;
  const std::size_t bytes = line.size();
  callbacks_.post(bytes, [this, level, line = std::move(line)] { hooks.on_log(level, line); });
}

}  // namespace wirthforge::detail
