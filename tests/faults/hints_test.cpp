// A server's scheduling hints: on which kernels it sets them, and that an option turns them off. The calls are this program's own.
#if defined(__linux__)
#include <atomic>
#include <cstdarg>
#include <cstdio>

#include <dlfcn.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

#include "catch.hpp"
#include "faults/support/faults.hpp"
#include "integration/support/test_client.hpp"
#include "wirthforge_ws.hpp"

namespace {

std::atomic<const char*> said_release{nullptr};  // none: the system's own
std::atomic<int> said_seccomp{0};
std::atomic<int> slack_hints{0};
std::atomic<int> turn_hints{0};

struct hints {
  int slack;
  int turns;
};

// The calls that a server makes until it has ticked.
hints asked_for(const char* release, bool scheduling_hints, int seccomp = 0) {
  said_release = release;
  said_seccomp = seccomp;
  slack_hints = 0;
  turn_hints = 0;
  wirthforge::server_options options;
  options.scheduling_hints = scheduling_hints;
  test::running_server up(options);
  up.start();
  CHECK(test::eventually([&] { return up.server.stats().ticks_total > 0; }));
  said_release = nullptr;
  said_seccomp = 0;
  return {slack_hints, turn_hints};
}

}  // namespace

extern "C" int uname(struct utsname* to) noexcept {
  static auto* const real = reinterpret_cast<int (*)(struct utsname*)>(::dlsym(RTLD_NEXT, "uname"));
  const int result = real(to);
  const char* const release = said_release;
  if (result == 0 && release != nullptr) std::snprintf(to->release, sizeof to->release, "%s", release);
  return result;
}
extern "C" int prctl(int what, ...) noexcept {
  static auto* const real = reinterpret_cast<int (*)(int, ...)>(::dlsym(RTLD_NEXT, "prctl"));
  std::va_list more;
  va_start(more, what);
  unsigned long arguments[4];
  for (unsigned long& each : arguments) each = va_arg(more, unsigned long);
  va_end(more);
  slack_hints += what == PR_SET_TIMERSLACK ? 1 : 0;
  if (what == PR_GET_SECCOMP) return said_seccomp;
  return real(what, arguments[0], arguments[1], arguments[2], arguments[3]);
}
// Takes the greatest number of arguments, however many were given: the system's own does so too.
extern "C" __attribute__((no_sanitize("address"))) long syscall(long number, ...) noexcept {
  static auto* const real = reinterpret_cast<long (*)(long, ...)>(::dlsym(RTLD_NEXT, "syscall"));
  std::va_list more;
  va_start(more, number);
  long arguments[6];
  for (long& each : arguments) each = va_arg(more, long);
  va_end(more);
  turn_hints += number == SYS_sched_setattr ? 1 : 0;
  return real(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
}

TEST_CASE("scheduling hints are set on the ticker's thread alone, and only on kernels that gain from them", "[faults][hints]") {
  const faults::sheltered own;
  const hints on_new = asked_for("6.12.0", true);
  CHECK(on_new.slack == 1);
  CHECK(on_new.turns == 1);
  const hints on_old = asked_for("6.11.99", true);
  CHECK(on_old.slack == 1);
  CHECK(on_old.turns == 0);
}

TEST_CASE("under a seccomp filter no call is made for which some filters kill the process", "[faults][hints]") {
  const faults::sheltered own;
  CHECK(asked_for("6.12.0", true, 2).turns == 0);  // SECCOMP_MODE_FILTER
}

TEST_CASE("a server without scheduling_hints asks for nothing", "[faults][hints]") {
  const faults::sheltered own;
  const hints none = asked_for("6.12.0", false);
  CHECK(none.slack == 0);
  CHECK(none.turns == 0);
}
#endif
