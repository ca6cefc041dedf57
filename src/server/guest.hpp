// An object that shares a server's loop, such as a bridge. The server only knows when to call it.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "base/cold.hpp"
#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace detail {

class guest {
 public:
  guest() = default;
  guest(const guest&) = delete;
  guest& operator=(const guest&) = delete;
  virtual ~guest() = default;

  /// On the loop: a caller asked for a turn, or for the end of an answer; a turn without need is no fault. False: the guest is
  /// done, and is removed.
  virtual bool take_turn() noexcept = 0;
  /// On the loop, or while no thread runs it: release everything that is on the loop. No turn comes after it. A second call
  /// does nothing.
  virtual void leave() noexcept = 0;
};

class guest_list {
 public:
  /// From any thread.
  WIRTHFORGE_COLD void add(std::shared_ptr<guest> next) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (is_closed_) return next->leave();
    guests_.push_back(std::move(next));
  }
  void call_all() noexcept {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (std::size_t index = 0; index < guests_.size();) {
      if (guests_[index]->take_turn()) {
        ++index;
      } else {
        guests_[index].swap(guests_.back());
        guests_.pop_back();
      }
    }
  }
  WIRTHFORGE_COLD void send_away() noexcept {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_closed_ = true;
    for (const std::shared_ptr<guest>& each : guests_) each->leave();
    guests_.clear();
  }

 private:
  std::mutex mutex_;
  std::vector<std::shared_ptr<guest>> guests_;
  bool is_closed_ = false;
};

}}}  // namespace wirthforge::detail
