// One connection, without its socket: decides when to read, write, wait for, shut down and close the socket of one
// `peer`. A socket, real or simulated, is a subclass: it carries out six calls and reports the results of those that wait.
//
// A client's messages are short: the line waits for them with a small buffer of its own, so that a message is one system call.
// Longer input is read into one large buffer that all lines share. Both are parsed in place. Writes are tried at once and
// send all waiting bytes in one call; only a full socket costs a wait.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/cold.hpp"
#include "base/metrics.hpp"
#include "live/input_buffer.hpp"
#include "live/peer.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace live {

/// The result of one read or write on a socket.
struct transfer {
  enum class outcome {
    done,
    would_block,  ///< Nothing to read, or no room to write.
    end,          ///< The peer ended its side in good order; for a read only.
    failed
  };
  outcome what = outcome::done;
  std::size_t size = 0;   ///< Bytes, when `done`.
  std::error_code error;  ///< When `failed`.
};

/// The state that all lines of one loop share. I/O thread only, except the counters.
struct line_shared {
  line_shared(service& behind, const peer_options& options) : peers(behind, options) {}

  peer_shared peers;
  std::array<char, 65536> read_buffer{};
  std::vector<std::string_view> runs;
  counter bytes_received;
  counter bytes_sent;
  std::size_t closed = 0;  ///< Closed lines that are not yet removed.
};

class line {
 public:
  line(std::shared_ptr<line_shared> shared, const instant& now) : shared_(std::move(shared)), peer_(shared_->peers, now) {}
  line(const line&) = delete;
  line& operator=(const line&) = delete;
  virtual ~line() = default;

  live::peer& peer() noexcept { return peer_; }
  bool is_gone() const noexcept { return peer_.is_gone(); }

  /// Begins to read; bytes that have already come are read at once.
  void start(const instant& now) noexcept {
    guard(now, [&] { read_rest(now); });
  }

  /// Writes the peer's bytes, as far as the socket takes them, and closes or shuts down the socket when the peer asks for it.
  void flush(const instant& now) noexcept {
    guard(now, [&] {
      while (!is_waiting_writable_ && peer_.gather(shared_->runs, now) && write(now)) {}
    });
    if (peer_.take_shutdown()) {
      const std::error_code error = end_sending();
      if (error) peer_.abandon(error, now);  // there is no client to wait for
    }
    if (peer_.is_gone()) close();
  }

  /// Says that there is no room, and ends once the client has read that or `close_timeout` is over.
  void refuse(std::string response, const instant& now) noexcept {
    guard(now, [&] { peer_.refuse(std::move(response), now); });
    flush(now);
  }
  /// Checks the timeouts; sends if one asks for it, or if `is_news`.
  void sweep(bool is_news, const instant& now) noexcept {
    bool is_due = is_news;
    guard(now, [&] { is_due = peer_.sweep(now) || is_due; });
    if (is_due || is_gone()) flush(now);
  }
  void close_after_drain(rfc6455::close_code code, const instant& now) noexcept {
    peer_.close_after_drain(code, {}, now);
    flush(now);
  }
  /// Ends the connection at once, without a close handshake.
  void abandon(std::error_code why, const instant& now) noexcept {
    peer_.abandon(why, now);
    flush(now);
  }

 protected:
  // The calls to the socket. Only the two that wait may throw, for lack of memory; both report to the line once, and may do so
  // after the socket was closed.
  virtual transfer read_some(char* to, std::size_t room) noexcept = 0;
  /// `runs`: at least one, at most `peer::most_runs`.
  virtual transfer write_some(const std::vector<std::string_view>& runs) noexcept = 0;
  /// Reads into `to` when bytes come, and calls `take_input`.
  virtual void await_input(char* to, std::size_t room) = 0;
  /// Calls `take_writable` when the socket takes bytes again.
  virtual void await_writable() = 0;
  /// Ends the sending side of the socket.
  virtual std::error_code end_sending() noexcept = 0;
  /// Called once.
  virtual void close_socket() noexcept = 0;

  void take_input(const transfer& got, const instant& now) noexcept {
    if (!is_gone()) guard(now, [&] { take_first(got, now); });
  }
  void take_writable(std::error_code error, const instant& now) noexcept {
    if (is_gone()) return;
    if (error) return abandon(error, now);
    guard(now, [&] { write_on(now); });
  }

 private:
  // A lack of memory in one line costs that line, and no other.
  template <class Function>
  void guard(const instant& now, Function function) noexcept {
    try {
      function();
    } catch (...) {
      run_out(now);
    }
  }
  WIRTHFORGE_COLD void run_out(const instant& now) noexcept {
    shared_->peers.batch.clear();
    peer_.abandon(std::make_error_code(std::errc::not_enough_memory), now);
    close();
  }
  void close() noexcept {
    if (std::exchange(is_closed_, true)) return;
    close_socket();
    ++shared_->closed;
  }

  void take_first(const transfer& got, const instant& now) {
    const bool has_more = take(input_.data(), got, now) && got.size == input_.size();
    input_.fit(got.size);
    if (has_more) return read_rest(now);
    read_on(now);
  }
  void read_rest(const instant& now) {
    constexpr int rounds = 8;  // then the other lines have their turn
    auto& buffer = shared_->read_buffer;
    for (int round = 0; round < rounds && !is_gone(); ++round) {
      const transfer got = read_some(buffer.data(), buffer.size());
      if (got.what == transfer::outcome::would_block) break;
      if (!take(buffer.data(), got, now) || got.size < buffer.size()) break;
    }
    read_on(now);
  }
  // Takes the result of a read. False when it was the last read.
  bool take(char* bytes, const transfer& got, const instant& now) {
    if (got.what != transfer::outcome::done) {
      end_input(got, now);
      return false;
    }
    shared_->bytes_received.add(got.size);
    peer_.receive(bytes, bytes + got.size, now);
    return true;
  }
  WIRTHFORGE_COLD void end_input(const transfer& got, const instant& now) {
    const bool is_in_order = got.what == transfer::outcome::end;
    if (is_in_order) flush(now);  // the last requests are answered: only the client's own side has ended
    if (!is_gone()) peer_.end_of_stream(is_in_order ? std::error_code{} : got.error, now);
  }
  // Waiting for input first and reading then would cost one more call each time: epoll has to be asked anew.
  void read_on(const instant& now) {
    flush(now);
    if (is_gone()) return;
    is_paused_ = is_waiting_writable_ && !peer_.wants_input();
    if (!is_paused_) await_input(input_.data(), input_.size());
  }

  // One call for as many bytes as possible. False when the socket is full or closed, or nothing is left.
  bool write(const instant& now) {
    const transfer put = write_some(shared_->runs);
    if (put.what == transfer::outcome::would_block) {
      is_waiting_writable_ = true;  // also if the wait fails: then the line ends
      await_writable();
      return false;
    }
    if (put.what != transfer::outcome::done) {
      peer_.abandon(put.error, now);
      return false;
    }
    shared_->bytes_sent.add(put.size);
    return peer_.sent(put.size);
  }
  void write_on(const instant& now) {
    is_waiting_writable_ = false;
    flush(now);
    if (is_gone() || !is_paused_ || is_waiting_writable_) return;
    is_paused_ = false;
    read_rest(now);
  }

  const std::shared_ptr<line_shared> shared_;
  live::peer peer_;
  input_buffer input_;
  bool is_waiting_writable_ = false;
  bool is_paused_ = false;  // not read from until the peer has read
  bool is_closed_ = false;
};

}}}  // namespace wirthforge::live
