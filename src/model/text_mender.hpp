// Joins pieces of text that were cut at any place, and returns valid UTF-8 in every case: the beginning of a character waits
// for its other half, two halves of a surrogate pair become one character, and bytes that can be no character become U+FFFD.
// The places of the cuts make no difference.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/version.hpp"
#include "text/json_view.hpp"
#include "text/utf8.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace model {

class text_mender {
 public:
  /// The whole characters of the text so far. Valid until the next call, and as long as the piece is.
  std::string_view take(std::string_view piece) {
    if (tail_.empty()) {
      text::utf8_checker checker;
      if (checker.feed(piece) && checker.is_complete()) return piece;
    }
    tail_ += piece;
    return mend(false);
  }
  /// No more pieces will come: the waiting bytes are no character.
  std::string_view finish() { return tail_.empty() ? std::string_view() : mend(true); }

 private:
  // Half of a surrogate pair, in the form that UTF-8 would give it: ED, then A0 to AF for a first half or B0 to BF for a
  // second, then any continuation.
  enum class half { none, first, second, unfinished };
  static half half_at(std::string_view text, std::size_t at) noexcept {
    const auto byte = [text](std::size_t where) { return static_cast<unsigned char>(text[where]); };
    if (at >= text.size()) return half::unfinished;
    if (byte(at) != 0xED) return half::none;
    if (at + 1 == text.size()) return half::unfinished;
    if (byte(at + 1) < 0xA0 || byte(at + 1) > 0xBF) return half::none;
    if (at + 2 == text.size()) return half::unfinished;
    if ((byte(at + 2) & 0xC0U) != 0x80) return half::none;
    return byte(at + 1) < 0xB0 ? half::first : half::second;
  }
  static std::uint32_t ten_bits(std::string_view text, std::size_t at) noexcept {
    return (static_cast<unsigned char>(text[at + 1]) & 0x0FU) << 6U | (static_cast<unsigned char>(text[at + 2]) & 0x3FU);
  }

  // Moves whole characters from `tail_` to `whole_`; the rest stays.
  std::string_view mend(bool is_end) {
    joined_.clear();
    std::size_t at = 0;
    bool waits = false;
    while (at < tail_.size() && !waits) {
      const std::size_t next = tail_.find('\xED', at);
      joined_.append(tail_, at, next - at);
      if (next == std::string::npos) {
        at = tail_.size();
        break;
      }
      at = next;
      waits = !take_half(at, is_end) && !is_end;
      if (!waits && at == next) joined_ += tail_[at++];
    }
    std::size_t open = 0;
    if (!waits && !is_end) open = text::incomplete_tail(joined_);
    tail_.erase(0, at);
    tail_.insert(0, joined_, joined_.size() - open, open);
    joined_.resize(joined_.size() - open);
    whole_.clear();
    text::append_repaired(whole_, joined_);
    return whole_;
  }
  // Handles an ED that begins half a surrogate pair, or two. False if the bytes may still become one.
  bool take_half(std::size_t& at, bool is_end) {
    const half found = half_at(tail_, at);
    if (found == half::none) return true;
    if (found == half::unfinished) return false;
    const half other = found == half::first ? half_at(tail_, at + 3) : half::none;
    const bool may_become_pair = other == half::unfinished && !(at + 4 < tail_.size() && is_first_lead(at + 3));
    if (other == half::second) {
      text::detail::append_utf8(joined_, 0x10000U + (ten_bits(tail_, at) << 10U) + ten_bits(tail_, at + 3));
      at += 6;
      return true;
    }
    if (may_become_pair && !is_end) return false;
    joined_ += "\xEF\xBF\xBD";
    at += 3;
    return true;
  }
  // Two bytes that can only become another first half.
  bool is_first_lead(std::size_t at) const noexcept { return static_cast<unsigned char>(tail_[at + 1]) < 0xB0; }

  std::string tail_, joined_, whole_;
};

}}}  // namespace wirthforge::model
