// Decides which client gets which event: the server's core without sockets, threads or clock. Events go in, each client asks
// for its next bytes. Two lanes (docs/protocol.md#lanes-and-order): reliable events from one shared log, energy as the newest
// of each model. Events for one client alone (startup_complete, heartbeat, its own errors) go before both.
//
// One thread only: the I/O thread owns the hub.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/cold.hpp"
#include "base/error.hpp"
#include "base/number_cast.hpp"
#include "base/option_table.hpp"
#include "events/control_reader.hpp"
#include "live/complaint.hpp"
#include "live/hub_client.hpp"
#include "live/model_states.hpp"
#include "live/open_answers.hpp"
#include "live/recent_answers.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace live {

struct journal_past;

struct hub_options {
  log_limits log;
  milliseconds heartbeat_interval = wirthforge::detail::server_default::heartbeat_interval;
  double max_client_messages_per_second = wirthforge::detail::server_default::max_client_messages_per_second;
  std::size_t batch_bytes = 65536;  ///< Reliable events taken at once for one write.
  /// Finished answers have the same bounds as the log, beside it.
  std::size_t open_answers_bytes = wirthforge::detail::server_default::max_open_answer_bytes;
};

class hub {
 public:
  hub(std::string epoch, hub_options options)
      : epoch_(std::move(epoch)), options_(options), log_(options.log), energy_(options.log.max_age),
        answers_(options.open_answers_bytes), recent_(options.log) {}

  const std::string& epoch() const noexcept { return epoch_; }
  const hub_options& options() const noexcept { return options_; }
  bool is_ready() const noexcept { return ready_ != nullptr; }
  std::size_t client_count() const noexcept { return clients_.size(); }

  /// The orchestrator is ready: every waiting client is greeted, and each later client at once. `is_cut`: more was published
  /// before than can be sent now. Precondition: valid.
  void ready(const startup_complete& event, double rate_hz, const instant& now, bool is_cut = false) {
    ready_ = std::make_unique<startup_complete>(event);
    if (!ready_->capabilities) ready_->capabilities.emplace();  // optional in the schema, always there on the wire
    for (const auto& each : clients_)
      if (!each->greeted_) greet(*each, rate_hz, now, is_cut);
  }

  /// A client finished its opening handshake. The reference holds until `leave`.
  hub_client& join(resume_request request, double rate_hz, const instant& now) {
    const std::string id = epoch_ + "." + std::to_string(++joined_);
    std::unique_ptr<hub_client> client(new hub_client(id, options_.max_client_messages_per_second, now.steady));
    client->request_ = std::make_unique<resume_request>(std::move(request));
    if (ready_) greet(*client, rate_hz, now);
    clients_.push_back(std::move(client));  // last: a client that could not be greeted for lack of memory is not among them
    return *clients_.back();
  }
  void leave(const hub_client& client) {
    const auto found = std::find_if(clients_.begin(), clients_.end(), [&](const auto& each) { return each.get() == &client; });
    found->swap(clients_.back());
    clients_.pop_back();
  }

  void publish(std::shared_ptr<event_frame> reliable, const instant& now) { log_.append(std::move(reliable), now); }
  /// Returns its frame, if it has one.
  frame_ptr publish(energy_publication next, const instant& now) {
    return energy_.publish(std::move(next), log_.last_timestamp(), now);
  }
  /// The text of an answer that is being written, and how it ended; the event is published separately.
  void record(const token_stream& event, const instant& now) {
    if (std::optional<kept_answer> ended = answers_.record(event)) recent_.add(std::move(*ended), now.steady);
  }
  /// An event of which `says_a_state` is true; likewise.
  WIRTHFORGE_COLD void record(const error_event& event) {
    if (says_model_state(event)) models_.record(event, log_.last_timestamp());
    else answers_.record(event);
  }
  /// An event for that client alone, at its place in the order of the reliable lane: what was published before it is sent before it, and
  /// its time stamp is one of its own. It is not in the log: a client that comes back is not sent it again.
  WIRTHFORGE_COLD void send_to(hub_client& client, std::shared_ptr<event_frame> frame, const instant& now) {
    if (!client.addressed_) client.addressed_ = std::make_unique<addressed_events>();
    client.addressed_->add(std::move(frame), log_, now);
  }

