// Checks an integrator's options, and names the one that is wrong.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>

#include "base/cold.hpp"
#include "base/concat.hpp"
#include "base/error.hpp"
#include "base/finite.hpp"
#include "base/option_table.hpp"
#include "rfc6455/origin.hpp"
#include "rfc6455/token.hpp"
#include "server/options.hpp"
#include "text/json_text.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace detail {

/// Remembers the first option that is out of its range.
class range_check {
 public:
  /// `owner`: the struct that the options are members of.
  explicit range_check(const char* owner) noexcept : owner_(owner) {}

  /// One row of the table. `least` and `most` count in the option's unit.
  template <class Option, class Least, class Most>
  void row(const char* name, const Option& value, Least least, Most most, bool also_zero,
           [[maybe_unused]] const char* unit) {  // GCC 9 counts no use in a branch that is left out
    if constexpr (std::is_floating_point_v<Option>) {
      within<double>(name, "", value, least, most, also_zero);
    } else if constexpr (std::is_unsigned_v<Option>) {
      within<std::uint64_t>(name, "", value, static_cast<std::uint64_t>(least), static_cast<std::uint64_t>(most), also_zero);
    } else {
      within<std::int64_t>(name, unit, value.count(), least, most, also_zero);
    }
  }
  void holds(bool is_so, const char* name, const char* what) {
    if (!is_so && fault_.empty()) fault_ = concat({owner_, "::", name, " ", what});
  }
  const std::string& fault() const noexcept { return fault_; }

 private:
  template <class Number>
  WIRTHFORGE_COLD void within(const char* name, std::string_view unit, const Number& value, Number least, Number most,
                              bool also_zero) {
    if (!fault_.empty()) return;
    if constexpr (std::is_floating_point_v<Number>) {
      if (!is_finite(value)) return note(name, unit, double_bits(value).is_nan() ? "NaN" : "infinite", range(least, most));
    }
    const bool is_zero = !(value < Number(0)) && !(value > Number(0));
    if ((value >= least && value <= most) || (also_zero && is_zero)) return;
    note(name, unit, text_of(value), (also_zero ? "0 or " : "") + range(least, most));
  }
  template <class Number>
  static std::string text_of(Number value) {
    if constexpr (!std::is_floating_point_v<Number>) return std::to_string(value);
    std::string out;  // std::to_string of a double would write the locale's decimal point
    text::append_json_number(out, static_cast<double>(value));
    return out;
  }
  template <class Number>
  static std::string range(Number least, Number most) {
    const bool is_open = most == std::numeric_limits<Number>::max();
    return text_of(least) + (is_open ? " and more" : "..." + text_of(most));
  }
  WIRTHFORGE_COLD void note(const char* name, std::string_view unit, const std::string& value, const std::string& range) {
    const std::string_view open = unit.empty() ? "" : " (", close = unit.empty() ? "" : ")";
    fault_ = concat({owner_, "::", name, open, unit, close, " is ", value, ", its range ", range});
  }

  const char* owner_;
  std::string fault_;
};

/// Which option is out of its range, its value and the range; empty when all are within.
WIRTHFORGE_COLD inline std::string option_fault(const energy_options& options) {
  range_check check("energy_options");
  each_energy_option(options, [&](const char* name, const auto& value, const auto&, auto least, auto most, bool also_zero,
                                  const char* unit) { check.row(name, value, least, most, also_zero, unit); });
  check.holds(options.cadence_weight + options.certainty_weight + options.stall_weight > 0, "cadence_weight",
              "is 0, and so are certainty_weight and stall_weight: one must be above");
  check.holds(options.cadence_weight_alone + options.stall_weight_alone > 0, "cadence_weight_alone",
              "is 0, and so is stall_weight_alone: one must be above");
  return check.fault();
}
/// Likewise. A token is not quoted.
WIRTHFORGE_COLD inline std::string option_fault(const server_options& options) {
  range_check check("server_options");
  each_server_option(options, [&](const char* name, const auto& value, const auto&, auto least, auto most, bool also_zero,
                                  const char* unit) { check.row(name, value, least, most, also_zero, unit); });
  const bool is_token = options.token.empty() || !rfc6455::check_token_syntax(options.token);
  check.holds(is_token, "token", "is not 32...256 characters of an HTTP token");
  check.holds(!options.allow_null_origin || !options.token.empty(), "allow_null_origin", "needs a token");
  return check.fault().empty() ? option_fault(options.energy) : check.fault();
}

/// The fault of an origin and the form that a browser sends in its place, after `owner`; empty when it is valid.
WIRTHFORGE_COLD inline std::string origin_fault(std::string_view origin, std::string_view owner) {
  const rfc6455::origin_reading found = rfc6455::read_origin(origin);
  if (found.fault == nullptr) return {};
  std::string told = concat({owner, " '", text::printable(origin), "': ", found.fault});
  if (rfc6455::is_opaque_origin(found.form)) {
    return told + "; server_options::allow_null_origin and server_options::token let such a page in with the token";
  }
  if (!found.form.empty()) append(told, {"; a browser sends '", text::printable(found.form), "'"});
  return told;
}
/// The element of `allowed_origins` that no browser sends; empty when all are valid.
WIRTHFORGE_COLD inline std::string origin_fault(const server_options& options) {
  for (const std::string& origin : options.allowed_origins) {
    std::string told = origin_fault(origin, "server_options::allowed_origins holds");
    if (!told.empty()) return told;
  }
  return {};
}

WIRTHFORGE_COLD inline std::error_code check_options(const server_options& options) {
  if (!option_fault(options).empty()) return errc::option_out_of_range;
  if (!origin_fault(options).empty()) return errc::origin_malformed;
  return {};
}

}}}  // namespace wirthforge::detail
