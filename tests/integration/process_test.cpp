// A program that the host starts inherits nothing from the server. The host is this test, with a server that is busy.
#if !defined(_WIN32)
#include <cstdio>
#include <memory>
#include <set>
#include <sstream>
#include <string>

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "catch.hpp"
#include "support/temp_folder.hpp"
#include "support/test_client.hpp"
#include "wirthforge_ws.hpp"

using namespace wirthforge;
using test::reward;
using test::running_server;
using test::ws_client;

extern "C" char** environ;

namespace {

/// A program that is started now, and keeps its inherited descriptors until the end of this object.
class child {
 public:
  child() {
    int to[2] = {-1, -1};
    int from[2] = {-1, -1};
    REQUIRE(::pipe(to) == 0);
    REQUIRE(::pipe(from) == 0);
    for (const int each : {to[0], to[1], from[0], from[1]}) ::fcntl(each, F_SETFD, FD_CLOEXEC);
    lifeline_ = to[1];
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, to[0], 0);
    ::posix_spawn_file_actions_adddup2(&actions, from[1], 1);
    std::string name = "cat";
    char* arguments[] = {&name[0], nullptr};
    const int error = ::posix_spawnp(&pid_, "cat", &actions, nullptr, arguments, environ);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(to[0]);
    ::close(from[1]);
    // On Linux this returns before the new program has closed its close-on-exec descriptors.
    char echo = '?';
    const bool is_up = error == 0 && ::write(lifeline_, "!", 1) == 1 && ::read(from[0], &echo, 1) == 1;
    ::close(from[0]);
    REQUIRE(is_up);
  }
  ~child() {
    ::close(lifeline_);
    ::waitpid(pid_, nullptr, 0);
  }
  child(const child&) = delete;
  child& operator=(const child&) = delete;

 private:
  int lifeline_ = -1;
  pid_t pid_ = 0;
};

/// The descriptors that are open in a program which is started now, by its own list.
std::set<int> inherited() {
  FILE* const from = ::popen("for each in /dev/fd/*; do echo ${each##*/}; done", "r");
  REQUIRE(from != nullptr);
  std::string text;
  char piece[256];
  while (const std::size_t size = std::fread(piece, 1, sizeof piece, from)) text.append(piece, size);
  ::pclose(from);
  std::set<int> result;
  std::istringstream words(text);
  for (int number = 0; words >> number;) result.insert(number);
  return result;
}

void close_on_exec(ws_client& client) { ::fcntl(client.raw().socket().native_handle(), F_SETFD, FD_CLOEXEC); }

}  // namespace

TEST_CASE("a program that the host starts inherits nothing of a busy server's", "[integration][process]") {
  const std::set<int> before = inherited();
  const test::temp_folder folder;
  journal_options journal;
  journal.path = folder.file("journal");
  server_options options;
  options.token = make_token();
  write_token_file(folder.file("token"), options.token);
  running_server up(options);
  up.server.keep_journal(journal);
  up.start();
  ws_client client(up.port(), "/ws", "Authorization: Bearer " + options.token + "\r\n");
  ws_client over_ipv6(up.port(), "/ws", "Authorization: Bearer " + options.token + "\r\n", true);
  CHECK_FALSE(client.next_of("startup_complete").is_null());
  CHECK_FALSE(over_ipv6.next_of("startup_complete").is_null());
  const std::set<int> with_clients = inherited();
  CHECK(with_clients.size() == before.size() + 2);  // this test's own: they are seen
  close_on_exec(client);
  close_on_exec(over_ipv6);
  CHECK(inherited() == before);
  up.server.publish(reward("it goes on"));
  CHECK_FALSE(client.next_of("reward_event").is_null());
}

TEST_CASE("a host that ends releases its port and its clients, though a program that it started lives on",
          "[integration][process]") {
  server_options options;
  options.port = 0;
  auto host = std::make_unique<server>(options);
  host->start();
  options.port = host->port();
  test::raw_client client(options.port);
  ::fcntl(client.socket().native_handle(), F_SETFD, FD_CLOEXEC);
  client.send("GET / HT");
  CHECK(test::eventually([&] { return host->stats().bytes_received_total > 0; }));
  const child lives_on;
  host.reset();  // without stop(): as a process that is killed, it says nothing
  client.receive_all();
  CHECK(client.is_at_end());
  server next(options);
  std::error_code error;
  next.listen(error);
  CHECK_FALSE(error);
}
#endif