  /// The state that the next run needs beside the events to continue this one: members of a JSON object. `take_up` continues it,
  /// before any client joined, and returns the answers that were being written. live/restart.hpp
  void write_state(std::string& members, const instant& now);
  std::vector<token_stream> restore(const journal_past& past, const instant& now);
  const open_answers& answers() const noexcept { return answers_; }
  /// Events were not handed in, since no client was there: a client that returns from before them has a gap.
  void note_omission(const instant& now) {
    log_.note_omission(now);
    energy_.note_omission();
  }

  /// Hands `send(frame_ptr)` the frames that the client should be sent now, at most about `batch_bytes` of the reliable lane.
  /// False when there were none.
  template <class Send>
  bool collect(hub_client& client, Send send) {
    bool any = !client.own_.empty();
    for (; !client.own_.empty(); client.own_.pop_front()) send(std::move(client.own_.front()));
    client.is_heartbeat_waiting_ = false;
    if (!client.greeted_) return any;
    if (client.again_) {
      any = client.again_->collect(options_.batch_bytes, send) || any;
      if (client.again_->is_over()) client.again_.reset();
      return any;
    }
    if (client.cursor_ >= client.replay_end_) any = collect_energy(client, send) || any;
    if (is_lagging(client)) return any;
    std::size_t bytes = 0;
    const event_log::position stop = client.cursor_ < client.replay_end_ ? client.replay_end_ : log_.end();
    for (; client.cursor_ < stop && bytes < options_.batch_bytes; ++client.cursor_) {
      if (client.addressed_) any = collect_addressed(client, send) || any;
      const frame_ptr& frame = log_.at(client.cursor_);
      client.last_sent_ = frame->timestamp();
      if (!client.channels_.contains(frame->channel())) continue;
      bytes += frame->wire().size();
      send(frame);
      any = true;
    }
    if (client.addressed_) any = collect_addressed(client, send) || any;
    return any;
  }

  /// True when the client has more to be sent than it was handed, and should be asked again.
  bool has_more(const hub_client& client) const noexcept {
    if (!client.own_.empty()) return true;
    if (!client.greeted_) return false;
    if (client.again_ || client.addressed_) return true;
    return client.cursor_ < log_.end() || (client.channels_.contains(channel::energy) && !energy_.is_current(client.energy_));
  }

  energy_cursor energy_now() const { return energy_.at_end(); }
  template <class Send>
  void collect_energy(energy_cursor& cursor, Send send) {
    if (!energy_.is_current(cursor)) energy_.collect(cursor, send);
  }

  /// True when the log dropped events that the client has not been sent, or more waits for it alone than the log may hold: it must be
  /// closed with 1013.
  bool is_lagging(const hub_client& client) const noexcept {
    return (client.greeted_ && client.cursor_ < log_.first()) ||
           (client.addressed_ && client.addressed_->is_over(options_.log));
  }

  /// How many events the log dropped that the client has not been sent.
  std::uint64_t events_lost(const hub_client& client) const noexcept {
    return client.greeted_ && client.cursor_ < log_.first() ? log_.first() - client.cursor_ : 0;
  }
  /// Call it once when a lagging client is closed: when it comes back it is told that it was too slow.
  WIRTHFORGE_COLD void note_lagging(const hub_client& client) { lagged_.add(client.began_at_, client.last_sent_); }

  backlog backlog_of(const hub_client& client, steady_time now) const {
    if (!client.greeted_ || client.cursor_ >= log_.end()) return {};
    return {number_cast<std::size_t>(log_.end() - client.cursor_), log_.bytes_from(client.cursor_),
            log_.age_at(client.cursor_, now)};
  }
  /// The bytes of the log, of the answers and of the models' states, for all clients together.
  std::size_t bytes_held() const { return log_.bytes() + answers_.bytes() + recent_.bytes() + models_.bytes(); }

