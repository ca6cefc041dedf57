// Cuts text that comes in pieces at places where a reader may see it end: between characters as people count them (extended
// grapheme clusters, Unicode Standard Annex #29), never inside one. A family of emoji, a flag, a letter with its accents stay
// whole; Chinese, which has no spaces, comes a character at a time.
//
// The rules are kept in one direction: where this code permits a cut, Unicode permits one. Scripts in which a syllable has
// many code points (those of India and South East Asia) are cut only where a space, punctuation or another script follows.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

#include "base/version.hpp"
#include "text/utf8.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace text {

namespace detail {

struct code_range {
  std::uint32_t first, last;
};

// Code points that may continue the cluster before them: marks, joiners, variation selectors, skin tones, vowels and finals of
// Hangul, and all of the scripts whose letters join. A superset of Extend, SpacingMark, ZWJ, V and T.
inline constexpr code_range goes_on[] = {
    {0x300, 0x36F},     {0x483, 0x489},     {0x591, 0x5C7},     {0x610, 0x61A},     {0x64B, 0x65F},     {0x670, 0x670},
    {0x6D6, 0x6ED},     {0x711, 0x711},     {0x730, 0x74A},     {0x7A6, 0x7B0},     {0x7EB, 0x7F3},     {0x7FD, 0x7FD},
    {0x816, 0x82D},     {0x859, 0x85B},     {0x890, 0x89F},     {0x8CA, 0xDFF},     {0xE31, 0xE31},     {0xE33, 0xE3A},
    {0xE47, 0xE4E},     {0xEB1, 0xEB1},     {0xEB3, 0xEBC},     {0xEC8, 0xECE},     {0xF00, 0x109F},    {0x1100, 0x11FF},
    {0x135D, 0x135F},   {0x1712, 0x1715},   {0x1732, 0x1734},   {0x1752, 0x1753},   {0x1772, 0x1773},   {0x1780, 0x17FF},
    {0x180B, 0x180F},   {0x1885, 0x1886},   {0x18A9, 0x18A9},   {0x1900, 0x194F},   {0x1A00, 0x1C7F},   {0x1CD0, 0x1CFF},
    {0x1DC0, 0x1DFF},   {0x200C, 0x200D},   {0x20D0, 0x20FF},   {0x2CEF, 0x2CF1},   {0x2D7F, 0x2D7F},   {0x2DE0, 0x2DFF},
    {0x302A, 0x302F},   {0x3099, 0x309A},   {0xA66F, 0xA67D},   {0xA69E, 0xA69F},   {0xA6F0, 0xA6F1},   {0xA800, 0xAAFF},
    {0xABC0, 0xABFF},   {0xD7B0, 0xD7FF},   {0xFB1E, 0xFB1E},   {0xFE00, 0xFE0F},   {0xFE20, 0xFE2F},   {0xFF9E, 0xFF9F},
    {0x101FD, 0x101FD}, {0x102E0, 0x102E0}, {0x10376, 0x1037A}, {0x10A00, 0x10A5F}, {0x10AE5, 0x10AE6}, {0x10D00, 0x10D8F},
    {0x10EAB, 0x10EAC}, {0x10EFA, 0x10EFF}, {0x10F46, 0x10F50}, {0x10F82, 0x10F85}, {0x11000, 0x11FFF}, {0x13430, 0x1345F},
    {0x16100, 0x1613F}, {0x16AF0, 0x16AF4}, {0x16B30, 0x16B36}, {0x16F4F, 0x16F92}, {0x16FE4, 0x16FF1}, {0x1BC9D, 0x1BC9E},
    {0x1CF00, 0x1CF46}, {0x1D165, 0x1D1AD}, {0x1D242, 0x1D244}, {0x1DA00, 0x1DAAF}, {0x1E000, 0x1E02A}, {0x1E08F, 0x1E08F},
    {0x1E130, 0x1E136}, {0x1E2AE, 0x1E2AE}, {0x1E2EC, 0x1E2EF}, {0x1E4EC, 0x1E4EF}, {0x1E5EE, 0x1E5EF}, {0x1E6E0, 0x1E6FF},
    {0x1E8D0, 0x1E8D6}, {0x1E944, 0x1E94A}, {0x1F3FB, 0x1F3FF}, {0xE0020, 0xE007F}, {0xE0100, 0xE01EF}};

// Code points that may join the one after them: the zero width joiner, signs that stand before their letter (Prepend),
// initials of Hangul, and the letters of which two are a flag.
inline constexpr code_range joins_next[] = {{0x600, 0x605},     {0x6DD, 0x6DD},     {0x70F, 0x70F},     {0x890, 0x891},
                                            {0x8E2, 0x8E2},     {0xD4E, 0xD4E},     {0x1100, 0x115F},   {0x200D, 0x200D},
                                            {0xA960, 0xA97C},   {0x110BD, 0x110BD}, {0x110CD, 0x110CD}, {0x111C2, 0x111C3},
                                            {0x113D1, 0x113D1}, {0x1193F, 0x1193F}, {0x11941, 0x11941}, {0x11A3A, 0x11A3A},
                                            {0x11A84, 0x11A89}, {0x11D46, 0x11D46}, {0x11F02, 0x11F02}, {0x1F1E6, 0x1F1FF}};

template <std::size_t Count>
bool is_within(const code_range (&ranges)[Count], std::uint32_t point) noexcept {
  const code_range* const found = std::upper_bound(std::begin(ranges), std::end(ranges), point,
                                                   [](std::uint32_t left, const code_range& right) {
                                                     return left < right.first;
                                                   });
  return found != std::begin(ranges) && point <= (found - 1)->last;
}

// The code point that begins at `at`, and where the next one begins. A byte that is no part of a character counts as one by
// itself.
inline std::uint32_t code_point_at(std::string_view text, std::size_t at, std::size_t& next) noexcept {
  const auto lead = static_cast<unsigned char>(text[at]);
  next = at + 1;
  if (lead < 0xC2 || lead > 0xF4) return lead;
  const std::size_t size = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  std::uint32_t point = lead & (0x7FU >> size);
  for (std::size_t more = 1; more < size; ++more) {
    if (at + more >= text.size() || (static_cast<unsigned char>(text[at + more]) & 0xC0U) != 0x80) return lead;
    point = point << 6U | (static_cast<unsigned char>(text[at + more]) & 0x3FU);
  }
  next = at + size;
  return point;
}

inline bool may_cut(std::uint32_t before, std::uint32_t behind) noexcept {
  if (before == '\r' && behind == '\n') return false;
  if (behind < 0x300 && before < 0x300) return true;
  if (before == '\r' || before == '\n' || behind == '\r' || behind == '\n') return true;
  const bool is_flag = before >= 0x1F1E6 && before <= 0x1F1FF;
  if (is_flag && (behind < 0x1F1E6 || behind > 0x1F1FF)) return !is_within(goes_on, behind);
  return !is_within(joins_next, before) && !is_within(goes_on, behind);
}

}  // namespace detail

