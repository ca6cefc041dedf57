// Every option at the ends of its range and one past them: the error of listen names the wrong option.
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <system_error>
#include <type_traits>
#include <vector>

#include "catch.hpp"
#include "support/temp_folder.hpp"
#include "wirthforge_ws.hpp"

using namespace wirthforge;

namespace {

struct setup {
  server_options server;
  std::optional<journal_options> journal;
  std::optional<model_bridge_options> bridge;
};

// The option that is named as the fault; empty when all are taken.
template <class Change>
std::string fault_of(Change change) {
  const test::temp_folder folder;
  setup chosen;
  chosen.server.port = 0;
  change(chosen);
  const auto listen = [&](auto&&... error) {
    server up(chosen.server);
    if (chosen.bridge) {
      model_bridge asks(up, *chosen.bridge);
      return asks.ask({"http://127.0.0.1:9", "{}"}, "session", error...);  // the server does not run, so that nobody is asked
    }
    if (chosen.journal) {
      chosen.journal->path = folder.file("journal");
      up.keep_journal(*chosen.journal);
    }
    up.listen(error...);
  };
  std::error_code error;
  listen(error);
  if (!error) return {};
  CHECK(error == errc::option_out_of_range);
  CHECK(error == condition::caller_fault);
  try {
    listen();
  } catch (const std::system_error& thrown) {
    CHECK(thrown.code() == error);
    const std::string what = thrown.what();
    return what.substr(0, what.find(' '));
  }
  return "nothing was thrown";
}

// One option of the table with one value.
struct trial {
  std::string name;
  bool is_good;
  std::function<void(setup&)> change;
};
using trials = std::vector<trial>;

// `each` calls a visitor for each row of a setup's options.
template <class Option, class Each>
void add(trials& all, const std::string& owner, const std::string& name, Option value, bool is_good, Each each) {
  all.push_back({owner + "::" + name, is_good, [=](setup& chosen) {
                   each(chosen, [&](const char* row, auto& member, const auto&, auto, auto, bool, const char*) {
                     if constexpr (std::is_same_v<decltype(member), Option&>) {
                       if (row == name) member = value;
                     }
                   });
                 }});
}

// The ends of each range, and the values past them.
template <class Each>
trials ends_of(const std::string& owner, Each each) {
  trials all;
  setup defaults;
  each(defaults, [&](const char* name, auto& member, auto standard, auto least, auto most, bool also_zero, const char*) {
    using Option = decltype(standard);
    CAPTURE(name);
    CHECK(member == standard);  // the struct and the table have the same default
    const auto good = [&](Option value) { add(all, owner, name, value, true, each); };
    const auto bad = [&](Option value) { add(all, owner, name, value, false, each); };
    if constexpr (std::is_floating_point_v<Option>) {
      good(static_cast<double>(least));
      good(static_cast<double>(most));
      if (least > 0) bad(0.0);
      for (const double value : {-1.0, static_cast<double>(least) - 0.01, static_cast<double>(most) + 1, std::nan(""),
                                 std::numeric_limits<double>::infinity()}) {
        bad(value);
      }
    } else if constexpr (std::is_unsigned_v<Option>) {
      constexpr Option highest = std::numeric_limits<Option>::max();
      const auto top = static_cast<std::uint64_t>(most) < highest ? static_cast<Option>(most) : highest;
      if (std::string(name) != "port") {  // another test has the port that the system chooses
        good(static_cast<Option>(least));
        good(top);
      }
      if (least > 0 && !(also_zero && least == 1)) bad(static_cast<Option>(least - 1));
      if (least > 1 && !also_zero) bad(0);
      if (top < highest) {
        bad(static_cast<Option>(top + 1));
        bad(highest);
      }
    } else {
      good(Option(least));
      good(Option(most));
      if (!also_zero) bad(Option(0));
      if (!(also_zero && least == 1)) bad(Option(least - 1));
      for (const Option value : {Option(-1), Option(most + 1), Option::max(), Option::min()}) bad(value);
    }
    if (also_zero) good(Option(0));
  });
  return all;
}

void check(const trials& all, std::size_t least_count) {
  CHECK(all.size() >= least_count);
  for (const trial& each : all) {
    CAPTURE(each.name);
    CHECK(fault_of(each.change) == (each.is_good ? std::string() : each.name));
  }
}

}  // namespace

