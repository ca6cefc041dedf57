// Sleeps until a moment, or until it is woken. Windows wakes an ordinary sleeper at its next clock interrupt,
// by default each 15.6 ms: 60 Hz would be 64 or 32. From Windows 10 (1803) on there is a finer timer on request; older systems
// use the interrupt. timeBeginPeriod would make them finer, too, at the cost of every other program's battery.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#if defined(_WIN32)
#include <asio/detail/socket_types.hpp>  // windows.h, after winsock2.h
#endif

#include "base/clock.hpp"
#include "base/cold.hpp"
#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace net {

class deadline_wait {
 public:
  deadline_wait() = default;
  deadline_wait(const deadline_wait&) = delete;
  deadline_wait& operator=(const deadline_wait&) = delete;

  /// True at the deadline, and at once if it has passed; false from `end` on. One thread at a time.
  bool until(steady_time deadline) {
    std::unique_lock<std::mutex> lock(mutex_);
#if defined(_WIN32)
    while (timer_ && ended_now_ && !is_ended_) {
      const auto left = std::chrono::ceil<std::chrono::nanoseconds>(deadline - std::chrono::steady_clock::now()).count();
      if (left <= 0) return true;
      LARGE_INTEGER due;
      due.QuadPart = -((left + 99) / 100);  // hundreds of nanoseconds from now
      if (::SetWaitableTimer(timer_.get(), &due, 0, nullptr, nullptr, FALSE) == 0) break;
      const HANDLE either[] = {ended_now_.get(), timer_.get()};
      lock.unlock();
      const DWORD woken_by = ::WaitForMultipleObjects(2, either, FALSE, INFINITE);
      lock.lock();
      if (woken_by == WAIT_FAILED) break;
    }
#endif
    return !wake_.wait_until(lock, deadline, [this] { return is_ended_; });
  }

  /// From any thread; permanent.
  WIRTHFORGE_COLD void end() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      is_ended_ = true;
#if defined(_WIN32)
      if (ended_now_) ::SetEvent(ended_now_.get());
#endif
    }
    wake_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  bool is_ended_ = false;
#if defined(_WIN32)
  class handle {
   public:
    explicit handle(HANDLE which) noexcept : which_(which) {}
    handle(const handle&) = delete;
    handle& operator=(const handle&) = delete;
    ~handle() {
      if (which_ != nullptr) ::CloseHandle(which_);
    }
    explicit operator bool() const noexcept { return which_ != nullptr; }
    HANDLE get() const noexcept { return which_; }

   private:
    HANDLE which_;
  };
  WIRTHFORGE_COLD static HANDLE make_timer() noexcept {
    constexpr DWORD rights = SYNCHRONIZE | TIMER_MODIFY_STATE;
    constexpr DWORD high_resolution = 2;  // CREATE_WAITABLE_TIMER_HIGH_RESOLUTION, which older headers lack
    const HANDLE fine = ::CreateWaitableTimerExW(nullptr, nullptr, high_resolution, rights);
    return fine != nullptr ? fine : ::CreateWaitableTimerExW(nullptr, nullptr, 0, rights);
  }

  handle ended_now_{::CreateEventW(nullptr, TRUE, FALSE, nullptr)};
  handle timer_{make_timer()};
#endif
};

}}}  // namespace wirthforge::net
