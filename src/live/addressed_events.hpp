// Events for one client alone, each at its place among those of the reliable log.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "base/clock.hpp"
#include "base/cold.hpp"
#include "base/ring.hpp"
#include "live/event_log.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace live {

class addressed_events {
 public:
  bool empty() const noexcept { return waiting_.empty(); }
  /// The newest always stays, as in the log.
  bool is_over(const log_limits& limits) const noexcept {
    return waiting_.size() > 1 && (bytes_ > limits.max_bytes || waiting_.size() > limits.max_events);
  }

  /// It is sent before the event of the log that comes next, with a time stamp of its own from there, which keeps the order of stamps.
  WIRTHFORGE_COLD void add(std::shared_ptr<event_frame> frame, event_log& log, const instant& now) {
    frame->stamp(log.stamp_before_next(now));
    const std::size_t bytes = frame->wire().size();
    waiting_.push_back({log.end(), std::move(frame)});
    bytes_ += bytes;
  }
  /// The client is greeted only now: they come after what it was told.
  WIRTHFORGE_COLD void move_to_end(event_log& log, const instant& now) {
    for (std::size_t index = 0; index < waiting_.size(); ++index) {
      waiting_[index].frame->stamp(log.stamp_before_next(now));
      waiting_[index].before = log.end();
    }
  }
  /// Hands `send(frame_ptr)` those that a client at `cursor` has come to.
  template <class Send>
  void collect(event_log::position cursor, Send send) {
    while (!waiting_.empty() && waiting_.front().before <= cursor) {
      frame_ptr frame = std::move(waiting_.front().frame);
      waiting_.pop_front();
      bytes_ -= frame->wire().size();
      send(std::move(frame));
    }
  }

 private:
  struct entry {
    event_log::position before = 0;
    std::shared_ptr<event_frame> frame;
  };
  ring<entry> waiting_;
  std::size_t bytes_ = 0;
};

}}}  // namespace wirthforge::live
