// A note that something on the I/O thread could not arrange its own continuation: there was no memory for it. The server's
// ticker, which needs none, reads the note and has it made up for.
#pragma once

#include <atomic>
#include <memory>

#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace live {

/// Shared by all that may stall. From any thread.
class stall {
 public:
  void note() noexcept { noted_->store(true, std::memory_order_release); }
  /// True once for each time that something was noted.
  bool take() noexcept { return noted_->exchange(false, std::memory_order_acq_rel); }

  /// Calls; what it throws, which is a want of memory, is noted. False then.
  template <class Function>
  bool attempt(Function function) noexcept {
    try {
      function();
      return true;
    } catch (...) {
      note();
      return false;
    }
  }

 private:
  std::shared_ptr<std::atomic<bool>> noted_ = std::make_shared<std::atomic<bool>>(false);
};

}}}  // namespace wirthforge::live
