// The processor time that the calling thread has had, as the system counts it. It stands still while the thread waits,
// and while another thread has its processor.
#pragma once

#include <cstdint>
#include <ctime>
#include <optional>

#include "base/clock.hpp"
#include "net/native_socket.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace net {

/// No value if the system has none. On Windows it advances in steps of a timer interrupt, usually 15.6 ms.
inline std::optional<nanoseconds> thread_time() noexcept {
#if defined(_WIN32)
  FILETIME created, ended, kernel, user;
  if (::GetThreadTimes(::GetCurrentThread(), &created, &ended, &kernel, &user) == 0) return std::nullopt;
  const auto count = [](const FILETIME& time) {
    return static_cast<std::int64_t>(time.dwHighDateTime) * (std::int64_t{1} << 32) +
           static_cast<std::int64_t>(time.dwLowDateTime);
  };
  return nanoseconds(100 * (count(kernel) + count(user)));
#elif defined(CLOCK_THREAD_CPUTIME_ID)  // macOS has it since 10.12
  timespec time{};
  if (::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) != 0) return std::nullopt;
  return seconds(time.tv_sec) + nanoseconds(time.tv_nsec);
#else
  return std::nullopt;
#endif
}

}}}  // namespace wirthforge::net
