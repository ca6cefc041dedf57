// UTF-8 (RFC 3629): validity at once or piece by piece, held tails of split characters, and repair. Pure functions over
// bytes. Invalid are overlong forms, surrogates (U+D800...DFFF) and everything above U+10FFFF.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace wirthforge::text {

/// Checks text that comes in pieces, and fails at the first byte that no continuation could make valid.
class utf8_checker {
 public:
  /// False at the first bad byte; then stays false until `reset()`.
  bool feed(std::string_view bytes) noexcept {
    if (has_failed()) return false;
    const char* at = bytes.data();
    const char* const end = at + bytes.size();
    while (at != end) {
      if (expected_ == 0) {
        at = skip_whole_characters(at, end);
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
  /// Where the bad byte stood, counted from the first byte fed. Only after `feed` was false.
  std::size_t bad_at() const noexcept { return consumed_; }
  void reset() noexcept { *this = utf8_checker(); }

 private:
  static constexpr unsigned char failed = 0xFF;

  // 32 bytes at a time, then 8: text is mostly ASCII, and a byte above 127 has its highest bit set.
  static const char* skip_ascii(const char* at, const char* end) noexcept {
    constexpr std::uint64_t high_bits = 0x8080808080808080U;
    std::uint64_t words[4];
    while (end - at >= 32) {
      std::memcpy(words, at, sizeof words);
      if (((words[0] | words[1] | words[2] | words[3]) & high_bits) != 0) break;
      at += 32;
    }
    while (end - at >= 8) {
      std::memcpy(words, at, sizeof words[0]);
      if ((words[0] & high_bits) != 0) break;
      at += 8;
    }
    while (at != end && static_cast<unsigned char>(*at) < 0x80) ++at;
    return at;
  }

  // The fast form of `step` for characters that lie there whole. Stops before the first that is invalid or might be cut
  // off, and leaves the verdict to `step`.
  static const char* skip_whole_characters(const char* at, const char* end) noexcept {
    const auto byte = [&at](int n) { return static_cast<std::uint32_t>(static_cast<unsigned char>(at[n])); };
    for (;;) {
      if (at == end) return at;
      if (byte(0) < 0x80) {
        at = skip_ascii(at, end);
        if (at == end) return at;
      }
      if (end - at < 4) return at;
      const std::uint32_t lead = byte(0);
      // A continuation byte without its marker: at most 63, and more for anything else.
      const std::uint32_t second = byte(1) ^ 0x80U;
      const std::uint32_t third = byte(2) ^ 0x80U;
      const std::uint32_t fourth = byte(3) ^ 0x80U;
      if (lead < 0xE0) {
        if (lead < 0xC2 || second > 63) return at;
        at += 2;
      } else if (lead < 0xF0) {
        const std::uint32_t upper = (lead & 15U) << 6U | second;  // the character without its last six bits
        const bool is_surrogate = upper >= (0xD800U >> 6U) && upper <= (0xDFFFU >> 6U);
        if ((second | third) > 63 || upper < (0x800U >> 6U) || is_surrogate) return at;
        at += 3;
      } else {
        const std::uint32_t upper = (lead & 15U) << 6U | second;  // without its last twelve
        if ((second | third | fourth) > 63 || upper < (0x10000U >> 12U) || upper > (0x10FFFFU >> 12U)) return at;
        at += 4;
      }
    }
  }

  // One byte that is not ASCII, or stands where a continuation is due. Table 3-7 of the Unicode standard: only the
  // second byte's range depends on the first; that is where overlong forms, surrogates and too large values are caught.
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
  unsigned char low_ = 0x80;    // the next of them lies between these
  unsigned char high_ = 0xBF;
};

/// True when the whole text is valid and ends between characters.
inline bool is_utf8(std::string_view text) noexcept {
  utf8_checker checker;
  return checker.feed(text) && checker.is_complete();
}

/// How many characters (code points) a valid text has.
inline std::size_t count_code_points(std::string_view valid) noexcept {
  std::size_t count = 0;
  for (const char each : valid) count += (static_cast<unsigned char>(each) & 0xC0U) != 0x80 ? 1 : 0;
  return count;
}

/// How many bytes at the end are the valid beginning of a character that is not finished: 0 to 3.
inline std::size_t incomplete_tail(std::string_view text) noexcept {
  for (std::size_t size = 1; size <= 3 && size <= text.size(); ++size) {
    const std::string_view tail = text.substr(text.size() - size);
    if ((static_cast<unsigned char>(tail[0]) & 0xC0U) == 0x80) continue;  // a continuation: the lead is further left
    utf8_checker checker;
    return checker.feed(tail) && !checker.is_complete() ? size : 0;
  }
  return 0;
}

/// Appends the text with each maximal invalid part replaced by U+FFFD, as browsers do (WHATWG Encoding).
inline void append_repaired(std::string& out, std::string_view text) {
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
    // The beginning of a character that the bad byte broke off is one part; the bad byte itself may begin the next.
    text.remove_prefix(unfinished > 0 ? checker.bad_at() : checker.bad_at() + 1);
  }
}

}  // namespace wirthforge::text
