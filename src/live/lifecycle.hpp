// Where a server is in its life, and what each call may do there. One atomic value: every call asks it first, from any thread, and
// `stop` also from a signal handler. No lock, no clock.
//
//     idle -> opening -> listening -> starting -> running -> stopping -> stopped
//
// `stop` takes idle and listening straight to stopped. What it finds while another call opens or starts is remembered, and that
// call stops in its turn.
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
  /// True while nothing runs: nobody has to wait for the end.
  bool is_at_rest() const noexcept {
    const state seen = now();
    return seen == state::idle || seen == state::listening || seen == state::stopped;
  }

  /// Whether hooks and a journal may be set.
  std::error_code allows_set_up() const noexcept {
    switch (now()) {
      case state::idle: case state::opening: case state::opening_cancelled: case state::listening: return {};
      case state::stopped: return errc::server_stopped;
      default: return errc::already_running;
    }
  }

  /// True for the one who is to open. Otherwise `error` says why not, or nothing where it listens already.
  bool begin_opening(std::error_code& error) noexcept {
    state seen = state::idle;
    if (state_.compare_exchange_strong(seen, state::opening)) return true;
    if (seen == state::stopped) error = errc::server_stopped;
    if (seen == state::opening || seen == state::opening_cancelled) error = errc::already_listening;
    return false;
  }
  /// False where it was asked to stop meanwhile: it is stopped, and the caller closes what it opened.
  bool opened(bool is_open) noexcept {
    state seen = state::opening;
    if (state_.compare_exchange_strong(seen, is_open ? state::listening : state::idle)) return true;
    state_.store(state::stopped);
    return false;
  }

  /// Nothing for the one who is to start.
  std::error_code begin_starting() noexcept {
    state seen = state::listening;
    if (state_.compare_exchange_strong(seen, state::starting)) return {};
    return seen == state::stopped ? errc::server_stopped : errc::already_running;
  }
  /// False where it was asked to stop meanwhile: the caller is the one who begins to stop.
  bool started() noexcept {
    state seen = state::starting;
    if (state_.compare_exchange_strong(seen, state::running)) return true;
    seen = state::starting_cancelled;
    return !state_.compare_exchange_strong(seen, state::stopping);
  }

  /// Async-signal-safe. True for the one who begins to stop a server that runs.
  bool stop() noexcept {
    state seen = state_.load();
    for (;;) {
      state next = state::stopped;
      switch (seen) {
        case state::idle: case state::listening: break;
        case state::opening: next = state::opening_cancelled; break;
        case state::starting: next = state::starting_cancelled; break;
        case state::running: next = state::stopping; break;
        default: return false;
      }
      if (state_.compare_exchange_weak(seen, next)) return next == state::stopping;
    }
  }
  /// It has stopped, or is taken down whatever it does.
  void stopped() noexcept { state_.store(state::stopped); }

 private:
  std::atomic<state> state_{state::idle};
  static_assert(std::atomic<state>::is_always_lock_free, "stop() may be called in a signal handler");
};

}}}  // namespace wirthforge::live
