// Every error of the library: one value per cause, and four conditions that group the values by the side at fault. Both are
// made from base/error_table.hpp. A value's message is a plain sentence; where a value and a limit are known, `explain` adds
// both.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <system_error>

#include "base/cold.hpp"
#include "base/concat.hpp"
#include "base/error_table.hpp"
#include "base/linkage.hpp"
#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI {

namespace detail {

/// The row of an error in the table.
enum class error_index {
#define WIRTHFORGE_ERROR_INDEX(value, group, status, code, message, reference) value,
  WIRTHFORGE_ERRORS(WIRTHFORGE_ERROR_INDEX)
#undef WIRTHFORGE_ERROR_INDEX
};

}  // namespace detail

/// One value for each cause of failure; docs/errors.md lists them all. Compare an `std::error_code` with these, or with
/// `condition`.
enum class errc {
#define WIRTHFORGE_ERROR_VALUE(value, group, status, code, message, reference) \
  value = static_cast<int>(detail::error_index::value) + 1,
  WIRTHFORGE_ERRORS(WIRTHFORGE_ERROR_VALUE)
#undef WIRTHFORGE_ERROR_VALUE
};

/// Groups of errors, by the side that is at fault.
enum class condition {
  peer_fault =
      1,          ///< The peer broke a protocol, a limit or a timeout; its connection is closed. `access_denied` is part of it.
  access_denied,  ///< The access gate refused; nothing was routed.
  caller_fault,   ///< The integrator's call cannot be carried out; nothing was sent.
  environment_fault  ///< The machine refused: a port is taken, no memory, no descriptor.
};

namespace detail {

/// A row of the table of errors.
struct error_row {
  const char* message;
  std::uint16_t http_status;  ///< 0: HTTP does not report it.
  std::uint16_t close_code;   ///< 0: it closes no WebSocket connection.
  condition group;
};

inline constexpr error_row error_table[] = {
#define WIRTHFORGE_ERROR_ROW(value, group, status, code, message, reference) {message, status, code, condition::group},
    WIRTHFORGE_ERRORS(WIRTHFORGE_ERROR_ROW)
#undef WIRTHFORGE_ERROR_ROW
};
#undef WIRTHFORGE_ERRORS

constexpr std::size_t error_count = sizeof error_table / sizeof *error_table;

/// The row of a value; null for a number that is no value.
constexpr const error_row* row_of(errc value) noexcept {
  const auto index = static_cast<std::size_t>(value) - 1;
  return index < error_count ? &error_table[index] : nullptr;
}

inline const char* message_of(errc value) noexcept {
  const error_row* const row = row_of(value);
  return row != nullptr ? row->message : "unknown error";
}

/// A peer that is denied access is also at fault.
constexpr bool belongs_to(errc value, condition group) noexcept {
  const error_row* const row = row_of(value);
  if (row == nullptr) return false;
  return row->group == group || (row->group == condition::access_denied && group == condition::peer_fault);
}

class WIRTHFORGE_VISIBLE error_category_impl final : public std::error_category {
 public:
  const char* name() const noexcept override { return "wirthforge"; }
  std::string message(int value) const override { return detail::message_of(static_cast<errc>(value)); }
};

class WIRTHFORGE_VISIBLE condition_category_impl final : public std::error_category {
 public:
  const char* name() const noexcept override { return "wirthforge.condition"; }
  std::string message(int value) const override {
    switch (static_cast<condition>(value)) {
      case condition::peer_fault: return "the peer's fault";
      case condition::access_denied: return "access denied";
      case condition::caller_fault: return "the caller's fault";
      case condition::environment_fault: return "the environment's fault";
    }
    return "unknown condition";
  }
  bool equivalent(const std::error_code& code, int value) const noexcept override;
};

}  // namespace detail

/// The category of `errc`. One object for the whole process, for each version of the header: `errc` of two versions differ.
WIRTHFORGE_VISIBLE inline const std::error_category& wirthforge_category() noexcept {
  static const detail::error_category_impl instance;
  return instance;
}

/// The category of `condition`. One object for the whole program.
WIRTHFORGE_VISIBLE inline const std::error_category& wirthforge_condition_category() noexcept {
  static const detail::condition_category_impl instance;
  return instance;
}

inline bool detail::condition_category_impl::equivalent(const std::error_code& code, int value) const noexcept {
  return code.category() == wirthforge_category() &&
         detail::belongs_to(static_cast<errc>(code.value()), static_cast<condition>(value));
}

/// The standard library finds this function when an `errc` becomes an error code.
inline std::error_code make_error_code(errc value) noexcept { return {static_cast<int>(value), wirthforge_category()}; }
/// The standard library finds this function when a `condition` is compared with an error code.
inline std::error_condition make_error_condition(condition value) noexcept {
  return {static_cast<int>(value), wirthforge_condition_category()};
}

namespace tools {

/// The message of an error, with the value that broke a limit and the limit itself, such as
/// `message too big: 70000 bytes, limit 65536`.
WIRTHFORGE_COLD inline std::string explain(errc error, std::uint64_t value, const char* unit, std::uint64_t limit) {
  return concat({detail::message_of(error), ": ", std::to_string(value), " ", unit, ", limit ", std::to_string(limit)});
}

}
}}  // namespace wirthforge

template <>
struct std::is_error_code_enum<wirthforge::errc> : std::true_type {};
template <>
struct std::is_error_condition_enum<wirthforge::condition> : std::true_type {};
