// A server where each allocation on its own threads fails in its turn. A failure may cost connected clients their connection, and the
// journal some events; the next client is served.
#include <memory>
#include <new>
#include <string>
#include <system_error>

#include "allocation/failing_new.hpp"
#include "catch.hpp"
#include "integration/support/test_client.hpp"
#include "support/temp_folder.hpp"
#include "wirthforge_ws.hpp"

using namespace wirthforge;
using test::reward;
using test::ws_client;

namespace {

constexpr std::chrono::milliseconds short_patience{2000};

// Each step ends, with the wanted event or with the end of the connection.
void visit(server& up) {
  test::raw_client page(up.port());
  page.send("GET /metrics HTTP/1.1\r\nHost: " + test::local_host(up.port()) + "\r\n\r\n");
  page.receive_all(short_patience);
  ws_client client(up.port());
  if (!client.is_upgraded()) return;
  if (client.next_of("startup_complete", short_patience).is_null()) return;
  client.send_text(R"({"type":"subscribe","channels":["energy","experience","reward"]})");
  client.send_text("nonsense");
  if (client.next_of("error_event", short_patience).is_null()) return;
  energy_update energy;
  energy.model_id = "a_model_whose_name_is_long";
  energy.total_energy = 3;
  up.publish(energy);
  auto tokens = up.open_token_stream("a_session_whose_name_is_long", "a_model_whose_name_is_long");
  tokens.write("a piece of text that is long enough to be allocated");
  tokens.finish();
  up.publish(reward("one"));
  client.next_of("reward_event", short_patience);
  client.ping("are you there");
  client.close(rfc6455::close_code::normal);
  client.wait_for_close(short_patience);
}

void check_health(server& up) {
  ws_client client(up.port());
  REQUIRE(client.is_upgraded());
  REQUIRE_FALSE(client.next_of("startup_complete").is_null());
  up.publish(reward("hello"));
  CHECK_FALSE(client.next_of("reward_event").is_null());
  client.close(rfc6455::close_code::normal);
  CHECK(client.wait_for_close() == 1000);
}

}  // namespace

TEST_CASE("a server whose memory runs out goes on when there is some", "[allocation][server]") {
  const memory::sheltered own;
  const test::temp_folder folder;
  journal_options journal;
  journal.path = folder.file("journal");
  journal.sync = journal_sync::never;
  test::running_server up;
  up.server.keep_journal(journal);
  up.server.on_connect([](const connection_info&) {});
  up.server.on_disconnect([](const connection_info&, const disconnect_info&) {});
  up.server.on_event([](const event_view&) {});
  up.server.on_log([](log_level, std::string_view) {});
  up.server.on_tick([&](tick& tick) {
    if (tick.number() % 16 != 0) return;
    error_event event;
    event.code = "FROM_THE_TICK";
    event.message = "a message that is long enough to be allocated";
    tick.publish(event);
  });
  up.start();
  visit(up.server);
  int failures = 0;
  for (long nth = 1; nth < 2000; ++nth) {
    INFO("allocation " << nth);
    memory::fail(nth);
    visit(up.server);
    const bool failed = memory::has_failed();
    failures += failed ? 1 : 0;
    check_health(up.server);
    CHECK(test::eventually([&] { return up.server.stats().connections == 0; }));
    if (!failed) break;
  }
  CHECK(failures > 50);
}

namespace {

// Calls `step` with each of its allocations failing in its turn, until it is done: so often it said that there was no memory.
template <class Step>
int fail_each(Step step) {
  int failures = 0;
  for (long nth = 1; nth < 100; ++nth) {
    INFO("allocation " << nth);
    std::error_code error;
    bool has_failed = false;
    {
      const memory::sheltered exposed(false);
      memory::fail(nth);
      step(error);
      has_failed = memory::has_failed();
    }
    if (!error) return failures;  // or only the loop's waking had no memory, which is made up for
    CHECK(error == std::errc::not_enough_memory);
    CHECK(has_failed);
    if (!has_failed) return failures;
    ++failures;
  }
  FAIL("it asks for memory without end");
  return failures;
}

}  // namespace

