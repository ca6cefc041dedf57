// The hub's state of one connected client.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/cold.hpp"
#include "base/ring.hpp"
#include "live/addressed_events.hpp"
#include "live/complaint.hpp"
#include "live/energy_lane.hpp"
#include "live/event_log.hpp"
#include "live/events_again.hpp"
#include "live/flood_guard.hpp"
#include "live/resume.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace live {

/// A set of channels, as bits. Every set contains `system`.
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

/// The spans of the reliable lane that clients closed for lagging had been sent, the newest 256: from which time stamp to which.
class lagged_spans {
 public:
  WIRTHFORGE_COLD void add(std::int64_t from, std::int64_t to) {
    constexpr std::size_t most = 256;
    if (spans_.size() == most) spans_.pop_front();
    spans_.push_back({from, to});
  }
  bool cover(std::int64_t since) const {
    for (std::size_t index = 0; index < spans_.size(); ++index) {
      if (spans_[index].from <= since && since <= spans_[index].to) return true;
    }
    return false;
  }

 private:
  struct span {
    std::int64_t from = 0;
    std::int64_t to = 0;
  };
  ring<span> spans_;
};

class hub_client {
 public:
  /// `<epoch>.<number>`, as in the heartbeat.
  const std::string& connection_id() const noexcept { return connection_id_; }
  std::uint64_t frames_skipped() const noexcept { return frames_skipped_; }

 private:
  friend class hub;
  hub_client(std::string connection_id, double messages_per_second, steady_time now)
      : connection_id_(std::move(connection_id)), guard_(messages_per_second, now) {}

  void queue_heartbeat(double rate_hz, const instant& now) {
    heartbeat beat;
    beat.sequence = heartbeat_sequence_++;
    beat.server_time = now.unix_ms;
    beat.frame_rate = rate_hz;
    beat.connection_id = connection_id_;
    own_.push_back(make_frame(beat, envelope{now.unix_ms, 0}));
    is_heartbeat_waiting_ = true;
  }
  WIRTHFORGE_COLD void report_bad_message(std::error_code error, const violation& broken, const instant& now) {
    constexpr std::size_t most_waiting = 16;
    if (!greeted_ || own_.size() >= most_waiting) return;  // startup_complete comes first
    own_.push_back(make_frame(complaint_event(error, broken), envelope{now.unix_ms, 0}));
  }

  // First the members that are read for each client at each event, close together.
  bool greeted_ = false;
  bool is_energy_owed_ = false;        // the next energy closes an absence, not a lag
  bool is_heartbeat_waiting_ = false;  // in `own_`
  channel_set channels_ = channel_set::all();
  ring<frame_ptr> own_;                          // startup_complete, heartbeats, errors of this client alone
  std::unique_ptr<events_again> again_;          // come before energy and log, and no heartbeat comes between
  std::unique_ptr<addressed_events> addressed_;  // none while nothing waits
  event_log::position cursor_ = 0;
  event_log::position replay_end_ = 0;  // energy waits until the cursor is there
  std::int64_t began_at_ = 0;           // time stamps: where its reliable lane began, and its last event
  std::int64_t last_sent_ = 0;
  energy_cursor energy_;
  steady_time next_heartbeat_{};
  std::uint64_t frames_skipped_ = 0;

  std::string connection_id_;
  flood_guard guard_;
  std::unique_ptr<resume_request> request_;  // until it is greeted
  std::int64_t heartbeat_sequence_ = 0;
};

/// How far behind a client is.
struct backlog {
  std::size_t events = 0;  ///< Of the reliable lane.
  std::size_t bytes = 0;   ///< The size of these.
  nanoseconds age{};       ///< The age of the oldest of these.
};

}}}  // namespace wirthforge::live
