// Shared by every fuzz target: the input as a view, a source of small choices taken from its front, bytes on a heap
// block of exactly their size (so that a read past the end is seen), and `require`, which ends the process with a reason.
//
// A target defines `fuzz_one` in a namespace of its own, fuzz::NAME_target: it takes any bytes, is deterministic and keeps nothing from
// one call to the next.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

namespace fuzz {

struct target {
  std::string_view name;
  void (*run)(std::string_view input);
};

inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "\nan oracle does not hold: %s\n", what);
  std::abort();
}

/// Bytes in a block of their own.
class exact_copy {
 public:
  explicit exact_copy(std::string_view bytes) : size_(bytes.size()), bytes_(new char[size_ > 0 ? size_ : 1]) {
    if (size_ > 0) std::memcpy(bytes_.get(), bytes.data(), size_);
  }
  char* begin() noexcept { return bytes_.get(); }
  char* end() noexcept { return bytes_.get() + size_; }
  std::string_view view() const noexcept { return {bytes_.get(), size_}; }

 private:
  std::size_t size_;
  std::unique_ptr<char[]> bytes_;
};

/// Takes choices from the front of the input; zeros once it is used up.
class source {
 public:
  explicit source(std::string_view bytes) noexcept : left_(bytes) {}

  bool is_empty() const noexcept { return left_.empty(); }
  std::string_view rest() const noexcept { return left_; }
  unsigned byte() noexcept {
    if (left_.empty()) return 0;
    const auto next = static_cast<unsigned char>(left_[0]);
    left_.remove_prefix(1);
    return next;
  }
  std::uint64_t number(int bytes) noexcept {
    std::uint64_t value = 0;
    for (; bytes > 0; --bytes) value = value << 8U | byte();
    return value;
  }
  /// At most so many bytes.
  std::string_view take(std::size_t size) noexcept {
    const std::string_view front = left_.substr(0, size);
    left_.remove_prefix(front.size());
    return front;
  }

 private:
  std::string_view left_;
};

/// Cuts bytes into pieces of 1 to 16 or of 1 to 4096, by a seed, and hands each to `take(exact_copy&)` until that returns
/// false. Seed 0: byte by byte.
template <class Take>
void in_pieces(std::string_view bytes, unsigned seed, Take take) {
  std::uint32_t state = seed * 2654435761U;
  const std::uint32_t most = seed % 2 == 0 ? 16 : 4096;
  while (!bytes.empty()) {
    state = state * 1664525U + 1013904223U;
    const std::size_t size = seed == 0 ? 1 : 1 + (state >> 8U) % most;
    exact_copy piece(bytes.substr(0, size));
    bytes.remove_prefix(piece.view().size());
    if (!take(piece)) return;
  }
}

}  // namespace fuzz
