// A client that does not read: it delays no other, it costs bounded memory, and the producer is told.
#include <algorithm>
#include <atomic>
#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "support/test_client.hpp"
#include "wirthforge_ws.hpp"

using namespace wirthforge;
using nlohmann::json;
using std::chrono::milliseconds;
using test::running_server;
using test::ws_client;

namespace {

// About 50 KB on the wire.
energy_field big_field() {
  energy_field field;
  field.model_id = "m";
  field.coordinates.resize(1000, {0.123456789012345, 0.987654321098765, 0.5});
  return field;
}

// The reports about each client, in order: true where it lags.
class lag_reports {
 public:
  void add(const std::string& id, bool is_lagging) {
    const std::lock_guard<std::mutex> hold(guard_);
    of_[id].push_back(is_lagging);
  }
  std::vector<bool> of(const std::string& id) {
    const std::lock_guard<std::mutex> hold(guard_);
    return of_[id];
  }
  /// Each begins with a lag, and every lag has one end. On a slow machine a client may lag more than once.
  bool alternate() {
    const std::lock_guard<std::mutex> hold(guard_);
    return std::all_of(of_.begin(), of_.end(), [](const auto& each) {
      for (std::size_t at = 0; at < each.second.size(); ++at) {
        if (each.second[at] != (at % 2 == 0)) return false;
      }
      return true;
    });
  }

 private:
  std::mutex guard_;
  std::map<std::string, std::vector<bool>> of_;
};

}  // namespace

