// The floor of a library over Asio: bare standalone Asio, no check.   asio_floor echo|fanout
//
// All connections read into one buffer. This is right here alone: the reactor reads just before it calls the handler, and
// there is one thread.
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <asio.hpp>

#include "beat.hpp"
#include "floor.hpp"

namespace {

using asio::ip::tcp;

char buffer[65536];

class peer;
std::set<peer*> peers;

class peer : public std::enable_shared_from_this<peer>, race::floor_session {
 public:
  explicit peer(tcp::socket socket) : socket_(std::move(socket)) {
    socket_.set_option(tcp::no_delay(true));
    socket_.non_blocking(true);
    peers.insert(this);
  }
  peer(const peer&) = delete;
  peer& operator=(const peer&) = delete;
  ~peer() { peers.erase(this); }

  bool can_receive() const { return is_open; }

  void read() {
    socket_.async_read_some(asio::buffer(buffer), [self = shared_from_this()](std::error_code error, std::size_t size) {
      if (error) return;
      std::string reply;
      self->take(buffer, size, reply);
      if (!reply.empty()) self->send(reply);
      self->read();
    });
  }

  void send(const std::string& bytes) {
    if (!out.empty()) return void(out += bytes);
    std::error_code error;
    const std::size_t sent = socket_.write_some(asio::buffer(bytes), error);
    if (sent == bytes.size() || (error && error != asio::error::would_block)) return;
    out = bytes.substr(sent);
    flush();
  }

 private:
  void flush() {
    socket_.async_write_some(asio::buffer(out), [self = shared_from_this()](std::error_code error, std::size_t size) {
      if (error) return;
      self->out.erase(0, size);
      if (!self->out.empty()) self->flush();
    });
  }

  tcp::socket socket_;
};

// Accepts all waiting connections at once: one for each turn of the loop would starve new ones while a turn is a long fan-out.
void accept(tcp::acceptor& from) {
  from.async_accept([&from](std::error_code error, tcp::socket socket) {
    while (!error) {
      std::make_shared<peer>(std::move(socket))->read();
      socket = from.accept(error);
    }
    accept(from);
  });
}

void tick(asio::steady_timer& timer, race::beat& beat) {
  timer.expires_at(asio::steady_timer::time_point(std::chrono::nanoseconds(beat.deadline_ns())));
  timer.async_wait([&](std::error_code) {
    const std::string text = beat.next_text();
    std::string frame;
    race::append_frame(frame, 0x81, text.data(), text.size());
    for (peer* each : peers)
      if (each->can_receive()) each->send(frame);
    tick(timer, beat);
  });
}

}  // namespace

int main(int argc, char** argv) {
  asio::io_context io(1);
  tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
  acceptor.non_blocking(true);
  accept(acceptor);
  asio::steady_timer timer(io);
  race::beat beat;
  if (argc > 1 && std::string(argv[1]) == "fanout") tick(timer, beat);
  race::announce(acceptor.local_endpoint().port());
  io.run();
}