// Nothing of the server's runs: the loop is the test's, and only the calls of this thread ask for memory.
TEST_CASE("a call that publishes and finds no memory says so, and has sent, counted and opened nothing",
          "[allocation][server][publish]") {
  const memory::sheltered own;
  asio::io_context loop;
  server_options options;
  options.port = 0;
  server up(loop.get_executor(), options);
  up.listen();
  int events = 0;

  // ready: it is not ready until it has said so without an error.
  const startup_complete startup{"a_model_whose_name_is_long_enough", tier::mid, "1.0.0", {}};
  CHECK(fail_each([&](std::error_code& error) { up.ready(startup, error); }) > 0);
  std::error_code again;
  up.ready({"m", tier::mid, "1.0.0"}, again);
  CHECK(again == errc::already_ready);

  const reward_event event = reward("a title that is long enough to be allocated");
  up.on_event([](const event_view&) {});  // every event has to be framed
  up.start();
  for (int turn = 0; turn < 20; ++turn) loop.poll();
  const std::uint64_t before = up.stats().events_total;
  const int refused = fail_each([&](std::error_code& error) {
    events += up.publish(event, error) != publish_result::refused ? 1 : 0;
  });
  CHECK(refused > 0);
  CHECK(events == 1);
  CHECK(up.stats().events_total == before + 1);

  token_stream_writer tokens;
  CHECK(fail_each([&](std::error_code& error) { tokens = up.open_token_stream("s", "m", error); }) > 0);
  CHECK(fail_each([&](std::error_code& error) { tokens.write("a piece of text that is long enough to be allocated", error); }) >
        0);
  fail_each([&](std::error_code& error) { tokens.waiting(0.5, error); });  // none, where the queue has a place to spare
  token_stream_writer thinks;
  CHECK(fail_each([&](std::error_code& error) { thinks = tokens.thinking(error); }) > 0);
  CHECK(fail_each([&](std::error_code& error) { up.loading("a_model_whose_name_is_long_enough", 0.5, error); }) > 0);
  bool has_thrown = false;
  {
    const memory::sheltered exposed(false);
    memory::fail(1);
    try {
      up.publish(event);
    } catch (const std::bad_alloc&) {
      has_thrown = true;
    }
    memory::has_failed();
  }
  CHECK(has_thrown);
  tokens.finish();
  for (int turn = 0; turn < 20; ++turn) loop.poll();
  up.stop();
  for (int turn = 0; turn < 20; ++turn) loop.poll();
}

TEST_CASE("no memory for ready, or for stop, delays them and loses neither", "[allocation][server]") {
  const memory::sheltered own;
  for (long nth = 1; nth < 60; ++nth) {
    INFO("allocation " << nth);
    test::running_server up;
    up.start(false);
    ws_client early(up.port());
    memory::fail(nth);
    up.server.ready({"llama3_2-3b", tier::mid, "1.0.0"});
    early.next(short_patience);
    memory::has_failed();
    check_health(up.server);
    memory::fail(nth);
    {
      const memory::sheltered exposed(false);
      up.server.stop();
    }
    up.server.wait();
    if (!memory::has_failed()) break;
  }
}

TEST_CASE("publish without memory throws, and nothing was sent to anyone", "[allocation][publish]") {
  const memory::sheltered own;
  test::running_server up;
  up.start();
  auto client = std::make_unique<ws_client>(up.port());
  REQUIRE_FALSE(client->next_of("startup_complete").is_null());
  const reward_event event = reward("a title that is long enough to be allocated by itself");
  for (int nth = 1;; ++nth) {
    REQUIRE(nth < 40);
    bool has_thrown = false;
    memory::fail(nth);
    try {
      const memory::sheltered exposed(false);
      up.server.publish(event);
    } catch (const std::bad_alloc&) {
      has_thrown = true;
    }
    memory::has_failed();
    up.server.publish(reward("after"));
    const auto next = client->next_of("reward_event");
    if (next.is_null()) client = std::make_unique<ws_client>(up.port());  // it failed on the server's own thread
    else CHECK((next["payload"]["title"] == "after") == has_thrown);
    if (!next.is_null() && !has_thrown) break;
  }
  CHECK(test::eventually([&] { return up.server.stats().queued_bytes == 0; }));
}