/// The largest size below that of the text at which it may be cut, whatever text follows; 0 where there is none.
inline std::size_t last_cut(std::string_view text) noexcept {
  std::size_t cut = 0;
  std::uint32_t before = 0;
  for (std::size_t at = 0, next = 0; at < text.size(); at = next) {
    const std::uint32_t point = detail::code_point_at(text, at, next);
    if (at > 0 && detail::may_cut(before, point)) cut = at;
    before = point;
  }
  return cut;
}

/// Text that comes in pieces, cut anywhere: returns the whole characters, and keeps the last one, which may continue.
class grapheme_splitter {
 public:
  /// More bytes than this are not kept: then the text is cut between code points.
  static constexpr std::size_t max_kept_bytes = 1024;

  /// The text that may be shown. Valid until the next call. Not repaired: invalid bytes come as they are.
  std::string_view take(std::string_view piece) {
    kept_.erase(0, handed_out_);
    kept_ += piece;
    const std::size_t tail = incomplete_tail(kept_);
    const std::string_view whole = std::string_view(kept_).substr(0, kept_.size() - tail);
    handed_out_ = last_cut(whole);
    if (whole.size() - handed_out_ > max_kept_bytes) handed_out_ = whole.size();
    return whole.substr(0, handed_out_);
  }
  /// No text came for a while: all of the kept text except the beginning of a code point. Most characters are whole as they
  /// are.
  std::string_view take_kept() {
    kept_.erase(0, handed_out_);
    handed_out_ = kept_.size() - incomplete_tail(kept_);
    return std::string_view(kept_).substr(0, handed_out_);
  }
  /// No more text will come: all of the kept text.
  std::string_view finish() {
    kept_.erase(0, handed_out_);
    handed_out_ = kept_.size();
    return kept_;
  }

 private:
  std::string kept_;
  std::size_t handed_out_ = 0;
};

}}}  // namespace wirthforge::text
