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

class loop_user {
 public:
  loop_user() = default;
  loop_user(const loop_user&) = delete;
  loop_user& operator=(const loop_user&) = delete;
  virtual ~loop_user() = default;

  /// On the loop: a caller asked for a turn, or for the end of an answer; a turn without need is no fault. False: it is
  /// done, and is removed.
  virtual bool take_turn() noexcept = 0;
  /// On the loop, or while no thread runs it: release everything that is on the loop. No turn comes after it. A second call
  /// does nothing.
  virtual void leave() noexcept = 0;
};

class loop_user_list {
 public:
  /// From any thread.
  WIRTHFORGE_COLD void add(std::shared_ptr<loop_user> next) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (is_closed_) return next->leave();
    loop_users_.push_back(std::move(next));
  }
  void call_all() noexcept {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (std::size_t index = 0; index < loop_users_.size();) {
      if (loop_users_[index]->take_turn()) {
        ++index;
      } else {
        loop_users_[index].swap(loop_users_.back());
        loop_users_.pop_back();
      }
    }
  }
  WIRTHFORGE_COLD void send_away() noexcept {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_closed_ = true;
    for (const std::shared_ptr<loop_user>& each : loop_users_) each->leave();
    loop_users_.clear();
  }

 private:
  std::mutex mutex_;
  std::vector<std::shared_ptr<loop_user>> loop_users_;
  bool is_closed_ = false;
};

}}}  // namespace wirthforge::detail
