// A failure of the simulation, and the last steps before it.
#pragma once

#include <array>
#include <cstdint>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <utility>

namespace simulation {

/// The five promises that are watched, and the wire itself.
enum class oracle { completeness, order, sums, memory, timeouts };

inline const char* name_of(oracle which) noexcept {
  static constexpr const char* names[] = {"completeness", "order", "sums", "memory", "timeouts"};
  return names[static_cast<int>(which)];
}

struct failure : std::runtime_error {
  failure(oracle kind, const std::string& text) : std::runtime_error(text), which(kind) {}
  oracle which;
};

/// The last steps of an actor, kept in a ring: text is made of them only when it is needed.
class diary {
 public:
  void note(std::int64_t time, const char* what, std::int64_t a = 0, std::int64_t b = 0) noexcept {
    steps_[static_cast<std::size_t>(count_++ % steps_.size())] = {time, what, a, b};
  }
  std::string text() const {
    std::string out;
    const std::uint64_t held = count_ < steps_.size() ? count_ : steps_.size();
    for (std::uint64_t at = count_ - held; at < count_; ++at) {
      const step& each = steps_[static_cast<std::size_t>(at % steps_.size())];
      char line[160];
      std::snprintf(line, sizeof line, "  %14.6f s  %-28s %lld %lld\n", static_cast<double>(each.time) / 1e9, each.what,
                    static_cast<long long>(each.a), static_cast<long long>(each.b));
      out += line;
    }
    return out;
  }

 private:
  struct step {
    std::int64_t time;
    const char* what;
    std::int64_t a;
    std::int64_t b;
  };
  std::array<step, 40> steps_{};
  std::uint64_t count_ = 0;
};

template <class... Parts>
std::string say(const Parts&... parts) {
  std::string out;
  const auto add = [&](const auto& part) {
    using kind = std::decay_t<decltype(part)>;
    if constexpr (std::is_arithmetic_v<kind>) out += std::to_string(part);
    else out += part;
  };
  (add(parts), ...);
  return out;
}

}  // namespace simulation
