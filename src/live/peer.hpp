// One connection from its first byte to its last, without its socket: reads the request head, then drives the WebSocket
// protocol, and makes the bytes to write. Bytes and time come in; bytes and requests to the socket's owner go out. The owner
// does three things after each call: it writes the bytes of `gather`, ends the sending side when `take_shutdown` says so, and
// closes the socket when `is_gone`.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/option_table.hpp"
#include "base/prefetch.hpp"
#include "live/service.hpp"
#include "rfc6455/liveness.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace live {

struct peer_options {
  rfc6455::protocol_options protocol;
  rfc6455::liveness_options liveness;
  std::size_t max_head_bytes = wirthforge::detail::server_default::max_head_bytes;
  std::size_t max_unsent_bytes = 1U << 20U;  ///< Answers to a peer that does not read; past it, nothing more is read from it.
};

/// The state that all peers of one loop share.
struct peer_shared {
  peer_shared(service& server, const peer_options& chosen) : behind(server), options(chosen) {}
  service& behind;
  const peer_options options;
  std::vector<frame_ptr> batch;  // empty between two calls; kept for its capacity, as is this:
  std::string spare;
};

class peer {
 public:
  /// `shared` must outlive the peer.
  peer(peer_shared& shared, const instant& now)
      : shared_(shared), reader_(std::make_unique<rfc6455::request_reader>(shared.options.max_head_bytes)),
        liveness_(shared.options.liveness, now.steady) {}
  peer(const peer&) = delete;
  peer& operator=(const peer&) = delete;

  /// `gather` gives at most so many runs: one system call takes that many on every system.
  static constexpr std::size_t most_runs = 64;

  /// The service's own; set in `opened`, gone after `closed`.
  std::unique_ptr<peer_state> state;

  bool is_gone() const noexcept { return phase_ == phase::gone; }
  bool is_websocket() const noexcept { return phase_ == phase::websocket; }
  /// True while its request head is incomplete.
  bool is_half_open() const noexcept { return phase_ == phase::head; }
  /// True once a close frame is queued or sent.
  bool is_closing() const noexcept { return protocol_ && protocol_->close_sent(); }

  /// The announced size of the client's last message of several frames, or of many bytes.
  std::uint64_t announced_bytes() const noexcept { return protocol_ ? protocol_->announced_bytes() : 0; }

  /// Bytes came. They are parsed and unmasked in place.
  void receive(char* first, char* last, const instant& now) {
    liveness_.on_bytes(now.steady);
    if (phase_ == phase::head) take_head(first, last, now);
    while (phase_ == phase::websocket) {
      const rfc6455::input got = protocol_->receive(first, last);
      switch (got.what) {
        case rfc6455::input::kind::need_more: return;
        case rfc6455::input::kind::text:
        case rfc6455::input::kind::binary: liveness_.on_message(now.steady); [[fallthrough]];
        case rfc6455::input::kind::ping:
          if (const std::optional<ending> end = shared_.behind.received(*this, got, now))
            begin_close(end->code, end->error, now);
          break;
        case rfc6455::input::kind::pong: liveness_.on_pong(got.payload, now.steady); break;
        case rfc6455::input::kind::close:
          ended_.code = got.code;
          liveness_.enter_closing(now.steady);
          break;
        case rfc6455::input::kind::failed:
          ended_ = {got.code, got.error};
          liveness_.enter_closing(now.steady);
          break;
      }
    }
  }

  /// The stream ended, in good order (no error) or not.
  void end_of_stream(std::error_code error, const instant& now) {
    if (phase_ == phase::websocket && !ended_.error && !protocol_->close_received()) {
      const rfc6455::input got = protocol_->end_of_stream();
      ended_ = {got.code, got.error};
    }
    abandon(error, now);
  }

  /// True when the owner may read on. False while the peer sends but does not read: it must read first.
  bool wants_input() const { return unsent_bytes() <= shared_.options.max_unsent_bytes; }

  /// Fills `runs` with the bytes to write, oldest first, at most `most_runs`; after writing call `sent` and ask again.
  /// False when there is nothing. The runs hold until the next call.
  bool gather(std::vector<std::string_view>& runs, const instant& now) {
    runs.clear();
    has_more_ = true;  // unless the service says otherwise now: its last reply does not cover frames that came since
    if (phase_ == phase::gone || phase_ == phase::lingering) return false;
    if (unsent_.empty()) collect(now);
    if (unsent_.empty()) {
      if (phase_ == phase::websocket && !close_when_drained_ && !protocol_->close_sent()) return false;
      end_output(now);
      if (unsent_.empty()) return false;
    }
    const std::size_t end = std::min(unsent_.size(), first_unsent_ + most_runs);
    for (std::size_t index = first_unsent_; index < end; ++index) runs.push_back(unsent_[index].bytes());
    runs.front().remove_prefix(sent_of_first_);
    return true;
  }
  /// The owner wrote so many bytes of the last `gather`. False when the peer has nothing more to write until there is news.
  bool sent(std::size_t bytes) {
    bytes += sent_of_first_;
    for (; first_unsent_ < unsent_.size(); ++first_unsent_) {
      chunk& first = unsent_[first_unsent_];
      const std::size_t size = first.bytes().size();
      if (bytes < size) break;
      bytes -= size;
      recycle(first.own);
      first.frame.reset();
    }
    sent_of_first_ = bytes;
    if (first_unsent_ == unsent_.size()) forget_unsent();
    return has_more_ || !unsent_.empty() || phase_ != phase::websocket || close_when_drained_ || protocol_->close_sent();
  }

