// Plain HTTP on the same port: the pages, the numbers, and the gate before all of them.
#include <chrono>
#include <string>
#include <vector>

#include "catch.hpp"
#include "support/test_client.hpp"
#include "wirthforge_ws.hpp"

using namespace wirthforge;
using nlohmann::json;
using test::http;
using test::running_server;

namespace {
std::string status_of(const std::string& response) { return response.size() < 12 ? "none" : response.substr(9, 3); }
bool has_line(const std::string& response, const std::string& line) {
  return response.find("\r\n" + line) < response.find("\r\n\r\n");
}
std::vector<std::string> every_path() {
  std::vector<std::string> all{"/nothing"};
  for (const net::route& each : net::routes) all.push_back(std::string(each.path) + std::string(each.rest));
  return all;
}
const std::vector<std::string> paths = every_path();
}  // namespace

TEST_CASE("every page answers GET and HEAD with its type and the security headers", "[integration][http]") {
  running_server up;
  up.start();
  const std::vector<std::pair<std::string, std::string>> types{
      {"/", "text/html"},
      {"/wirthforge.js", "text/javascript"},
      {"/dashboard.js", "text/javascript"},
      {"/dashboard.css", "text/css"},
      {"/schemas/energy_update.schema.json", "application/schema+json"},
      {"/metrics", "text/plain"},
      {"/api/metrics", "application/json"},
      {"/health", "application/json"},
      {"/decipher/status", "application/json"}};
  for (const auto& [path, type] : types) {
    CAPTURE(path);
    const std::string response = http(up.port(), path);
    CHECK(status_of(response) == "200");
    CHECK(has_line(response, "Content-Type: " + type));
    CHECK(has_line(response, "X-Content-Type-Options: nosniff"));
    CHECK(has_line(response, "Cross-Origin-Resource-Policy: same-origin"));
    CHECK(has_line(response, "Content-Security-Policy: "));
    CHECK(response.find("frame-ancestors 'none'") != std::string::npos);
    CHECK_FALSE(has_line(response, "Access-Control-Allow-Origin"));
    CHECK(has_line(response, "Content-Length: " + std::to_string(test::body_of(response).size())));
    const std::string head = http(up.port(), path, "HEAD");
    CHECK(status_of(head) == "200");
    CHECK(test::body_of(head).empty());
  }
}

TEST_CASE("a client that ends its side right after its request is answered, whatever the request's size",
          "[integration][http][half-closed]") {
  test::polled_server up;
  std::vector<std::size_t> unanswered;
  for (std::size_t size = 128; size <= 400; ++size) {
    test::raw_client client(up.port());
    up.let_it_run();  // it is accepted, and awaited
    std::string head = "GET /health HTTP/1.1\r\nHost: " + test::local_host(up.port()) + "\r\nX: ";
    head += std::string(size - head.size() - 4, 'x') + "\r\n\r\n";
    client.send(head);
    client.socket().shutdown(asio::ip::tcp::socket::shutdown_send);
    up.let_it_run();  // words and end are read at once
    if (status_of(client.receive()) == "none") unanswered.push_back(size);
    if (unanswered.size() > 3) break;
  }
  CHECK(unanswered == std::vector<std::size_t>{});
}

TEST_CASE("the page's policy permits connections to its own server and to no other", "[integration][http][csp]") {
  running_server up;
  up.start();
  const std::string page = http(up.port(), "/");
  CHECK(page.find("connect-src 'self' ws://127.0.0.1:" + std::to_string(up.port())) != std::string::npos);
  CHECK(page.find("default-src 'none'") != std::string::npos);
}

TEST_CASE("all nine schemas are served and nothing else under their folder", "[integration][http]") {
  running_server up;
  up.start();
  for (const std::string name : {"startup_complete", "energy_update", "energy_field", "token_stream", "interference_event",
                                 "resonance_event", "reward_event", "heartbeat", "error_event"}) {
    const json schema = json::parse(test::body_of(http(up.port(), "/schemas/" + name + ".schema.json")));
    CHECK(schema["$schema"] == "http://json-schema.org/draft-07/schema#");
    CHECK(schema["properties"]["type"]["const"] == name);
  }
  for (const std::string path : {"/schemas/", "/schemas/x.schema.json", "/schemas/.schema.json", "/schemas/../health",
                                 "/schemas/energy_update.schema.json/"}) {
    CHECK(status_of(http(up.port(), path)) == "404");
  }
}

TEST_CASE("metrics are the stats, in both forms", "[integration][http][metrics]") {
  running_server up;
  up.start();
  test::ws_client client(up.port());
  client.next_of("heartbeat");
  const json numbers = json::parse(test::body_of(http(up.port(), "/api/metrics")));
  CHECK(numbers["connections"] == 1);
  CHECK(numbers["connections_total"] == 1);
  const std::string text = test::body_of(http(up.port(), "/metrics"));
  CHECK(text.find("# TYPE wirthforge_connections gauge\nwirthforge_connections 1\n") != std::string::npos);
  CHECK(text.find("wirthforge_tick_lateness_seconds_bucket{le=\"+Inf\"}") != std::string::npos);
}

