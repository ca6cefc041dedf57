// The states of a server and what each call finds there.
#include <initializer_list>

#include "catch.hpp"
#include "wirthforge_ws.hpp"

using wirthforge::errc;
using wirthforge::live::lifecycle;
using state = lifecycle::state;

namespace {

// Takes a life to one of the states.
void bring_to(lifecycle& life, state wanted) {
  std::error_code error;
  const auto is_there = [&] { return life.now() == wanted; };
  if (is_there()) return;
  REQUIRE(life.begin_opening(error));
  if (wanted == state::opening_cancelled) CHECK_FALSE(life.stop());
  if (is_there()) return;
  REQUIRE(life.opened(true));
  if (is_there()) return;
  REQUIRE_FALSE(life.begin_starting());
  if (wanted == state::starting_cancelled) CHECK_FALSE(life.stop());
  if (is_there()) return;
  REQUIRE(life.started());
  if (is_there()) return;
  REQUIRE(life.stop());
  if (is_there()) return;
  life.stopped();
  REQUIRE(is_there());
}

constexpr std::initializer_list<state> all{state::idle,      state::opening,  state::opening_cancelled,
                                           state::listening, state::starting, state::starting_cancelled,
                                           state::running,   state::stopping, state::stopped};

}  // namespace

TEST_CASE("only an idle server begins to open, and only a listening one to start", "[live][lifecycle]") {
  for (const state from : all) {
    INFO(static_cast<int>(from));
    {
      lifecycle life;
      bring_to(life, from);
      std::error_code error;
      CHECK(life.begin_opening(error) == (from == state::idle));
      const bool is_open_elsewhere = from == state::opening || from == state::opening_cancelled;
      const std::error_code expected = from == state::stopped ? std::error_code(errc::server_stopped)
                                       : is_open_elsewhere    ? std::error_code(errc::already_listening)
                                                              : std::error_code();
      CHECK(error == expected);
    }
    lifecycle life;
    bring_to(life, from);
    const std::error_code error = life.begin_starting();
    if (from == state::listening) CHECK_FALSE(error);
    else CHECK(error == (from == state::stopped ? errc::server_stopped : errc::already_running));
  }
}

TEST_CASE("a stop while another call opens or starts is not lost", "[live][lifecycle]") {
  lifecycle opening;
  bring_to(opening, state::opening_cancelled);
  CHECK_FALSE(opening.opened(true));
  CHECK(opening.is_stopped());

  lifecycle failing;
  bring_to(failing, state::opening_cancelled);
  CHECK_FALSE(failing.opened(false));
  CHECK(failing.is_stopped());

  lifecycle starting;
  bring_to(starting, state::starting_cancelled);
  CHECK_FALSE(starting.started());
  CHECK(starting.is_stopping());
}

TEST_CASE("exactly one call of stop on a running server begins the stop", "[live][lifecycle]") {
  for (const state from : all) {
    INFO(static_cast<int>(from));
    lifecycle life;
    bring_to(life, from);
    CHECK(life.stop() == (from == state::running));
    CHECK_FALSE(life.stop());
    const bool is_at_once = from == state::idle || from == state::listening || from == state::stopped;
    CHECK(life.is_stopped() == is_at_once);
  }
}

TEST_CASE("a server that could not open may try again, and hooks are set until it starts", "[live][lifecycle]") {
  lifecycle life;
  std::error_code error;
  REQUIRE(life.begin_opening(error));
  CHECK_FALSE(life.allows_set_up());
  CHECK(life.opened(false));
  CHECK(life.now() == state::idle);
  CHECK(life.is_at_rest());
  bring_to(life, state::listening);
  CHECK_FALSE(life.allows_set_up());
  CHECK(life.is_at_rest());
  REQUIRE_FALSE(life.begin_starting());
  CHECK(life.allows_set_up() == errc::already_running);
  CHECK_FALSE(life.is_at_rest());
  life.stopped();
  CHECK(life.allows_set_up() == errc::server_stopped);
}
