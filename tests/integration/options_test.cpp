// Every option at the ends of its range and one past them: who begins to listen with nonsense is told which option it was.
#include <chrono>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <string>

#include "catch.hpp"
#include "wirthforge_ws.hpp"

using namespace wirthforge;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

// The option that is named as the fault; empty when all are taken.
template <class Change>
std::string fault_of(Change change) {
  server_options options;
  options.port = 0;
  change(options);
  std::error_code error;
  {
    server up(options);
    up.listen(error);
  }
  if (!error) return {};
  CHECK(error == errc::option_out_of_range);
  CHECK(error == condition::caller_fault);
  try {
    server up(options);
    up.listen();
  } catch (const std::system_error& thrown) {
    CHECK(thrown.code() == error);
    const std::string what = thrown.what();
    const std::string start = "server_options::";
    CHECK(what.compare(0, start.size(), start) == 0);
    return what.substr(start.size(), what.find(' ') - start.size());
  }
  return "nothing was thrown";
}

template <class Value, class Field>
void check_range(const std::string& name, Field field, std::initializer_list<Value> good, std::initializer_list<Value> bad) {
  for (const Value value : good) {
    CAPTURE(name);
    CHECK(fault_of([&](server_options& options) { field(options) = value; }).empty());
  }
  for (const Value value : bad) {
    CAPTURE(name);
    CHECK(fault_of([&](server_options& options) { field(options) = value; }) == name);
  }
}

constexpr std::size_t huge = std::numeric_limits<std::size_t>::max();
constexpr std::size_t gib = 1U << 30U;
constexpr hours year{8760};

#define FIELD(name) [](server_options& options) -> auto& { return options.name; }

}  // namespace

TEST_CASE("numbers are taken within their ranges, and one past them is named", "[integration][misuse][options]") {
  check_range<std::uint16_t>("extra_ports", FIELD(extra_ports), {1, 1000}, {0, 1001, 65535});
  check_range<std::size_t>("max_connections", FIELD(max_connections), {1, huge}, {0});
  check_range<std::size_t>("max_half_open", FIELD(max_half_open), {1, huge}, {0});
  check_range<std::size_t>("max_head_bytes", FIELD(max_head_bytes), {256, 65536}, {0, 255, 65537, huge});
  check_range<std::size_t>("max_message_bytes", FIELD(max_message_bytes), {125, gib}, {0, 124, gib + 1, huge});
  check_range<std::size_t>("max_fragments", FIELD(max_fragments), {1, huge}, {0});
  check_range<std::size_t>("log_max_bytes", FIELD(log_max_bytes), {1, huge}, {0});
  check_range<std::size_t>("log_max_events", FIELD(log_max_events), {1, huge}, {0});
  check_range<std::size_t>("max_open_answer_bytes", FIELD(max_open_answer_bytes), {0, huge}, {});
  check_range<std::size_t>("send_buffer_bytes", FIELD(send_buffer_bytes), {0, 4096, gib}, {1, 4095, gib + 1, huge});
  check_range<std::size_t>("max_queued_bytes", FIELD(max_queued_bytes), {65536, huge}, {0, 65535});
  check_range<std::size_t>("callback_queue_bytes", FIELD(callback_queue_bytes), {1, huge}, {0});
  check_range<double>("max_client_messages_per_second", FIELD(max_client_messages_per_second), {1, 1e6},
                      {0, -1, 0.99, 1e6 + 1, std::nan(""), std::numeric_limits<double>::infinity()});
  check_range<std::size_t>("journal.max_file_bytes", FIELD(journal.max_file_bytes), {4096, huge}, {0, 4095});
  check_range<std::size_t>("journal.max_files", FIELD(journal.max_files), {1, huge}, {0});
  check_range<std::size_t>("journal.max_queued_bytes", FIELD(journal.max_queued_bytes), {65536, huge}, {0, 65535});
}

TEST_CASE("durations are taken within their ranges, and one past them is named", "[integration][misuse][options]") {
  using ms = milliseconds;
  const auto check = [](const std::string& name, auto field) {
    check_range<ms>(name, field, {ms(1), year}, {ms(0), ms(-1), year + ms(1), ms::max(), ms::min()});
  };
  check("handshake_timeout", FIELD(handshake_timeout));
  check("heartbeat_interval", FIELD(heartbeat_interval));
  check("ping_interval", FIELD(ping_interval));
  check("pong_timeout", FIELD(pong_timeout));
  check("close_timeout", FIELD(close_timeout));
  check("stop_timeout", FIELD(stop_timeout));
  check("lag_threshold", FIELD(lag_threshold));
  check_range<ms>("idle_timeout", FIELD(idle_timeout), {ms(0), ms(1), year}, {ms(-1), year + ms(1), ms::max()});
  check_range<seconds>("log_max_age", FIELD(log_max_age), {seconds(1), year},
                       {seconds(0), seconds(-1), year + seconds(1), seconds::max()});
  check_range<ms>("journal.energy_interval", FIELD(journal.energy_interval), {ms(16), hours(1)}, {ms(0), ms(15), hours(1) + ms(1)});
  check_range<ms>("journal.batch_interval", FIELD(journal.batch_interval), {ms(1), minutes(1)}, {ms(0), ms(-1), minutes(1) + ms(1)});
}

TEST_CASE("a token is taken from 32 to 256 characters, and is not quoted when it is not", "[integration][misuse][options]") {
  for (const std::size_t size : {32U, 256U}) {
    CHECK(fault_of([&](server_options& options) { options.token = std::string(size, 't'); }).empty());
  }
  for (const std::size_t size : {1U, 31U, 257U}) {
    CHECK(fault_of([&](server_options& options) { options.token = std::string(size, 't'); }) == "token");
  }
  CHECK(fault_of([](server_options& options) { options.token = std::string(31, 't') + " "; }) == "token");
  CHECK(fault_of([](server_options& options) { options.allow_null_origin = true; }) == "allow_null_origin");
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
