// The thread of the integrator's hooks: it makes one call after the other, in the order of the events, and is never the I/O
// thread. A hook that is slow, throws or calls back into the library holds up only the hooks after it.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>

#include "base/cold.hpp"
#include "base/version.hpp"
#include "base/worker.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace net {

class callback_thread {
 public:
  /// `max_waiting_bytes` bounds the data that may wait for a slow hook.
  explicit callback_thread(std::size_t max_waiting_bytes) : max_waiting_bytes_(max_waiting_bytes) {}
  callback_thread(const callback_thread&) = delete;
  callback_thread& operator=(const callback_thread&) = delete;
  ~callback_thread() { stop(); }

  /// `owner`, if there is one, keeps the owner of this object alive until the thread ends: a hook may release it.
  void start(std::shared_ptr<void> owner = nullptr) {
    thread_.start([this, owner = std::move(owner)] { run(); });
  }

  /// Queues a call that holds about `bytes` of data. False, and counted, when too much is already waiting or
  /// there is no memory for it.
  template <class Call>
  bool post(std::size_t bytes, Call&& call) noexcept {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (stopping_) return false;
      bool has_room = waiting_.empty() || waiting_bytes_ + bytes <= max_waiting_bytes_;
      try {
        if (has_room) waiting_.push_back({bytes, std::forward<Call>(call)});
      } catch (...) {
        has_room = false;
      }
      dropped_ += has_room ? 0 : 1;
      if (!has_room) return false;
      waiting_bytes_ += bytes;
    }
    wake_.notify_one();
    return true;
  }

  /// Calls that were dropped because too much was waiting.
  std::uint64_t dropped() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return dropped_;
  }
  /// Calls that threw an exception. The exceptions are dropped.
  std::uint64_t thrown() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return thrown_;
  }
  bool is_this_thread() const noexcept { return thread_.is_this_thread(); }

  /// Makes the waiting calls, then ends the thread. From a hook it only asks the thread to end.
  WIRTHFORGE_COLD void stop() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }
  /// From a hook whose objects are about to be destroyed: waiting calls are dropped, and the thread ends after this hook.
  WIRTHFORGE_COLD void stop_after_this() {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
    waiting_.clear();
  }

 private:
  struct entry {
    std::size_t bytes;
    std::function<void()> call;
  };

  void run() {
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
      wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      entry next = std::move(waiting_.front());
      waiting_.pop_front();
      waiting_bytes_ -= next.bytes;
      lock.unlock();
      bool threw = false;
      try {
        next.call();
      } catch (...) {  // an integrator's exception must not end the process
        threw = true;
      }
      next.call = nullptr;
      lock.lock();
      thrown_ += threw ? 1 : 0;
    }
  }

  const std::size_t max_waiting_bytes_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<entry> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::uint64_t dropped_ = 0;
  std::uint64_t thrown_ = 0;
  bool stopping_ = false;
  worker thread_;
};

}}}  // namespace wirthforge::net
