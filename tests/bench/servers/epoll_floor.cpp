// The floor: plain epoll, no check.   epoll_floor echo|fanout|raw      `raw` echoes bytes without any WebSocket.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include "beat.hpp"
#include "floor.hpp"

namespace {

struct peer : race::floor_session {
  int socket = -1;
};

std::vector<std::unique_ptr<peer>> peers;  // by descriptor
int poll_fd = -1;

void watch(int fd, unsigned events, int how) {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  epoll_ctl(poll_fd, how, fd, &event);
}

void drop(int fd) {
  close(fd);
  peers[static_cast<std::size_t>(fd)].reset();
}

void send_some(peer& to, const std::string& bytes) {
  if (!to.out.empty()) return void(to.out += bytes);
  const ssize_t sent = send(to.socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (sent == static_cast<ssize_t>(bytes.size())) return;
  to.out = bytes.substr(sent > 0 ? static_cast<std::size_t>(sent) : 0);
  watch(to.socket, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
}

void flush(peer& to) {
  std::string bytes;
  bytes.swap(to.out);
  watch(to.socket, EPOLLIN, EPOLL_CTL_MOD);
  send_some(to, bytes);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "echo";
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), length) != 0 || listen(listener, SOMAXCONN) != 0) return 1;
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length);
  poll_fd = epoll_create1(0);
  watch(listener, EPOLLIN, EPOLL_CTL_ADD);

  race::beat beat;
  const int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
  const auto arm = [&] {
    itimerspec when{};
    when.it_value = {beat.deadline_ns() / race::second_ns, beat.deadline_ns() % race::second_ns};
    timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, nullptr);
  };
  if (mode == "fanout") {
    watch(timer, EPOLLIN, EPOLL_CTL_ADD);
    arm();
  }
  race::announce(ntohs(address.sin_port));

  std::vector<char> buffer(65536);
  std::string reply;
  for (;;) {
    epoll_event events[256];
    const int count = epoll_wait(poll_fd, events, 256, -1);
    for (int index = 0; index < count; ++index) {
      const int fd = events[index].data.fd;
      if (fd == timer) {
        const std::string text = beat.next_text();
        std::string frame;
        race::append_frame(frame, 0x81, text.data(), text.size());
        for (const auto& each : peers)
          if (each && each->is_open) send_some(*each, frame);
        arm();
      } else if (fd == listener) {
        for (int got = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK); got >= 0;
             got = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK)) {
          const int yes = 1;
          setsockopt(got, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
          if (peers.size() <= static_cast<std::size_t>(got)) peers.resize(static_cast<std::size_t>(got) + 1);
          peers[static_cast<std::size_t>(got)] = std::make_unique<peer>();
          peers[static_cast<std::size_t>(got)]->socket = got;
          watch(got, EPOLLIN, EPOLL_CTL_ADD);
        }
      } else {
        peer& from = *peers[static_cast<std::size_t>(fd)];
        if ((events[index].events & EPOLLOUT) != 0) flush(from);
        if ((events[index].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) == 0) continue;
        const ssize_t size = recv(fd, buffer.data(), buffer.size(), 0);
        if (size < 0 && errno == EAGAIN) continue;
        if (size <= 0) {
          drop(fd);
          continue;
        }
        reply.clear();
        if (mode == "raw") reply.assign(buffer.data(), static_cast<std::size_t>(size));
        else from.take(buffer.data(), static_cast<std::size_t>(size), reply);
        if (!reply.empty()) send_some(from, reply);
      }
    }
  }
}
