// A thread that several others may wait for, and that may release its owner itself: a callback may destroy the server on
// whose thread it runs.
#pragma once

#include <atomic>
#include <mutex>
#include <thread>
#include <utility>

#include "base/cold.hpp"
#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace tools {

class worker {
 public:
  worker() = default;
  worker(const worker&) = delete;
  worker& operator=(const worker&) = delete;
  /// Waits for the thread's end; on that thread itself it does not wait, and the thread continues without an owner.
  WIRTHFORGE_COLD ~worker() {
    join();
    if (thread_.joinable()) thread_.detach();
  }

  /// Called once. Throws std::system_error if the system has no thread left. Objects that `body` refers to must live until its
  /// end: if the thread may destroy the owner, `body` itself must hold it.
  template <class Body>
  void start(Body body) {
    const std::lock_guard<std::mutex> lock(mutex_);
    thread_ = std::thread([this, body = std::move(body)]() mutable {
      id_.store(std::this_thread::get_id(), std::memory_order_relaxed);
      body();
    });
  }

  /// Waits for the thread's end, from any number of threads at once. On the thread itself it returns at once.
  WIRTHFORGE_COLD void join() noexcept {
    if (is_this_thread()) return;
    const std::lock_guard<std::mutex> lock(mutex_);
    if (thread_.joinable()) thread_.join();
    id_.store(std::thread::id(), std::memory_order_relaxed);  // the system may now reuse the id for another thread
  }

  bool is_this_thread() const noexcept { return id_.load(std::memory_order_relaxed) == std::this_thread::get_id(); }

 private:
  std::atomic<std::thread::id> id_{std::thread::id()};
  std::mutex mutex_;  // guards thread_; held by the one that waits for its end
  std::thread thread_;
};

}}}  // namespace wirthforge::tools
