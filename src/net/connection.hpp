// One socket: reads what comes, drives the request head and then the WebSocket protocol with it, and writes what the
// protocol and the service want sent. It decides nothing; the state machines below do.
//
// Reads go into one buffer that all connections share, and are parsed in place: an idle connection holds no buffer. Writes
// are tried at once and gather everything that waits into one system call; only a full socket costs a wait.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <asio/buffer.hpp>
#include <asio/ip/tcp.hpp>

#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "net/service.hpp"
#include "rfc6455/liveness.hpp"

namespace wirthforge::net {

struct connection_options {
  rfc6455::protocol_options protocol;
  rfc6455::liveness_options liveness;
  std::size_t max_head_bytes = 8192;
  std::size_t max_connections = 4096;
  std::size_t max_unsent_bytes = 1U << 20U;  ///< Answers to a peer that does not read; past it, it is not read from either.
};

/// What all connections of one loop share. I/O thread only, but for the counters.
struct connection_shared {
  explicit connection_shared(service& behind, connection_options chosen) : service_(&behind), options(chosen) {}

  service* service_;
  connection_options options;
  instant (*now)() = machine_time;
  std::array<char, 65536> read_buffer{};
  std::vector<live::frame_ptr> batch;
  std::vector<asio::const_buffer> gathered;
  counter bytes_received;
  counter bytes_sent;
};

class connection : public std::enable_shared_from_this<connection> {
 public:
  connection(asio::ip::tcp::socket socket, std::shared_ptr<connection_shared> shared)
      : socket_(std::move(socket)), shared_(std::move(shared)),
        reader_(std::make_unique<rfc6455::request_reader>(shared_->options.max_head_bytes)),
        liveness_(shared_->options.liveness, shared_->now().steady) {}

  void start() {
    std::error_code ignored;
    socket_.non_blocking(true, ignored);
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
    wait_readable();
  }

  /// The service's own; set in `opened`, gone after `closed`.
  std::unique_ptr<peer_state> state;

  bool is_gone() const noexcept { return phase_ == phase::gone; }
  bool is_websocket() const noexcept { return phase_ == phase::websocket; }

  /// Queues a message; `flush` sends it.
  std::error_code send_text(std::string_view payload) { return protocol_->send_text(payload); }
  std::error_code send_binary(std::string_view payload) { return protocol_->send_binary(payload); }

  /// Writes what the protocol and the service have, as far as the socket takes it.
  void flush() {
    if (phase_ == phase::gone || is_waiting_writable_) return;
    for (;;) {
      if (unsent_.empty() && !gather()) break;
      if (!write_some()) return;
    }
    if (phase_ == phase::websocket && close_when_drained_ && !protocol_->close_sent()) {
      begin_close(close_when_drained_->code, close_when_drained_->error);
      return flush();
    }
    if (phase_ == phase::answering || (phase_ == phase::websocket && protocol_->should_drop_connection())) linger();
  }

  /// Begins the closing handshake at once; what is not yet taken from the service is not sent.
  void close(rfc6455::close_code code, std::error_code why) {
    if (phase_ != phase::websocket) return abandon(why);
    begin_close(code, why);
    flush();
  }
  /// As `close`, from within `service::collect`, where a flush is under way already.
  void begin_close(rfc6455::close_code code, std::error_code why) {
    if (protocol_->close_sent()) return;
    ended_ = {code, why};
    protocol_->close(code, why ? why.message() : std::string());
    liveness_.enter_closing(shared_->now().steady);
  }

  /// Sends everything that the service has, then closes.
  void close_after_drain(rfc6455::close_code code, std::error_code why = {}) {
    if (phase_ != phase::websocket) return abandon(why);
    close_when_drained_ = ending{code, why};
    flush();
  }
  /// Ends the connection without another word.
  void abandon(std::error_code why) {
    if (phase_ == phase::gone) return;
    const bool was_open = is_open_;
    if (!ended_.error) ended_.error = why;
    phase_ = phase::gone;
    std::error_code ignored;
    socket_.close(ignored);
    unsent_.clear();
    if (was_open) {
      is_open_ = false;
      shared_->service_->closed(*this, ended_);
    }
  }

