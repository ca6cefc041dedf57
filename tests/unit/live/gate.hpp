// Shared by the tests of refused requests: an engine's surroundings that keep the lines of its log, and one request to it.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "wirthforge_ws.hpp"

namespace gate {

using namespace wirthforge;

struct listener final : live::environment, live::observer {
  std::vector<std::string> notes;
  double frame_rate_hz() const override { return 60; }
  std::string page(const rfc6455::http_request&) override { return "HTTP/1.1 200 OK\r\n\r\n"; }
  bool is_public(std::string_view path) const override { return net::is_public(path); }
  void log_line(log_level, std::string line) override { notes.push_back(std::move(line)); }
};

inline const std::string secret = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG";

/// The response to an upgrade request with these fields, `Host` among them.
inline std::string response_to(live::engine& engine, const std::string& path, const std::string& fields, const instant& now) {
  std::string head = "GET " + path + " HTTP/1.1\r\n" + fields +
                     "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  rfc6455::request_reader reader;
  const char* first = head.data();
  REQUIRE(reader.receive(first, head.data() + head.size()) == rfc6455::request_reader::status::done);
  return engine.respond(reader.request(), now).bytes;
}

}  // namespace gate