  /// A text message from the client. An error says why it was not carried out, and the client has been told by an
  /// error_event; `errc::too_many_messages` means that the connection must be closed with 1008. `stopped` takes a `stop`'s
  /// session.
  std::error_code receive(hub_client& client, std::string_view text, const instant& now,
                          std::optional<std::string>* stopped = nullptr) {
    const double cost = cost_of_message(text.size(), options_.max_client_messages_per_second);
    if (!client.guard_.admit(now.steady, cost)) return errc::too_many_messages;
    control_message message;
    if (const std::error_code error = read_control(text, message)) {
      client.report_bad_message(error, find_control_fault(text), now);
      return error;
    }
    if (const auto* request = std::get_if<subscribe>(&message)) apply(client, *request);
    if (auto* request = std::get_if<stop>(&message); request != nullptr && stopped != nullptr)
      *stopped = std::move(request->session_id);
    return {};
  }
  /// Any other message of a client that is no part of the protocol.
  std::error_code refuse(hub_client& client, std::size_t bytes, std::error_code error, const instant& now) {
    const double cost = cost_of_message(bytes, options_.max_client_messages_per_second);
    if (!client.guard_.admit(now.steady, cost)) return errc::too_many_messages;
    client.report_bad_message(error, {}, now);
    return error;
  }
  /// A ping counts as a message; otherwise a flood of pings would cost nothing.
  bool admit_ping(hub_client& client, steady_time now) noexcept { return client.guard_.admit(now); }

  bool is_heartbeat_due(const hub_client& client, steady_time now) const noexcept {
    return client.greeted_ && now >= client.next_heartbeat_;
  }
  /// Queues a heartbeat that is due. False when one already waits: the client does not read, and one is enough.
  bool queue_due_heartbeat(hub_client& client, double rate_hz, const instant& now) const {
    client.next_heartbeat_ += options_.heartbeat_interval;
    if (client.next_heartbeat_ <= now.steady) client.next_heartbeat_ = now.steady + options_.heartbeat_interval;
    if (client.is_heartbeat_waiting_ || client.again_) return false;  // a heartbeat after the first ends the greeting
    client.queue_heartbeat(rate_hz, now);
    return true;
  }

  /// Queues the heartbeats that are due and drops old events. True when a client has something new to send.
  bool sweep(double rate_hz, const instant& now) {
    log_.trim(now.steady);
    recent_.trim(now.steady);
    bool any = false;
    for (const auto& each : clients_) {
      if (is_heartbeat_due(*each, now.steady)) any = queue_due_heartbeat(*each, rate_hz, now) || any;
    }
    return any;
  }

 private:
  void greet(hub_client& client, double rate_hz, const instant& now, bool is_cut = false) {
    const resume_request request = client.request_ ? std::move(*client.request_) : resume_request();
    client.request_.reset();
    const std::int64_t startup_time = log_.stamp_before_next(now);
    client.own_.push_back(make_frame(*ready_, envelope{startup_time, 0}));
    client.greeted_ = true;
    client.next_heartbeat_ = now.steady + options_.heartbeat_interval;
    client.queue_heartbeat(rate_hz, now);

    client.cursor_ = client.replay_end_ = log_.end();
    client.began_at_ = client.last_sent_ = startup_time;
    std::optional<energy_cursor> energy;
    gap why = gap::none;
    if (request.what != resume_request::kind::fresh) why = judge(request, energy);
    const bool is_known = request.what == resume_request::kind::resume && why != gap::epoch_changed && why != gap::invalid;
    // A page that takes the text so far does not also get the rest of the log: it could not tell where the two meet.
    const bool is_resumed = is_known && !(why != gap::none && request.replay != replay_of::nothing);
    if (why != gap::none) {
      const bool is_partial = is_resumed && !log_.reaches_back_to(request.since);
      tell_gap(client, why, why == gap::invalid ? 0 : request.since, is_partial ? log_.lost_through() : startup_time, now);
    }
    if (is_cut && !is_resumed) tell_gap(client, gap::before_ready, 0, startup_time, now);
    const replay_of answers = is_resumed ? replay_of::nothing : request.replay;
    // Replayed events of a model say its state.
    const std::int64_t states_through = is_resumed ? std::max(request.since, log_.lost_through()) : startup_time;
    if (!models_.empty() || answers != replay_of::nothing) tell_again(client, states_through, answers, startup_time, now);
    if (is_resumed) {
      client.cursor_ = std::max(log_.first(), log_.after(request.since));
      client.began_at_ = client.last_sent_ = request.since;
    }
    if (client.addressed_) client.addressed_->move_to_end(log_, now);
    client.is_energy_owed_ = energy.has_value();
    client.energy_ = energy ? std::move(*energy) : energy_.join();
  }

