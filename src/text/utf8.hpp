// UTF-8 (RFC 3629): checks text at once or piece by piece, keeps the beginnings of split characters, and repairs. Pure
// functions over bytes. Overlong forms, surrogates (U+D800...DFFF) and everything above U+10FFFF are invalid.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/version.hpp"
#include "text/utf8_vector.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace text {

namespace detail {

// Table 3-7 of the Unicode standard as an automaton whose step is a load and a shift: the states are multiples of six, and the
// entry of a byte holds, at the position of each state, the six bits of the next state. The load does not depend on the
// state, so each byte costs one shift; in text that mixes lengths, the branches of the plain form would often be
// mispredicted.
struct utf8_automaton {
  enum state : std::uint64_t {
    between = 0,
    one_left = 6,
    two_left = 12,
    three_left = 18,
    after_e0 = 24,  // overlong forms, surrogates and too large values show in the second byte
    after_ed = 30,
    after_f0 = 36,
    after_f4 = 42,
    bad = 48
  };
  std::uint64_t next[256] = {};

  constexpr utf8_automaton() {
    for (unsigned byte = 0; byte < 256; ++byte) {
      const bool continues = byte >= 0x80 && byte <= 0xBF;
      set(byte, between, after_lead(byte));
      set(byte, one_left, continues ? between : bad);
      set(byte, two_left, continues ? one_left : bad);
      set(byte, three_left, continues ? two_left : bad);
      set(byte, after_e0, continues && byte >= 0xA0 ? one_left : bad);
      set(byte, after_ed, continues && byte <= 0x9F ? one_left : bad);
      set(byte, after_f0, continues && byte >= 0x90 ? two_left : bad);
      set(byte, after_f4, continues && byte <= 0x8F ? two_left : bad);
      set(byte, bad, bad);
    }
  }

 private:
  static constexpr state after_lead(unsigned byte) {
    if (byte < 0x80) return between;
    if (byte >= 0xC2 && byte <= 0xDF) return one_left;
    if (byte >= 0xE0 && byte <= 0xEF) return byte == 0xE0 ? after_e0 : byte == 0xED ? after_ed : two_left;
    if (byte >= 0xF0 && byte <= 0xF4) return byte == 0xF0 ? after_f0 : byte == 0xF4 ? after_f4 : three_left;
    return bad;
  }
  constexpr void set(unsigned byte, state from, state to) { next[byte] |= static_cast<std::uint64_t>(to) << from; }
};
inline constexpr utf8_automaton utf8_states{};

constexpr std::uint64_t high_bits = 0x8080808080808080U;  // eight bytes are ASCII if none of these is set

enum class utf8_way { fastest, without_vectors };  // the second for processors without them, and for tests

}  // namespace detail

/// Checks text that comes in pieces, and fails at the first byte that no continuation could make valid.
class utf8_checker {
 public:
  /// False at the first bad byte; then stays false until `reset()`.
  bool feed(std::string_view bytes) noexcept { return feed(bytes, detail::utf8_way::fastest); }
  bool feed(std::string_view bytes, detail::utf8_way way) noexcept {
    if (has_failed()) return false;
    const char* at = bytes.data();
    const char* const end = at + bytes.size();
    while (at != end) {
      if (expected_ == 0) {
        at = skip_whole_characters(at, end, way);
        if (at == end) break;
      }
      if (!step(static_cast<unsigned char>(*at))) {
        consumed_ += static_cast<std::size_t>(at - bytes.data());
        expected_ = failed;
        return false;
      }
      ++at;
    }
    consumed_ += bytes.size();
    return true;
  }

  /// True between characters: the text may end here.
  bool is_complete() const noexcept { return expected_ == 0; }
  bool has_failed() const noexcept { return expected_ == failed; }
  /// The position of the bad byte, counted from the first byte fed. Only after `feed` was false.
  std::size_t bad_at() const noexcept { return consumed_; }
  void reset() noexcept { *this = utf8_checker(); }

 private:
  static constexpr unsigned char failed = 0xFF;

  // 32 bytes at a time, then 8: most text is ASCII, and a byte above 127 has its highest bit set.
  static const char* skip_ascii_blocks(const char* at, const char* end) noexcept {
    std::uint64_t words[4];
    while (end - at >= 32) {
      std::memcpy(words, at, sizeof words);
      if (((words[0] | words[1] | words[2] | words[3]) & detail::high_bits) != 0) break;
      at += 32;
    }
    return at;
  }
  static const char* skip_ascii(const char* at, const char* end) noexcept {
    const char* const begin = at;
    std::uint64_t word = 0;
    at = skip_ascii_blocks(at, end);
    while (end - at >= 8) {
      std::memcpy(&word, at, sizeof word);
      if ((word & detail::high_bits) != 0) break;
      at += 8;
    }
    if (end - at < 8 && end - begin >= 8) {  // the remaining bytes, together with some that were already checked
      std::memcpy(&word, end - 8, sizeof word);
      if ((word & detail::high_bits) == 0) return end;
    }
    while (at != end && static_cast<unsigned char>(*at) < 0x80) ++at;
    return at;
  }

