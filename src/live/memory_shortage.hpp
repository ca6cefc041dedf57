// A note that code on the I/O thread could not schedule its own continuation: there was no memory for it. The server's
// ticker, which needs none, reads the note and calls for the retry.
#pragma once

#include <atomic>
#include <memory>

#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace live {

/// Shared by all code that may stall. From any thread.
class memory_shortage {
 public:
  void note() noexcept { noted_->store(true, std::memory_order_release); }
  /// True once for each note.
  bool take() noexcept { return noted_->exchange(false, std::memory_order_acq_rel); }

  /// Calls the function; an exception of it, which is a lack of memory, is noted. False then.
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
