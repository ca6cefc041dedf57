// Drives the pacer: a thread that sleeps to absolute deadlines and calls back on each beat. It owns no socket and shares
// no lock with the I/O thread, so a callback that blocks delays nothing but the next tick.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <utility>

#include "base/clock.hpp"
#include "base/cold.hpp"
#include "live/pacer.hpp"
#include "net/punctual.hpp"
#include "net/worker.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace net {

class ticker {
 public:
  /// Called on the ticker's thread for each beat; must not throw.
  using step = std::function<void(const live::beat&)>;

  ticker() = default;
  ticker(const ticker&) = delete;
  ticker& operator=(const ticker&) = delete;
  ~ticker() { stop(); }

  /// `on_beat` must hold whoever owns this ticker where it may let go of it. `asks_for_punctuality`: of the system, which may
  /// end the process for that.
  void start(step on_beat, bool asks_for_punctuality = true) {
    thread_.start([this, on_beat = std::move(on_beat), asks_for_punctuality] {
      if (asks_for_punctuality) be_punctual();
      run(on_beat);
    });
  }

  /// Ends the thread and waits for a callback that is under way. From the callback itself it only asks the thread to end.
  WIRTHFORGE_COLD void stop() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    thread_.join();
  }
  bool is_this_thread() const noexcept { return thread_.is_this_thread(); }

 private:
  void run(const step& on_beat) {
    live::pacer pace(std::chrono::steady_clock::now());
    std::unique_lock<std::mutex> lock(mutex_);
    while (!wake_.wait_until(lock, pace.deadline(), [this] { return stopping_; })) {
      lock.unlock();  // no callback runs under a lock
      on_beat(pace.begin(std::chrono::steady_clock::now()));
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  worker thread_;
};

}}}  // namespace wirthforge::net
