// A model server for tests over real sockets, which does what the test says, connection by connection, each on a thread of its own.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <asio/buffer.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/write.hpp>

#include "wirthforge_ws.hpp"

namespace test {

/// One question: the connection that it came on.
class model_visitor {
 public:
  explicit model_visitor(asio::ip::tcp::socket socket) : socket_(std::move(socket)) { read_request(); }

  const std::string& head() const noexcept { return head_; }
  const std::string& body() const noexcept { return body_; }

  /// False when the peer does not read any more.
  bool say(std::string_view bytes) {
    std::error_code error;
    asio::write(socket_, asio::buffer(bytes.data(), bytes.size()), error);
    return !error;
  }
  /// Returns when the other side has closed; its data until then is ignored.
  void await_close() {
    std::error_code error;
    char buffer[4096];
    while (!error) socket_.read_some(asio::buffer(buffer), error);
  }
  void reset() {
    std::error_code ignored;
    socket_.set_option(asio::socket_base::linger(true, 0), ignored);
    socket_.close(ignored);
  }

 private:
  void read_request() {
    std::error_code error;
    char buffer[4096];
    std::string all;
    std::size_t end = std::string::npos;
    while (!error && (end = all.find("\r\n\r\n")) == std::string::npos) {
      const std::size_t size = socket_.read_some(asio::buffer(buffer), error);
      all.append(buffer, size);
    }
    if (end == std::string::npos) return;
    head_ = all.substr(0, end + 4);
    body_ = all.substr(end + 4);
    const std::size_t at = head_.find("Content-Length: ");
    const std::size_t length = at == std::string::npos ? 0 : std::stoul(head_.substr(at + 16));
    while (!error && body_.size() < length) {
      const std::size_t size = socket_.read_some(asio::buffer(buffer), error);
      body_.append(buffer, size);
    }
  }

  asio::ip::tcp::socket socket_;
  std::string head_, body_;
};

class model_server {
 public:
  using script = std::function<void(model_visitor& visitor, int number)>;

  /// `number` counts the connections from 0. The destructor waits until each script has returned, so all clients must be gone.
  explicit model_server(script what, bool ipv6 = false)
      : what_(std::move(what)), acceptor_(io_, {ipv6 ? asio::ip::address(asio::ip::address_v6::loopback())
                                                     : asio::ip::address(asio::ip::address_v4::loopback()),
                                                0}),
        thread_([this] { accept_all(); }) {}
  ~model_server() {
    is_ending_ = true;
    std::error_code ignored;
    asio::ip::tcp::socket knock(io_);
    knock.connect(acceptor_.local_endpoint(), ignored);
    thread_.join();
    for (std::thread& each : visits_) each.join();
  }

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  std::string url(const std::string& path = "/v1/chat/completions") const {
    return "http://127.0.0.1:" + std::to_string(port()) + path;
  }
  int visits() const noexcept { return count_; }

 private:
  void accept_all() {
    for (;;) {
      std::error_code error;
      asio::ip::tcp::socket next(io_);
      acceptor_.accept(next, error);
      if (is_ending_) return;
      if (error) continue;
      next.set_option(asio::ip::tcp::no_delay(true), error);
      visits_.emplace_back([this, number = count_++, socket = std::move(next)]() mutable {
        model_visitor visitor(std::move(socket));
        what_(visitor, number);
      });
    }
  }

  const script what_;
  asio::io_context io_;
  asio::ip::tcp::acceptor acceptor_;
  std::atomic<bool> is_ending_{false};
  std::atomic<int> count_{0};
  std::vector<std::thread> visits_;
  std::thread thread_;
};

}  // namespace test
