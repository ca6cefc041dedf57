// Asks the system to wake this thread when it wants to be woken, and not when that suits the others. Hints alone: where the
// system does not know them, or refuses, all goes on as before.
#pragma once

#include <cstdint>

#if defined(__linux__)
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace net {

/// For the calling thread alone, and for one that sleeps most of the time.
inline void be_punctual() noexcept {
#if defined(__linux__)
  // Linux wakes a thread up to 50 us late, so as to wake several at once.
  ::prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);  // ns
#if defined(SYS_sched_getattr) && defined(SYS_sched_setattr)
  // From 6.12 on it takes a thread's word for how long its turns are: one that asks for short ones need not wait until the long
  // turn of another is over. This is the first form of what sched_setattr(2) takes; not every libc declares it.
  struct {
    std::uint32_t size, policy;
    std::uint64_t flags;
    std::int32_t nice;
    std::uint32_t priority;
    std::uint64_t runtime_ns, deadline_ns, period_ns;
  } turns{};
  constexpr std::uint32_t ordinary = 0;  // SCHED_OTHER; who runs otherwise has reasons
  if (::syscall(SYS_sched_getattr, 0, &turns, sizeof turns, 0) != 0 || turns.policy != ordinary) return;
  turns.runtime_ns = 100'000;  // the shortest there is
  ::syscall(SYS_sched_setattr, 0, &turns, 0);
#endif
#endif
}

}}}  // namespace wirthforge::net
