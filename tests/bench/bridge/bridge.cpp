// The delay that a bridge adds, and its CPU and memory, on this machine: one line of figures for each. From the repository's root:
//   g++ -O2 -std=c++17 -I. -Itests tests/bench/bridge/bridge.cpp -o /tmp/bridge_bench -pthread && /tmp/bridge_bench
// The model servers and the page are threads of the same process; the CPU is that of the server's loop alone.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <pthread.h>
#include <time.h>

#include "integration/support/model_server.hpp"
#include "integration/support/test_client.hpp"
#include "wirthforge_ws.hpp"

namespace {

using clock_type = std::chrono::steady_clock;
using test::model_server;
using test::model_visitor;
using test::ws_client;

const std::string head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
const std::string last = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

std::string token(const std::string& text) {
  return "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1694268190,\"model\":\"m\",\"choices\":[{\"index\":0,"
         "\"delta\":{\"content\":\"" +
         text + "\"},\"logprobs\":null,\"finish_reason\":null}]}\n\n";
}
double median(std::vector<double> all) {
  std::sort(all.begin(), all.end());
  return all[all.size() / 2];
}
double microseconds_since(clock_type::time_point began) {
  return std::chrono::duration<double, std::micro>(clock_type::now() - began).count();
}
double resident_mib() {
  std::ifstream file("/proc/self/statm");
  long all = 0, resident = 0;
  file >> all >> resident;
  return static_cast<double>(resident) * 4096 / 1048576;
}

// A server whose loop runs on a thread that can be asked what it has used.
struct bench_server {
  bench_server()
      : server([] {
          wirthforge::server_options any;
          any.port = 0;
          return any;
        }()) {
    server.ready({"m", wirthforge::tier::mid, "1.0.0"});
    server.listen();
    loop = std::thread([this] { server.run(); });
    pthread_getcpuclockid(loop.native_handle(), &used);
    bridge = std::make_unique<wirthforge::model_bridge>(server);
  }
  ~bench_server() {
    bridge.reset();
    server.stop();
    loop.join();
  }
  double cpu_seconds() const {
    timespec time{};
    clock_gettime(used, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
  }

  wirthforge::server server;
  std::thread loop;
  clockid_t used{};
  std::unique_ptr<wirthforge::model_bridge> bridge;
};

void latency() {
  constexpr int count = 200;
  std::vector<double> by_bridge, without;
  clock_type::time_point sent;
  std::promise<void> go[count];
  bench_server here;
  ws_client page(here.server.port());
  {
    model_server models([&](model_visitor& visitor, int) {
      visitor.say(head);
      for (int number = 0; number < count; ++number) {
        go[number].get_future().wait();
        std::this_thread::sleep_for(std::chrono::milliseconds(20));  // a token of its own, as most models emit them
        sent = clock_type::now();
        visitor.say(token("x"));
      }
      visitor.say(last);
      visitor.await_close();
    });
    here.bridge->ask({models.url(), "{}"}, "s");
    for (auto& each : go) {
      each.set_value();
      page.next_of("token_stream");
      by_bridge.push_back(microseconds_since(sent));
    }
  }
  auto writer = here.server.open_token_stream("t", "m");
  for (int number = 0; number < count; ++number) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    sent = clock_type::now();
    writer.write("x");
    page.next_of("token_stream");
    without.push_back(microseconds_since(sent));
  }
  std::printf("from the model server's byte to the page's event: median %.0f us; from write() without a bridge: %.0f us\n",
              median(by_bridge), median(without));
}

void cpu() {
  constexpr int seconds = 5, per_second = 2000;
  bench_server here;
  ws_client page(here.server.port());
  model_server models([&](model_visitor& visitor, int) {
    visitor.say(head);
    auto due = clock_type::now();
    for (int number = 0; number < seconds * per_second; ++number) {
      visitor.say(token("token "));
      std::this_thread::sleep_until(due += std::chrono::microseconds(1000000 / per_second));
    }
    visitor.say(last);
    visitor.await_close();
  });
  const double before = here.cpu_seconds();
  const auto began = clock_type::now();
  here.bridge->ask({models.url(), "{}"}, "s");
  while (!page.next_of("token_stream")["payload"]["isComplete"]) {}
  const double took = microseconds_since(began) / 1e6;
  std::printf("%d tokens a second: %.1f %% of a core\n", static_cast<int>(seconds * per_second / took),
              100 * (here.cpu_seconds() - before) / took);
}

void stop() {
  constexpr int count = 50;
  std::vector<double> took;
  bench_server here;
  ws_client page(here.server.port());
  for (int number = 0; number < count; ++number) {
    std::promise<double> closed;
    clock_type::time_point clicked;
    model_server models([&](model_visitor& visitor, int) {
      visitor.say(head + token("x"));
      visitor.await_close();
      closed.set_value(microseconds_since(clicked));
    });
    const std::string session = "s" + std::to_string(number);
    here.bridge->ask({models.url(), "{}"}, session);
    page.next_of("token_stream");
    clicked = clock_type::now();
    page.send_text(R"({"type":"stop","payload":{"sessionId":")" + session + "\"}}");
    took.push_back(closed.get_future().get());
    while (!page.next_of("token_stream")["payload"]["isComplete"]) {}
  }
  std::printf("from a page's stop to the socket that the model server sees closed: median %.0f us\n", median(took));
}

void council() {
  constexpr int seconds = 5;
  bench_server here;
  ws_client page(here.server.port());
  std::atomic<bool> is_over{false};
  std::atomic<std::uint64_t> flooded{0};
  const std::string flood = [] {
    std::string all;
    while (all.size() < 65536) all += token(std::string(200, 'x'));
    return all;
  }();
  model_server models([&](model_visitor& visitor, int number) {
    visitor.say(head + token("begins"));
    if (number == 0) return visitor.await_close();
    while (!is_over && number == 1 && visitor.say(flood)) flooded += flood.size();
    while (!is_over && number > 1 && visitor.say(token("word "))) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  });
  for (int number = 0; number < 8; ++number) here.bridge->ask({models.url(), "{}"}, "s" + std::to_string(number));
  std::thread reader([&] {
    while (!is_over) page.next(std::chrono::milliseconds(100));
  });
  std::this_thread::sleep_for(std::chrono::seconds(1));
  const double memory = resident_mib(), before = here.cpu_seconds();
  const auto stats = here.server.stats();
  std::this_thread::sleep_for(std::chrono::seconds(seconds));
  const auto now = here.server.stats();
  std::printf(
      "eight at once, one stalled, one flooding: %.2f Hz, %llu ticks missed, %.1f MB/s taken of the flood, %.1f %% of a core, "
      "%.1f MiB more memory in %d s\n",
      now.frame_rate_hz, static_cast<unsigned long long>(now.missed_ticks_total - stats.missed_ticks_total),
      static_cast<double>(flooded) / 1e6 / (seconds + 1), 100 * (here.cpu_seconds() - before) / seconds,
      resident_mib() - memory, seconds);
  is_over = true;
  here.bridge->cancel();
  reader.join();
}

}  // namespace

int main() {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  latency();
  cpu();
  council();
  stop();
}
