// Who gets what: the server's core without sockets, threads or clock. Events go in, each client asks for the next bytes to
// send. Two lanes (PROTOCOL: "Order, gaps and resume"): reliable events from one shared log, energy as the newest of each
// model. What belongs to one client alone (startup_complete, heartbeat, its own errors) goes before both.
//
// One thread only: the I/O thread owns the hub.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "events/control_reader.hpp"
#include "live/energy_lane.hpp"
#include "live/event_log.hpp"
#include "live/flood_guard.hpp"

namespace wirthforge::live {

struct hub_options {
  log_limits log;
  milliseconds heartbeat_interval{1000};
  double max_client_messages_per_second = 100;
  std::size_t batch_bytes = 65536;  ///< Reliable events taken at once for one write.
};

/// A set of channels, as bits. System is in every set.
class channel_set {
 public:
  static channel_set all() noexcept { return channel_set(~0U); }
  static channel_set none() noexcept { return channel_set(0); }
  channel_set& add(channel one) noexcept {
    bits_ |= bit(one);
    return *this;
  }
  bool contains(channel one) const noexcept { return one == channel::system || (bits_ & bit(one)) != 0; }

 private:
  explicit channel_set(unsigned bits) noexcept : bits_(bits) {}
  static unsigned bit(channel one) noexcept { return 1U << static_cast<unsigned>(one); }
  unsigned bits_;
};

/// What the hub knows of one connected client.
class hub_client {
 public:
  /// `<epoch>.<number>`, as in the heartbeat.
  const std::string& connection_id() const noexcept { return connection_id_; }
  bool is_greeted() const noexcept { return greeted_; }
  std::uint64_t frames_skipped() const noexcept { return frames_skipped_; }

 private:
  friend class hub;
  hub_client(std::string connection_id, double messages_per_second, steady_time now)
      : connection_id_(std::move(connection_id)), guard_(messages_per_second, now) {}

  std::string connection_id_;
  flood_guard guard_;
  bool greeted_ = false;
  channel_set channels_ = channel_set::all();
  std::deque<frame_ptr> own_;  // startup_complete, heartbeats, errors of this client alone
  event_log::position cursor_ = 0;
  energy_cursor energy_;
  std::int64_t heartbeat_sequence_ = 0;
  steady_time next_heartbeat_{};
  std::uint64_t frames_skipped_ = 0;
};

class hub {
 public:
  hub(std::string epoch, hub_options options) : epoch_(std::move(epoch)), options_(options), log_(options.log) {}

  const std::string& epoch() const noexcept { return epoch_; }
  bool is_ready() const noexcept { return ready_ != nullptr; }
  std::size_t client_count() const noexcept { return clients_.size(); }

  /// The orchestrator is ready: everybody who waits is greeted, and whoever comes later at once. Precondition: valid.
  void ready(const startup_complete& event, double rate_hz, const instant& now) {
    ready_ = std::make_unique<startup_complete>(event);
    if (!ready_->capabilities) ready_->capabilities.emplace();  // optional in the schema, always there on the wire
    for (const auto& each : clients_) greet(*each, rate_hz, now);
  }

  /// A client finished its opening handshake. The reference holds until `leave`.
  hub_client& join(double rate_hz, const instant& now) {
    const std::string id = epoch_ + "." + std::to_string(++joined_);
    clients_.emplace_back(new hub_client(id, options_.max_client_messages_per_second, now.steady));
    hub_client& client = *clients_.back();
    if (ready_) greet(client, rate_hz, now);
    return client;
  }
  void leave(const hub_client& client) {
    clients_.remove_if([&](const auto& each) { return each.get() == &client; });
  }

  void publish(std::shared_ptr<event_frame> reliable, const instant& now) { log_.append(std::move(reliable), now); }
  void publish(energy_publication energy, const instant& now) {
    energy.outer.timestamp = now.unix_ms;
    energy_.publish(std::move(energy));
  }

  /// Hands `send(frame_ptr)` what the client should be sent now, at most about `batch_bytes` of the reliable lane. False
  /// when there was nothing.
  template <class Send>
  bool collect(hub_client& client, Send send) {
    bool any = !client.own_.empty();
    for (; !client.own_.empty(); client.own_.pop_front()) send(std::move(client.own_.front()));
    if (!client.greeted_) return any;
    if (client.channels_.contains(channel::energy) && !energy_.is_current(client.energy_)) {
      client.frames_skipped_ += energy_.collect(client.energy_, send);
      any = true;
    }
    std::size_t bytes = 0;
    for (; client.cursor_ < log_.end() && bytes < options_.batch_bytes && !is_lagging(client); ++client.cursor_) {
      const frame_ptr& frame = log_.at(client.cursor_);
      if (!client.channels_.contains(frame->channel())) continue;
      bytes += frame->wire().size();
      send(frame);
      any = true;
    }
    return any;
  }

