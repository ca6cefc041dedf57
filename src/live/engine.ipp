// The engine's part on its own thread: how it treats requests, clients, events and time.
#pragma once

#include "live/engine.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace live {

inline engine::engine(std::string epoch, engine_options options, environment& around, observer& watching)
    : options_(std::move(options)), around_(around), watching_(watching), hub_(std::move(epoch), options_.hub) {}

inline answer engine::respond(const rfc6455::http_request& request, const instant& now) {
  seen_ = now;
  const rfc6455::access_verdict verdict = rfc6455::check_access(request, options_.access);
  if (!verdict) {
    counters_.refused.add();
    log_refusal(verdict.log_line, now);
    const bool is_head = request.method == "HEAD";
    return {false, rfc6455::http_response(verdict.status, "text/plain", verdict.peer_reason + "\n", {}, is_head)};
  }
  const bool is_shared = !verdict.reader.empty() && around_.is_shared(request.path);
  if (is_shared && !options_.access.token.empty() && rfc6455::is_preflight(request)) {
    return {false, rfc6455::preflight_response(verdict.reader)};
  }
  answer reply = respond_to(request, verdict, now);
  if (is_shared && !reply.is_upgrade) rfc6455::share_response(reply.bytes, verdict.reader);
  return reply;
}

inline answer engine::respond_to(const rfc6455::http_request& request, const rfc6455::access_verdict& verdict,
                                 const instant& now) {
  const bool is_head = request.method == "HEAD";
  const bool asks_for_token = verdict.needs_token || !(options_.access.token.empty() || around_.is_public(request.path));
  const std::error_code bad = asks_for_token ? rfc6455::check_token(request, options_.access.token) : std::error_code{};
  if (bad) return refuse_token(bad, verdict.needs_token, is_head, now);
  if (request.path != "/ws" || !rfc6455::is_upgrade_request(request)) return {false, around_.page(request)};
  if (is_stopping_) {
    counters_.refused.add();
    return {false, rfc6455::http_response(503, "text/plain", "the server stops\n", {}, is_head)};
  }
  const rfc6455::upgrade upgrade = rfc6455::check_upgrade(request, subprotocols_);
  if (upgrade.error) counters_.refused.add();
  return {!upgrade.error, rfc6455::upgrade_response(upgrade)};
}

// Wrong tokens are answered with the error a few times a second, and with 429 after that. A request with the right token is
// never delayed.
inline answer engine::refuse_token(std::error_code error, bool needs_token, bool is_head, const instant& now) {
  counters_.refused.add();
  log_refusal(
      concat({"refused a request: ", error.message(),
              needs_token
                  ? "; an Origin that is not of http:// or https:// comes in with the token, no option permits it without"
                  : "; it comes in with the token, or without where server_options::token is empty and "
                    "server_options::allow_null_origin false"}),
      now);
  if (!guesses_.admit(now.steady)) return {false, rfc6455::http_response(429, "text/plain", "too many guesses\n", {}, is_head)};
  return {false, rfc6455::http_response(rfc6455::status_for(error), "text/plain", error.message() + "\n",
                                        "WWW-Authenticate: Bearer\r\n", is_head)};
}

// An attacker that sends a thousand requests a second must not fill the log.
inline void engine::log_refusal(std::string line, const instant& now) {
  if (!refusal_log_guard_.admit(now.steady)) return static_cast<void>(++unlogged_);
  const std::uint64_t more = std::exchange(unlogged_, 0);
  if (more > 0) line += " (and " + std::to_string(more) + " refusals before it that were not logged)";
  watching_.log_line(log_level::warning, std::move(line));
}

inline answer engine::refuse(std::error_code error) {
  counters_.refused.add();
  log_refusal(refused_text(error, limits()), seen_);
  return {false, rfc6455::refusal_response(error)};
}

inline void engine::opened(peer& from, const rfc6455::http_request& request, const instant& now) {
  notice_omissions(now);
  auto state = std::make_unique<client>();
  state->line = &from;
  const auto origin = request.find("origin");
  const auto info = std::make_shared<connection_info>();
  info->origin = std::string(origin ? *origin : std::string_view());
  info->id.reserve(64);  // after this only `join` may throw, and then it has done nothing
  if (clients_.size() == clients_.capacity()) clients_.reserve(2 * clients_.size() + 16);
  state->member = &hub_.join(parse_resume(request.query), frame_rate_hz_, now);
  info->id = state->member->connection_id();
  state->info = info;
  clients_.push_back(state.get());
  watching_.connected(state->info);
  from.state = std::move(state);
  counters_.connections_total.add();
  update_audience(now.steady);
}

