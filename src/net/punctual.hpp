// Asks the system to wake this thread when it wants to be woken, and not when that suits the others. Hints alone: where the
// system does not know them, or refuses, all goes on as before. Where it would end the process for one, it is not asked.
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
/// Whether a kernel of this release, such as `6.12.3-amd64`, is at least of the version `first`.`second`.
WIRTHFORGE_COLD inline bool is_release_at_least(const char* release, unsigned first, unsigned second) noexcept {
  unsigned found[2] = {0, 0};
  for (unsigned& each : found) {
    for (; *release >= '0' && *release <= '9' && each < 100'000; ++release) each = each * 10 + static_cast<unsigned>(*release - '0');
    if (*release == '.') ++release;
  }
  return found[0] != first ? found[0] > first : found[1] >= second;
}

// From 6.12 on Linux takes a thread's word for how long its turns are: one that asks for short ones need not wait until the long
// turn of another is over. Before, it would be a call for nothing. A process under a seccomp filter does not ask: some filters
// (systemd's ~@resources) end the process for it, and nobody can see what one does but by trying.
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
  constexpr std::uint32_t ordinary = 0;  // SCHED_OTHER; who runs otherwise has reasons
  if (::syscall(SYS_sched_getattr, 0, &turns, sizeof turns, 0) != 0 || turns.policy != ordinary) return;
  turns.runtime_ns = 100'000;  // the shortest there is
  ::syscall(SYS_sched_setattr, 0, &turns, 0);
#endif
}
#endif

/// For the calling thread alone, and for one that sleeps most of the time.
WIRTHFORGE_COLD inline void be_punctual() noexcept {
#if defined(__linux__)
  // Linux wakes a thread up to 50 us late, so as to wake several at once.
  ::prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);  // ns
  ask_for_short_turns();
#endif
}

}}}  // namespace wirthforge::net
