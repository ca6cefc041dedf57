// Drives the pacer: a thread that sleeps to absolute deadlines and calls back on each beat. It owns no socket and shares
// no lock with the I/O thread, so a callback that blocks delays only the next tick.
#pragma once

#include <functional>
#include <utility>

#include "base/clock.hpp"
#include "base/cold.hpp"
#include "live/pacer.hpp"
#include "net/deadline_wait.hpp"
#include "net/timer_slack.hpp"
#include "base/worker.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace net {

class ticker {
 public:
  /// Called on the ticker's thread for each beat; must not throw.
  using step = std::function<void(const live::beat&)>;

  ticker() = default;
  ticker(const ticker&) = delete;
  ticker& operator=(const ticker&) = delete;
  ~ticker() { stop(); }

  /// `on_beat` must keep the owner of this ticker alive if it may release the owner. `asks_for_punctuality`: asks the system,
  /// which may end the process for that.
  void start(step on_beat, bool asks_for_punctuality = true) {
    thread_.start([this, on_beat = std::move(on_beat), asks_for_punctuality] {
      if (asks_for_punctuality) be_punctual();
      run(on_beat);
    });
  }

  /// Ends the thread and waits for a running callback. From the callback itself it only asks the thread to end.
  WIRTHFORGE_COLD void stop() {
    sleep_.end();
    thread_.join();
  }
  bool is_this_thread() const noexcept { return thread_.is_this_thread(); }

 private:
  void run(const step& on_beat) {
    live::pacer pace(std::chrono::steady_clock::now());
    while (sleep_.until(pace.deadline())) on_beat(pace.begin(std::chrono::steady_clock::now()));
  }

  deadline_wait sleep_;
  worker thread_;
};

}}}  // namespace wirthforge::net
