// The measures of an echo: the round trip of one message, and how many messages a second go through many connections.
#pragma once

#include <sys/epoll.h>

#include <deque>
#include <string>

#include "line.hpp"
#include "result.hpp"

namespace load {

inline const std::string& message() {
  static const std::string text(125, 'w');
  return text;
}

/// One message at a time over one connection. `is_raw`: bytes of the same size without WebSocket around them.
inline void round_trips(const target& to, double seconds, bool is_raw, const server_usage& server) {
  const std::string frame = masked_frame(1, message());
  line one;
  int raw = -1;
  if (is_raw) raw = connect_socket(to.port, true);
  else one.open(to);
  const auto trip = [&] {
    std::size_t got = 0;
    if (!is_raw) {
      one.send_all(frame);
      const auto take = [&](std::string_view payload) { got += payload == message() ? 1 : 1000; };
      while (got == 0)
        if (!one.receive(take)) give_up("the server hung up");
      if (got != 1) give_up("not the message that was sent");
      return;
    }
    char bytes[256];
    if (send(raw, frame.data(), frame.size(), MSG_NOSIGNAL) < 0) give_up("send");
    while (got < frame.size()) {
      const ssize_t size = recv(raw, bytes, sizeof bytes, 0);
      if (size <= 0) give_up("the server hung up");
      got += static_cast<std::size_t>(size);
    }
  };

  std::vector<std::int64_t> taken;
  taken.reserve(1U << 20U);
  const std::int64_t warm_until = steady_ns() + static_cast<std::int64_t>(seconds * 2e8);
  while (steady_ns() < warm_until) trip();
  const double cpu_before = server.cpu_seconds();
  const std::int64_t began = steady_ns();
  const std::int64_t end = began + static_cast<std::int64_t>(seconds * 1e9);
  for (std::int64_t before = began; before < end;) {
    trip();
    const std::int64_t now = steady_ns();
    taken.push_back(now - before);
    before = now;
  }
  const double cpu = server.cpu_seconds() - cpu_before;
  if (raw >= 0) close(raw);
  result out;
  out.add("count", static_cast<double>(taken.size()));
  out.add("cpu_us", cpu * 1e6 / static_cast<double>(taken.size()));
  out.add_times("rtt", std::move(taken));
  out.print();
}

/// `in_flight` messages always under way on each of the connections.
inline void message_rate(const target& to, double seconds, std::size_t connections, std::size_t in_flight,
                         const server_usage& server) {
  std::string frames;
  const std::string frame = masked_frame(1, message());
  for (std::size_t count = 0; count < in_flight; ++count) frames += frame;
  const int poll_fd = epoll_create1(0);
  std::deque<line> lines(connections);
  for (std::size_t index = 0; index < connections; ++index) {
    lines[index].open(to);
    lines[index].do_not_block();
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = index;
    epoll_ctl(poll_fd, EPOLL_CTL_ADD, lines[index].fd(), &event);
    lines[index].send_all(frames);
  }
  std::uint64_t total = 0;
  const auto serve_until = [&](std::int64_t end) {
    while (steady_ns() < end) {
      epoll_event events[64];
      const int count = epoll_wait(poll_fd, events, 64, 100);
      for (int index = 0; index < count; ++index) {
        line& from = lines[events[index].data.u64];
        std::size_t got = 0;
        if (!from.receive([&](std::string_view) { ++got; })) give_up("the server hung up");
        total += got;
        from.send_all(std::string_view(frames).substr(0, got * frame.size()));
      }
    }
  };
  serve_until(steady_ns() + static_cast<std::int64_t>(seconds * 2e8));
  constexpr int slices = 8;  // other work on the machine spoils some; the best one shows the server's own need
  const double cpu_before = server.cpu_seconds();
  const std::int64_t began = steady_ns();
  std::uint64_t all = 0;
  double best = 0;
  for (int slice = 1; slice <= slices; ++slice) {
    total = 0;
    const double cpu_of_slice = server.cpu_seconds();
    serve_until(began + static_cast<std::int64_t>(seconds * slice / slices * 1e9));
    const double each = total > 0 ? (server.cpu_seconds() - cpu_of_slice) / static_cast<double>(total) : 0;
    if (each > 0 && (best <= 0 || each < best)) best = each;
    all += total;
  }
  const double took = static_cast<double>(steady_ns() - began) / 1e9;
  const double cpu = server.cpu_seconds() - cpu_before;
  result out;
  out.add("messages_per_s", static_cast<double>(all) / took);
  out.add("cpu_s_per_million", cpu / static_cast<double>(all) * 1e6);
  out.add("best_cpu_s_per_million", best * 1e6);
  out.print();
}

}  // namespace load
