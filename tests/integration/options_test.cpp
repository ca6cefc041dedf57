// Every option at the ends of its range and one past them: who begins to listen with nonsense is told which option it was.
#include <chrono>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <system_error>

#include "catch.hpp"
#include "support/temp_folder.hpp"
#include "wirthforge_ws.hpp"

using namespace wirthforge;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

struct setup {
  server_options server;
  std::optional<journal_options> journal;
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

template <class Value, class Field>
void check_range(const std::string& name, Field field, std::initializer_list<Value> good, std::initializer_list<Value> bad) {
  for (const Value value : good) {
    CAPTURE(name);
    CHECK(fault_of([&](setup& chosen) { field(chosen) = value; }).empty());
  }
  for (const Value value : bad) {
    CAPTURE(name);
    CHECK(fault_of([&](setup& chosen) { field(chosen) = value; }) == name);
  }
}

constexpr std::size_t huge = std::numeric_limits<std::size_t>::max();
constexpr std::size_t gib = 1U << 30U;
constexpr hours year{8760};

#define OPTION(name) "server_options::" #name, [](setup& chosen) -> auto& { return chosen.server.name; }
#define JOURNAL_OPTION(name) "journal_options::" #name, [](setup& chosen) -> auto& { return chosen.journal.emplace().name; }

}  // namespace

TEST_CASE("numbers are taken within their ranges, and one past them is named", "[integration][misuse][options]") {
  check_range<std::uint16_t>(OPTION(extra_ports), {1, 1000}, {0, 1001, 65535});
  check_range<std::size_t>(OPTION(max_connections), {1, huge}, {0});
  check_range<std::size_t>(OPTION(reserved_descriptors), {0, 1'000'000}, {1'000'001, huge});
  check_range<std::size_t>(OPTION(max_half_open), {1, huge}, {0});
  check_range<std::size_t>(OPTION(max_head_bytes), {256, 65536}, {0, 255, 65537, huge});
  check_range<std::size_t>(OPTION(max_message_bytes), {125, gib}, {0, 124, gib + 1, huge});
  check_range<std::size_t>(OPTION(max_fragments), {1, huge}, {0});
  check_range<std::size_t>(OPTION(log_max_bytes), {1, huge}, {0});
  check_range<std::size_t>(OPTION(log_max_events), {1, huge}, {0});
  check_range<std::size_t>(OPTION(max_open_answer_bytes), {0, huge}, {});
  check_range<std::size_t>(OPTION(send_buffer_bytes), {0, 4096, gib}, {1, 4095, gib + 1, huge});
  check_range<std::size_t>(OPTION(max_queued_bytes), {65536, huge}, {0, 65535});
  check_range<std::size_t>(OPTION(callback_queue_bytes), {1, huge}, {0});
  check_range<double>(OPTION(max_client_messages_per_second), {1, 1e6},
                      {0, -1, 0.99, 1e6 + 1, std::nan(""), std::numeric_limits<double>::infinity()});
  check_range<std::size_t>(JOURNAL_OPTION(max_file_bytes), {4096, huge}, {0, 4095});
  check_range<std::size_t>(JOURNAL_OPTION(max_files), {1, huge}, {0});
  check_range<std::size_t>(JOURNAL_OPTION(max_queued_bytes), {65536, huge}, {0, 65535});
}

TEST_CASE("durations are taken within their ranges, and one past them is named", "[integration][misuse][options]") {
  using ms = milliseconds;
  const auto check = [](const std::string& name, auto field) {
    check_range<ms>(name, field, {ms(1), year}, {ms(0), ms(-1), year + ms(1), ms::max(), ms::min()});
  };
  check(OPTION(handshake_timeout));
  check(OPTION(heartbeat_interval));
  check(OPTION(ping_interval));
  check(OPTION(pong_timeout));
  check(OPTION(close_timeout));
  check(OPTION(stop_timeout));
  check(OPTION(lag_threshold));
  check_range<ms>(OPTION(idle_timeout), {ms(0), ms(1), year}, {ms(-1), year + ms(1), ms::max()});
  check_range<seconds>(OPTION(log_max_age), {seconds(1), year},
                       {seconds(0), seconds(-1), year + seconds(1), seconds::max()});
  check_range<ms>(JOURNAL_OPTION(energy_interval), {ms(16), hours(1)}, {ms(0), ms(15), hours(1) + ms(1)});
  check_range<ms>(JOURNAL_OPTION(batch_interval), {ms(1), minutes(1)}, {ms(0), ms(-1), minutes(1) + ms(1)});
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
