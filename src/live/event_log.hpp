// The reliable lane: one log of framed events for all clients, bounded by bytes, count and age. A client is a position in
// it; live sending and replay are the same read. Its memory does not depend on how many clients there are.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>

#include "base/clock.hpp"
#include "live/event_frame.hpp"

namespace wirthforge::live {

/// Bounds of the reliable log. Whichever is reached first drops the oldest event.
struct log_limits {
  std::size_t max_bytes = 4U << 20U;  ///< Bytes on the wire of all events held. Default 4 MiB.
  std::size_t max_events = 8192;
  seconds max_age{120};
};

class event_log {
 public:
  using position = std::uint64_t;

  explicit event_log(log_limits limits = {}) : limits_(limits) {}

  /// Gives the event its time, max(now, last + 1), so that times increase strictly whatever the wall clock does, and
  /// appends it. The newest event always stays, even one that is larger than all bounds.
  void append(std::shared_ptr<event_frame> frame, const instant& now) {
    last_timestamp_ = std::max(now.unix_ms, last_timestamp_ + 1);
    frame->stamp(last_timestamp_);
    bytes_ += frame->wire().size();
    entries_.push_back({std::move(frame), now.steady});
    trim(now.steady);
  }

  /// A time for an event that is not in the log but stands before whatever comes next in it.
  std::int64_t stamp_before_next(const instant& now) {
    last_timestamp_ = std::max(now.unix_ms, last_timestamp_);
    return last_timestamp_;
  }

  /// Drops what is over a bound.
  void trim(steady_time now) {
    while (entries_.size() > 1 && (bytes_ > limits_.max_bytes || entries_.size() > limits_.max_events)) drop_oldest();
    while (!entries_.empty() && now - entries_.front().appended > limits_.max_age) drop_oldest();
  }

  position first() const noexcept { return first_; }
  position end() const noexcept { return first_ + entries_.size(); }
  /// The event at a position in [first(), end()).
  const frame_ptr& at(position where) const { return entries_[static_cast<std::size_t>(where - first_)].frame; }

  std::size_t bytes() const noexcept { return bytes_; }
  std::int64_t last_timestamp() const noexcept { return last_timestamp_; }

 private:
  struct entry {
    frame_ptr frame;
    steady_time appended;
  };

  void drop_oldest() {
    bytes_ -= entries_.front().frame->wire().size();
    entries_.pop_front();
    ++first_;
  }

  log_limits limits_;
  std::deque<entry> entries_;
  position first_ = 0;
  std::size_t bytes_ = 0;
  std::int64_t last_timestamp_ = 0;
};

}  // namespace wirthforge::live