TEST_CASE("each option of a server is taken within its range, and one past it is named", "[integration][misuse][options]") {
  check(ends_of("server_options", [](setup& chosen, auto visit) { detail::each_server_option(chosen.server, visit); }), 100);
}

TEST_CASE("each option of the energy is taken within its range, and one past it is named",
          "[integration][misuse][options][energy]") {
  check(ends_of("energy_options", [](setup& chosen, auto visit) { detail::each_energy_option(chosen.server.energy, visit); }),
        60);
}

TEST_CASE("each option of a journal is taken within its range, and one past it is named", "[integration][misuse][options]") {
  check(ends_of("journal_options",
                [](setup& chosen, auto visit) {
                  if (!chosen.journal) chosen.journal.emplace();
                  detail::each_journal_option(*chosen.journal, visit);
                }),
        20);
}

TEST_CASE("each option of a bridge is taken within its range, and one past it is named",
          "[integration][misuse][options][bridge]") {
  check(ends_of("model_bridge_options",
                [](setup& chosen, auto visit) {
                  if (!chosen.bridge) chosen.bridge.emplace();
                  detail::each_model_bridge_option(*chosen.bridge, visit);
                }),
        40);
}

TEST_CASE("the layers below begin with the defaults of the table", "[integration][options]") {
  const server_options standard;
  const live::broker_options broker;
  const live::engine_options engine;
  CHECK(broker.stop_timeout == standard.stop_timeout);
  CHECK(broker.lines.max_connections == standard.max_connections);
  CHECK(broker.lines.max_half_open == standard.max_half_open);
  CHECK(broker.lines.peer.max_head_bytes == standard.max_head_bytes);
  CHECK(broker.lines.peer.protocol.max_message_bytes == standard.max_message_bytes);
  CHECK(broker.lines.peer.protocol.max_fragments == standard.max_fragments);
  CHECK(broker.lines.peer.liveness.handshake_timeout == standard.handshake_timeout);
  CHECK(broker.lines.peer.liveness.ping_interval == standard.ping_interval);
  CHECK(broker.lines.peer.liveness.pong_timeout == standard.pong_timeout);
  CHECK(broker.lines.peer.liveness.idle_timeout == standard.idle_timeout);
  CHECK(broker.lines.peer.liveness.close_timeout == standard.close_timeout);
  CHECK(engine.lag_threshold == standard.lag_threshold);
  CHECK(engine.hub.heartbeat_interval == standard.heartbeat_interval);
  CHECK(engine.hub.max_client_messages_per_second == Approx(standard.max_client_messages_per_second));
  CHECK(engine.hub.open_answers_bytes == standard.max_open_answer_bytes);
  CHECK(engine.hub.log.max_bytes == standard.log_max_bytes);
  CHECK(engine.hub.log.max_events == standard.log_max_events);
  CHECK(engine.hub.log.max_age == standard.log_max_age);
}

TEST_CASE("a token is taken from 32 to 256 characters, and is not quoted when it is not", "[integration][misuse][options]") {
  for (const std::size_t size : {32U, 256U}) {
    CHECK(fault_of([&](setup& chosen) { chosen.server.token = std::string(size, 't'); }).empty());
  }
  for (const std::size_t size : {1U, 31U, 257U}) {
    CHECK(fault_of([&](setup& chosen) { chosen.server.token = std::string(size, 't'); }) == "server_options::token");
  }
  CHECK(fault_of([](setup& chosen) { chosen.server.token = std::string(31, 't') + " "; }) == "server_options::token");
  CHECK(fault_of([](setup& chosen) { chosen.server.allow_null_origin = true; }) == "server_options::allow_null_origin");
  server_options options;
  options.token = "secret";
  server up(options);
  CHECK_THROWS_WITH(up.start(), !Catch::Matchers::Contains("secret"));
}

TEST_CASE("the exception names the option, its value and its range", "[integration][misuse][options]") {
  server_options options;
  options.max_head_bytes = 255;
  server up(options);
  CHECK_THROWS_WITH(up.start(), Catch::Matchers::StartsWith("server_options::max_head_bytes is 255, its range 256...65536"));
  CHECK_THROWS_WITH(up.run(), Catch::Matchers::StartsWith("server_options::max_head_bytes is 255, its range 256...65536"));
}