TEST_CASE("a client that does not read is reported, costs bounded memory and delays no other", "[integration][backpressure]") {
  server_options options;
  options.lag_threshold = milliseconds(100);
  options.pong_timeout = std::chrono::minutes(5);  // the client is not closed, however slow this machine is
  lag_reports reports;
  running_server up(options);
  up.server.on_backpressure([&](const connection_info& client, const backpressure& how) {
    reports.add(client.id, how.is_lagging);
  });
  up.start();
  ws_client asleep(up.port());
  const std::string id = asleep.next_of("heartbeat")["payload"]["connectionId"];
  ws_client awake(up.port());
  awake.next_of("heartbeat");

  const energy_field field = big_field();
  double sum = 0;
  double total = 0;
  energy_update energy;
  energy.model_id = "m";
  bool is_coalesced = false;
  std::size_t most_buffered = 0;
  const auto publish_frame = [&] {
    energy.delta_energy = 0.5;
    total += energy.delta_energy;
    up.server.publish(field);
    is_coalesced = up.server.publish(energy) == publish_result::coalesced || is_coalesced;
    const json next = awake.next_of("energy_update");
    REQUIRE(next.is_object());
    sum += next["payload"]["deltaEnergy"].get<double>();
    for (const connection_stats& each : up.server.connections()) {
      most_buffered = std::max(most_buffered, each.pressure.buffered_bytes);
    }
  };
  REQUIRE(test::eventually([&] {
    publish_frame();
    return !reports.of(id).empty() && is_coalesced;
  }));
  for (int n = 0; n < 300; ++n) publish_frame();  // 15 MB more, which the sleeper must not cost
  const auto now = up.server.connections();
  CHECK(std::any_of(now.begin(), now.end(), [&](const auto& each) { return each.info.id == id && each.pressure.is_lagging; }));
  CHECK(up.server.stats().clients_lagging >= 1);
  CHECK(most_buffered > 0);
  CHECK(most_buffered < 200'000);  // one frame of each slot, and no more
  CHECK(sum == Approx(total));     // the one that reads missed nothing
  CHECK(up.server.connections().size() == 2);

  // It wakes: the skipped energy is in the sums, and the producer is told.
  double late_sum = 0;
  std::size_t late_bytes = 0;
  REQUIRE(test::eventually([&] {
    const auto text = asleep.next(milliseconds(10));
    if (!text) return !reports.of(id).back() && late_sum >= total - 0.01;
    const json event = json::parse(*text);
    if (event["type"] == "energy_update") late_sum += event["payload"]["deltaEnergy"].get<double>();
    late_bytes += text->size();
    return false;
  }));
  CHECK(late_sum == Approx(total).margin(0.01));
  CHECK(late_bytes < 4U << 20U);  // of 20 MB: the content of the kernel's buffers; with its own send buffer it is 5 MB
  CHECK(reports.alternate());
  CHECK(up.server.stats().frames_skipped_total > 100);
}

TEST_CASE("publish returns an error while the I/O loop does not run, instead of queueing without bound",
          "[integration][backpressure]") {
  server_options options;
  options.port = 0;
  options.max_queued_bytes = 65536;
  asio::io_context io;
  server blocked(io.get_executor(), options);
  blocked.on_event([](const event_view&) {});
  blocked.ready({"m", tier::mid, "1.0.0"});
  blocked.start();  // and nobody runs the loop
  std::error_code error;
  int accepted = 0;
  while (!error && accepted < 10'000) {
    blocked.publish(test::reward("r"), error);
    accepted += error ? 0 : 1;
  }
  CHECK(error == errc::queue_full);
  CHECK(accepted > 50);
  CHECK(blocked.stats().queued_bytes <= 65536 + 1024);
  auto tokens = blocked.open_token_stream("s", "m");
  tokens.write("x", error);
  CHECK(error == errc::queue_full);
  io.poll();  // it runs again
  CHECK(blocked.publish(test::reward("r")) == publish_result::sent);
  CHECK(blocked.stats().queued_bytes < 1024);
  io.poll();
}

TEST_CASE("a client that lags for too long is closed with 1013 and told of its gap when it comes back",
          "[integration][backpressure][lag]") {
  server_options options;
  options.log_max_events = 20;
  running_server up(options);
  up.start();
  ws_client slow(up.port());
  const std::int64_t since = slow.next_of("startup_complete")["timestamp"];
  const std::string epoch = slow.next_of("heartbeat")["payload"]["connectionId"].get<std::string>().substr(0, 32);
  reward_event event = test::reward("r");
  event.description = std::string(500, 'd');
  REQUIRE(test::eventually([&] {
    for (int n = 0; n < 50; ++n) up.server.publish(event);
    return up.server.stats().lagged_total > 0 || up.server.stats().bytes_sent_total > (64U << 20U);
  }));
  REQUIRE(up.server.stats().lagged_total == 1);
  std::int64_t cursor = since;
  while (const auto text = slow.next(milliseconds(500))) {
    const json got = json::parse(*text);
    if (got["channel"] != "system") cursor = got["timestamp"];
  }
  CHECK(slow.wait_for_close() == 1013);
  ws_client back(up.port(), "/ws?epoch=" + epoch + "&since=" + std::to_string(cursor));
  const json gap = back.next_of("error_event");
  REQUIRE(gap.is_object());
  CHECK(gap["payload"]["code"] == "RESUME_LAGGED");
  CHECK(gap["payload"]["details"]["from"] == cursor);
  CHECK(back.next_of("reward_event")["timestamp"] > gap["payload"]["details"]["to"]);
}

TEST_CASE("a client that never reads again is closed with its lag as the reason", "[integration][backpressure][lag]") {
  server_options options;
  options.log_max_events = 20;
  options.close_timeout = milliseconds(100);
  std::atomic<bool> is_lagged{false};
  running_server up(options);
  up.server.on_disconnect([&](const connection_info&, const disconnect_info& how) { is_lagged = how.error == errc::lagged; });
  up.start();
  ws_client asleep(up.port());
  asleep.next_of("heartbeat");
  reward_event event = test::reward("r");
  event.description = std::string(500, 'd');
  REQUIRE(test::eventually([&] {  // not by the pong timeout, which takes 25 s
    for (int n = 0; n < 50; ++n) up.server.publish(event);
    return is_lagged.load();
  }));
  CHECK(up.server.stats().lagged_total == 1);
  CHECK(test::eventually([&] { return up.server.stats().connections == 0; }));
}