  /// Hints that this peer is the second next to `gather`, and that it is the next: its memory is prefetched meanwhile.
  void prefetch_state() const noexcept {
    constexpr std::size_t its_first_members = 32;
    if (state) prefetch(state.get(), its_first_members);
    if (unsent_.capacity() > 0) prefetch(unsent_.data(), sizeof(chunk));
  }
  void prefetch_client() const noexcept {
    if (state) shared_.behind.expect(*state);
  }

  /// True once, when all bytes are written and the sending side of the socket should end. Closing a socket with unread bytes
  /// resets it, and the peer may lose the last bytes; so end the sending side, and read on until the peer's end.
  bool take_shutdown() noexcept { return std::exchange(wants_shutdown_, false); }

  /// Queues a message.
  std::error_code send_text(std::string_view payload) { return protocol_->send_text(payload); }
  std::error_code send_binary(std::string_view payload) { return protocol_->send_binary(payload); }

  /// Begins the closing handshake at once; frames that are not yet taken from the service are not sent.
  void close(rfc6455::close_code code, std::error_code why, const instant& now) {
    if (phase_ != phase::websocket) return abandon(why, now);
    begin_close(code, why, now);
  }
  /// Takes everything that the service has for it now, and begins the closing handshake behind that.
  WIRTHFORGE_COLD void close_behind(rfc6455::close_code code, std::string_view reason, const instant& now) {
    if (phase_ != phase::websocket) return;
    const steady_time oldest = unsent_.empty() ? now.steady : gathered_;
    do collect(now);
    while (has_more_ && !protocol_->close_sent());
    gathered_ = oldest;
    if (protocol_->close_sent()) return;
    ended_ = {code, {}};
    protocol_->close(code, reason);
    liveness_.enter_closing(now.steady);
  }
  /// Sends everything that the service has, then closes.
  void close_after_drain(rfc6455::close_code code, std::error_code why, const instant& now) {
    if (phase_ != phase::websocket) return abandon(why, now);
    close_when_drained_ = ending{code, why};
  }
  /// Answers before a head is complete, and reads only so much of it that the answer arrives.
  void refuse(std::string response, const instant& now) {
    if (phase_ != phase::head) return;
    queue(std::move(response), now);
    phase_ = phase::answering;
    reader_.reset();
    liveness_.enter_closing(now.steady);
  }
  /// Ends the connection at once, without a close handshake.
  void abandon(std::error_code why, const instant& now) {
    if (phase_ == phase::gone) return;
    if (!ended_.error) ended_.error = why;
    phase_ = phase::gone;
    forget_unsent();
    tell_closed(now);
  }

  /// Checks the timeouts: pings, and ends a phase that has taken too long. True when the owner has something to do.
  bool sweep(const instant& now) {
    if (phase_ == phase::gone) return false;
    const rfc6455::liveness::action due = liveness_.poll(now.steady);
    switch (due.what) {
      case rfc6455::liveness::action::kind::none: return false;
      case rfc6455::liveness::action::kind::send_ping: (void)protocol_->send_ping(liveness_.ping_payload()); break;
      case rfc6455::liveness::action::kind::fail: expire(make_error_code(due.error), now); break;
    }
    return true;
  }

  /// Bytes that were taken from the service or made here and are not yet written.
  std::size_t unsent_bytes() const {
    std::size_t total = protocol_ ? protocol_->output_size() : 0;
    for (std::size_t index = first_unsent_; index < unsent_.size(); ++index) total += unsent_[index].bytes().size();
    return total - (unsent_.empty() ? 0 : sent_of_first_);
  }
  /// How long the oldest of them has waited.
  nanoseconds oldest_unsent(steady_time now) const noexcept {
    return unsent_.empty() ? nanoseconds(0) : std::chrono::duration_cast<nanoseconds>(now - gathered_);
  }

 private:
  enum class phase { head, answering, websocket, lingering, gone };
  // A run of bytes that is being sent: a shared frame, or bytes of this connection's own.
  struct chunk {
    frame_ptr frame;
    std::string own;
    std::string_view bytes() const noexcept { return frame ? frame->wire() : std::string_view(own); }
  };

