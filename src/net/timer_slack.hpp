// Asks the system to wake this thread at its own time, and not later together with others. These are hints: if the system
// does not know them, or refuses, nothing changes. On systems that would end the process for such a call, it is not made.
#pragma once

#include <cstdint>

#if defined(__linux__)
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>
#endif

#include "base/cold.hpp"
#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace net {

#if defined(__linux__)
/// Whether a kernel release, such as `6.12.3-amd64`, is version `first`.`second` or later.
WIRTHFORGE_COLD inline bool is_release_at_least(const char* release, unsigned first, unsigned second) noexcept {
  unsigned found[2] = {0, 0};
  for (unsigned& each : found) {
    for (; *release >= '0' && *release <= '9' && each < 100'000; ++release)
      each = each * 10 + static_cast<unsigned>(*release - '0');
    if (*release == '.') ++release;
  }
  return found[0] != first ? found[0] > first : found[1] >= second;
}

// From 6.12 on Linux lets a thread request the length of its turns: a thread that asks for short ones need not wait until the
// long turn of another is over. Older kernels ignore the request. A process under a seccomp filter does not ask: some filters
// (systemd's ~@resources) end the process for it, and a program can learn what a filter does only by trying.
WIRTHFORGE_COLD inline void ask_for_short_turns() noexcept {
#if defined(SYS_sched_getattr) && defined(SYS_sched_setattr) && defined(PR_GET_SECCOMP)
  struct utsname kernel {};
  if (::uname(&kernel) != 0 || !is_release_at_least(kernel.release, 6, 12)) return;
  if (::prctl(PR_GET_SECCOMP, 0UL, 0UL, 0UL, 0UL) > 0) return;
  // This is the first form of what sched_setattr(2) takes; not every libc declares it.
  struct {
    std::uint32_t size, policy;
    std::uint64_t flags;
    std::int32_t nice;
    std::uint32_t priority;
    std::uint64_t runtime_ns, deadline_ns, period_ns;
  } turns{};
  constexpr std::uint32_t ordinary = 0;  // SCHED_OTHER; a thread with another policy has it on purpose
  if (::syscall(SYS_sched_getattr, 0, &turns, sizeof turns, 0) != 0 || turns.policy != ordinary) return;
  turns.runtime_ns = 100'000;  // the shortest that is permitted
  ::syscall(SYS_sched_setattr, 0, &turns, 0);
#endif
}
#endif

/// For the calling thread alone, which should sleep most of the time.
WIRTHFORGE_COLD inline void be_punctual() noexcept {
#if defined(__linux__)
  // Linux wakes a thread up to 50 us late, so that it can wake several at once.
  ::prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);  // ns
  ask_for_short_turns();
#endif
}

}}}  // namespace wirthforge::net
