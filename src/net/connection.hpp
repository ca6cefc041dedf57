// One socket and the peer behind it: carries bytes between the two. It decides nothing; `live::peer` does.
//
// What a client sends is short: it is awaited with a buffer of the connection's own, so that a message is one system call.
// What does not fit there is read into one large buffer that all connections share. Both are parsed in place. Writes are tried at
// once and gather everything that waits into one system call; only a full socket costs a wait.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <asio/buffer.hpp>
#include <asio/ip/tcp.hpp>

#include "base/clock.hpp"
#include "base/cold.hpp"
#include "base/metrics.hpp"
#include "live/peer.hpp"
#include "net/input_buffer.hpp"
#include "net/sockets.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace net {

struct connection_options {
  live::peer_options peer;
  std::size_t max_connections = 4096;
  std::size_t max_half_open = 512;    ///< Connections whose request head is not complete; the oldest makes room.
  std::size_t send_buffer_bytes = 0;  ///< The kernel's, for each socket (SO_SNDBUF); 0 leaves the system's own.
};

/// What all connections of one loop share. I/O thread only, but for the counters.
struct connection_shared {
  connection_shared(live::service& behind, const connection_options& chosen) : peers(behind, chosen.peer), options(chosen) {}

  live::peer_shared peers;
  connection_options options;
  instant (*now)() = machine_time;
  std::array<char, 65536> read_buffer{};
  std::vector<std::string_view> runs;
  std::vector<asio::const_buffer> gathered;
  counter bytes_received;
  counter bytes_sent;
  std::size_t closed = 0;  ///< Connections that the pool has not yet let go of.
};

template <class Executor = asio::any_io_executor>
class connection : public std::enable_shared_from_this<connection<Executor>> {
 public:
  connection(net::socket<Executor> socket, std::shared_ptr<connection_shared> shared)
      : socket_(std::move(socket)), shared_(std::move(shared)), peer_(shared_->peers, shared_->now()) {
    std::error_code ignored;
    socket_.non_blocking(true, ignored);
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
    const auto send_buffer = static_cast<int>(shared_->options.send_buffer_bytes);
    if (send_buffer > 0) socket_.set_option(asio::socket_base::send_buffer_size(send_buffer), ignored);
  }

  /// Begins to read: what has come by now at once.
  void start() noexcept {
    guard([this] { read(); });
  }

  live::peer& peer() noexcept { return peer_; }
  bool is_gone() const noexcept { return peer_.is_gone(); }

  /// Writes what the peer has, as far as the socket takes it, and does with the socket what the peer wishes.
  void flush(const instant& now) noexcept {
    guard([&] {
      while (!is_waiting_writable_ && peer_.gather(shared_->runs, now) && write_some(now)) {}
    });
    std::error_code error;
    // Where it fails there is nobody to wait for.
    if (peer_.take_shutdown() && socket_.shutdown(asio::ip::tcp::socket::shutdown_send, error)) peer_.abandon(error, now);
    if (peer_.is_gone()) close();
  }

  /// Says that there is no room, and is gone once that is heard or `close_timeout` is over.
  void turn_away(std::string response, const instant& now) noexcept {
    guard([&] { peer_.turn_away(std::move(response), now); });
    flush(now);
  }
  /// Looks at the clock; sends what that asks for, or `is_news`.
  void sweep(bool is_news, const instant& now) noexcept {
    bool is_due = is_news;
    guard([&] { is_due = peer_.sweep(now) || is_due; });
    if (is_due || is_gone()) flush(now);
  }
  void close_after_drain(rfc6455::close_code code, const instant& now) noexcept {
    peer_.close_after_drain(code, {}, now);
    flush(now);
  }
  /// Ends the connection without another word.
  void abandon(std::error_code why, const instant& now) noexcept {
    peer_.abandon(why, now);
    flush(now);
  }

