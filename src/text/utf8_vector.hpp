// UTF-8 sixteen bytes at a time, where the processor has a table lookup of that width (SSSE3, of 2006), whatever flags the
// compiler was given. The method is that of J. Keiser and D. Lemire, "Validating UTF-8 In Less Than One Instruction Per
// Byte" (2021). It tells valid blocks from invalid ones; other code finds the place of the fault.
#pragma once

#include <cstddef>

#if defined(__x86_64__) && defined(__GNUC__) && !defined(_MSC_VER)  // Clang also defines __GNUC__
#define WIRTHFORGE_UTF8_SSSE3
#include <atomic>

#include <tmmintrin.h>  // takes a tenth of the time that <immintrin.h> takes to compile
#endif

#include "base/cold.hpp"
#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace text::detail {

constexpr std::ptrdiff_t least_for_utf8_vectors = 19;  // a block, and the three bytes before a block at the end of the text

#if defined(WIRTHFORGE_UTF8_SSSE3)

// Every fault in UTF-8 shows in two neighbouring bytes: in both halves of the first byte and the upper half of the second.
// Each row is a fault, with a set of values for each half. Each bit of an entry stands for a row, so the entries of the three
// halves have a bit in common where there is a fault.
struct utf8_faults {
  alignas(16) unsigned char first_upper[16] = {};
  alignas(16) unsigned char first_lower[16] = {};
  alignas(16) unsigned char second_upper[16] = {};

  constexpr utf8_faults() {
    constexpr unsigned all = 0xFFFF;
    constexpr unsigned continuations = 0x0F00;
    constexpr unsigned leads = 0xF000;
    constexpr unsigned ascii = 0x00FF;
    add(0, leads, all, leads | ascii);          // a continuation is missing
    add(1, ascii, all, continuations);          // one too many
    add(2, 1U << 0xC, 0x0003, continuations);   // overlong: C0, C1
    add(3, 1U << 0xE, 0x0001, 0x0300);          // overlong: E0 80...9F
    add(4, 1U << 0xE, 0x2000, 0x0C00);          // surrogates: ED A0...BF
    add(5, 1U << 0xF, 0xFFE1, 0x0100);          // F0 80...8F is overlong, F5 to FF are no leads
    add(6, 1U << 0xF, 0xFFF0, 0x0E00);          // above U+10FFFF: F4 90...BF; again F5 to FF
    add(7, continuations, all, continuations);  // right after a lead of three or four bytes, else one too many
  }

 private:
  constexpr void add(unsigned row, unsigned first_uppers, unsigned first_lowers, unsigned second_uppers) {
    for (unsigned half = 0; half < 16; ++half) {
      first_upper[half] = with(first_upper[half], row, first_uppers >> half);
      first_lower[half] = with(first_lower[half], row, first_lowers >> half);
      second_upper[half] = with(second_upper[half], row, second_uppers >> half);
    }
  }
  static constexpr unsigned char with(unsigned char entry, unsigned row, unsigned set) {
    return static_cast<unsigned char>(entry | (set & 1U) << row);
  }
};
inline constexpr utf8_faults utf8_fault_tables{};

