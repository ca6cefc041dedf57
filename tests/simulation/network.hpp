// A simulated loopback connection: two pipes with bounded kernel buffers, latency, partial reads and writes, ends in good
// order, resets, and connections that die silently.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "simulation/scheduler.hpp"

namespace simulation {

struct weather {
  ticks latency = 100 * microsecond;
  ticks jitter = 0;
  std::size_t capacity = 1U << 18U;  ///< Send and receive buffer together.
  std::size_t most_read = 0;         ///< 0: as much as is asked for. Else each read takes a random part, at most this.
  std::size_t most_written = 0;
};

/// The signals to an end of a connection.
enum class signal : std::uint64_t { readable, writable };

/// One direction. `wake(signal)` reaches the ends.
class pipe final : public actor {
 public:
  enum class fate { none, fin, reset };

  pipe(scheduler& clock, const weather& sky, std::uint64_t seed) : clock_(clock), sky_(sky), chance_(seed) {}
  void join(actor* writer, actor* reader) noexcept {
    writer_ = writer;
    reader_ = reader;
  }

  void leave_writer() noexcept { writer_ = nullptr; }
  void leave_reader() noexcept { reader_ = nullptr; }

  /// How many bytes the kernel took; 0: it is full, and the writer will be told when it is not.
  std::size_t write(std::string_view bytes) {
    std::size_t size = std::min(bytes.size(), room());
    if (sky_.most_written > 0) size = std::min(size, part(sky_.most_written));
    if (size == 0) {
      wants_room_ = true;
      return 0;
    }
    if (is_mute_) {  // the other side is gone without a signal: the kernel takes bytes while it has room
      lost_ += size;
      return size;
    }
    const std::uint64_t until_cut = cut_at_ - std::min(cut_at_, written_);
    const auto through = static_cast<std::size_t>(std::min<std::uint64_t>(size, until_cut));
    if (through > 0) {
      held_.append(bytes.data(), through);
      written_ += through;
      arrivals_.push_back({arrival(), through});
      expect();
    }
    if (through < size && !is_cut_) {
      is_cut_ = true;
      clock_.at(last_arrival_, *this, cut_mark);
    }
    return size;
  }
  std::size_t room() const noexcept {
    const std::size_t held = held_.size() - read_ + lost_;
    return sky_.capacity - std::min(held, sky_.capacity);
  }

  /// 0: nothing is here now.
  std::size_t read(char* to, std::size_t most) {
    std::size_t size = std::min(most, arrived_);
    if (sky_.most_read > 0) size = std::min(size, part(sky_.most_read));
    if (size == 0) return 0;
    std::memcpy(to, held_.data() + read_, size);
    read_ += size;
    arrived_ -= size;
    if (read_ == held_.size() || read_ > 65536) {
      held_.erase(0, read_);
      read_ = 0;
    }
    if (wants_room_ && !is_mute_) {
      wants_room_ = false;
      clock_.after(sky_.latency, *this, room_mark);
    }
    return size;
  }
  bool has_input() const noexcept { return arrived_ > 0; }
  /// The event that the reader sees after the last byte.
  fate end() const noexcept { return arrived_ == 0 ? end_ : end_ == fate::reset ? end_ : fate::none; }

  /// The writer ends the stream; it arrives behind what was written.
  void finish(fate how) {
    if (is_mute_ || coming_ != fate::none) return;
    coming_ = how;
    clock_.at(arrival(), *this, end_mark);
  }
  /// From now on nothing gets through.
  void mute() noexcept { is_mute_ = true; }
  /// Nothing gets through after so many bytes in all; `on_cut` is woken when the last of them arrives.
  void cut_after(std::uint64_t bytes, actor& on_cut) noexcept {
    cut_at_ = std::max(bytes, written_);
    on_cut_ = &on_cut;
  }
  std::uint64_t written() const noexcept { return written_; }
  /// Both ends are gone: frees what is held.
  void drop() {
    is_mute_ = true;
    writer_ = reader_ = nullptr;
    held_ = std::string();
    arrivals_.clear();
    arrived_ = read_ = 0;
  }

