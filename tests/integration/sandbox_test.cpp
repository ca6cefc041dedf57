// A server in a process that the system ends for asking the scheduler for anything (seccomp(2), as systemd's ~@resources does).
#if defined(__linux__)
#include <csignal>
#include <cstddef>

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "catch.hpp"
#include "support/single_thread.hpp"
#include "support/test_client.hpp"
#include "wirthforge_ws.hpp"

using namespace wirthforge;

#if defined(SYS_sched_setattr) && defined(SECCOMP_RET_KILL_PROCESS)

namespace {

constexpr int no_filters_here = 77;

bool forbid_sched_setattr() {
  sock_filter steps[] = {
      {BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, nr)},
      {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SYS_sched_setattr},
      {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_KILL_PROCESS},
      {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
  };
  const sock_fprog filter{sizeof steps / sizeof steps[0], steps};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0UL, 0UL) == 0;
}

/// The exit status of a process that does this under the filter.
template <class Deed>
int end_of(Deed deed) {
  test::await_single_thread();
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::alarm(60);  // in case it hangs
    if (!forbid_sched_setattr()) ::_exit(no_filters_here);
    ::_exit(deed() ? 0 : 1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return status;
}

bool serves_and_ticks(bool scheduling_hints) {
  server_options options;
  options.scheduling_hints = scheduling_hints;
  test::running_server up(options);
  up.start();
  const bool is_served = test::http(up.port(), "/health").substr(9, 3) == "200";
  return is_served && test::eventually([&] { return up.server.stats().ticks_total > 2; });
}

}  // namespace

TEST_CASE("a server runs where the system ends a process for a scheduling hint", "[integration][hints]") {
  const int plain_call = end_of([] {
    ::syscall(SYS_sched_setattr, 0, nullptr, 0);
    return true;
  });
  if (WIFEXITED(plain_call) && WEXITSTATUS(plain_call) == no_filters_here) {
    WARN("this system takes no seccomp filter");
    return;
  }
  REQUIRE(WIFSIGNALED(plain_call));  // else the filter does not work, and this tests nothing
  CHECK(WTERMSIG(plain_call) == SIGSYS);
  for (const bool scheduling_hints : {false, true}) {
    CAPTURE(scheduling_hints);
    const int status = end_of([scheduling_hints] { return serves_and_ticks(scheduling_hints); });
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
  }
}

#endif
#endif
