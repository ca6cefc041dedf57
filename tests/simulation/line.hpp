// The server's end of one simulated socket, below the line class that ships: carries out its calls on a cable, and keeps the times
// for the check of timeouts.
#pragma once

#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wirthforge_ws.hpp"

#include "simulation/network.hpp"
#include "simulation/visit.hpp"

namespace simulation {

namespace live = wirthforge::live;

class line final : public actor, public live::line {
 public:
  line(scheduler& clock, std::shared_ptr<live::line_shared> shared, std::shared_ptr<cable> wire, std::shared_ptr<visit> known)
      : live::line(std::move(shared), clock.now()), clock_(clock), wire_(std::move(wire)), known_(std::move(known)),
        accepted_(clock.time()), heard_(accepted_), spoken_(accepted_) {
    wire_->to_server.join(wire_->to_server_writer, this);
    wire_->to_browser.join(this, wire_->to_browser_reader);
  }

  visit& known() noexcept { return *known_; }

  // For the check of timeouts.
  ticks accepted() const noexcept { return accepted_; }
  ticks heard() const noexcept { return heard_; }
  ticks spoken() const noexcept { return spoken_; }
  void note_message() noexcept { spoken_ = clock_.time(); }
  bool was_opened = false;
  std::string connection_id;
  ticks must_end_by = 0;  // 0: no end is known
  const char* end_reason = "";
  bool owes_answer = false;  // it was asked, and has sent nothing since
  dice* may_fail = nullptr;  // where there may be no memory to wait
  bool was_refused() const noexcept { return was_refused_; }

  void wake(std::uint64_t what) override {
    if (is_closed_) return;
    if (what == static_cast<std::uint64_t>(signal::writable)) {
      if (std::exchange(awaits_room_, false)) take_writable({}, clock_.now());
      return;
    }
    if (what == again) is_coming_back_ = false;
    if (into_ == nullptr) return;
    const live::transfer got = read_some(into_, room_);
    if (got.what == live::transfer::outcome::would_block) return;
    into_ = nullptr;
    take_input(got, clock_.now());
    const bool is_unheard = is_closed_ && has_ended_ && owes_answer && !awaits_room_ && may_fail == nullptr;
    if (is_unheard) throw failure(oracle::completeness, "a request right before the end was not answered");
  }

 private:
  using outcome = live::transfer::outcome;
  static constexpr std::uint64_t again = 100;

  live::transfer read_some(char* to, std::size_t room) noexcept override {
    const std::size_t size = wire_->to_server.read(to, room);
    if (size > 0) {
      heard_ = clock_.time();
      return {outcome::done, size, {}};
    }
    switch (wire_->to_server.end()) {
      case pipe::fate::fin: has_ended_ = true; return {outcome::end, 0, {}};
      case pipe::fate::reset: return {outcome::failed, 0, std::make_error_code(std::errc::connection_reset)};
      default: return {outcome::would_block, 0, {}};
    }
  }
  live::transfer write_some(const std::vector<std::string_view>& runs) noexcept override {
    owes_answer = false;
    was_refused_ = was_refused_ || runs.front().substr(0, 12) == "HTTP/1.1 503";
    std::size_t total = 0;
    for (const std::string_view run : runs) {
      const std::size_t size = wire_->to_browser.write(run);
      total += size;
      if (size < run.size()) break;
    }
    return {total == 0 ? outcome::would_block : outcome::done, total, {}};
  }
  void await_input(char* to, std::size_t room) override {
    lack_memory();
    into_ = to;
    room_ = room;
    const bool has_something = wire_->to_server.has_input() || wire_->to_server.end() != pipe::fate::none;
    if (has_something && !std::exchange(is_coming_back_, true)) clock_.after(microsecond, *this, again);
  }
  void await_writable() override {
    lack_memory();
    awaits_room_ = true;
  }
  void lack_memory() {
    if (may_fail != nullptr && may_fail->one_in(5000)) throw std::bad_alloc();
  }
  std::error_code end_sending() noexcept override {
    wire_->to_browser.finish(pipe::fate::fin);
    return {};
  }
  // Closing with unread bytes resets the connection.
  void close_socket() noexcept override {
    is_closed_ = true;
    wire_->to_browser.finish(wire_->to_server.has_input() ? pipe::fate::reset : pipe::fate::fin);
    wire_->to_server.drop();
    wire_->to_browser.leave_writer();
  }

  scheduler& clock_;
  std::shared_ptr<cable> wire_;
  std::shared_ptr<visit> known_;
  ticks accepted_;
  ticks heard_;           // any byte
  ticks spoken_;          // a message
  char* into_ = nullptr;  // the next bytes are read into it, as soon as some come
  std::size_t room_ = 0;
  bool awaits_room_ = false;
  bool is_coming_back_ = false;
  bool has_ended_ = false;
  bool was_refused_ = false;
  bool is_closed_ = false;
};

}  // namespace simulation
