// The reliable lane: one log of framed events for all clients, bounded by bytes, count and age. A client is a position in
// it; live sending and replay are the same read. Its memory does not depend on the number of clients.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/clock.hpp"
#include "base/number_cast.hpp"
#include "base/option_table.hpp"
#include "base/ring.hpp"
#include "live/event_frame.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace live {

/// Bounds of the reliable log. When one of them is reached, the oldest event is dropped.
struct log_limits {
  std::size_t max_bytes = wirthforge::detail::server_default::log_max_bytes;  ///< Bytes on the wire of all events held.
  std::size_t max_events = wirthforge::detail::server_default::log_max_events;
  seconds max_age = wirthforge::detail::server_default::log_max_age;
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
    entries_.push_back({std::move(frame), now.steady, bytes_ever_});
    bytes_ever_ += entries_.back().frame->wire().size();
    trim(now.steady);
  }

  /// A time for an event that is not in the log but comes between the logged events and the next one. No event has the
  /// same time; otherwise a client could not tell a replayed event from the text so far.
  std::int64_t stamp_before_next(const instant& now) {
    last_timestamp_ = std::max(now.unix_ms, last_timestamp_ + 1);
    return last_timestamp_;
  }

  /// Events were published that were not appended: every client that was connected before has a gap. The log keeps its events.
  void note_omission(const instant& now) {
    last_timestamp_ = std::max(now.unix_ms, last_timestamp_ + 1);
    lost_through_ = last_timestamp_;
  }

  /// An event of the previous run, which keeps its time. Precondition: that time is above all times before it.
  void restore(frame_ptr frame, steady_time appended) {
    last_timestamp_ = frame->timestamp();
    entries_.push_back({std::move(frame), appended, bytes_ever_});
    bytes_ever_ += entries_.back().frame->wire().size();
  }
  /// The last time that the previous run gave, and the highest time of the events that it no longer had.
  void restore_bounds(std::int64_t last, std::int64_t lost_through) noexcept {
    last_timestamp_ = std::max(last_timestamp_, last);
    lost_through_ = std::max(lost_through_, lost_through);
  }

  /// Drops the oldest events while a bound is exceeded.
  void trim(steady_time now) {
    while (entries_.size() > 1 && (bytes() > limits_.max_bytes || entries_.size() > limits_.max_events)) drop_oldest();
    while (!entries_.empty() && now - entries_.front().appended > limits_.max_age) drop_oldest();
  }

  position first() const noexcept { return first_; }
  position end() const noexcept { return first_ + entries_.size(); }
  /// The event at a position in [first(), end()).
  const frame_ptr& at(position where) const { return entry_at(where).frame; }
  /// The first event whose time is above this one; `end()` when there is none.
  position after(std::int64_t timestamp) const {
    return first_ + entries_.partition_point([=](const entry& each) { return each.frame->timestamp() <= timestamp; });
  }
  /// True when every event above this time is still here.
  bool reaches_back_to(std::int64_t timestamp) const noexcept { return timestamp >= lost_through_; }
  /// The highest time of the events that are no longer here.
  std::int64_t lost_through() const noexcept { return lost_through_; }

  /// The events that a client at this position has still to be sent, and since when the oldest of them waits.
  std::size_t bytes_from(position where) const {
    return where < end() ? number_cast<std::size_t>(bytes_ever_ - entry_at(where).bytes_before) : 0;
  }
  nanoseconds age_at(position where, steady_time now) const {
    return where < end() ? std::chrono::duration_cast<nanoseconds>(now - entry_at(where).appended) : nanoseconds(0);
  }

  std::size_t bytes() const { return bytes_from(first_); }
  std::int64_t last_timestamp() const noexcept { return last_timestamp_; }

 private:
  struct entry {
    frame_ptr frame;
    steady_time appended{};
    std::uint64_t bytes_before = 0;
  };

  const entry& entry_at(position where) const { return entries_[number_cast<std::size_t>(std::max(where, first_) - first_)]; }
  void drop_oldest() {
    lost_through_ = std::max(lost_through_, entries_.front().frame->timestamp());
    entries_.pop_front();
    ++first_;
  }

  log_limits limits_;
  ring<entry> entries_;
  position first_ = 0;
  std::uint64_t bytes_ever_ = 0;
  std::int64_t last_timestamp_ = 0;
  std::int64_t lost_through_ = -1;
};

}}}  // namespace wirthforge::live
