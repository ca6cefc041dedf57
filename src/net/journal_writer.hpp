// Writes the journal on a thread of its own. Whoever records an event hands it over and goes on: a disk that is slow, full or
// gone costs the journal lines, which are counted, and never the server anything.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "base/clock.hpp"
#include "base/handoff.hpp"
#include "base/metrics.hpp"
#include "live/event_frame.hpp"
#include "live/journal.hpp"
#include "net/append_file.hpp"

namespace wirthforge::net {

class journal_writer {
 public:
  /// Called on the journal's thread: an error when writing begins to fail, nothing when it works again.
  using report = std::function<void(std::error_code error)>;

  explicit journal_writer(journal_options options) : options_(std::move(options)) {}
  journal_writer(const journal_writer&) = delete;
  journal_writer& operator=(const journal_writer&) = delete;
  ~journal_writer() { stop(); }

  /// Opens the file, and reads what is there if it is to be continued.
  std::error_code open() {
    if (options_.continue_numbers) read_all();
    return file_.open(options_.path);
  }
  /// After `open`, with `continue_numbers`.
  const journal_summary& summary() const noexcept { return summary_; }
  /// Bytes of an incomplete last line that `open` cut off.
  std::int64_t dropped_bytes() const noexcept { return file_.dropped_bytes(); }

  void start(report on_error) {
    report_ = std::move(on_error);
    thread_ = std::thread([this] { run(); });
  }

  /// Takes an event; from one thread at a time. Waits for nothing.
  void record(live::frame_ptr frame) {
    const std::size_t bytes = frame->text().size() + 1;
    if (waiting_bytes_.load(std::memory_order_relaxed) + bytes > options_.max_queued_bytes) return left_out_.add();
    waiting_bytes_.fetch_add(bytes, std::memory_order_relaxed);
    queue_.push(std::move(frame));
  }

  /// Writes what waits, forces it to the disk unless that is never done, and ends.
  void stop() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_one();
    const std::lock_guard<std::mutex> lock(join_mutex_);  // two threads may ask at once, one may join
    if (thread_.joinable()) thread_.join();
  }

  std::uint64_t written() const noexcept { return written_.value(); }
  /// Events that are not in the journal: the disk was too slow, full or gone.
  std::uint64_t left_out() const noexcept { return left_out_.value(); }

 private:
  void run() {
    std::unique_lock<std::mutex> lock(mutex_);
    bool is_over = false;
    while (!is_over) {
      is_over = wake_.wait_for(lock, options_.batch_interval, [this] { return stopping_; });
      lock.unlock();
      write_batch();
      sync_if_due(is_over);
      lock.lock();
    }
  }

  // What goes into one file goes there in one write.
  void write_batch() {
    batch_.clear();
    std::uint64_t lines = 0;
    std::size_t bytes = 0;
    queue_.take_all([&](live::frame_ptr&& frame) {
      const std::string_view text = frame->text();
      const std::size_t would_be = static_cast<std::size_t>(file_.size()) + batch_.size() + text.size() + 1;
      if (would_be > options_.max_file_bytes) {
        put(std::exchange(lines, 0));
        if (file_.size() > 0) rotate();
      }
      batch_ += text;
      batch_ += '\n';
      ++lines;
      bytes += text.size() + 1;
    });
    put(lines);
    waiting_bytes_.fetch_sub(bytes, std::memory_order_relaxed);
  }

  void put(std::uint64_t lines) {
    if (lines == 0) return;
    std::error_code error;
    if (!file_.is_open()) error = file_.open(options_.path);
    if (!error) error = file_.append(batch_);
    batch_.clear();
    is_synced_ = is_synced_ && error;
    (error ? left_out_ : written_).add(lines);
    tell(error);
  }

  void rotate() {
    if (options_.sync != journal_sync::never) file_.sync();
    file_.close();
    const auto name = [this](std::size_t number) {
      return number == 0 ? options_.path : options_.path + "." + std::to_string(number);
    };
    std::remove(name(options_.max_files - 1).c_str());  // with a single file: that one
    for (std::size_t number = options_.max_files - 1; number > 0; --number) {
      std::rename(name(number - 1).c_str(), name(number).c_str());
    }
    tell(file_.open(options_.path));
  }

  void sync_if_due(bool is_last) {
    if (options_.sync == journal_sync::never || is_synced_ || !file_.is_open()) return;
    const steady_time now = std::chrono::steady_clock::now();
    if (!is_last && options_.sync == journal_sync::each_second && now - synced_at_ < seconds(1)) return;
    synced_at_ = now;
    is_synced_ = true;
    tell(file_.sync());
  }

  void tell(std::error_code error) {
    if (static_cast<bool>(error) == std::exchange(is_failing_, static_cast<bool>(error))) return;
    if (report_) report_(error);
  }

  void read_all() {
    for (std::size_t number = options_.max_files; number-- > 0;) {
      const std::string name = number == 0 ? options_.path : options_.path + "." + std::to_string(number);
      const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(name.c_str(), "rb"), std::fclose);
      if (!file) continue;
      journal_reader reader;
      std::string piece(65536, '\0');
      while (const std::size_t size = std::fread(&piece[0], 1, piece.size(), file.get())) {
        reader.feed(std::string_view(piece).substr(0, size), [&](const any_event& event, const envelope& outer) {
          live::add_to_summary(summary_, event, outer);
        });
      }
      summary_.bad_lines += reader.bad_lines();
    }
  }

  const journal_options options_;
  journal_summary summary_;
  append_file file_;
  report report_;
  std::string batch_;
  bool is_failing_ = false;
  bool is_synced_ = true;
  steady_time synced_at_{};
  handoff<live::frame_ptr> queue_;
  std::atomic<std::size_t> waiting_bytes_{0};
  counter written_;
  counter left_out_;
  std::mutex mutex_;  // guards stopping_
  std::condition_variable wake_;
  bool stopping_ = false;
  std::mutex join_mutex_;
  std::thread thread_;
};

}  // namespace wirthforge::net
