// Ours in the race.   ours echo | ours fanout [BUSY_MS]
//
// echo: the protocol and connection code of the server behind a service that echoes, on /ws.
// fanout: wirthforge::server as an integrator uses it. BUSY_MS is how long the callback takes before it returns.
#define WIRTHFORGE_WS_UNDER_TEST  // the library's tools are seen without their namespace

#include <cstdlib>
#include <memory>
#include <optional>
#include <string>

#include <asio/io_context.hpp>

#include "../../support/line_pool.hpp"
#include "beat.hpp"
#include "wirthforge_ws.hpp"

namespace {

using wirthforge::instant;
namespace live = wirthforge::live;
namespace net = wirthforge::net;
namespace rfc6455 = wirthforge::rfc6455;

class echo final : public live::service {
 public:
  explicit echo(std::uint16_t port) { access_.port = port; }

  live::answer respond(const rfc6455::http_request& request, const instant&) override {
    const rfc6455::access_verdict verdict = rfc6455::check_access(request, access_);
    if (!verdict) return {false, rfc6455::http_response(verdict.status, "text/plain", verdict.peer_reason + "\n")};
    const rfc6455::upgrade upgrade = rfc6455::check_upgrade(request, {});
    return {!upgrade.error, rfc6455::upgrade_response(upgrade)};
  }
  live::answer refuse(std::error_code error) override { return {false, rfc6455::refusal_response(error)}; }
  void opened(live::peer&, const rfc6455::http_request&, const instant&) override {}
  std::optional<live::ending> received(live::peer& peer, const rfc6455::input& message, const instant&) override {
    if (message.what == rfc6455::input::kind::text) (void)peer.send_text(message.payload);
    if (message.what == rfc6455::input::kind::binary) (void)peer.send_binary(message.payload);
    return {};
  }
  live::collected collect(live::peer&, std::vector<live::frame_ptr>&, const instant&) override { return {}; }
  void closed(live::peer&, const live::ending&, const instant&) override {}

 private:
  rfc6455::access_policy access_;
};

int run_echo() {
  asio::io_context io(1);
  const auto listener = std::make_shared<net::listener<net::loop_executor>>(io.get_executor());
  if (listener->open(0, 0)) return 1;
  echo service(listener->port());
  const auto pool = std::make_shared<test::line_pool>(io, service);
  listener->start([pool](net::socket<net::loop_executor> socket) { pool->add(std::move(socket)); });
  race::announce(listener->port());
  io.run();
  return 0;
}

int run_fanout(int busy_ms) {
  wirthforge::server_options options;
  options.port = 0;
  options.max_connections = 16384;
  wirthforge::server server(options);
  wirthforge::energy_update energy;
  energy.model_id = "llama3_2-3b";
  energy.tokens_generated = 3;
  energy.processing_time = 1.25;
  energy.energy_distribution = wirthforge::energy_distribution{0.512345, 0.3125, 0.175155};
  server.on_tick([&](wirthforge::tick& tick) {
    const std::int64_t began_ns = race::steady_ns();
    energy.total_energy = static_cast<double>(race::steady_ns());
    energy.delta_energy = static_cast<double>(tick.lateness().count());
    tick.publish(energy);
    while (race::steady_ns() - began_ns < busy_ms * 1'000'000LL) {}
  });
  server.listen();
  race::announce(server.port());
  server.ready({"llama3_2-3b", wirthforge::tier::mid, "1.0.0"});
  server.run();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const bool is_fanout = argc > 1 && std::string(argv[1]) == "fanout";
  return is_fanout ? run_fanout(argc > 2 ? std::atoi(argv[2]) : 0) : run_echo();
}