// CPUID is read once (leaf 1, bit 9 of ECX); each later call is a load and a test. __builtin_cpu_supports would
// need a part of the compiler's runtime library that not every compiler has: zig's has none for musl and macOS.
inline std::atomic<signed char> ssse3_answer{0};  // 1: SSSE3 is there, -1: it is not, 0: not known yet
WIRTHFORGE_COLD inline bool ask_for_ssse3() noexcept {
  unsigned eax = 1, ebx = 0, ecx = 0, edx = 0;
  __asm__("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
  const bool has = (ecx >> 9U & 1U) != 0;
  ssse3_answer.store(has ? 1 : -1, std::memory_order_relaxed);
  return has;
}
inline bool has_utf8_vectors() noexcept {
  const signed char answer = ssse3_answer.load(std::memory_order_relaxed);
  return answer != 0 ? answer > 0 : ask_for_ssse3();
}

#define WIRTHFORGE_WITH_SSSE3 __attribute__((target("ssse3")))

WIRTHFORGE_WITH_SSSE3 inline __m128i load_block(const void* from) noexcept {
  return _mm_loadu_si128(static_cast<const __m128i*>(from));
}

// Not zero where `block` is invalid, given the same bytes shifted by one, two and three places.
WIRTHFORGE_WITH_SSSE3 inline __m128i faults_in(__m128i block, __m128i moved_1, __m128i moved_2, __m128i moved_3) noexcept {
  const __m128i half = _mm_set1_epi8(0x0F);
  const __m128i first_upper = _mm_and_si128(_mm_srli_epi16(moved_1, 4), half);
  const __m128i first_lower = _mm_and_si128(moved_1, half);
  const __m128i second_upper = _mm_and_si128(_mm_srli_epi16(block, 4), half);
  const __m128i faults = _mm_and_si128(_mm_and_si128(_mm_shuffle_epi8(load_block(utf8_fault_tables.first_upper), first_upper),
                                                     _mm_shuffle_epi8(load_block(utf8_fault_tables.first_lower), first_lower)),
                                       _mm_shuffle_epi8(load_block(utf8_fault_tables.second_upper), second_upper));
  // Two places after E0 or more, and three after F0 or more, the highest bit of the saturated difference is set. Two
  // continuations meet there, which is the last row; there it is no fault, and a fault if they do not meet.
  const __m128i two_after = _mm_subs_epu8(moved_2, _mm_set1_epi8(0xE0 - 0x80));
  const __m128i three_after = _mm_subs_epu8(moved_3, _mm_set1_epi8(0xF0 - 0x80));
  const __m128i is_due = _mm_and_si128(_mm_or_si128(two_after, three_after), _mm_set1_epi8(static_cast<char>(0x80)));
  return _mm_xor_si128(faults, is_due);
}
// The 16 bytes at `at`; the three before it are read again.
WIRTHFORGE_WITH_SSSE3 inline __m128i faults_at(const char* at) noexcept {
  return faults_in(load_block(at), load_block(at - 1), load_block(at - 2), load_block(at - 3));
}
WIRTHFORGE_WITH_SSSE3 inline bool is_zero(__m128i block) noexcept {
  return _mm_movemask_epi8(_mm_cmpeq_epi8(block, _mm_setzero_si128())) == 0xFFFF;
}

// From one character boundary to a later one, or to the same: to the end, or before a character that is cut off there;
// or to at most 67 bytes before a bad byte. Precondition: at least `least_for_utf8_vectors` bytes.
WIRTHFORGE_WITH_SSSE3 inline const char* skip_by_utf8_vectors(const char* at, const char* end) noexcept {
  const __m128i first = load_block(at);  // no bytes before it count
  if (!is_zero(faults_in(first, _mm_slli_si128(first, 1), _mm_slli_si128(first, 2), _mm_slli_si128(first, 3)))) return at;
  at += 16;
  while (end - at >= 64) {
    __m128i faults = faults_at(at);
    // In 64 bytes of ASCII only the first bytes need a check: they show whether the character before is whole.
    const __m128i all = _mm_or_si128(_mm_or_si128(load_block(at), load_block(at + 16)),
                                     _mm_or_si128(load_block(at + 32), load_block(at + 48)));
    if (_mm_movemask_epi8(all) != 0) {
      faults = _mm_or_si128(_mm_or_si128(faults, faults_at(at + 16)), _mm_or_si128(faults_at(at + 32), faults_at(at + 48)));
    }
    if (!is_zero(faults)) break;
    at += 64;
  }
  while (at != end) {
    const char* const block = end - at >= 16 ? at : end - 16;  // the rest, and some checked bytes
    if (!is_zero(faults_at(block))) break;
    at = block + 16;
  }
  // The checked bytes are valid, but the last character may continue.
  const auto before = [at](int count) { return static_cast<unsigned char>(at[-count]); };
  if (before(1) >= 0xC0) return at - 1;
  if (before(2) >= 0xE0) return at - 2;
  if (before(3) >= 0xF0) return at - 3;
  return at;
}

#undef WIRTHFORGE_WITH_SSSE3
#undef WIRTHFORGE_UTF8_SSSE3

#else

inline bool has_utf8_vectors() noexcept { return false; }
inline const char* skip_by_utf8_vectors(const char* at, const char*) noexcept { return at; }

#endif

}}}  // namespace wirthforge::text::detail
