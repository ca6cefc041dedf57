// One client connection of the load generator: as little work as possible for each message, so that the server is measured.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace load {

inline std::int64_t steady_ns() { return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1); }

[[noreturn]] inline void give_up(const char* what) {
  std::fprintf(stderr, "load: %s: %s\n", what, std::strerror(errno));
  std::exit(1);
}

struct target {
  std::uint16_t port = 0;
  std::string path;
};

inline int connect_socket(std::uint16_t port, bool blocking) {
  const int fd = socket(AF_INET, SOCK_STREAM | (blocking ? 0 : SOCK_NONBLOCK), 0);
  if (fd < 0) give_up("socket");
  const int yes = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  const linger reset{1, 0};  // no TIME_WAIT: thousands of connections come and go
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int error = connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address);
  if (error != 0 && errno != EINPROGRESS) give_up("connect");
  return fd;
}

inline std::string upgrade_request(const target& to) {
  return "GET " + to.path + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(to.port) +
         "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
         "Sec-WebSocket-Version: 13\r\n\r\n";
}

inline std::string masked_frame(unsigned char opcode, std::string_view payload) {
  constexpr unsigned char key[4] = {0x37, 0xFA, 0x21, 0x3D};
  std::string frame(1, static_cast<char>(0x80U | opcode));
  frame += static_cast<char>(0x80U | payload.size());  // at most 125 bytes
  for (const unsigned char each : key) frame += static_cast<char>(each);
  for (std::size_t at = 0; at < payload.size(); ++at)
    frame += static_cast<char>(static_cast<unsigned char>(payload[at]) ^ key[at % 4]);
  return frame;
}

class line {
 public:
  line() = default;
  line(const line&) = delete;
  line& operator=(const line&) = delete;
  ~line() { hang_up(); }

  /// Connects and asks for the upgrade; `receive` takes the answer.
  void dial(const target& to) {
    fd_ = connect_socket(to.port, true);
    is_open_ = false;
    send_all(upgrade_request(to));
  }
  /// As `dial`, and waits for the answer.
  void open(const target& to) {
    dial(to);
    while (!is_open_)
      if (!receive([](std::string_view) {})) give_up("no answer to the opening handshake");
  }
  bool is_open() const { return is_open_; }
  void do_not_block() { fcntl(fd_, F_SETFL, O_NONBLOCK); }
  void hang_up() {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
    left_.clear();
  }
  int fd() const { return fd_; }

  void send_all(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EAGAIN) continue;  // the server will drain it: it is never far behind
      if (sent < 0) give_up("send");
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  /// One recv; hands each whole data message to `take(std::string_view)`. False when the server has gone.
  template <class Take>
  bool receive(Take take) {
    static char buffer[1 << 18];
    std::size_t have = left_.size();
    std::memcpy(buffer, left_.data(), have);
    const ssize_t size = recv(fd_, buffer + have, sizeof buffer - have, 0);
    if (size <= 0) return size < 0 && errno == EAGAIN;
    have += static_cast<std::size_t>(size);
    std::size_t at = 0;
    if (!is_open_) {
      const std::string_view answer(buffer, have);
      const std::size_t end = answer.find("\r\n\r\n");
      if (end != std::string_view::npos && answer.substr(9, 3) != "101") give_up("the server refused the handshake");
      is_open_ = end != std::string_view::npos;
      at = is_open_ ? end + 4 : 0;
    }
    while (is_open_ && have - at >= 2) {
      const auto byte = [&](std::size_t offset) -> std::size_t { return static_cast<unsigned char>(buffer[at + offset]); };
      std::size_t head = 2;
      std::size_t length = byte(1) & 0x7FU;
      if (length == 126) {
        if (have - at < 4) break;
        head = 4;
        length = byte(2) << 8U | byte(3);
      }
      if (have - at < head + length) break;
      const std::string_view payload(buffer + at + head, length);
      const std::size_t opcode = byte(0) & 0x0FU;
      at += head + length;
      if (opcode == 8) return false;
      if (opcode == 9) send_all(masked_frame(10, payload));
      else if (opcode != 10) take(payload);
    }
    left_.assign(buffer + at, have - at);
    return true;
  }

 private:
  int fd_ = -1;
  bool is_open_ = false;
  std::string left_;  // of a message that is not whole
};

}  // namespace load
