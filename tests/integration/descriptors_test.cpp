// A process that may open few descriptors: the host can go on opening its files, new connections are told that there is no room, and
// the log says it once. The host is this test, which holds the clients' descriptors, too.
#if !defined(_WIN32)
#include <cerrno>
#include <cstdio>
#include <memory>
#include <mutex>
#include <string>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "catch.hpp"
#include "support/test_client.hpp"
#include "wirthforge_ws.hpp"

using namespace wirthforge;
using test::running_server;

namespace {

/// Sets the process's limit, and restores it at the end.
class limit {
 public:
  explicit limit(rlim_t descriptors) {
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before_) == 0);
    set(descriptors);
  }
  ~limit() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  limit(const limit&) = delete;
  limit& operator=(const limit&) = delete;
  void set(rlim_t descriptors) {
    struct rlimit now = before_;
    now.rlim_cur = descriptors;
    if (::setrlimit(RLIMIT_NOFILE, &now) != 0) throw std::system_error(errno, std::generic_category(), "setrlimit");
  }

 private:
  struct rlimit before_ {};
};

/// A log, and how often a text stands in it.
class kept_log {
 public:
  void keep(server& of) {
    of.on_log([this](log_level, std::string_view line) {
      const std::lock_guard<std::mutex> lock(mutex_);
      lines_.emplace_back(line);
    });
  }
  int count(const std::string& text) {
    const std::lock_guard<std::mutex> lock(mutex_);
    int found = 0;
    for (const std::string& line : lines_) found += line.find(text) != std::string::npos ? 1 : 0;
    return found;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> lines_;
};

/// Descriptors of the host, as many of the wanted number as it gets.
class hoard {
 public:
  explicit hoard(std::size_t wanted) {
    while (files_.size() < wanted) {
      const int file = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
      if (file < 0) break;
      files_.push_back(file);
    }
  }
  ~hoard() {
    for (const int each : files_) ::close(each);
  }
  hoard(const hoard&) = delete;
  hoard& operator=(const hoard&) = delete;
  std::size_t size() const noexcept { return files_.size(); }

 private:
  std::vector<int> files_;
};

/// A client that needs no further descriptor to connect.
class ready_client {
 public:
  ready_client() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const timeval most{test::patience.count(), 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
  }
  ~ready_client() { ::close(socket_); }
  ready_client(const ready_client&) = delete;
  ready_client& operator=(const ready_client&) = delete;
  bool connect(std::uint16_t port) {
    const asio::ip::tcp::endpoint where(asio::ip::address_v4::loopback(), port);
    return ::connect(socket_, where.data(), static_cast<socklen_t>(where.size())) == 0;
  }
  bool ask(const std::string& request) { return ::send(socket_, request.data(), request.size(), 0) > 0; }
  /// All that the server sends.
  std::string hear() {
    std::string heard;
    char piece[512];
    for (ssize_t size = 0; (size = ::recv(socket_, piece, sizeof piece, 0)) > 0;)
      heard.append(piece, static_cast<std::size_t>(size));
    return heard;
  }

 private:
  int socket_;
};

// Connects until one is refused. Returns how many were accepted.
std::size_t fill(std::uint16_t port, std::vector<std::unique_ptr<test::ws_client>>& clients) {
  for (std::size_t count = 0; count < 200; ++count) {
    auto next = std::make_unique<test::ws_client>(port);
    if (!next->is_upgraded()) {
      CHECK(next->head().compare(0, 12, "HTTP/1.1 503") == 0);
      return count;
    }
    clients.push_back(std::move(next));
  }
  FAIL("no connection was refused");
  return 0;
}

constexpr const char* newcomers_refused = "newcomers are answered 503";

}  // namespace

TEST_CASE("when descriptors are few, new connections are answered 503, the host opens its files, and the log says it once",
          "[integration][descriptors]") {
  limit few(
      240);  // 120 for the host, 30 for refused connections; each client of this test takes a few more than its connection
  kept_log log;
  running_server up;
  log.keep(up.server);
  up.start();
  CHECK(up.server.stats().connections_limit < 90);
  CHECK(test::eventually([&] { return log.count("server_options::max_connections is 4096") == 1; }));

  std::vector<std::unique_ptr<test::ws_client>> clients;
  CHECK(fill(up.port(), clients) > 3);
  for (int count = 0; count < 5; ++count) CHECK(test::http(up.port(), "/health").substr(9, 3) == "503");
  CHECK(up.server.stats().refused_total >= 6);
  {
    const hoard files(80);
    CHECK(files.size() == 80);
    std::FILE* const file = std::fopen("/dev/null", "r");
    CHECK(file != nullptr);
    if (file != nullptr) std::fclose(file);
  }
  CHECK(test::eventually([&] { return log.count(newcomers_refused) >= 1; }));
  CHECK(log.count(newcomers_refused) == 1);

  clients.clear();
  CHECK(test::eventually([&] { return test::http(up.port(), "/health").substr(9, 3) == "200"; }));
  fill(up.port(), clients);
  CHECK(test::eventually([&] { return log.count(newcomers_refused) == 2; }));

  few.set(2000);  // the host has seen the log
  CHECK(test::http(up.port(), "/health").substr(9, 3) == "200");
  CHECK(up.server.stats().connections_limit > 1000);
}

TEST_CASE("when the host has taken the last descriptor, a new connection is answered 503 and does not hang",
          "[integration][descriptors]") {
  limit few(240);
  kept_log log;
  running_server up;
  log.keep(up.server);
  up.start();
  std::vector<std::unique_ptr<ready_client>> newcomers;
  for (int count = 0; count < 5; ++count) newcomers.push_back(std::make_unique<ready_client>());
  // No check is made while no descriptor is left: the sanitizer needs a pipe for its own checks.
  std::size_t taken = 0;
  std::vector<std::string> answers;
  bool is_said = false;
  {
    const hoard all(1000);
    taken = all.size();
    for (const auto& each : newcomers) {
      if (each->connect(up.port())) answers.push_back(each->hear().substr(0, 12));
    }
    is_said = test::eventually([&] { return log.count(newcomers_refused) >= 1; });
  }
  CHECK(taken < 240);
  CHECK((answers == std::vector<std::string>(newcomers.size(), "HTTP/1.1 503")));
  CHECK(is_said);
  CHECK(log.count(newcomers_refused) == 1);
  CHECK(log.count("the process's descriptors are used up") == 1);
  CHECK(test::http(up.port(), "/health").substr(9, 3) == "200");
}

TEST_CASE("a limit below the open descriptors closes no connection, and when raised again admits new ones",
          "[integration][descriptors]") {
  limit few(240);
  running_server up;
  up.start();
  test::ws_client client(up.port());
  ready_client newcomer;
  few.set(3);  // even the spare descriptor cannot be opened again; and no check is made, as above
  const bool has_asked = newcomer.connect(up.port()) &&
                         newcomer.ask("GET /health HTTP/1.1\r\nHost: " + test::local_host(up.port()) + "\r\n\r\n");
  const bool is_greeted = client.next_of("startup_complete").is_object();
  up.server.publish(test::reward("connected clients stay"));
  const bool is_served = client.next_of("reward_event").is_object();
  few.set(240);
  CHECK(has_asked);
  CHECK(is_greeted);
  CHECK(is_served);
  CHECK(newcomer.hear().substr(0, 12) == "HTTP/1.1 200");
}
#endif
