// Randomness, passed in: a function that fills bytes. Production uses the machine's own source, tests a seeded one.
#pragma once

#include <cstdint>
#include <functional>
#include <random>
#include <string>

#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include "base/cold.hpp"
#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace tools {

/// Returns 32 random bits. Called on the I/O thread only.
using random_source = std::function<std::uint32_t()>;

/// The operating system's generator. Throws `std::exception` if the system has none.
inline random_source machine_randomness() {
  return [] {
#if defined(__linux__) && defined(SYS_getrandom)
    std::uint32_t bits = 0;
    if (::syscall(SYS_getrandom, &bits, sizeof bits, 0) == static_cast<long>(sizeof bits)) return bits;
#endif
    std::random_device device;  // not kept: some are an open file, which every child process would inherit
    return device();
  };
}

/// 128 random bits as 32 lower-case hexadecimal digits: the epoch in `connectionId`, which distinguishes one run from the
/// next.
WIRTHFORGE_COLD inline std::string random_epoch(const random_source& random) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string epoch;
  for (int word = 0; word < 4; ++word) {
    std::uint32_t bits = random();
    for (int nibble = 0; nibble < 8; ++nibble, bits >>= 4) epoch += digits[bits & 15U];
  }
  return epoch;
}

}}}  // namespace wirthforge::tools
