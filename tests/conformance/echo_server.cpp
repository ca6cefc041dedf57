// An echo on /echo, made of the same protocol and connection code as the server: for conformance runs and measurement.
//
//   echo_server PORT [MAX_MESSAGE_BYTES [MAX_FRAGMENTS]]      port 0 takes any free one; the bound one is printed
#define WIRTHFORGE_WS_UNDER_TEST  // the library's tools are seen without their namespace

#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>

#include "../support/line_pool.hpp"
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
    if (request.path != "/echo") return {false, rfc6455::http_response(404, "text/plain", "the echo is at /echo\n")};
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

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || argc > 4) {
    std::cerr << "usage: echo_server PORT [MAX_MESSAGE_BYTES [MAX_FRAGMENTS]]\n";
    return 2;
  }
  asio::io_context io(1);
  const auto listener = std::make_shared<net::listener<net::loop_executor>>(io.get_executor());
  if (const std::error_code error = listener->open(static_cast<std::uint16_t>(std::atoi(argv[1])), 0)) {
    std::cerr << "cannot listen: " << error.message() << "\n";
    return 1;
  }
  echo service(listener->port());
  live::lines_options options;
  options.peer.max_unsent_bytes = 64U << 20U;
  options.peer.protocol.max_message_bytes = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 64U << 20U;
  options.peer.protocol.max_fragments = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1U << 20U;
  const auto pool = std::make_shared<test::line_pool>(io, service, options);
  listener->start([pool](net::socket<net::loop_executor> socket) { pool->add(std::move(socket)); });
  std::cout << "ws://127.0.0.1:" << listener->port() << "/echo" << std::endl;

  asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&](std::error_code, int) { io.stop(); });
  io.run();
  pool->abandon_all({});
}
