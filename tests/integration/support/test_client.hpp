// A client for tests over real sockets, with a time limit on everything: raw bytes, HTTP, or WebSocket by the library's own
// protocol object in the client role.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <asio/buffer.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/write.hpp>

#include <nlohmann/json.hpp>

#include "wirthforge_ws.hpp"

namespace test {

constexpr std::chrono::seconds patience{60};

class raw_client {
 public:
  explicit raw_client(std::uint16_t port, bool ipv6 = false) : socket_(io_) {
    const asio::ip::address address = ipv6 ? asio::ip::address(asio::ip::address_v6::loopback())
                                           : asio::ip::address(asio::ip::address_v4::loopback());
    socket_.connect({address, port});
    socket_.set_option(asio::ip::tcp::no_delay(true));
  }

  void send(std::string_view bytes) {
    std::error_code ignored;
    asio::write(socket_, asio::buffer(bytes.data(), bytes.size()), ignored);
  }

  /// Some bytes; empty at the end of the stream or when nothing came in time.
  std::string receive(std::chrono::milliseconds limit = patience) {
    std::string result;
    socket_.async_read_some(asio::buffer(buffer_), [&](std::error_code error, std::size_t size) {
      if (error != asio::error::operation_aborted) at_end_ = at_end_ || error;
      if (!error) result.assign(buffer_, size);
    });
    io_.restart();
    io_.run_for(limit);
    if (!io_.stopped()) {
      socket_.cancel();
      io_.run();
    }
    return result;
  }

  /// Everything up to the end of the stream.
  std::string receive_all(std::chrono::milliseconds limit = patience) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    std::string all;
    while (!at_end_ && std::chrono::steady_clock::now() < deadline) all += receive(limit);
    return all;
  }
  bool is_at_end() const noexcept { return at_end_; }

  /// Ends the connection without a close frame; with `reset` by a TCP reset.
  void cut(bool reset = false) {
    std::error_code ignored;
    if (reset) socket_.set_option(asio::socket_base::linger(true, 0), ignored);
    socket_.close(ignored);
  }
  asio::ip::tcp::socket& socket() noexcept { return socket_; }

 private:
  asio::io_context io_;
  asio::ip::tcp::socket socket_;
  char buffer_[65536];
  bool at_end_ = false;
};

inline std::string local_host(std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); }

/// One HTTP exchange: status line to body.
inline std::string http(std::uint16_t port, const std::string& path, const std::string& method = "GET",
                        const std::string& host = {}, const std::string& more = {}) {
  raw_client client(port);
  client.send(method + " " + path + " HTTP/1.1\r\nHost: " + (host.empty() ? local_host(port) : host) + "\r\n" + more + "\r\n");
  return client.receive_all();
}
inline std::string body_of(const std::string& response) {
  const auto at = response.find("\r\n\r\n");
  return at == std::string::npos ? std::string() : response.substr(at + 4);
}

inline std::string upgrade_head(std::uint16_t port, const std::string& path = "/ws", const std::string& more = {}) {
  return "GET " + path + " HTTP/1.1\r\nHost: " + local_host(port) +
         "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
         more + "\r\n";
}

/// A WebSocket client. `next` gives text messages; messages that have arrived stay readable after the end.
class ws_client {
 public:
  explicit ws_client(std::uint16_t port, const std::string& path = "/ws", const std::string& more = {}, bool ipv6 = false)
      : raw_(port, ipv6), protocol_(wirthforge::rfc6455::role::client, options(), [] { return 0x12345678U; }) {
    raw_.send(upgrade_head(port, path, more));
    while (head_.find("\r\n\r\n") == std::string::npos) {
      const std::string more_bytes = raw_.receive();
      if (more_bytes.empty()) break;
      head_ += more_bytes;
    }
    const auto end = head_.find("\r\n\r\n");
    if (end == std::string::npos) return;
    pending_ = head_.substr(end + 4);
    head_.resize(end + 4);
  }

  bool is_upgraded() const { return head_.compare(0, 12, "HTTP/1.1 101") == 0; }
  const std::string& head() const noexcept { return head_; }