  /// True when the log dropped events that the client has not been sent: it must be closed with 1013.
  bool is_lagging(const hub_client& client) const noexcept { return client.greeted_ && client.cursor_ < log_.first(); }

  /// A text message from the client. An error says why it was not carried out, and the client has been told by an
  /// error_event; `errc::too_many_messages` means that the connection must be closed with 1008.
  std::error_code receive(hub_client& client, std::string_view text, const instant& now) {
    if (!client.guard_.admit(now.steady)) return errc::too_many_messages;
    control_message message;
    if (const std::error_code error = read_control(text, message)) {
      complain(client, error, now);
      return error;
    }
    if (const auto* wish = std::get_if<subscribe>(&message)) apply(client, *wish);
    return {};
  }
  /// Anything else that a client sent and that is no part of the protocol.
  std::error_code refuse(hub_client& client, std::error_code error, const instant& now) {
    if (!client.guard_.admit(now.steady)) return errc::too_many_messages;
    complain(client, error, now);
    return error;
  }
  /// A ping counts as a message, or a flood of pings would be free.
  bool admit_ping(hub_client& client, steady_time now) noexcept { return client.guard_.admit(now); }

  /// Queues the heartbeats that are due and drops what is too old. True when a client has something new to send.
  bool sweep(double rate_hz, const instant& now) {
    log_.trim(now.steady);
    bool any = false;
    for (const auto& each : clients_) {
      if (!each->greeted_ || now.steady < each->next_heartbeat_) continue;
      each->next_heartbeat_ += options_.heartbeat_interval;
      if (each->next_heartbeat_ <= now.steady) each->next_heartbeat_ = now.steady + options_.heartbeat_interval;
      if (!each->own_.empty()) continue;  // it does not read: one heartbeat waiting is enough
      beat_heart(*each, rate_hz, now);
      any = true;
    }
    return any;
  }

 private:
  void greet(hub_client& client, double rate_hz, const instant& now) {
    client.own_.push_back(make_frame(*ready_, envelope{log_.stamp_before_next(now), 0}));
    client.greeted_ = true;
    client.cursor_ = log_.end();
    client.energy_ = energy_.join();
    client.next_heartbeat_ = now.steady + options_.heartbeat_interval;
    beat_heart(client, rate_hz, now);
  }

  void beat_heart(hub_client& client, double rate_hz, const instant& now) const {
    heartbeat beat;
    beat.sequence = client.heartbeat_sequence_++;
    beat.server_time = now.unix_ms;
    beat.frame_rate = rate_hz;
    beat.connection_id = client.connection_id_;
    client.own_.push_back(make_frame(beat, envelope{now.unix_ms, 0}));
  }

  // Never quotes what the client sent: it may hold a prompt.
  static void complain(hub_client& client, std::error_code error, const instant& now) {
    constexpr std::size_t most_waiting = 16;
    if (client.own_.size() >= most_waiting) return;
    error_event event;
    event.severity = severity::warning;
    event.component = component::websocket;
    event.message = error.message();
    event.recoverable = true;
    if (error == errc::binary_not_accepted) event.code = "BINARY_NOT_ACCEPTED";
    else if (error == errc::control_message_unknown) event.code = "CLIENT_MESSAGE_UNKNOWN";
    else event.code = "CLIENT_MESSAGE_MALFORMED";
    client.own_.push_back(make_frame(event, envelope{now.unix_ms, 0}));
  }

  void apply(hub_client& client, const subscribe& wish) {
    channel_set chosen = channel_set::none();
    for (const channel each : wish.channels) chosen.add(each);
    // Energy that was produced while the channel was off is not owed: the client joins afresh.
    const bool energy_is_new = chosen.contains(channel::energy) && !client.channels_.contains(channel::energy);
    if (energy_is_new) client.energy_ = energy_.join();
    client.channels_ = chosen;
  }

  std::string epoch_;
  hub_options options_;
  event_log log_;
  energy_lane energy_;
  std::unique_ptr<startup_complete> ready_;
  std::list<std::unique_ptr<hub_client>> clients_;
  std::uint64_t joined_ = 0;
};

}  // namespace wirthforge::live
