// The table of routes over a real socket, row by row: routes that are served, that need the token, that an invited origin reads; and
// origins that are invited while the server runs.
#include <atomic>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include "catch.hpp"
#include "support/test_client.hpp"
#include "wirthforge_ws.hpp"

namespace routes_test {

using namespace wirthforge;
using nlohmann::json;
using test::http;
using test::running_server;

namespace {
std::string status_of(const std::string& response) { return response.size() < 12 ? "none" : response.substr(9, 3); }
std::string path_of(const net::route& row) { return std::string(row.path) + std::string(row.rest); }
std::string field(const std::string& response, const std::string& name) {
  const std::size_t at = response.find("\r\n" + name + ": ");
  if (at > response.find("\r\n\r\n")) return "none";
  const std::size_t begin = at + name.size() + 4;
  return response.substr(begin, response.find('\r', begin) - begin);
}
const char* const invited = "Origin: http://localhost:3000\r\n";
}  // namespace

TEST_CASE("every row of the table of routes is served, and no other path is", "[integration][http][routes]") {
  running_server up;
  up.start();
  for (const net::route& each : net::routes) {
    CAPTURE(each.path);
    CHECK(status_of(http(up.port(), path_of(each))) == (each.what == net::page::websocket ? "426" : "200"));
    CHECK(net::find_route(path_of(each)) == &each);
  }
  for (const char* path :
       {"/nothing", "/health/", "/metrics/x", "/ws/", "/Health", "/dashboard", "/dashboard-x.js", "/schemas/x"}) {
    CHECK(status_of(http(up.port(), path)) == "404");
  }
}

TEST_CASE("every row of the table that is not marked public needs the token", "[integration][http][routes][token]") {
  server_options options;
  options.token = std::string(43, 't');
  running_server up(options);
  up.start();
  for (const net::route& each : net::routes) {
    CAPTURE(each.path);
    const std::string path = path_of(each);
    CHECK((status_of(http(up.port(), path)) == "401") == !each.is_public);
    CHECK(status_of(http(up.port(), path, "GET", {}, "Authorization: Bearer " + options.token + "\r\n")) != "401");
  }
}

TEST_CASE("an invited origin reads the shared routes and nothing else, by name", "[integration][http][cors]") {
  server_options options;
  options.allowed_origins = {"http://localhost:3000"};
  running_server up(options);
  up.start();
  const std::string allow = "Access-Control-Allow-Origin";
  for (const net::route& each : net::routes) {
    CAPTURE(each.path);
    const std::string path = path_of(each);
    for (const std::string method : {"GET", "HEAD"}) {
      const std::string response = http(up.port(), path, method, {}, invited);
      CHECK(field(response, allow) == (each.is_shared ? "http://localhost:3000" : "none"));
      CHECK(field(response, "Vary") == (each.is_shared ? "Origin" : "none"));
      CHECK(field(response, "Cross-Origin-Resource-Policy") == "same-origin");
    }
    CHECK(field(http(up.port(), path), allow) == "none");
    CHECK(field(http(up.port(), path, "GET", {}, "Origin: https://evil.test\r\n"), allow) == "none");
    CHECK(field(http(up.port(), path, "GET", {}, "Origin: http://" + test::local_host(up.port()) + "\r\n"), allow) == "none");
    CHECK(status_of(http(up.port(), path, "OPTIONS", {},
                         std::string(invited) + "Access-Control-Request-Method: GET\r\n"
                                                "Access-Control-Request-Headers: authorization\r\n")) == "405");
  }
  CHECK(field(http(up.port(), "/nothing", "GET", {}, invited), allow) == "none");
  CHECK(field(http(up.port(), "/health", "GET", {}, "Origin: http://127.0.0.1:3000\r\n"), allow) == "http://127.0.0.1:3000");
}

TEST_CASE("with a token a preflight is answered for shared routes, and for an invited origin alone",
          "[integration][http][cors][token]") {
  server_options options;
  options.allowed_origins = {"http://localhost:3000"};
  options.token = std::string(43, 't');
  running_server up(options);
  up.start();
  const std::string asks = "Access-Control-Request-Method: GET\r\nAccess-Control-Request-Headers: authorization\r\n";
  for (const net::route& each : net::routes) {
    CAPTURE(each.path);
    const std::string path = path_of(each);
    const std::string response = http(up.port(), path, "OPTIONS", {}, invited + asks);
    CHECK((status_of(response) == "200") == each.is_shared);
    CHECK(field(response, "Access-Control-Allow-Headers") == (each.is_shared ? "authorization" : "none"));
    CHECK(field(response, "Access-Control-Allow-Methods") == (each.is_shared ? "GET, HEAD" : "none"));
    CHECK(field(response, "Access-Control-Allow-Origin") == (each.is_shared ? "http://localhost:3000" : "none"));
    CHECK(field(response, "Access-Control-Allow-Credentials") == "none");
    CHECK(status_of(http(up.port(), path, "OPTIONS", {}, "Origin: https://evil.test\r\n" + asks)) == "403");
    CHECK(status_of(http(up.port(), path, "OPTIONS", {}, asks)) != "200");
  }
  const std::string refused = http(up.port(), "/ws", "GET", {}, invited);  // a refused page may read the reason
  CHECK(status_of(refused) == "401");
  CHECK(field(refused, "Access-Control-Allow-Origin") == "http://localhost:3000");
  CHECK(test::body_of(refused) == "the access token is missing\n");
}

TEST_CASE("through a forwarder a page connects from the forwarder's address", "[integration][gate][forwarded]") {
  running_server up;
  up.start();
  const auto answer = [&](const std::string& host, const std::string& origin) {
    return status_of(http(up.port(), "/health", "GET", host, "Origin: " + origin + "\r\n"));
  };
  CHECK(answer("localhost:9000", "http://localhost:9000") == "200");
  CHECK(answer("localhost:9000", "http://localhost:9001") == "403");
  CHECK(answer("localhost:9000", "https://localhost:9000") == "403");
  CHECK(answer("evil.test:9000", "http://evil.test:9000") == "403");
}

TEST_CASE("a server that stops did not say so to a client that asked while others drained", "[integration][http][health]") {
  server_options options;
  options.stop_timeout = std::chrono::minutes(10);
  running_server up(options);
  up.start();
  test::raw_client stays(up.port());  // reads nothing, and answers no close frame
  stays.send(test::upgrade_head(up.port()));
  REQUIRE(stays.receive().find("101") != std::string::npos);
  up.server.stop();
  const auto says = [&] {
    const std::string response = http(up.port(), "/health");
    return status_of(response) == "503" && json::parse(test::body_of(response))["status"] == "stopping";
  };
  CHECK(test::eventually(says));
  const auto refuses = [&] {  // from the I/O thread's next turn on
    test::raw_client late(up.port());
    late.send(test::upgrade_head(up.port()));
    return status_of(late.receive()) == "503";
  };
  CHECK(test::eventually(refuses));
  stays.cut();
  up.server.wait();
}

TEST_CASE("while the server runs, origins are invited and uninvited, and a predicate decides", "[integration][gate][origin]") {
  server_options options;
  options.allowed_origins = {"http://localhost:3000"};
  options.token = std::string(43, 't');
  running_server up(options);
  up.server.on_origin([](std::string_view origin) {
    if (origin == "http://throws.test") throw std::runtime_error("no");
    return origin.substr(0, 17) == "vscode-webview://";
  });
  up.start();
  const auto answer = [&](const std::string& origin, const std::string& more = {}) {
    return status_of(http(up.port(), "/health", "GET", {}, "Origin: " + origin + "\r\n" + more));
  };
  const std::string bearer = "Authorization: Bearer " + options.token + "\r\n";
  CHECK(answer("http://localhost:3000") == "200");
  CHECK(answer("http://localhost:5173") == "403");
  up.server.invite("http://localhost:5173");
  CHECK(answer("http://[::1]:5173") == "200");
  up.server.uninvite("http://127.0.0.1:5173");
  up.server.uninvite("http://localhost:3000");
  CHECK(answer("http://localhost:5173") == "403");
  CHECK(answer("http://localhost:3000") == "403");
  CHECK(answer("vscode-webview://1a2b") == "401");
  CHECK(answer("vscode-webview://3c4d", bearer) == "200");
  CHECK(answer("http://throws.test", bearer) == "403");
  CHECK(up.server.stats().callback_errors_total == 1);
}

TEST_CASE("health reports a start with its phase, ticks that a callback delays, and their return",
          "[integration][http][health]") {
  std::atomic<bool> is_blocking{false};
  std::atomic<bool> holds{true};
  running_server up;
  up.server.on_tick([&](tick&) {
    is_blocking = true;
    while (holds) std::this_thread::sleep_for(milliseconds(5));
  });
  up.start(false);
  struct release {  // or a test that ends early would never end
    std::atomic<bool>& what;
    ~release() { what = false; }
  } const at_the_end{holds};
  const auto health = [&] { return http(up.port(), "/health"); };
  const auto says = [&](const char* status, const char* code) {
    const std::string response = health();
    return status_of(response) == code && json::parse(test::body_of(response))["status"] == status;
  };
  CHECK(says("starting", "503"));
  up.server.ready({"m", tier::mid, "1.0.0"});
  CHECK(test::eventually([&] { return is_blocking.load() && says("stalled", "503"); }));
  CHECK(status_of(http(up.port(), "/decipher/status")) == "503");
  holds = false;
  CHECK(test::eventually([&] { return says("ok", "200"); }));
}

}  // namespace routes_test