  void take_head(char*& first, char* last, const instant& now) {
    const char* at = first;
    const auto status = reader_->receive(at, last);
    first += at - first;
    if (status == rfc6455::request_reader::status::need_more) return;
    const bool failed = status == rfc6455::request_reader::status::failed;
    answer reply = failed ? shared_.behind.refuse(reader_->error()) : shared_.behind.respond(reader_->request(), now);
    queue(std::move(reply.bytes), now);
    if (!reply.is_upgrade) {
      phase_ = phase::answering;
      reader_.reset();
      liveness_.enter_closing(now.steady);
      return;
    }
    phase_ = phase::websocket;
    protocol_.emplace(rfc6455::role::server, shared_.options.protocol);
    liveness_.enter_open(now.steady);
    shared_.behind.opened(*this, reader_->request(), now);
    is_open_ = true;
    reader_.reset();
  }

  void begin_close(rfc6455::close_code code, std::error_code why, const instant& now) {
    if (protocol_->close_sent()) return;
    ended_ = {code, why};
    protocol_->close(code, why ? why.message() : std::string());
    liveness_.enter_closing(now.steady);
  }

  // A timeout. In the closing phases only the socket is left to close; before, the peer is told.
  void expire(std::error_code why, const instant& now) {
    if (phase_ == phase::head) return refuse(shared_.behind.refuse(why).bytes, now);
    if (phase_ != phase::websocket || protocol_->close_sent()) {
      return abandon(phase_ == phase::websocket ? why : std::error_code{}, now);
    }
    begin_close(rfc6455::close_code_for(static_cast<errc>(why.value())), why, now);
  }

  // All bytes are written: the close frame follows, or it was the last of them.
  WIRTHFORGE_COLD void end_output(const instant& now) {
    if (phase_ == phase::websocket && close_when_drained_ && !protocol_->close_sent()) {
      begin_close(close_when_drained_->code, close_when_drained_->error, now);
      take_output();
    }
    if (!unsent_.empty()) return;
    if (phase_ == phase::answering || (phase_ == phase::websocket && protocol_->should_drop_connection())) linger(now);
  }
  // The answer or the close frame is out.
  void linger(const instant& now) {
    phase_ = phase::lingering;
    wants_shutdown_ = true;
    tell_closed(now);
  }
  void tell_closed(const instant& now) {
    if (!std::exchange(is_open_, false)) return;
    shared_.behind.closed(*this, ended_, now);
  }

  // Bytes of this connection only (pong, close, answers) go before the service's frames.
  void collect(const instant& now) {
    if (phase_ != phase::websocket) return;
    gathered_ = now.steady;
    take_output();
    if (protocol_->close_sent()) return;
    std::vector<frame_ptr>& batch = shared_.batch;
    const collected got = shared_.behind.collect(*this, batch, now);
    has_more_ = got.has_more;
    if (!batch.empty()) liveness_.on_served(now.steady);
    for (frame_ptr& frame : batch) unsent_.push_back(chunk{std::move(frame), {}});
    batch.clear();
    if (!got.end) return;
    begin_close(got.end->code, got.end->error, now);
    take_output();
  }

  void take_output() {
    if (!protocol_->has_output()) return;
    chunk own;
    own.own.swap(shared_.spare);
    protocol_->take_output(own.own);
    unsent_.push_back(std::move(own));
  }
  void forget_unsent() noexcept {
    unsent_.clear();
    first_unsent_ = 0;
  }
  void recycle(std::string& used) {
    constexpr std::size_t most = 65536;
    if (used.capacity() <= shared_.spare.capacity() || used.capacity() > most) return;
    used.clear();
    shared_.spare.swap(used);
  }
  void queue(std::string bytes, const instant& now) {
    if (unsent_.empty()) gathered_ = now.steady;
    unsent_.push_back(chunk{nullptr, std::move(bytes)});
  }

  peer_shared& shared_;
  std::unique_ptr<rfc6455::request_reader> reader_;  // only until the head is complete
  std::optional<rfc6455::protocol> protocol_;        // only after the opening handshake
  rfc6455::liveness liveness_;
  phase phase_ = phase::head;
  bool is_open_ = false;  // opened() was called and closed() was not
  bool wants_shutdown_ = false;
  bool has_more_ = true;  // the service may have
  ending ended_{rfc6455::close_code::abnormal_closure, {}};
  std::optional<ending> close_when_drained_;
  std::vector<chunk> unsent_;
  std::size_t first_unsent_ = 0;  // the index in unsent_; the chunks before it are sent
  std::size_t sent_of_first_ = 0;
  steady_time gathered_{};  // when the oldest bytes of unsent_ were taken
};

}}}  // namespace wirthforge::live