  /// Looks at the clock: pings, and ends what has taken too long.
  void sweep(steady_time now) {
    if (phase_ == phase::gone) return;
    const rfc6455::liveness::action due = liveness_.poll(now);
    if (due.what == rfc6455::liveness::action::kind::send_ping) {
      if (!protocol_->send_ping(liveness_.ping_payload())) flush();
    } else if (due.what == rfc6455::liveness::action::kind::fail) {
      expire(make_error_code(due.error));
    }
  }

 private:
  enum class phase { head, answering, websocket, lingering, gone };
  // A run of bytes that is being sent: a shared frame, or bytes of this connection's own.
  struct chunk {
    live::frame_ptr frame;
    std::string own;
    std::string_view bytes() const noexcept { return frame ? frame->wire() : std::string_view(own); }
  };

  void wait_readable() {
    socket_.async_wait(asio::ip::tcp::socket::wait_read, [self = shared_from_this()](std::error_code error) {
      if (self->phase_ == phase::gone) return;
      if (error) return self->abandon(error);
      self->read();
    });
  }

  void read() {
    constexpr int rounds = 8;  // then the other connections have their turn
    for (int round = 0; round < rounds && phase_ != phase::gone; ++round) {
      std::error_code error;
      auto& buffer = shared_->read_buffer;
      const std::size_t size = socket_.read_some(asio::buffer(buffer), error);
      if (error == asio::error::would_block || error == asio::error::try_again) break;
      if (error) return end_of_stream(error);
      shared_->bytes_received.add(size);
      liveness_.on_bytes(shared_->now().steady);
      take(buffer.data(), buffer.data() + size);
      if (size < buffer.size()) break;
    }
    if (phase_ == phase::gone) return;
    flush();
    if (phase_ == phase::gone) return;
    if (is_waiting_writable_ && unsent_bytes() > shared_->options.max_unsent_bytes) {
      is_paused_ = true;  // it sends without reading: it must read first
      return;
    }
    wait_readable();
  }

  void take(char* first, char* last) {
    if (phase_ == phase::head) take_head(first, last);
    if (phase_ != phase::websocket) return;
    while (phase_ == phase::websocket) {
      const rfc6455::input got = protocol_->receive(first, last);
      switch (got.what) {
        case rfc6455::input::kind::need_more: return;
        case rfc6455::input::kind::text:
        case rfc6455::input::kind::binary: liveness_.on_message(shared_->now().steady); [[fallthrough]];
        case rfc6455::input::kind::ping: shared_->service_->received(*this, got); break;
        case rfc6455::input::kind::pong: liveness_.on_pong(got.payload, shared_->now().steady); break;
        case rfc6455::input::kind::close:
          ended_.code = got.code;
          liveness_.enter_closing(shared_->now().steady);
          break;
        case rfc6455::input::kind::failed:
          ended_ = {got.code, got.error};
          liveness_.enter_closing(shared_->now().steady);
          break;
      }
    }
  }

  void take_head(char*& first, char* last) {
    const char* at = first;
    const auto status = reader_->receive(at, last);
    first += at - first;
    if (status == rfc6455::request_reader::status::need_more) return;
    const bool failed = status == rfc6455::request_reader::status::failed;
    answer reply = failed ? shared_->service_->refuse(reader_->error()) : shared_->service_->respond(reader_->request());
    chunk head;
    head.own = std::move(reply.bytes);
    unsent_.push_back(std::move(head));
    if (!reply.is_upgrade) {
      phase_ = phase::answering;
      reader_.reset();
      liveness_.enter_closing(shared_->now().steady);
      return;
    }
    phase_ = phase::websocket;
    is_open_ = true;
    protocol_.emplace(rfc6455::role::server, shared_->options.protocol);
    liveness_.enter_open(shared_->now().steady);
    shared_->service_->opened(*this, reader_->request());
    reader_.reset();
  }

  void end_of_stream(std::error_code error) {
    if (phase_ == phase::websocket && !ended_.error && !protocol_->close_received()) {
      const rfc6455::input got = protocol_->end_of_stream();
      ended_ = {got.code, got.error};
    }
    if (error == asio::error::eof) error.clear();
    abandon(error);
  }

