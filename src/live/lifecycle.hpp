// The state of a server's life, and what each call may do in it. One atomic value: every call checks it first, from any
// thread, and `stop` also from a signal handler. No lock, no clock.
//
//     idle -> opening -> listening -> starting -> running -> stopping -> stopped
//
// `stop` takes idle and listening straight to stopped. A stop that comes while another call opens or starts is remembered, and
// that call then stops the server.
#pragma once

#include <atomic>
#include <system_error>

#include "base/error.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace live {

class lifecycle {
 public:
  enum class state { idle, opening, opening_cancelled, listening, starting, starting_cancelled, running, stopping, stopped };

  state now() const noexcept { return state_.load(std::memory_order_acquire); }
  bool is_stopped() const noexcept { return now() == state::stopped; }
  bool is_stopping() const noexcept { return now() == state::stopping; }
  /// True while nothing runs: no caller has to wait for the end.
  bool is_at_rest() const noexcept {
    const state seen = now();
    return seen == state::idle || seen == state::listening || seen == state::stopped;
  }

  /// Whether hooks and a journal may be set.
  std::error_code allows_set_up() const noexcept {
    switch (now()) {
      case state::idle:
      case state::opening:
      case state::opening_cancelled:
      case state::listening: return {};
      case state::stopped: return errc::server_stopped;
      default: return errc::already_running;
    }
  }

  /// True for the caller that is to open. Otherwise `error` says why not, or nothing if the server already listens.
  bool begin_opening(std::error_code& error) noexcept {
    state seen = state::idle;
    if (state_.compare_exchange_strong(seen, state::opening)) return true;
    if (seen == state::stopped) error = errc::server_stopped;
    if (seen == state::opening || seen == state::opening_cancelled) error = errc::already_listening;
    return false;
  }
  /// False if a stop was requested meanwhile: the server is stopped, and the caller closes what it opened.
  bool opened(bool is_open) noexcept {
    state seen = state::opening;
    if (state_.compare_exchange_strong(seen, is_open ? state::listening : state::idle)) return true;
    state_.store(state::stopped);
    return false;
  }

  /// No error for the caller that is to start.
  std::error_code begin_starting() noexcept {
    state seen = state::listening;
    if (state_.compare_exchange_strong(seen, state::starting)) return {};
    return seen == state::stopped ? errc::server_stopped : errc::already_running;
  }
  /// False if a stop was requested meanwhile: the caller is then the one that begins to stop.
  bool started() noexcept {
    state seen = state::starting;
    if (state_.compare_exchange_strong(seen, state::running)) return true;
    seen = state::starting_cancelled;
    return !state_.compare_exchange_strong(seen, state::stopping);
  }

  /// Async-signal-safe. True for the caller that begins to stop a running server.
  bool stop() noexcept {
    state seen = state_.load();
    for (;;) {
      state next = state::stopped;
      switch (seen) {
        case state::idle:
        case state::listening: break;
        case state::opening: next = state::opening_cancelled; break;
        case state::starting: next = state::starting_cancelled; break;
        case state::running: next = state::stopping; break;
        default: return false;
      }
      if (state_.compare_exchange_weak(seen, next)) return next == state::stopping;
    }
  }
  /// It has stopped, or is being destroyed in whatever state.
  void stopped() noexcept { state_.store(state::stopped); }

 private:
  std::atomic<state> state_{state::idle};
  static_assert(std::atomic<state>::is_always_lock_free, "stop() may be called in a signal handler");
};

}}}  // namespace wirthforge::live
