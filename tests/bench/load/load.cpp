// The load generator: one program, one thread, plain epoll.
//
//   load PID PORT PATH SECONDS rtt | raw | rate CONNECTIONS IN_FLIGHT | handshakes | idle CONNECTIONS |
//                              fanout CLIENTS [CHURN_PER_S]
//   load 0 0 - SECONDS sleep      no server: how late clock_nanosleep wakes at 60 Hz to absolute deadlines
//
// PID is the server's process, whose CPU and memory are read from /proc. The result is one line of JSON.
#include <sys/resource.h>
#include <time.h>

#include <cstdlib>
#include <string>

#include "connecting.hpp"
#include "echo.hpp"
#include "fanout.hpp"

namespace {

void sleep_at_60_hz(double seconds) {
  const std::int64_t start = load::steady_ns();
  std::vector<std::int64_t> lateness;
  for (int number = 1; number <= static_cast<int>(seconds * 60); ++number) {
    const std::int64_t deadline = start + number * 1'000'000'000LL / 60;
    const timespec when{deadline / 1'000'000'000, deadline % 1'000'000'000};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, nullptr) != 0) {}
    lateness.push_back(load::steady_ns() - deadline);
  }
  load::result out;
  out.add_times("lateness", std::move(lateness));
  out.print();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 6) {
    std::fprintf(stderr, "usage: load PID PORT PATH SECONDS MODE [NUMBER...]; see load.cpp\n");
    return 2;
  }
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);

  const load::server_usage server(std::atol(argv[1]));
  const load::target to{static_cast<std::uint16_t>(std::atoi(argv[2])), argv[3]};
  const double seconds = std::atof(argv[4]);
  const std::string mode = argv[5];
  const auto number = [&](int index, double fallback) { return index < argc ? std::atof(argv[index]) : fallback; };
  const auto count = [&](int index) { return static_cast<std::size_t>(number(index, 1)); };
  if (mode == "rtt") load::round_trips(to, seconds, false, server);
  else if (mode == "raw") load::round_trips(to, seconds, true, server);
  else if (mode == "rate") load::message_rate(to, seconds, count(6), count(7), server);
  else if (mode == "handshakes") load::handshakes(to, seconds, server);
  else if (mode == "idle") load::idle_memory(to, count(6), server);
  else if (mode == "fanout") load::fanout(to, seconds, count(6), number(7, 0), server);
  else if (mode == "sleep") sleep_at_60_hz(seconds);
  else return 2;
}