  // The fast form of `step`, from one character boundary to a later one. It stops before a character that is cut off,
  // and at most eight bytes before a bad byte, never before ASCII; `step` checks the bytes from there on.
  static const char* skip_whole_characters(const char* at, const char* end, detail::utf8_way way) noexcept {
    const char* const begin = at;
    at = skip_ascii(at, end);
    // Several times as fast as the automaton, which checks the rest: a block with a bad byte, and texts shorter than a block.
    constexpr std::ptrdiff_t least = detail::least_for_utf8_vectors;
    if (at != end && end - begin >= least && way == detail::utf8_way::fastest && detail::has_utf8_vectors()) {
      if (end - at < least) at = end - least;  // reads some of the ASCII again
      at = detail::skip_by_utf8_vectors(at, end);
    }
    std::uint64_t state = detail::utf8_automaton::between;
    const auto step = [&](int n) { state = detail::utf8_states.next[static_cast<unsigned char>(at[n])] >> (state & 63U); };
    while (end - at >= 8) {
      if ((state & 63U) == detail::utf8_automaton::between) {
        at = skip_ascii_blocks(at, end);  // shorter runs are not worth a branch that may be mispredicted
        if (end - at < 8) break;
      }
      const std::uint64_t before = state;
      step(0), step(1), step(2), step(3), step(4), step(5), step(6), step(7);  // GCC at -O2 unrolls no loop
      if ((state & 63U) == detail::utf8_automaton::bad) {
        state = before;
        break;
      }
      at += 8;
    }
    if ((state & 63U) == detail::utf8_automaton::between) return skip_ascii(at, end);
    // Inside a character that is valid so far: back to its lead byte.
    do --at;
    while ((static_cast<unsigned char>(*at) & 0xC0U) == 0x80);
    return at;
  }

  // One byte that is not ASCII, or that comes where a continuation byte must be. Table 3-7 of the Unicode standard: only the
  // second byte's range depends on the first; overlong forms, surrogates and too large values are found there.
  bool step(unsigned char byte) noexcept {
    if (expected_ > 0) {
      if (byte < low_ || byte > high_) return false;
      low_ = 0x80;
      high_ = 0xBF;
      --expected_;
      return true;
    }
    if (byte >= 0xC2 && byte <= 0xDF) {
      expected_ = 1;
    } else if (byte >= 0xE0 && byte <= 0xEF) {
      expected_ = 2;
      if (byte == 0xE0) low_ = 0xA0;
      if (byte == 0xED) high_ = 0x9F;
    } else if (byte >= 0xF0 && byte <= 0xF4) {
      expected_ = 3;
      if (byte == 0xF0) low_ = 0x90;
      if (byte == 0xF4) high_ = 0x8F;
    } else {
      return false;
    }
    return true;
  }

  std::size_t consumed_ = 0;
  unsigned char expected_ = 0;  // continuation bytes until the character is whole
  unsigned char low_ = 0x80;    // the next of them is in this range
  unsigned char high_ = 0xBF;
};

namespace detail {

// At most 16 bytes, which is as long as most tokens and names are. Two loads that may overlap see all of them.
inline bool is_short_ascii(std::string_view text) noexcept {
  const char* const end = text.data() + text.size();
  if (text.size() > 16) return false;
  if (text.size() >= 8) {
    std::uint64_t words[2];
    std::memcpy(&words[0], text.data(), sizeof words[0]);
    std::memcpy(&words[1], end - 8, sizeof words[1]);
    return ((words[0] | words[1]) & high_bits) == 0;
  }
  if (text.size() >= 4) {
    std::uint32_t words[2];
    std::memcpy(&words[0], text.data(), sizeof words[0]);
    std::memcpy(&words[1], end - 4, sizeof words[1]);
    return ((words[0] | words[1]) & static_cast<std::uint32_t>(high_bits)) == 0;
  }
  unsigned bits = 0;
  for (const char each : text) bits |= static_cast<unsigned char>(each);
  return bits < 0x80;
}

}  // namespace detail

/// True when the whole text is valid and ends between characters.
inline bool is_utf8(std::string_view text) noexcept {
  if (detail::is_short_ascii(text)) return true;
  utf8_checker checker;
  return checker.feed(text) && checker.is_complete();
}

/// The number of characters (code points) of a valid text.
inline std::size_t count_code_points(std::string_view valid) noexcept {
  std::size_t count = 0;
  for (const char each : valid) count += (static_cast<unsigned char>(each) & 0xC0U) != 0x80 ? 1 : 0;
  return count;
}

/// The number of bytes at the end that are the valid beginning of an unfinished character: 0 to 3.
inline std::size_t incomplete_tail(std::string_view text) noexcept {
  if (!text.empty() && static_cast<unsigned char>(text.back()) < 0x80) return 0;
  for (std::size_t size = 1; size <= 3 && size <= text.size(); ++size) {
    const std::string_view tail = text.substr(text.size() - size);
    if ((static_cast<unsigned char>(tail[0]) & 0xC0U) == 0x80) continue;  // a continuation byte: the lead byte is further left
    utf8_checker checker;
    return checker.feed(tail) && !checker.is_complete() ? size : 0;
  }
  return 0;
}

/// Appends the text with each maximal invalid part replaced by U+FFFD, as browsers do (WHATWG Encoding).
inline void append_repaired(std::string& out, std::string_view text) {
  if (detail::is_short_ascii(text)) {
    out += text;
    return;
  }
  while (!text.empty()) {
    utf8_checker checker;
    if (checker.feed(text)) {
      const std::size_t tail = checker.is_complete() ? 0 : incomplete_tail(text);
      out += text.substr(0, text.size() - tail);
      if (tail > 0) out += "\xEF\xBF\xBD";
      return;
    }
    const std::string_view before = text.substr(0, checker.bad_at());
    const std::size_t unfinished = incomplete_tail(before);
    out += before.substr(0, before.size() - unfinished);
    out += "\xEF\xBF\xBD";
    // The beginning of a character up to the bad byte is one invalid part; the bad byte itself may begin the next character.
    text.remove_prefix(unfinished > 0 ? checker.bad_at() : checker.bad_at() + 1);
  }
}

}}}  // namespace wirthforge::text