inline std::optional<ending> engine::received(peer& from, const rfc6455::input& message, const instant& now) {
  hub_client& member = *client_of(from).member;
  std::error_code error;
  switch (message.what) {
    case rfc6455::input::kind::text: {
      std::optional<std::string> stopped;
      error = hub_.receive(member, message.payload, now, &stopped);
      if (stopped) pass_on_stop(client_of(from), *stopped);
      break;
    }
    case rfc6455::input::kind::binary:
      error = hub_.refuse(member, message.payload.size(), errc::binary_not_accepted, now);
      break;
    default:
      if (!hub_.admit_ping(member, now.steady)) error = errc::too_many_messages;
      break;
  }
  counters_.client_messages.add();
  if (error) counters_.client_messages_bad.add();
  if (error == errc::too_many_messages) return ending{rfc6455::close_code_for(errc::too_many_messages), error};
  return std::nullopt;
}

inline void engine::pass_on_stop(const client& from, const std::string& session_id) {
  const bool has_writer = tokens_.request_stop(session_id);
  if (has_writer || hub_.answers().has(session_id)) watching_.stop_asked(from.info, session_id);
}

inline collected engine::collect(peer& to, std::vector<frame_ptr>& batch, const instant& now) {
  client& state = client_of(to);
  hub_client& member = *state.member;
  if (hub_.is_lagging(member)) return {false, give_up(state)};
  // A heartbeat that is sent together with other bytes costs no system call of its own; `sweep` sends it when there are none.
  if (hub_.is_heartbeat_due(member, now.steady)) hub_.queue_due_heartbeat(member, frame_rate_hz_, now);
  const std::uint64_t skipped = member.frames_skipped();
  hub_.collect(member, [&](frame_ptr frame) { batch.push_back(std::move(frame)); });
  if (member.frames_skipped() != skipped) counters_.frames_skipped.add(member.frames_skipped() - skipped);
  return {hub_.has_more(member), std::nullopt};
}

inline ending engine::give_up(client& which) {
  counters_.lagged.add();
  hub_.note_lagging(*which.member);
  return {rfc6455::close_code_for(errc::lagged), errc::lagged};
}

inline void engine::closed(peer& from, const ending& how, const instant& now) {
  client& state = client_of(from);
  const bool is_at_fault = how.error.category() == wirthforge_category() && how.error == condition::peer_fault;
  if (is_at_fault && how.code != rfc6455::close_code::abnormal_closure) log_ending(from, how, now);
  clients_.erase(std::remove(clients_.begin(), clients_.end(), &state), clients_.end());
  hub_.leave(*state.member);
  watching_.disconnected(state.info, {static_cast<std::uint16_t>(how.code), how.error});
  from.state.reset();
  update_audience(now.steady);
}

inline void engine::log_ending(peer& from, const ending& how, const instant& now) {
  const client& state = client_of(from);
  const std::uint64_t value = how.error == errc::lagged ? hub_.events_lost(*state.member) : from.announced_bytes();
  log_refusal(closed_text(state.info->id, how, value, limits()), now);
}

inline backpressure engine::pressure_on(const client& who, steady_time now) const {
  const backlog waiting = hub_.backlog_of(*who.member, now);
  backpressure result;
  const nanoseconds oldest = std::max(waiting.age, who.line->oldest_unsent(now));
  result.lag = std::chrono::duration_cast<milliseconds>(oldest);
  // Recovery needs half the threshold, so that a client near the threshold is not reported ten times a second.
  result.is_lagging = result.lag >= (who.is_lagging ? options_.lag_threshold / 2 : options_.lag_threshold);
  result.buffered_bytes = who.line->unsent_bytes();
  result.waiting_events = waiting.events;
  result.waiting_bytes = waiting.bytes;
  result.frames_skipped = who.member->frames_skipped();
  return result;
}

