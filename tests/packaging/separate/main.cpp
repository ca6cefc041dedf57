// Starts a server on a loop of its own and one on this program's, connects to the first, and lets the other units publish and read.
// Asio stands after our header, which only names its executor.
#include "units.hpp"

#include <atomic>
#include <cstdio>
#include <future>

#include <asio.hpp>

namespace {

// The answer to an opening handshake, and the first frame after it.
std::string greeting(std::uint16_t port) {
  asio::io_context io;
  asio::ip::tcp::socket socket(io);
  socket.connect({asio::ip::make_address("127.0.0.1"), port});
  asio::write(socket, asio::buffer("GET /ws HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) +
                                   "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                                   "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"));
  std::string text;
  asio::read_until(socket, asio::dynamic_buffer(text), "startup_complete");
  return text;
}

bool serves(const std::string& journal) {
  wirthforge::server_options options;
  options.port = 0;
  options.token = "";
  wirthforge::server server(options);
  wirthforge::journal_options journal_options;
  journal_options.path = journal;
  server.keep_journal(journal_options);
  std::promise<bool> ticked;
  std::atomic<bool> is_first{true};
  server.on_tick([&](wirthforge::tick& tick) {
    tick.publish_energy("llama3_2-3b");
    if (is_first.exchange(false)) ticked.set_value(publish_all(tick) && tick.processing_time() >= 0);
  });
  server.on_event([](const wirthforge::event_view&) {});
  server.on_connect([&](const wirthforge::connection_info& who) {
    wirthforge::error_event state;
    state.code = "STATE";
    state.message = wirthforge::mended("half a character: \xC3");
    state.details = wirthforge::json_object().add("models", 1).add("share", 0.5).add("name", "n");
    server.send(who, state);
  });
  server.ready({"llama3_2-3b", wirthforge::tier::mid, "1.0.0"});
  server.start();
  const std::string said = greeting(server.port());
  auto tokens = server.open_token_stream("two", "llama3_2-3b");
  tokens.write("text");
  tokens.finish();
  const bool is_published = publish_all(server) && ticked.get_future().get();
  server.disconnect({"nobody", {}});
  wirthforge::energy_meter meter;
  meter.add({}, wirthforge::energy_meter::certainty_of({0.5, 0.25}));
  const bool is_measured = meter.read({}).tokens == 1 && server.energy("llama3_2-3b").energy <= 1;
  const bool is_counted = server.stats().connections_total == 1 && server.connections().size() <= 1;
  server.stop();
  server.wait();
  return is_published && is_measured && is_counted && said.find("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") != std::string::npos;
}

bool serves_on_our_loop() {
  asio::io_context io;
  wirthforge::server_options options;
  options.port = 0;
  wirthforge::server server(io.get_executor(), options);
  server.start();
  asio::post(io, [&] { server.stop(); });
  io.run();
  return server.port() != 0;
}

}  // namespace

int main() {
  const std::string journal = "separate_units." + wirthforge::make_token() + ".ndjson";
  const bool is_good = serves(journal) && serves_on_our_loop() && reads_all(journal);
  std::remove(journal.c_str());
  std::puts(is_good ? "as it should be" : "wrong");
  return is_good ? 0 : 1;
}