TEST_CASE("only GET and HEAD are answered", "[integration][http]") {
  running_server up;
  up.start();
  for (const std::string method : {"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"}) {
    const std::string response = http(up.port(), "/health", method);
    CAPTURE(method);
    CHECK(status_of(response) == "405");
    CHECK(has_line(response, "Allow: GET, HEAD"));
  }
  CHECK(status_of(http(up.port(), "/ws")) == "426");
}

TEST_CASE("a foreign Host is refused on every path and method before routing", "[integration][gate]") {
  running_server up;
  up.start();
  const std::string port = std::to_string(up.port());
  for (const std::string& host : {"evil.test:" + port, "127.1:" + port, std::string("127.0.0.1:"), "0.0.0.0:" + port,
                                  "localhost.:" + port, "localhost6:" + port, "[::ffff:127.0.0.1]:" + port,
                                  "user@127.0.0.1:" + port, "2130706433:" + port, std::string("127.0.0.1:65536")}) {
    for (const std::string& path : paths) {
      for (const std::string method : {"GET", "HEAD", "POST"}) {
        CAPTURE(host, path, method);
        const std::string response = http(up.port(), path, method, host);
        CHECK((status_of(response) == "403" || status_of(response) == "421"));
        CHECK(response.find("evil") == std::string::npos);
      }
    }
  }
  for (const std::string& host : {"localhost:" + port, "LOCALHOST:" + port, "[::1]:" + port}) {
    CHECK(status_of(http(up.port(), "/health", "GET", host)) == "200");
  }
}

TEST_CASE("a foreign Origin is refused before 101, invited ones connect", "[integration][gate]") {
  server_options options;
  options.allowed_origins = {"http://localhost:3000"};
  running_server up(options);
  up.start();
  const std::string port = std::to_string(up.port());
  const auto answer = [&](const std::string& origin) {
    test::raw_client client(up.port());
    client.send(test::upgrade_head(up.port(), "/ws", "Origin: " + origin + "\r\n"));
    return status_of(client.receive());
  };
  for (const std::string& origin :
       {std::string("https://evil.test"), "http://localhost.evil.test:" + port, "http://127.0.0.1.evil.test:" + port,
        std::string("http://localhost:3001"), "https://127.0.0.1:" + port, std::string("null"), std::string("file://"),
        std::string("")}) {
    CAPTURE(origin);
    CHECK(answer(origin) == "403");
  }
  for (const std::string& origin :
       {"http://127.0.0.1:" + port, "http://localhost:" + port, "http://[::1]:" + port, std::string("http://localhost:3000")}) {
    CAPTURE(origin);
    CHECK(answer(origin) == "101");
  }
  CHECK(status_of(http(up.port(), "/health", "GET", {}, "Origin: https://evil.test\r\n")) == "403");
  CHECK(status_of(http(up.port(), "/health", "GET", {}, "Host: 127.0.0.1:" + port + "\r\n")) == "400");
}

TEST_CASE("a refusal is logged with the value and the option that would permit it, once", "[integration][gate][log]") {
  std::mutex mutex;
  std::string log;
  running_server up;
  up.server.on_log([&](log_level, std::string_view line) {
    const std::lock_guard<std::mutex> lock(mutex);
    log += std::string(line) + "\n";
  });
  up.start();
  http(up.port(), "/health", "GET", {}, "Origin: https://evil.test\r\n");
  CHECK(test::eventually([&] {
    const std::lock_guard<std::mutex> lock(mutex);
    return log.find("https://evil.test") != std::string::npos && log.find("allowed_origins") != std::string::npos;
  }));
}

TEST_CASE("the opening handshake echoes a known subprotocol and needs none", "[integration][handshake]") {
  running_server up;
  up.start();
  for (const std::string name : {"wirthforge.v1", "wirthforge-v1"}) {
    test::ws_client client(up.port(), "/ws", "Sec-WebSocket-Protocol: other, " + name + "\r\n");
    CHECK(has_line(client.head(), "Sec-WebSocket-Protocol: " + name));
  }
  test::ws_client none(up.port());
  CHECK_FALSE(has_line(none.head(), "Sec-WebSocket-Protocol"));
  CHECK(has_line(none.head(), "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
  test::raw_client old(up.port());
  std::string head = test::upgrade_head(up.port());
  head.replace(head.find("Version: 13"), 11, "Version: 8");
  old.send(head);
  const std::string response = old.receive_all();
  CHECK(status_of(response) == "426");
  CHECK(has_line(response, "Sec-WebSocket-Version: 13"));
}

TEST_CASE("the head is bounded at 8 KiB", "[integration][limit]") {
  running_server up;
  up.start();
  const std::string base = "GET /health HTTP/1.1\r\nHost: " + test::local_host(up.port()) + "\r\nX: ";
  const auto answer = [&](std::size_t size) {
    test::raw_client client(up.port());
    client.send(base + std::string(size - base.size() - 4, 'x') + "\r\n\r\n");
    return status_of(client.receive_all());
  };
  CHECK(answer(8192) == "200");
  CHECK(answer(8193) == "431");
}
