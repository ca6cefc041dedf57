// Makes memory run out, and counts allocations: the n-th allocation of the exposed threads fails. The program's operator new is
// defined in parsers_test.cpp.
#pragma once

#include <atomic>

namespace memory {

inline std::atomic<long> until_failure{0};  // 0: none fails
inline std::atomic<int> failures{0};
inline std::atomic<long> blocks{0};  // in use
inline std::atomic<long> asked{0};   // allocations of exposed threads
inline thread_local bool is_exposed = true;

/// From now on allocation `nth` (from 1) of an exposed thread fails, and only this one.
inline void fail(long nth) {
  failures = 0;
  until_failure = nth;
}
/// True when it has failed.
inline bool has_failed() {
  until_failure = 0;
  return failures > 0;
}

/// Spares this thread's allocations, or exposes them.
class sheltered {
 public:
  explicit sheltered(bool is_sheltered = true) : before_(is_exposed) { is_exposed = !is_sheltered; }
  ~sheltered() { is_exposed = before_; }
  sheltered(const sheltered&) = delete;
  sheltered& operator=(const sheltered&) = delete;

 private:
  bool before_;
};

}  // namespace memory