  /// The next text message; nothing when the connection ended or none came in time.
  std::optional<std::string> next(std::chrono::milliseconds limit = patience) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    for (;;) {
      char* first = pending_.data() + used_;
      char* const last = pending_.data() + pending_.size();
      const wirthforge::rfc6455::input got = protocol_.receive(first, last);
      used_ = static_cast<std::size_t>(first - pending_.data());
      using kind = wirthforge::rfc6455::input::kind;
      if (got.what == kind::text) return std::string(got.payload);
      if (got.what == kind::ping) ++pings_;
      if (got.what == kind::close || got.what == kind::failed) close_code_ = static_cast<int>(got.code);
      flush();
      if (got.what != kind::need_more) continue;
      pending_.clear();
      used_ = 0;
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
      if (left.count() <= 0 || raw_.is_at_end()) return std::nullopt;
      pending_ = raw_.receive(left);
    }
  }

  /// The next message of a type, parsed; others are passed over. Null when none came in time.
  nlohmann::json next_of(const std::string& type, std::chrono::milliseconds limit = patience) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (std::chrono::steady_clock::now() < deadline) {
      const auto text = next(std::chrono::duration_cast<std::chrono::milliseconds>(deadline -
                                                                                   std::chrono::steady_clock::now()));
      if (!text) return nullptr;
      auto event = nlohmann::json::parse(*text);
      if (event["type"] == type) return event;
    }
    return nullptr;
  }

  void send_text(std::string_view text) {
    (void)protocol_.send_text(text);
    flush();
  }
  void send_binary(std::string_view bytes) {
    (void)protocol_.send_binary(bytes);
    flush();
  }
  void ping(std::string_view payload) {
    (void)protocol_.send_ping(payload);
    flush();
  }
  void close(wirthforge::rfc6455::close_code code, std::string_view reason = {}) {
    (void)protocol_.close(code, reason);
    flush();
  }
  /// The server's close code, 0 when none came; then closes the socket.
  int wait_for_close(std::chrono::milliseconds limit = patience) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (close_code_ == 0 && !raw_.is_at_end() && std::chrono::steady_clock::now() < deadline)
      next(std::chrono::milliseconds(100));
    raw_.cut();
    return close_code_;
  }
  int pings() const noexcept { return pings_; }
  raw_client& raw() noexcept { return raw_; }

 private:
  static wirthforge::rfc6455::protocol_options options() {
    wirthforge::rfc6455::protocol_options result;
    result.max_message_bytes = 64U << 20U;
    return result;
  }
  void flush() {
    std::string out;
    protocol_.take_output(out);
    if (!out.empty()) raw_.send(out);
  }

  raw_client raw_;
  wirthforge::rfc6455::protocol protocol_;
  std::string head_;
  std::string pending_;
  std::size_t used_ = 0;
  int close_code_ = 0;
  int pings_ = 0;
};

inline wirthforge::reward_event reward(const std::string& title) {
  wirthforge::reward_event event;
  event.title = title;
  event.points = 1;
  return event;
}

inline wirthforge::server_options with_any_port(wirthforge::server_options options) {
  options.port = 0;
  return options;
}

/// A server on a port of the system's choice, started, that stops at the end of the test.
class running_server {
 public:
  explicit running_server(wirthforge::server_options options = {}) : server(with_any_port(std::move(options))) {}
  ~running_server() {
    server.stop();
    server.wait();
  }
  running_server& start(bool is_ready = true) {
    if (is_ready) server.ready({"llama3_2-3b", wirthforge::tier::mid, "1.0.0"});
    server.start();
    return *this;
  }
  std::uint16_t port() const { return server.port(); }

  wirthforge::server server;
};

/// A server, started, on a loop that runs only when the test runs it: all actions of a client in between arrive at once.
class polled_server {
 public:
  explicit polled_server(wirthforge::server_options options = {})
      : server_(loop_.get_executor(), with_any_port(std::move(options))) {
    server_.start();
    let_it_run();
  }
  void let_it_run() {
    for (int turn = 0; turn < 20; ++turn) loop_.poll();
  }
  std::uint16_t port() const { return server_.port(); }

 private:
  asio::io_context loop_;
  wirthforge::server server_;
};

/// Waits until `is_true()`; false when it did not become so in time.
template <class Predicate>
bool eventually(Predicate is_true, std::chrono::milliseconds limit = patience) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!is_true()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace test