  void wake(std::uint64_t what) override {
    if (what == arrival_mark) {
      is_expecting_ = false;
      if (is_mute_) return;
      arrive();
      if (!arrivals_.empty()) expect();
    } else if (what == room_mark) {
      if (writer_ != nullptr) writer_->wake(static_cast<std::uint64_t>(signal::writable));
      return;
    } else if (what == end_mark) {
      if (is_mute_) return;
      arrive();  // bytes that were written before come first, also when both are due now
      end_ = coming_;
    } else if (on_cut_ != nullptr) {
      return on_cut_->wake(what);
    }
    if (reader_ != nullptr) reader_->wake(static_cast<std::uint64_t>(signal::readable));
  }

 private:
  enum mark : std::uint64_t { arrival_mark, room_mark, end_mark, cut_mark };
  struct packet {
    ticks when;
    std::size_t size;
  };

  std::size_t part(std::size_t most) { return static_cast<std::size_t>(chance_.spread(1, static_cast<std::int64_t>(most))); }
  ticks arrival() {
    const ticks late = sky_.jitter > 0 ? chance_.between(0, sky_.jitter) : 0;
    return last_arrival_ = std::max(last_arrival_, clock_.time() + sky_.latency + late);
  }
  void arrive() {
    while (!arrivals_.empty() && arrivals_.front().when <= clock_.time()) {
      arrived_ += arrivals_.front().size;
      arrivals_.pop_front();
    }
  }
  void expect() {
    if (is_expecting_) return;
    is_expecting_ = true;
    clock_.at(arrivals_.front().when, *this, arrival_mark);
  }

  scheduler& clock_;
  weather sky_;
  dice chance_;
  actor* writer_ = nullptr;
  actor* reader_ = nullptr;
  actor* on_cut_ = nullptr;
  std::string held_;  // written and not yet read, from read_ on
  std::size_t read_ = 0;
  std::size_t arrived_ = 0;
  std::size_t lost_ = 0;
  std::deque<packet> arrivals_;
  ticks last_arrival_ = 0;
  std::uint64_t written_ = 0;
  std::uint64_t cut_at_ = ~std::uint64_t{0};
  fate coming_ = fate::none;
  fate end_ = fate::none;
  bool is_mute_ = false;
  bool is_cut_ = false;
  bool is_expecting_ = false;
  bool wants_room_ = false;
};

/// A line between a browser and the server.
class cable final : public actor {
 public:
  cable(scheduler& clock, const weather& up, const weather& down, std::uint64_t seed)
      : to_server(clock, up, seed), to_browser(clock, down, seed + 1) {}

  pipe to_server;
  pipe to_browser;
  actor* to_server_writer = nullptr;  // the browser, while it holds its end
  actor* to_browser_reader = nullptr;

  void plug_in(actor& browser) noexcept {
    to_server_writer = to_browser_reader = &browser;
    to_server.join(&browser, nullptr);
    to_browser.join(nullptr, &browser);
  }
  /// The browser releases its end; bytes that it wrote still arrive.
  void let_go() noexcept {
    to_server_writer = to_browser_reader = nullptr;
    to_server.leave_writer();
    to_browser.leave_reader();
  }

  /// The connection dies without a signal to either side.
  void mute() noexcept {
    to_server.mute();
    to_browser.mute();
  }
  /// Both sides are told that the connection is broken.
  void reset() {
    to_server.finish(pipe::fate::reset);
    to_browser.finish(pipe::fate::reset);
  }
  /// The line will be cut after so many bytes in one direction.
  void plan_cut(bool is_downward, std::uint64_t bytes, bool is_silent) {
    is_silent_ = is_silent;
    (is_downward ? to_browser : to_server).cut_after(bytes, *this);
  }
  void wake(std::uint64_t) override { is_silent_ ? mute() : reset(); }

 private:
  bool is_silent_ = false;
};

struct visit;

/// The address that browsers connect to.
class harbour {
 public:
  harbour() = default;
  harbour(const harbour&) = delete;
  harbour& operator=(const harbour&) = delete;
  virtual ~harbour() = default;
  /// False when nobody listens.
  virtual bool connect(const std::shared_ptr<cable>& wire, const std::shared_ptr<visit>& known) = 0;
};

}  // namespace simulation