  // The obstacle, if any, between a resuming client and all the events that it missed.
  WIRTHFORGE_COLD gap judge(const resume_request& request, std::optional<energy_cursor>& energy) const {
    if (request.what == resume_request::kind::invalid) return gap::invalid;
    if (request.epoch != epoch_) return gap::epoch_changed;
    if (std::max(request.since, request.began.value_or(0)) > log_.last_timestamp()) return gap::invalid;
    if (request.frame.value_or(-1) > energy_.last_frame_number()) return gap::invalid;
    if (!log_.reaches_back_to(request.since)) {
      return lagged_.cover(request.since) ? gap::lagged : gap::too_old;
    }
    energy = energy_.rejoin(request);
    return energy ? gap::none : gap::too_old;
  }

  WIRTHFORGE_COLD static void tell_gap(hub_client& client, gap why, std::int64_t from, std::int64_t to, const instant& now) {
    client.own_.push_back(make_frame(gap_event(why, from, to), envelope{now.unix_ms, 0}));
  }

  WIRTHFORGE_COLD void tell_again(hub_client& client, std::int64_t states_through, replay_of which, std::int64_t startup_time,
                                  const instant& now) {
    auto again = std::make_unique<events_again>();
    again->timestamp = startup_time;
    models_.each(states_through, [&](const error_event_ptr& state) { again->models.push_back(state); });
    if (which != replay_of::nothing) add_answers(*again, which, now);
    if (!again->is_over() || !again->is_whole) client.again_ = std::move(again);
  }
  WIRTHFORGE_COLD void add_answers(events_again& again, replay_of which, const instant& now) {
    answers_.each_waiting([&](const error_event& waiting) {
      again.waiting.push_back(std::make_shared<const error_event>(waiting));
    });
    if (which == replay_of::recent_answers) {
      recent_.trim(now.steady);
      again.is_whole = recent_.each([&](const kept_answer_ptr& ended) { again.answers.push_back(ended); });
    }
    const bool all = answers_.each([&](const kept_answer& open) {
      again.answers.push_back(std::make_shared<const kept_answer>(open));
    });
    again.is_whole = again.is_whole && all;
  }

  template <class Send>
  WIRTHFORGE_COLD bool collect_addressed(hub_client& client, Send& send) {
    bool any = false;
    client.addressed_->collect(client.cursor_, [&](frame_ptr frame) {
      client.last_sent_ = frame->timestamp();
      if (!client.channels_.contains(frame->channel())) return;
      send(std::move(frame));
      any = true;
    });
    if (client.addressed_->empty()) client.addressed_.reset();
    return any;
  }

  template <class Send>
  bool collect_energy(hub_client& client, Send& send) {
    if (!client.channels_.contains(channel::energy) || energy_.is_current(client.energy_)) return false;
    const std::uint64_t skipped = energy_.collect(client.energy_, send);
    if (!std::exchange(client.is_energy_owed_, false)) client.frames_skipped_ += skipped;
    return true;
  }

  void apply(hub_client& client, const subscribe& request) {
    channel_set chosen = channel_set::none();
    for (const channel each : request.channels) chosen.add(each);
    const bool energy_is_new = chosen.contains(channel::energy) && !client.channels_.contains(channel::energy);
    if (energy_is_new) energy_.skip(client.energy_);
    client.channels_ = chosen;
  }

  std::string epoch_;
  hub_options options_;
  event_log log_;
  energy_lane energy_;
  open_answers answers_;
  recent_answers recent_;
  model_states models_;
  lagged_spans lagged_;
  std::unique_ptr<startup_complete> ready_;
  std::vector<std::unique_ptr<hub_client>> clients_;  // not a list: it would be walked through memory each time a client leaves
  std::uint64_t joined_ = 0;
};

}}}  // namespace wirthforge::live
