// The buffer in which one connection waits for its client's next bytes.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <new>

#include "base/cold.hpp"
#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace live {

/// A small buffer of its own, for a control message or the end, and a larger one while the client sends much at once: then one
/// read takes all of it. The choice follows the received sizes, so that an idle connection holds the small buffer alone.
class input_buffer {
 public:
  static constexpr std::size_t little = 192;
  static constexpr std::size_t more = 2048;

  char* data() noexcept { return more_ ? more_->data() : little_.data(); }
  std::size_t size() const noexcept { return more_ ? more : little; }

  /// So many bytes came and have been used: the next read may use the other buffer.
  void fit(std::size_t came) noexcept {
    constexpr unsigned to_grow = 2;
    constexpr unsigned to_shrink = 16;
    const bool is_much = came >= little;
    if (is_much == (more_ != nullptr)) misfits_ = 0;
    else if (++misfits_ == (is_much ? to_grow : to_shrink)) resize(is_much);
  }

 private:
  WIRTHFORGE_COLD void resize(bool is_much) noexcept {
    misfits_ = 0;
    more_.reset(is_much ? new (std::nothrow) std::array<char, more> : nullptr);  // without memory the small one works too
  }

  std::array<char, little> little_;
  std::unique_ptr<std::array<char, more>> more_;
  unsigned misfits_ = 0;  // in a row
};

}}}  // namespace wirthforge::live
