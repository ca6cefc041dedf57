// Making, starting and stopping a server where each call to the system fails in its turn: it runs, or says why it does not;
// in either case nothing is left behind.
#if defined(__linux__)
#include <atomic>
#include <string>
#include <thread>

#include "catch.hpp"
#include "faults/support/faults.hpp"
#include "integration/support/test_client.hpp"
#include "support/journals.hpp"
#include "support/temp_folder.hpp"
#include "wirthforge_ws.hpp"

using namespace wirthforge;
using faults::call;
using test::reward;
using test::ws_client;

namespace {

void check_service(server& up) {
  const faults::sheltered own;
  ws_client client(up.port());
  REQUIRE(client.is_upgraded());
  CHECK_FALSE(client.next_of("startup_complete").is_null());
  up.publish(reward("hello"));
  CHECK_FALSE(client.next_of("reward_event").is_null());
}

// A life from construction to destruction, whose start and stop are under a fault. Returns how often the fault fired.
int live_under(const faults::fault& each, int nth, const journal_options* journal) {
  int fired = 0;
  faults::arm(each, nth);
  const faults::sheltered exposed(false);
  try {
    server_options options;
    options.port = 0;
    server up(options);
    if (journal != nullptr) up.keep_journal(*journal);
    std::error_code error;
    up.start(error);
    fired = faults::disarm();
    if (error) {
      CHECK(fired == 1);
      CHECK_FALSE(error.message().empty());
      const bool has_a_cause = error.value() == std::abs(each.outcome) || error == errc::port_in_use ||
                               error == errc::not_a_journal || error == std::errc::io_error;
      CHECK(has_a_cause);
      up.stop();
      up.wait();  // returns, although there is nothing to wait for
      return fired;
    }
    up.ready({"llama3_2-3b", tier::mid, "1.0.0"});
    check_service(up);
    faults::arm(each, nth);
    up.stop();
    up.wait();
  } catch (const std::system_error& thrown) {
    CHECK(thrown.code().value() == each.outcome);
  }
  return fired + faults::disarm();
}

}  // namespace

TEST_CASE("a server runs or says why not, whichever call fails while it starts and stops", "[faults][server]") {
  const faults::sheltered own;
  const test::temp_folder folder;
  journal_options journal;
  journal.path = folder.file("journal");
  live_under({call::accept, EAGAIN, ""}, 1000, nullptr);  // objects that are made once, such as statics, are made now
  for (const bool with_journal : {false, true}) {
    const int before = faults::open_descriptors();
    for (const faults::fault& each : faults::all()) {
      if (faults::is_of_connections(each) || faults::is_of_files(each) != with_journal) continue;
      for (int nth = 1;; ++nth) {
        INFO(each.name << ", call " << nth);
        REQUIRE(nth < 40);
        const int fired = live_under(each, nth, with_journal ? &journal : nullptr);
        CHECK(faults::open_descriptors() == before);
        if (fired == 0) break;
      }
    }
  }
}

namespace {
server* stopped_in_handler = nullptr;
bool was_interrupted = false;
}  // namespace

TEST_CASE("a signal handler may stop the server while its thread holds a lock of the loop's", "[faults][server][signal]") {
  const faults::sheltered own;
  std::atomic<int> taken{0};
  test::running_server up;
  up.server.ready({"m", tier::mid, "1.0.0"});
  up.server.on_event([&taken](const event_view&) { ++taken; });
  up.server.start();
  stopped_in_handler = &up.server;
  was_interrupted = false;
  faults::interrupt_with([] {
    was_interrupted = true;
    stopped_in_handler->stop();
  });
  // A loop that sleeps is woken by a call within Asio's lock. One event at a time: a loop that is always busy never sleeps.
  for (int published = 1; !was_interrupted; ++published) {
    up.server.publish(reward("wakes the loop"));
    if (was_interrupted) break;
    REQUIRE(test::eventually([&] { return taken >= published; }));
    std::this_thread::sleep_for(
        std::chrono::milliseconds(1));  // so that the loop likely sleeps; if not, it does at a later event
  }
  CHECK(was_interrupted);
  up.server.wait();
}

TEST_CASE("a server that could not start its threads is stopped, and says why", "[faults][server][threads]") {
  const faults::sheltered own;
  for (int nth = 1; nth <= 3; ++nth) {
    INFO("thread " << nth);
    std::error_code error;
    test::running_server up;
    {
      faults::arm({call::pthread_create, EAGAIN, ""}, nth);
      const faults::sheltered exposed(false);
      up.server.start(error);
    }
    CHECK(faults::disarm() == 1);
    CHECK(error == std::errc::resource_unavailable_try_again);
    up.server.publish(reward("to nobody"), error);
    CHECK(error == errc::server_stopped);
    up.server.start(error);
    CHECK(error == errc::server_stopped);
  }
}
#endif
