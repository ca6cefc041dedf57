// The per-launch token over real sockets: the clients that are let in, the routes that stay open, and that it is logged nowhere.
#include <cstdio>
#include <fstream>
#include <mutex>
#include <string>

#if !defined(_WIN32)
#include <sys/stat.h>
#endif

#include "catch.hpp"
#include "support/test_client.hpp"
#include "wirthforge_ws.hpp"

using namespace wirthforge;
using test::running_server;
using test::ws_client;

namespace {

server_options with_token(const std::string& token) {
  server_options options;
  options.token = token;
  return options;
}
std::string offer(const std::string& token) {
  return "Sec-WebSocket-Protocol: wirthforge.v1, wirthforge.token." + token + "\r\n";
}

}  // namespace

TEST_CASE("with a token set, the WebSocket and the metrics ask for it; page and health do not",
          "[integration][attacks][token]") {
  const std::string token = make_token();
  CHECK(token.size() == 43);
  CHECK(token != make_token());
  std::string log;
  std::mutex mutex;
  running_server up(with_token(token));
  up.server.on_log([&](log_level, std::string_view line) {
    const std::lock_guard<std::mutex> lock(mutex);
    log += line;
  });
  up.start();

  ws_client page(up.port(), "/ws", offer(token));
  REQUIRE(page.is_upgraded());
  CHECK(page.head().find("Sec-WebSocket-Protocol: wirthforge.v1\r\n") != std::string::npos);
  CHECK(page.head().find(token) == std::string::npos);
  CHECK(page.next_of("startup_complete").is_object());
  ws_client program(up.port(), "/ws", "Authorization: Bearer " + token + "\r\n");
  CHECK(program.is_upgraded());

  for (const std::string& more :
       std::vector<std::string>{std::string(), offer("x"), offer(token + "x"), "Cookie: token=" + token + "\r\n"}) {
    ws_client refused(up.port(), "/ws", more);
    CHECK(refused.head().compare(0, 12, "HTTP/1.1 401") == 0);
  }
  CHECK(test::http(up.port(), "/ws?token=" + token).compare(0, 12, "HTTP/1.1 401") == 0);
  for (const char* path : {"/metrics", "/api/metrics"}) {
    CHECK(test::http(up.port(), path).compare(0, 12, "HTTP/1.1 401") == 0);
    CHECK(test::http(up.port(), path, "GET", {}, "Authorization: Bearer " + token + "\r\n").compare(0, 12, "HTTP/1.1 200") ==
          0);
  }
  for (const char* path : {"/", "/wirthforge.js", "/health", "/schemas/heartbeat.schema.json"}) {
    CHECK(test::http(up.port(), path).compare(0, 12, "HTTP/1.1 200") == 0);
  }
  page.raw().cut();
  program.raw().cut();
  up.server.stop();
  up.server.wait();
  CHECK(log.find("server_options::token") != std::string::npos);
  CHECK(log.find(token) == std::string::npos);
}

TEST_CASE("many guesses are throttled and do not keep out a client with the token", "[integration][attacks][token]") {
  const std::string token = make_token();
  running_server up(with_token(token));
  up.start();
  int throttled = 0;
  for (int n = 0; n < 300 || throttled == 0; ++n) {  // ten a second are answered with 401: tests/unit/live/guesses_test.cpp
    test::raw_client guess(up.port());
    guess.send(test::upgrade_head(up.port(), "/ws", offer(std::string(40, 'g') + std::to_string(n % 900 + 100))));
    const std::string head = guess.receive();
    const bool is_known = head.compare(0, 12, "HTTP/1.1 401") == 0 || head.compare(0, 12, "HTTP/1.1 429") == 0;
    REQUIRE(is_known);
    throttled += head.compare(9, 3, "429") == 0 ? 1 : 0;
  }
  ws_client owner(up.port(), "/ws", offer(token));
  CHECK(owner.is_upgraded());
}

TEST_CASE("a page without an origin needs the token for everything, and guesses are throttled",
          "[integration][attacks][token]") {
  const std::string token = make_token();
  server_options options = with_token(token);
  options.allow_null_origin = true;
  int notes = 0;
  running_server up(options);
  up.server.on_log([&](log_level, std::string_view) { ++notes; });
  up.start();
  CHECK(test::http(up.port(), "/", "GET", {}, "Origin: null\r\n").compare(0, 12, "HTTP/1.1 401") == 0);
  ws_client owner(up.port(), "/ws", "Origin: null\r\n" + offer(token));
  CHECK(owner.is_upgraded());
  for (int n = 0; n < 300; ++n) test::http(up.port(), "/", "GET", {}, "Origin: null\r\n" + offer("guess"));
  while (test::http(up.port(), "/", "GET", {}, "Origin: null\r\n").compare(0, 12, "HTTP/1.1 429") != 0) {}
  for (int n = 0; n < 300; ++n) test::http(up.port(), "/", "GET", "evil.test");
  owner.raw().cut();
  up.server.stop();
  up.server.wait();
  CHECK(notes > 5);
}

TEST_CASE("a token that is too short, and Origin null without a token, are refused as options", "[integration][token]") {
  std::error_code error;
  server_options options = with_token(std::string(31, 'a'));
  options.port = 0;
  server weak(options);
  weak.listen(error);
  CHECK(error == errc::option_out_of_range);
  options.token.clear();
  options.allow_null_origin = true;
  server open(options);
  open.listen(error);
  CHECK(error == errc::option_out_of_range);
}

#if !defined(_WIN32)
TEST_CASE("the token's file is this user's alone, also when another was there before", "[integration][attacks][token]") {
  const std::string path = "wirthforge_token_test." + std::to_string(::getpid());
  std::ofstream(path) << "old, longer than the new one and readable by everybody, which must not matter at all\n";
  ::chmod(path.c_str(), 0644);
  const std::string token = make_token();
  write_token_file(path, token);
  struct stat found {};
  REQUIRE(::stat(path.c_str(), &found) == 0);
  CHECK((found.st_mode & 0777) == 0600);
  std::string line;
  std::ifstream file(path);
  std::getline(file, line);
  CHECK(line == token);
  std::remove(path.c_str());
  std::error_code error;
  write_token_file("/no/such/folder/token", token, error);
  CHECK(error == std::errc::no_such_file_or_directory);
}

TEST_CASE("a token goes into no file that a link under its name leads to", "[integration][attacks][token]") {
  const std::string path = "wirthforge_token_test." + std::to_string(::getpid());
  const std::string trap = path + ".trap";
  std::ofstream(trap) << "mine\n";
  REQUIRE(::symlink(trap.c_str(), path.c_str()) == 0);
  write_token_file(path, "secret");
  struct stat found {};
  REQUIRE(::lstat(path.c_str(), &found) == 0);
  CHECK(S_ISREG(found.st_mode));
  std::string line;
  std::ifstream file(trap);
  std::getline(file, line);
  CHECK(line == "mine");
  std::remove(path.c_str());
  std::remove(trap.c_str());
}
#endif
