// The server's end of one simulated socket: does with a peer what net::connection does, in the same order.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "wirthforge_ws.hpp"

#include "simulation/ledger.hpp"
#include "simulation/network.hpp"

namespace simulation {

class line;

/// What all lines of one server share.
struct line_shared {
  line_shared(scheduler& on, wirthforge::live::service& behind, const wirthforge::live::peer_options& options)
      : clock(on), peers(behind, options) {}
  scheduler& clock;
  wirthforge::live::peer_shared peers;
  line* current = nullptr;  // whose peer is at work, for the service that is told of it
  std::vector<char> buffer = std::vector<char>(65536);
  std::vector<std::string_view> runs;
};

class line final : public actor {
 public:
  line(line_shared& shared, std::shared_ptr<cable> wire, std::shared_ptr<visit> known)
      : shared_(shared), wire_(std::move(wire)), known_(std::move(known)), accepted_(shared.clock.time()),
        heard_(accepted_), spoken_(accepted_), peer_(shared.peers, shared.clock.now()) {
    wire_->to_server.join(wire_->to_server_writer, this);
    wire_->to_browser.join(this, wire_->to_browser_reader);
    if (wire_->to_server.has_input() || wire_->to_server.end() != pipe::fate::none) read_soon();
  }

  bool is_gone() const noexcept { return is_closed_; }
  bool is_websocket() const noexcept { return peer_.is_websocket(); }
  wirthforge::live::peer& peer() noexcept { return peer_; }
  visit& known() noexcept { return *known_; }

  // For the one who watches timeouts.
  ticks accepted() const noexcept { return accepted_; }
  ticks heard() const noexcept { return heard_; }
  ticks spoken() const noexcept { return spoken_; }
  void note_message() noexcept { spoken_ = shared_.clock.time(); }
  bool was_opened = false;
  ticks must_end_by = 0;  // 0: no end is known
  const char* end_reason = "";

  void flush() {
    if (is_closed_) return;
    const at_work guard(*this);
    const wirthforge::instant now = shared_.clock.now();
    if (!is_waiting_writable_) {
      while (peer_.gather(shared_.runs, now) && write_some()) {}
    }
    if (peer_.take_shutdown()) wire_->to_browser.finish(pipe::fate::fin);
    if (peer_.is_gone()) close_socket();
  }
  bool sweep() {
    const at_work guard(*this);
    return peer_.sweep(shared_.clock.now());
  }
  void close_after_drain(wirthforge::rfc6455::close_code code) {
    const at_work guard(*this);
    peer_.close_after_drain(code, {}, shared_.clock.now());
  }
  void abandon(std::error_code why) {
    const at_work guard(*this);
    peer_.abandon(why, shared_.clock.now());
    flush();
  }

  void wake(std::uint64_t what) override {
    if (is_closed_) return;
    if (what == static_cast<std::uint64_t>(signal::writable)) {
      is_waiting_writable_ = false;
      flush();
      if (is_closed_ || !is_paused_ || is_waiting_writable_) return;
      is_paused_ = false;
    } else if (what == again) {
      is_coming_back_ = false;
    }
    if (!is_paused_) read();
  }

 private:
  static constexpr std::uint64_t again = 100;
  struct at_work {
    explicit at_work(line& who) : shared(who.shared_), before(std::exchange(shared.current, &who)) {}
    at_work(const at_work&) = delete;
    at_work& operator=(const at_work&) = delete;
    ~at_work() { shared.current = before; }
    line_shared& shared;
    line* before;
  };

  void read() {
    const at_work guard(*this);
    const wirthforge::instant now = shared_.clock.now();
    for (int round = 0; round < 8 && !peer_.is_gone(); ++round) {
      std::vector<char>& buffer = shared_.buffer;
      const std::size_t size = wire_->to_server.read(buffer.data(), buffer.size());
      if (size == 0) {
        const pipe::fate end = wire_->to_server.end();
        if (end == pipe::fate::fin) peer_.end_of_stream({}, now);
        if (end == pipe::fate::reset) peer_.end_of_stream(std::make_error_code(std::errc::connection_reset), now);
        break;
      }
      heard_ = shared_.clock.time();
      peer_.receive(buffer.data(), buffer.data() + size, now);
      if (size < buffer.size()) break;
    }
    flush();
    if (is_closed_) return;
    is_paused_ = is_waiting_writable_ && !peer_.wants_input();
    if (!is_paused_ && wire_->to_server.has_input()) read_soon();
    else if (!is_paused_ && wire_->to_server.end() != pipe::fate::none && !has_seen_end_) {
      has_seen_end_ = true;
      read_soon();
    }
  }
  void read_soon() {
    if (std::exchange(is_coming_back_, true)) return;
    shared_.clock.after(microsecond, *this, again);
  }

  // One system call. False when the socket is full, or nothing is left.
  bool write_some() {
    std::size_t total = 0;
    for (const std::string_view run : shared_.runs) {
      const std::size_t size = wire_->to_browser.write(run);
      total += size;
      if (size < run.size()) break;
    }
    if (total == 0) {
      is_waiting_writable_ = true;
      return false;
    }
    return peer_.sent(total);
  }

  // Closing with unread bytes resets the connection.
  void close_socket() {
    if (std::exchange(is_closed_, true)) return;
    wire_->to_browser.finish(wire_->to_server.has_input() ? pipe::fate::reset : pipe::fate::fin);
    wire_->to_server.drop();
    wire_->to_browser.leave_writer();
  }

  line_shared& shared_;
  std::shared_ptr<cable> wire_;
  std::shared_ptr<visit> known_;
  ticks accepted_;
  ticks heard_;   // any byte
  ticks spoken_;  // a message
  wirthforge::live::peer peer_;
  bool is_waiting_writable_ = false;
  bool is_paused_ = false;
  bool is_coming_back_ = false;
  bool has_seen_end_ = false;
  bool is_closed_ = false;
};

}  // namespace simulation
