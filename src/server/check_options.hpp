// Whether an integrator's options make sense, and which does not.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <system_error>
#include <type_traits>

#include "base/cold.hpp"
#include "base/concat.hpp"
#include "base/error.hpp"
#include "base/finite.hpp"
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

  template <class Number>
  WIRTHFORGE_COLD void within(const char* name, const Number& value, Number least, Number most) {
    if constexpr (std::is_floating_point_v<Number>) {
      if (fault_.empty() && !is_finite(value)) return note(name, double_bits(value).is_nan() ? "NaN" : "infinite", range(least, most));
    }
    if ((value >= least && value <= most) || !fault_.empty()) return;
    note(name, text_of(value), range(least, most));
  }
  void at_least(const char* name, std::size_t value, std::size_t least) {
    within(name, value, least, std::numeric_limits<std::size_t>::max());
  }
  void duration(const char* name, std::chrono::milliseconds value,
                std::chrono::milliseconds least = std::chrono::milliseconds(1),
                std::chrono::milliseconds most = std::chrono::hours(8760)) {
    within(name, value.count(), least.count(), most.count());
  }
  void holds(bool is_so, const char* name, const char* what) {
    if (!is_so && fault_.empty()) fault_ = concat({owner_, "::", name, " ", what});
  }
  const std::string& fault() const noexcept { return fault_; }

 private:
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
  WIRTHFORGE_COLD void note(const char* name, const std::string& value, const std::string& range) {
    fault_ = concat({owner_, "::", name, " is ", value, ", its range ", range});
  }

  const char* owner_;
  std::string fault_;
};

/// Which option is out of its range, its value and the range; empty when all are within. A token is not quoted.
WIRTHFORGE_COLD inline std::string option_fault(const server_options& options) {
  using std::chrono::milliseconds;
  constexpr std::size_t gib = 1U << 30U;
  range_check check("server_options");
  check.within<unsigned>("extra_ports", options.extra_ports, 1, 1000);
  check.at_least("max_connections", options.max_connections, 1);
  check.within<std::size_t>("reserved_descriptors", options.reserved_descriptors, 0, 1'000'000);
  check.at_least("max_half_open", options.max_half_open, 1);
  check.within<std::size_t>("max_head_bytes", options.max_head_bytes, 256, 65536);
  check.duration("handshake_timeout (ms)", options.handshake_timeout);
  check.within<std::size_t>("max_message_bytes", options.max_message_bytes, 125, gib);
  check.at_least("max_fragments", options.max_fragments, 1);
  check.within("max_client_messages_per_second", options.max_client_messages_per_second, 1.0, 1e6);
  check.duration("heartbeat_interval (ms)", options.heartbeat_interval);
  check.duration("ping_interval (ms)", options.ping_interval);
  check.duration("pong_timeout (ms)", options.pong_timeout);
  check.duration("idle_timeout (ms)", options.idle_timeout, milliseconds(0));
  check.duration("close_timeout (ms)", options.close_timeout);
  check.duration("stop_timeout (ms)", options.stop_timeout);
  check.at_least("log_max_bytes", options.log_max_bytes, 1);
  check.at_least("log_max_events", options.log_max_events, 1);
  check.within<std::int64_t>("log_max_age (s)", options.log_max_age.count(), 1, 8760 * 3600);
  check.duration("lag_threshold (ms)", options.lag_threshold);
  if (options.send_buffer_bytes != 0) check.within<std::size_t>("send_buffer_bytes", options.send_buffer_bytes, 4096, gib);
  check.at_least("max_queued_bytes", options.max_queued_bytes, 65536);
  check.at_least("callback_queue_bytes", options.callback_queue_bytes, 1);
  const bool is_token = options.token.empty() || !rfc6455::check_token_syntax(options.token);
  check.holds(is_token, "token", "is not 32...256 characters of an HTTP token");
  check.holds(!options.allow_null_origin || !options.token.empty(), "allow_null_origin", "needs a token");
  return check.fault();
}

/// Which of `allowed_origins` no browser sends, why, and what it sends in its place; empty when all are in order.
WIRTHFORGE_COLD inline std::string origin_fault(const server_options& options) {
  for (const std::string& origin : options.allowed_origins) {
    const rfc6455::origin_reading found = rfc6455::read_origin(origin);
    if (found.fault == nullptr) continue;
    std::string told = concat({"server_options::allowed_origins holds '", text::printable(origin), "': ", found.fault});
    if (rfc6455::is_opaque_origin(found.form)) {
      return told + "; server_options::allow_null_origin and server_options::token let such a page in with the token";
    }
    if (!found.form.empty()) append(told, {"; a browser sends '", text::printable(found.form), "'"});
    return told;
  }
  return {};
}

WIRTHFORGE_COLD inline std::error_code check_options(const server_options& options) {
  if (!option_fault(options).empty()) return errc::option_out_of_range;
  if (!origin_fault(options).empty()) return errc::origin_malformed;
  return {};
}

}}}  // namespace wirthforge::detail