inline bool engine::sweep(const instant& now) {
  seen_ = now;
  update_audience(now.steady);
  std::size_t behind = 0;
  std::size_t lagging = 0;
  bool is_news = false;
  for (client* each : clients_) {
    if (hub_.is_lagging(*each->member) && !each->line->is_closing()) {  // its socket is full, so it is not asked to collect
      const ending how = give_up(*each);
      each->line->close(how.code, how.error, now);
      is_news = true;
    }
    const backpressure pressure = pressure_on(*each, now.steady);
    behind += pressure.buffered_bytes > 0 ? 1 : 0;
    lagging += pressure.is_lagging ? 1 : 0;
    if (pressure.is_lagging != std::exchange(each->is_lagging, pressure.is_lagging))
      watching_.backpressure_changed(each->info, pressure);
  }
  behind_.store(behind, std::memory_order_relaxed);
  counters_.lagging.set(static_cast<double>(lagging));
  counters_.log_bytes.set(static_cast<double>(hub_.bytes_held()));
  return hub_.sweep(frame_rate_hz_, now) || is_news;
}

inline void engine::connections(steady_time now, std::vector<connection_row>& rows) const {
  rows.clear();
  for (const client* each : clients_) rows.push_back({each->info, pressure_on(*each, now)});
}

inline void engine::update_audience(steady_time now) {
  counters_.connections.set(static_cast<double>(hub_.client_count()));
  audience next = audience_.load(std::memory_order_relaxed);
  if (hub_.client_count() > 0 || has_tap_) {
    next = audience::present;
  } else if (next == audience::present) {
    next = audience::absent;
    left_at_ = now;
  } else if (next == audience::absent && hub_.is_ready() && now - left_at_ > options_.hub.log.max_age) {
    next = audience::nobody;
  }
  audience_.store(next);
}

// A new client must be able to tell whether events were published while no client was there and none was kept. Publishers are
// told of the client first, so that events from now on are not omitted.
inline void engine::notice_omissions(const instant& now) {
  audience_.store(audience::present);
  if (has_omitted_.exchange(false)) hub_.note_omission(now);
}

inline void engine::note_loss(const instant& now) noexcept { hub_.note_omission(now); }

inline void engine::carry_out(command& next, const instant& now) {
  if (auto* reliable = std::get_if<reliable_publication>(&next)) {
    if (tokens_.is_dirty()) flush_tokens(now);  // earlier text goes first
    if (reliable->frame) append(std::move(reliable->frame), reliable->tokens.get(), reliable->state.get(), now);
    else record(reliable->tokens.get(), reliable->state.get(), now);
  } else if (auto* energy = std::get_if<energy_publication>(&next)) {
    const frame_ptr frame = hub_.publish(std::move(*energy), now);
    if (frame) watching_.published(frame, nullptr);
  } else if (const auto* startup = std::get_if<startup_complete>(&next)) {
    hub_.ready(*startup, frame_rate_hz_, now, is_held_cut_);
    release_held(now);
  } else if (auto* opening = std::get_if<open_tokens>(&next)) {
    tokens_.open(std::move(opening->state), now);
  } else if (auto* piece = std::get_if<write_tokens>(&next)) {
    tokens_.write(piece->id, piece->piece, piece->energy_cost, now, piece->certainty);
  } else if (const auto* waiting = std::get_if<wait_tokens>(&next)) {
    tokens_.wait(waiting->id, now);
  } else if (const auto* end = std::get_if<finish_tokens>(&next)) {
    tokens_.finish(end->id, end->how, end->reason, now);
  } else if (auto* to = std::get_if<live::send_to>(&next)) {
    send_to(*to, now);
  } else if (const auto* whom = std::get_if<live::disconnect>(&next)) {
    disconnect(*whom, now);
  } else {
    models_.tell(std::get<tell_model>(next), now, [&](const error_event& event) { say(event, now); });
  }
}

