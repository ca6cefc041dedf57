// Puts the fragments of a message together (RFC 6455 section 5.4) and checks text while it comes: a bad byte fails the
// message at once, not at the last fragment. Memory grows with bytes received, never with an announced length.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/option_table.hpp"
#include "rfc6455/frame.hpp"
#include "text/utf8.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace rfc6455 {

struct message_limits {
  std::size_t max_message_bytes = wirthforge::detail::server_default::max_message_bytes;
  std::size_t max_fragments = wirthforge::detail::server_default::max_fragments;
};

class message_assembler {
 public:
  explicit message_assembler(const message_limits& limits) noexcept : limits_(limits) {}

  bool is_in_message() const noexcept { return in_message_; }
  bool is_text() const noexcept { return is_text_; }
  const message_limits& limits() const noexcept { return limits_; }
  /// The size of the message including the frame that began last.
  std::uint64_t announced_bytes() const noexcept { return announced_bytes_; }
  /// The whole message, once its final frame is complete; until `reset`.
  std::string_view payload() const noexcept { return bytes_; }

  /// A data frame begins. Its announced length counts at once, so that a message that is too big is refused
  /// early.
  std::error_code begin_frame(const frame_header& header) noexcept {
    const bool continues = header.code == opcode::continuation;
    if (continues && !in_message_) return errc::continuation_unexpected;
    if (!continues && in_message_) return errc::continuation_expected;
    if (!continues) {
      reset();
      in_message_ = true;
      is_text_ = header.code == opcode::text;
    }
    if (++fragments_ > limits_.max_fragments) return errc::too_many_fragments;
    announced_bytes_ = bytes_.size() + header.payload_bytes;  // below 2^63 + a size that was allocated
    if (announced_bytes_ > limits_.max_message_bytes) return errc::message_too_big;
    return {};
  }

  /// Unmasked bytes of the frame.
  std::error_code add(std::string_view bytes) {
    if (is_text_ && !utf8_.feed(bytes)) return errc::utf8_invalid;
    bytes_ += bytes;
    return {};
  }

  /// The frame is complete. Text must not end inside a character when it was the last one.
  std::error_code end_frame(bool is_final) noexcept {
    if (!is_final) return {};
    in_message_ = false;
    return is_text_ && !utf8_.is_complete() ? make_error_code(errc::utf8_invalid) : std::error_code{};
  }

  /// Forgets the last message; gives its memory back when it was an unusually large one.
  void reset() noexcept {
    if (fragments_ == 0) return;
    constexpr std::size_t worth_keeping = 4096;
    if (bytes_.capacity() > worth_keeping) std::string().swap(bytes_);
    bytes_.clear();
    utf8_.reset();
    fragments_ = 0;
    in_message_ = false;
  }

 private:
  message_limits limits_;
  std::string bytes_;
  text::utf8_checker utf8_;
  std::size_t fragments_ = 0;
  std::uint64_t announced_bytes_ = 0;
  bool in_message_ = false;
  bool is_text_ = false;
};

}}}  // namespace wirthforge::rfc6455
