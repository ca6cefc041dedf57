// The cost of connections: opening handshakes a second, and the memory of an idle connection.
#pragma once

#include <sys/epoll.h>

#include <deque>
#include <string>
#include <thread>

#include "line.hpp"
#include "result.hpp"

namespace load {

/// 32 at a time: connect, shake hands, hang up, again.
inline void handshakes(const target& to, double seconds, const server_usage& server) {
  constexpr std::size_t at_once = 32;
  const std::string request = upgrade_request(to);
  const int poll_fd = epoll_create1(0);
  std::size_t done = 0;
  const auto dial = [&] {
    const int fd = connect_socket(to.port, false);
    epoll_event event{};
    event.events = EPOLLOUT;
    event.data.fd = fd;
    epoll_ctl(poll_fd, EPOLL_CTL_ADD, fd, &event);
  };
  for (std::size_t count = 0; count < at_once; ++count) dial();
  const double cpu_before = server.cpu_seconds();
  const std::int64_t began = steady_ns();
  const std::int64_t end = began + static_cast<std::int64_t>(seconds * 1e9);
  while (steady_ns() < end) {
    epoll_event events[64];
    const int count = epoll_wait(poll_fd, events, 64, 100);
    for (int index = 0; index < count; ++index) {
      const int fd = events[index].data.fd;
      if ((events[index].events & EPOLLOUT) != 0) {
        if (send(fd, request.data(), request.size(), MSG_NOSIGNAL) < 0) give_up("send");
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.fd = fd;
        epoll_ctl(poll_fd, EPOLL_CTL_MOD, fd, &event);
        continue;
      }
      char answer[4096];
      const ssize_t size = recv(fd, answer, sizeof answer, 0);
      if (size < 12 || std::string_view(answer + 9, 3) != "101") give_up("no 101");
      close(fd);
      ++done;
      dial();
    }
  }
  const double took = static_cast<double>(steady_ns() - began) / 1e9;
  result out;
  out.add("handshakes_per_s", static_cast<double>(done) / took);
  out.add("cpu_us", (server.cpu_seconds() - cpu_before) * 1e6 / static_cast<double>(done));
  out.print();
}

/// The growth of the server's memory. The first connections are left out: they fill pools that all share.
inline void idle_memory(const target& to, std::size_t connections, const server_usage& server) {
  std::deque<line> lines(connections + 100);
  double before = 0;
  for (std::size_t index = 0; index < lines.size(); ++index) {
    if (index == 100) before = server.rss_kib();
    lines[index].open(to);
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  result out;
  out.add("kib_per_connection", (server.rss_kib() - before) / static_cast<double>(connections));
  out.print();
}

}  // namespace load
