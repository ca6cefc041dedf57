// What lies on a server's loop beside it, such as a bridge. The server knows no more of it than when to call it.
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

  /// On the loop: somebody asked for it, or for the end of an answer; more often than needed is no fault. False: it is done, and
  /// is forgotten.
  virtual bool take_turn() noexcept = 0;
  /// On the loop, or where no thread runs it: let go of all that lies on it. No turn comes after it. Twice is once.
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