  // A timeout. In the closing phases the socket is all that is left to close; before, the peer is told.
  void expire(std::error_code why) {
    if (phase_ == phase::head) {
      chunk late;
      late.own = shared_->service_->refuse(why).bytes;
      unsent_.push_back(std::move(late));
      phase_ = phase::answering;
      liveness_.enter_closing(shared_->now().steady);
      return flush();
    }
    if (phase_ != phase::websocket || protocol_->close_sent()) return abandon(phase_ == phase::websocket ? why : std::error_code{});
    close(rfc6455::close_code_for(static_cast<errc>(why.value())), why);
  }

  // The answer or the close frame is out. Closing a socket with unread bytes resets it, and the peer may lose what we wrote
  // last; so say that no more will come, and read on until the peer is done or the close timeout ends it.
  void linger() {
    phase_ = phase::lingering;
    std::error_code ignored;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    if (is_open_) {
      is_open_ = false;
      shared_->service_->closed(*this, ended_);
    }
  }

  std::size_t unsent_bytes() const {
    std::size_t total = protocol_ ? protocol_->output_size() : 0;
    for (const chunk& each : unsent_) total += each.bytes().size();
    return total;
  }

  // Collects what can be sent now. What only this connection says (pong, close, answers) goes before the service's frames.
  bool gather() {
    if (phase_ != phase::websocket) return false;
    take_output();
    if (!protocol_->close_sent()) {
      auto& batch = shared_->batch;
      batch.clear();
      shared_->service_->collect(*this, batch);
      for (live::frame_ptr& frame : batch) unsent_.push_back(chunk{std::move(frame), {}});
      batch.clear();
      take_output();  // the service may have begun to close
    }
    return !unsent_.empty();
  }

  void take_output() {
    if (!protocol_->has_output()) return;
    chunk own;
    protocol_->take_output(own.own);
    unsent_.push_back(std::move(own));
  }

  // One system call for as much as possible. False when the socket is full or gone.
  bool write_some() {
    auto& gathered = shared_->gathered;
    gathered.clear();
    std::size_t skip = sent_of_first_;
    for (const chunk& each : unsent_) {
      constexpr std::size_t most = 64;
      if (gathered.size() == most) break;
      const std::string_view bytes = each.bytes().substr(skip);
      gathered.push_back(asio::buffer(bytes.data(), bytes.size()));
      skip = 0;
    }
    std::error_code error;
    std::size_t sent = socket_.write_some(gathered, error);
    if (error == asio::error::would_block || error == asio::error::try_again) {
      wait_writable();
      return false;
    }
    if (error) {
      abandon(error);
      return false;
    }
    shared_->bytes_sent.add(sent);
    std::size_t done = 0;
    sent += sent_of_first_;
    while (done < unsent_.size() && sent >= unsent_[done].bytes().size()) sent -= unsent_[done++].bytes().size();
    unsent_.erase(unsent_.begin(), unsent_.begin() + static_cast<std::ptrdiff_t>(done));
    sent_of_first_ = sent;
    return true;
  }

  void wait_writable() {
    is_waiting_writable_ = true;
    socket_.async_wait(asio::ip::tcp::socket::wait_write, [self = shared_from_this()](std::error_code error) {
      if (self->phase_ == phase::gone) return;
      self->is_waiting_writable_ = false;
      if (error) return self->abandon(error);
      self->flush();
      if (self->phase_ == phase::gone || !self->is_paused_ || self->is_waiting_writable_) return;
      self->is_paused_ = false;
      self->read();
    });
  }

  asio::ip::tcp::socket socket_;
  std::shared_ptr<connection_shared> shared_;
  std::unique_ptr<rfc6455::request_reader> reader_;  // only until the head is complete
  std::optional<rfc6455::protocol> protocol_;        // only after the opening handshake
  rfc6455::liveness liveness_;
  phase phase_ = phase::head;
  bool is_open_ = false;  // opened() was said and closed() was not
  bool is_waiting_writable_ = false;
  bool is_paused_ = false;
  ending ended_{rfc6455::close_code::abnormal_closure, {}};
  std::optional<ending> close_when_drained_;
  std::vector<chunk> unsent_;
  std::size_t sent_of_first_ = 0;
};

}  // namespace wirthforge::net