inline engine::client* engine::find(const std::string& connection_id) const noexcept {
  const auto found = std::find_if(clients_.begin(), clients_.end(),
                                  [&](const client* each) { return each->info->id == connection_id; });
  return found == clients_.end() ? nullptr : *found;
}
// One that has gone misses nothing: whoever comes back is another connection.
inline void engine::send_to(live::send_to& what, const instant& now) {
  client* const to = find(what.connection_id);
  if (to == nullptr) return;
  if (tokens_.is_dirty()) flush_tokens(now);  // what was written before it goes before it
  hub_.send_to(*to->member, std::move(what.frame), now);
}
inline void engine::disconnect(const live::disconnect& whom, const instant& now) {
  client* const found = find(whom.connection_id);
  if (found == nullptr) return;
  if (tokens_.is_dirty()) flush_tokens(now);
  found->line->close_behind(static_cast<rfc6455::close_code>(whom.close_code), whom.reason, now);
}

inline std::optional<steady_time> engine::finish_batch(const instant& now) {
  if (audience_.load(std::memory_order_relaxed) == audience::absent) update_audience(now.steady);
  tokens_.take_waiting(now, [&](const error_event& event) {
    // It is about this moment: a client that connects after the log's reach has missed nothing, and is told it again.
    if (audience_.load(std::memory_order_relaxed) != audience::nobody) say(event, now);
    else record(nullptr, &event, now);
  });
  models_.take(now, [&](const error_event& event) { say(event, now); });
  const steady_time next_beat = token_beat_ + pacer::period();
  if (tokens_.is_dirty() && now.steady >= next_beat) flush_tokens(now);
  std::optional<steady_time> next;
  if (tokens_.is_dirty()) next = next_beat;
  for (const std::optional<steady_time>& each : {tokens_.waiting_due(), models_.due()}) {
    if (each && (!next || *each < *next)) next = each;
  }
  return next;
}

inline void engine::flush_tokens(const instant& now) {
  token_beat_ = now.steady;
  tokens_.take_all([&](const token_stream& event) { send(event, now); }, [&](const error_event& event) { say(event, now); });
}

inline void engine::send(const token_stream& event, const instant& now) {
  counters_.events.add();
  if (audience_.load(std::memory_order_relaxed) == audience::nobody) {
    record(&event, nullptr, now);
    return has_omitted_.store(true);
  }
  counters_.events_framed.add();
  append(make_frame(event, envelope{}), &event, nullptr, now);
}
// Events that the engine itself publishes, in the reliable lane.
inline void engine::say(const error_event& event, const instant& now) {
  counters_.events.add();
  const error_event* const state = says_a_state(event) ? &event : nullptr;
  if (audience_.load(std::memory_order_relaxed) == audience::nobody) {
    record(nullptr, state, now);
    return has_omitted_.store(true);
  }
  counters_.events_framed.add();
  append(make_frame(event, envelope{}), nullptr, state, now);
}

// No client can be sent anything before the startup_complete. Held events are stamped when they are sent; events over the
// limit go into the log directly; waiting clients do not get them, and are told so.
inline void engine::append(std::shared_ptr<event_frame> frame, const token_stream* tokens, const error_event* state,
                           const instant& now) {
  if (hub_.is_ready() && held_.empty()) return send_out(std::move(frame), tokens, state, now);
  held_bytes_ += frame->wire().size();
  held_.push_back({std::move(frame), tokens == nullptr ? nullptr : std::make_unique<token_stream>(*tokens),
                   state == nullptr ? nullptr : std::make_unique<error_event>(*state)});
  const log_limits& limits = options_.hub.log;
  while (held_.size() > 1 && (held_bytes_ > limits.max_bytes || held_.size() > limits.max_events)) {
    is_held_cut_ = true;
    release_oldest(now);
  }
}
inline void engine::release_oldest(const instant& now) {
  reliable_publication oldest = std::move(held_.front());
  held_.pop_front();
  held_bytes_ -= oldest.frame->wire().size();
  send_out(std::move(oldest.frame), oldest.tokens.get(), oldest.state.get(), now);
}
inline void engine::release_held(const instant& now) {
  while (!held_.empty()) release_oldest(now);
}
inline void engine::record(const token_stream* tokens, const error_event* state, const instant& now) {
  if (tokens != nullptr) hub_.record(*tokens, now);
  if (state != nullptr) hub_.record(*state);
}
inline void engine::send_out(std::shared_ptr<event_frame> frame, const token_stream* tokens, const error_event* state,
                             const instant& now) {
  record(tokens, state, now);
  const frame_ptr shared = frame;
  hub_.publish(std::move(frame), now);
  watching_.published(shared, tokens);
}

}}}  // namespace wirthforge::live
