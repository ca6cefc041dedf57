// Checks whether the peer is still there: decides when to ping and when a phase has taken too long. Time is passed in; there
// is no timer.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/option_table.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace rfc6455 {

struct liveness_options {
  nanoseconds handshake_timeout = wirthforge::detail::server_default::
      handshake_timeout;  ///< From the accepted socket to the complete request head.
  nanoseconds ping_interval = wirthforge::detail::server_default::ping_interval;  ///< Silence after which the peer is pinged.
  nanoseconds pong_timeout = wirthforge::detail::server_default::
      pong_timeout;  ///< After a ping the peer must send something within this time.
  nanoseconds idle_timeout = wirthforge::detail::server_default::
      idle_timeout;  ///< Without any message, except pings, after the handshake; 0: never.
  nanoseconds close_timeout = wirthforge::detail::server_default::
      close_timeout;  ///< For the closing handshake, and for the peer to end the stream.
};

class liveness {
 public:
  struct action {
    enum class kind { none, send_ping, fail } what = kind::none;
    errc error{};
  };

  liveness(const liveness_options& options, steady_time now) noexcept
      : options_(options), since_(now), heard_(now), active_(now) {}

  void enter_open(steady_time now) noexcept { enter(phase::open, now); }
  void enter_closing(steady_time now) noexcept {
    if (phase_ != phase::closing) enter(phase::closing, now);
  }

  /// Any byte proves that the peer is there: a pong that waits behind a long message need not come first.
  void on_bytes(steady_time now) noexcept {
    heard_ = now;
    awaiting_pong_ = false;
  }
  /// The peer is sent its first message: before that it has nothing to answer, and its silence means nothing.
  void on_served(steady_time now) noexcept {
    if (is_served_) return;
    is_served_ = true;
    active_ = now;
  }
  /// A text or binary message, as opposed to control frames.
  void on_message(steady_time now) noexcept { active_ = now; }
  void on_pong(std::string_view payload, steady_time now) {
    if (!is_timing_ || payload != ping_payload()) return;  // not expected, late, or a second time
    round_trip_ = now - pinged_;
    is_timing_ = false;
  }

  action poll(steady_time now) noexcept {
    switch (phase_) {
      case phase::handshake:
        if (now - since_ >= options_.handshake_timeout) return {action::kind::fail, errc::handshake_timeout};
        break;
      case phase::closing:
        if (now - since_ >= options_.close_timeout) return {action::kind::fail, errc::close_timeout};
        break;
      case phase::open:
        if (is_served_ && options_.idle_timeout > nanoseconds(0) && now - active_ >= options_.idle_timeout) {
          return {action::kind::fail, errc::idle_timeout};
        }
        if (awaiting_pong_) {
          if (now - pinged_ >= options_.pong_timeout) return {action::kind::fail, errc::pong_timeout};
        } else if (now - heard_ >= options_.ping_interval) {
          awaiting_pong_ = is_timing_ = true;
          pinged_ = now;
          ++pings_;
          return {action::kind::send_ping, {}};
        }
        break;
    }
    return {};
  }

  /// The payload of the ping that `poll` asked for: its number, so that a late pong is not taken for the answer.
  std::string ping_payload() const { return std::to_string(pings_); }
  /// The round trip of the last answered ping; zero before.
  nanoseconds round_trip() const noexcept { return round_trip_; }

 private:
  enum class phase { handshake, open, closing };
  void enter(phase next, steady_time now) noexcept {
    phase_ = next;
    since_ = heard_ = active_ = now;
    awaiting_pong_ = false;
  }

  liveness_options options_;
  phase phase_ = phase::handshake;
  steady_time since_;
  steady_time heard_;
  steady_time active_;
  steady_time pinged_{};
  nanoseconds round_trip_{};
  std::uint64_t pings_ = 0;
  bool is_served_ = false;
  bool awaiting_pong_ = false;  // nothing came since the ping
  bool is_timing_ = false;      // the pong has not come
};

}}}  // namespace wirthforge::rfc6455
