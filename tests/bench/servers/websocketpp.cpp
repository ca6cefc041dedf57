// websocketpp in the race, over standalone Asio, logging off.   websocketpp echo|fanout
#define ASIO_STANDALONE
#define _WEBSOCKETPP_CPP11_STL_
#include <chrono>
#include <functional>
#include <set>
#include <string>

#include <websocketpp/config/asio_no_tls.hpp>
#include <websocketpp/server.hpp>

#include "beat.hpp"

namespace {

using server = websocketpp::server<websocketpp::config::asio>;
using websocketpp::connection_hdl;

std::set<connection_hdl, std::owner_less<connection_hdl>> clients;

void tick(server& from, asio::steady_timer& timer, race::beat& beat) {
  timer.expires_at(asio::steady_timer::time_point(std::chrono::nanoseconds(beat.deadline_ns())));
  timer.async_wait([&](std::error_code) {
    const std::string text = beat.next_text();
    for (const connection_hdl& each : clients) {
      std::error_code ignored;
      from.send(each, text, websocketpp::frame::opcode::text, ignored);
    }
    tick(from, timer, beat);
  });
}

}  // namespace

int main(int argc, char** argv) {
  const bool is_echo = argc < 2 || std::string(argv[1]) == "echo";
  server racer;
  racer.clear_access_channels(websocketpp::log::alevel::all);
  racer.clear_error_channels(websocketpp::log::elevel::all);
  racer.init_asio();
  racer.set_tcp_post_init_handler([&](connection_hdl who) {
    racer.get_con_from_hdl(who)->get_raw_socket().set_option(asio::ip::tcp::no_delay(true));
  });
  if (is_echo) {
    racer.set_message_handler([&](connection_hdl who, server::message_ptr message) {
      std::error_code ignored;
      racer.send(who, message->get_payload(), message->get_opcode(), ignored);
    });
  }
  racer.set_open_handler([](connection_hdl who) { clients.insert(who); });
  racer.set_close_handler([](connection_hdl who) { clients.erase(who); });
  racer.set_listen_backlog(4096);
  racer.listen(asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  racer.start_accept();
  asio::steady_timer timer(racer.get_io_service());
  race::beat beat;
  if (!is_echo) tick(racer, timer, beat);
  std::error_code ignored;
  race::announce(racer.get_local_endpoint(ignored).port());
  racer.run();
}
