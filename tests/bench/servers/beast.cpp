// Boost.Beast in the race, after its own asynchronous examples.   beast echo|fanout
#include <chrono>
#include <deque>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>

#include "beat.hpp"

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using tcp = asio::ip::tcp;

class session;
std::set<session*> sessions;

class session : public std::enable_shared_from_this<session> {
 public:
  session(tcp::socket&& socket, bool is_echo) : stream_(std::move(socket)), is_echo_(is_echo) {}
  session(const session&) = delete;
  session& operator=(const session&) = delete;
  ~session() { sessions.erase(this); }

  void start() {
    stream_.next_layer().socket().set_option(tcp::no_delay(true));
    stream_.async_accept(beast::bind_front_handler(&session::on_accept, shared_from_this()));
  }
  void send(std::shared_ptr<const std::string> text) {
    waiting_.push_back(std::move(text));
    if (waiting_.size() == 1) write_next();
  }

 private:
  void on_accept(beast::error_code error) {
    if (error) return;
    if (!is_echo_) sessions.insert(this);
    read();
  }
  void read() { stream_.async_read(buffer_, beast::bind_front_handler(&session::on_read, shared_from_this())); }
  void on_read(beast::error_code error, std::size_t) {
    if (error) return;
    if (!is_echo_) {
      buffer_.consume(buffer_.size());
      return read();
    }
    stream_.text(stream_.got_text());
    stream_.async_write(buffer_.data(), beast::bind_front_handler(&session::on_echoed, shared_from_this()));
  }
  void on_echoed(beast::error_code error, std::size_t) {
    if (error) return;
    buffer_.consume(buffer_.size());
    read();
  }
  void write_next() {
    stream_.async_write(asio::buffer(*waiting_.front()), beast::bind_front_handler(&session::on_sent, shared_from_this()));
  }
  void on_sent(beast::error_code error, std::size_t) {
    if (error) return;
    waiting_.pop_front();
    if (!waiting_.empty()) write_next();
  }

  websocket::stream<beast::tcp_stream> stream_;
  beast::flat_buffer buffer_;
  std::deque<std::shared_ptr<const std::string>> waiting_;
  bool is_echo_;
};

void accept(tcp::acceptor& from, bool is_echo) {
  from.async_accept([&from, is_echo](beast::error_code error, tcp::socket socket) {
    if (!error) std::make_shared<session>(std::move(socket), is_echo)->start();
    accept(from, is_echo);
  });
}

void tick(asio::steady_timer& timer, race::beat& beat) {
  timer.expires_at(asio::steady_timer::time_point(std::chrono::nanoseconds(beat.deadline_ns())));
  timer.async_wait([&](beast::error_code) {
    const auto text = std::make_shared<const std::string>(beat.next_text());
    for (session* each : sessions) each->send(text);
    tick(timer, beat);
  });
}

}  // namespace

int main(int argc, char** argv) {
  const bool is_echo = argc < 2 || std::string(argv[1]) == "echo";
  asio::io_context io(1);
  tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
  accept(acceptor, is_echo);
  asio::steady_timer timer(io);
  race::beat beat;
  if (!is_echo) tick(timer, beat);
  race::announce(acceptor.local_endpoint().port());
  io.run();
}
