// Waits for the threads of earlier tests before a test forks.
#pragma once

#if defined(__linux__)
#include <chrono>
#include <thread>

#include <dirent.h>
#endif

#include "catch.hpp"
#include "support/sanitizers.hpp"

namespace test {

/// Returns once this process has one thread, as far as the system tells. A detached thread of an earlier test may still be ending;
/// in a child that is forked meanwhile, the thread sanitizer takes it for alive and refuses a new thread at its address.
inline void await_single_thread() {
#if defined(__linux__)
#if WIRTHFORGE_UNDER_TSAN
  constexpr int most = 2;  // the sanitizer has one of its own
#else
  constexpr int most = 1;
#endif
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  for (int count = most + 1; count > most; std::this_thread::yield()) {
    DIR* const tasks = ::opendir("/proc/self/task");
    if (tasks == nullptr) return;
    count = -2;  // the names "." and ".."
    while (::readdir(tasks) != nullptr) ++count;
    ::closedir(tasks);
    REQUIRE(std::chrono::steady_clock::now() < give_up);
  }
#endif
}

}  // namespace test