 private:
  // What one connection has no memory for costs that connection, and nobody else anything.
  template <class Function>
  void guard(Function function) noexcept {
    try {
      function();
    } catch (...) {
      shared_->peers.batch.clear();
      peer_.abandon(std::make_error_code(std::errc::not_enough_memory), shared_->now());
      close();
    }
  }
  void close() noexcept {
    if (!socket_.is_open()) return;
    std::error_code ignored;
    socket_.close(ignored);
    ++shared_->closed;
  }

  // To wait until there is something, and to read then, would be a call more each time: epoll has to be asked anew.
  void await_input() {
    const auto room = asio::buffer(input_.data(), input_.size());
    socket_.async_read_some(room, [self = this->shared_from_this()](std::error_code error, std::size_t size) {
      if (!self->is_gone()) self->guard([&] { self->take_first(size, error); });
    });
  }
  WIRTHFORGE_COLD void await_writable() {
    is_waiting_writable_ = true;  // also where it cannot be waited for: then this is the end
    socket_.async_wait(asio::socket_base::wait_write, [self = this->shared_from_this()](std::error_code error) {
      if (self->is_gone()) return;
      if (error) return self->abandon(error, self->shared_->now());
      self->guard([&] { self->write(); });
    });
  }

  void take_first(std::size_t size, std::error_code error) {
    const instant now = shared_->now();
    const bool has_more = take(input_.data(), size, error, now) && size == input_.size();
    input_.fit(size);
    if (has_more) return read_rest(now);
    read_on(now);
  }
  void read() { read_rest(shared_->now()); }
  void read_rest(const instant& now) {
    constexpr int rounds = 8;  // then the other connections have their turn
    for (int round = 0; round < rounds && !is_gone(); ++round) {
      std::error_code error;
      auto& buffer = shared_->read_buffer;
      const std::size_t size = socket_.read_some(asio::buffer(buffer), error);
      if (error == asio::error::would_block || error == asio::error::try_again) break;
      if (!take(buffer.data(), size, error, now) || size < buffer.size()) break;
    }
    read_on(now);
  }
  // What was read, or why nothing was. False when it was the last.
  bool take(char* bytes, std::size_t size, std::error_code error, const instant& now) {
    if (error) {
      end_input(error, now);
      return false;
    }
    shared_->bytes_received.add(size);
    peer_.receive(bytes, bytes + size, now);
    return true;
  }
  WIRTHFORGE_COLD void end_input(std::error_code error, const instant& now) {
    const bool is_in_order = error == asio::error::eof;
    if (is_in_order) flush(now);  // what came right before is answered: only its own side has ended
    if (!is_gone()) peer_.end_of_stream(is_in_order ? std::error_code{} : error, now);
  }
  void read_on(const instant& now) {
    flush(now);
    if (is_gone()) return;
    is_paused_ = is_waiting_writable_ && !peer_.wants_input();
    if (!is_paused_) await_input();
  }

  // One system call for as much as possible. False when the socket is full or gone, or nothing is left.
  bool write_some(const instant& now) {
    const auto& runs = shared_->runs;
    std::error_code error;
    std::size_t size = 0;
    if (runs.size() == 1) {  // send(); several are sendmsg(), which costs more
      size = socket_.write_some(asio::buffer(runs.front().data(), runs.front().size()), error);
    } else {
      auto& gathered = shared_->gathered;
      gathered.clear();
      for (const std::string_view run : runs) gathered.push_back(asio::buffer(run.data(), run.size()));
      size = socket_.write_some(gathered, error);
    }
    if (error == asio::error::would_block || error == asio::error::try_again) {
      await_writable();
      return false;
    }
    if (error) {
      peer_.abandon(error, now);
      return false;
    }
    shared_->bytes_sent.add(size);
    return peer_.sent(size);
  }

  // The socket takes bytes again.
  void write() {
    is_waiting_writable_ = false;
    flush(shared_->now());
    if (is_gone() || !is_paused_ || is_waiting_writable_) return;
    is_paused_ = false;
    read();
  }

  net::socket<Executor> socket_;
  std::shared_ptr<connection_shared> shared_;
  live::peer peer_;
  input_buffer input_;
  bool is_waiting_writable_ = false;
  bool is_paused_ = false;  // not read from until the peer has read
};

}}}  // namespace wirthforge::net
