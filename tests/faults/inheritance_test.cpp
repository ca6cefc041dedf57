// Each descriptor of the library is close-on-exec when it is made: checked right after the call that opened it, since another thread
// may start a program at any moment.
#if defined(__linux__)
#include <cstdio>
#include <fstream>
#include <future>
#include <string>
#include <thread>

#include <dlfcn.h>
#include <sys/eventfd.h>

#include "catch.hpp"
#include "faults/support/faults.hpp"
#include "integration/support/test_client.hpp"
#include "support/journals.hpp"
#include "support/temp_folder.hpp"
#include "wirthforge_ws.hpp"

using namespace wirthforge;
using test::reward;

// The names by which the standard library's streams open files. system_calls_test.cpp explains both.
extern "C" FILE* noted_fopen(const char* path, const char* how) __asm__("fopen");
extern "C" FILE* noted_fopen64(const char* path, const char* how) __asm__("fopen64") __attribute__((alias("fopen")));
extern "C" FILE* noted_fopen(const char* path, const char* how) {
  static auto* const real = reinterpret_cast<FILE* (*)(const char*, const char*)>(::dlsym(RTLD_NEXT, "fopen"));
  FILE* const file = real(path, how);
  if (file != nullptr) faults::born(::fileno(file), "fopen");
  return file;
}

TEST_CASE("an inheritable descriptor is noticed, whichever code opened it", "[faults][inheritance]") {
  const faults::sheltered exposed(false);
  const test::temp_folder folder;
  asio::io_context io;
  faults::forget_births();
  { const asio::ip::tcp::socket socket(io, asio::ip::tcp::v4()); }
  CHECK(faults::inheritable_birth() == "socket");
  faults::forget_births();
  { const std::ofstream file(folder.file("any")); }
  CHECK(faults::inheritable_birth() == "fopen");
  faults::forget_births();
  ::close(::eventfd(0, 0));
  CHECK(faults::inheritable_birth() == "eventfd");
  faults::forget_births();
}

TEST_CASE("no program inherits a server's descriptors, however early it is started", "[faults][inheritance]") {
  const faults::sheltered own;
  const test::temp_folder folder;
  journal_options journal;
  journal.path = folder.file("journal");
  journal.max_file_bytes = 4096;
  journal.sync = journal_sync::each_batch;
  faults::forget_births();
  for (const bool is_second_run : {false, true}) {
    INFO((is_second_run ? "second" : "first") << " run");
    const faults::sheltered exposed(false);
    if (is_second_run)
      std::ofstream(journal.path, std::ios::trunc).close();  // killed between two files: the one before it is read
    faults::forget_births();
    server_options options;
    options.port = 0;
    options.token = make_token();
    write_token_file(folder.file("token"), options.token);
    server up(options);
    up.keep_journal(journal);
    up.start();
    up.ready({"llama3_2-3b", tier::mid, "1.0.0"});
    {
      const faults::sheltered client_side;
      test::ws_client client(up.port(), "/ws", "Authorization: Bearer " + options.token + "\r\n");
      REQUIRE(client.is_upgraded());
      REQUIRE(test::http(up.port(), "/").substr(9, 3) == "200");
      for (int count = 0; count < 100; ++count) up.publish(reward("enough of them for a second file"));
      for (int count = 0; count < 100; ++count) REQUIRE_FALSE(client.next_of("reward_event").is_null());
    }
    up.stop();
    up.wait();
    CHECK(journal_paths(journal.path).size() > 1);
    CHECK(faults::inheritable_birth().empty());
  }
}

TEST_CASE("the connections of a bridge to its model server were inherited by every program", "[faults][inheritance]") {
  const faults::sheltered own;
  server_options options;
  options.port = 0;
  test::running_server up(options);
  std::promise<std::uint16_t> port;
  std::thread model([&port] {
    const faults::sheltered its_own;
    asio::io_context io;
    asio::ip::tcp::acceptor accepts(io, {asio::ip::address_v6::loopback(), 0});
    port.set_value(accepts.local_endpoint().port());
    std::error_code ignored;
    asio::ip::tcp::socket(accepts.accept()).shutdown(asio::socket_base::shutdown_both, ignored);
  });
  up.start();
  faults::forget_births();
  model_bridge bridge(up.server);
  // Both of its addresses are tried: nobody listens on the first.
  bridge.ask({"http://localhost:" + std::to_string(port.get_future().get()) + "/api/chat", R"({"model":"a","stream":true})"},
             "question");
  model.join();
  CHECK(test::eventually([&] { return bridge.open_questions() == 0; }));
  CHECK(faults::inheritable_birth().empty());
}
#endif
