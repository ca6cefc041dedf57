// Writes the journal on a thread of its own. The thread that records an event hands it over and continues: a disk that is
// slow, full or gone loses journal lines, which are counted, and never delays the server.
#pragma once

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <limits>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "base/clock.hpp"
#include "base/cold.hpp"
#include "base/handoff.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "live/event_frame.hpp"
#include "journal/journal_options.hpp"
#include "journal/journal_tally.hpp"
#include "journal/journal_file.hpp"
#include "base/worker.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace journal {

class journal_writer {
 public:
  /// Called on the journal's thread: an error when writing begins to fail, nothing when it works again.
  using report = std::function<void(std::error_code error)>;
  /// Called on the journal's thread, and by `start` with the findings of `open`: notices for the journal's owner.
  using log_line = std::function<void(log_level level, std::string line)>;

  WIRTHFORGE_COLD explicit journal_writer(journal_options options) : options_(std::move(options)), file_(options_) {}
  journal_writer(const journal_writer&) = delete;
  journal_writer& operator=(const journal_writer&) = delete;
  ~journal_writer() { stop(); }

  /// Opens the newest file, and reads the journal's totals. After an error `start` tries again, with every batch.
  WIRTHFORGE_COLD std::error_code open() {
    std::optional<live::journal_past> ignored;
    return open({}, {}, ignored);
  }
  /// As above, for a run with this epoch, unless `past` says that the previous run continues: if it was closed in good order,
  /// and the options ask for it.
  WIRTHFORGE_COLD std::error_code open(const std::string& epoch, const live::log_limits& limits,
                                       std::optional<live::journal_past>& past) {
    if (options_.continue_numbers && options_.with_token_text && !epoch.empty()) file_.look_for_past(limits);
    file_.set_epoch(epoch);
    const std::error_code error = open_file();
    past = file_.take_past();
    if (options_.continue_numbers) summary_ = file_.summary();
    return error;
  }
  /// After `open`, with `continue_numbers`.
  const journal_summary& summary() const noexcept { return summary_; }

  void start(report on_error, log_line on_log_line = nullptr) {
    report_ = std::move(on_error);
    log_line_ = std::move(on_log_line);
    say_notes();
    thread_.start([this] { run(); });
  }

  /// Takes an event; from one thread at a time. Does not wait. An event that finds no room is left out, counted, and marked in
  /// the journal by an error_event `JOURNAL_GAP` in its place.
  void record(live::frame_ptr frame) noexcept {
    const std::int64_t timestamp = frame->timestamp();
    try {
      queue(std::move(frame));
    } catch (...) {  // no memory
      leave_out(timestamp);
    }
  }
  /// Counts an event that could not even be handed over.
  void leave_out(std::int64_t timestamp) noexcept {
    left_out_.add();
    const std::lock_guard<std::mutex> lock(gap_mutex_);
    if (gap_.events++ == 0) gap_.from = timestamp;
    gap_.to = timestamp;
    is_losing_.store(true, std::memory_order_relaxed);
  }
  /// False while little room is left: energy should then wait in its sums so that none is left out.
  bool has_room() const noexcept { return waiting_bytes_.load(std::memory_order_relaxed) <= options_.max_queued_bytes / 2; }

  /// Sets the content of the last line; it is written only if no event was left out.
  WIRTHFORGE_COLD void close_with(std::string state) {
    const std::lock_guard<std::mutex> lock(mutex_);
    closing_ = std::move(state);
  }

  /// Writes the waiting events, forces them to the disk unless the options never do, and closes the file. Events that cannot
  /// be written are left out.
  WIRTHFORGE_COLD void stop() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
    const std::lock_guard<std::mutex> lock(mutex_);
    file_.close();  // also if no thread was started
  }

  std::uint64_t written() const noexcept { return written_.value(); }
  /// Events that are missing in the journal: the disk was too slow, full or gone.
  std::uint64_t left_out() const noexcept { return left_out_.value(); }

 private:
  struct entry {
    live::frame_ptr frame;  // may be null; then
    journal_gap gap;
  };

  void queue(live::frame_ptr frame) {
    const std::size_t bytes = frame->text().size() + 1;
    const std::size_t waiting = waiting_bytes_.load(std::memory_order_relaxed);
    // A gap ends when half of the room is free; otherwise each gap would be followed by the next.
    const bool is_losing = is_losing_.load(std::memory_order_relaxed);
    if (waiting + bytes > options_.max_queued_bytes || (is_losing && waiting > options_.max_queued_bytes / 2)) {
      return leave_out(frame->timestamp());
    }
    if (is_losing) push_gap();
    queue_.push({std::move(frame), {}});
    waiting_bytes_.fetch_add(bytes, std::memory_order_relaxed);
  }

  WIRTHFORGE_COLD void push_gap() {
    const std::lock_guard<std::mutex> lock(gap_mutex_);
    if (gap_.events > 0) queue_.push({nullptr, gap_});
    gap_ = {};
    is_losing_.store(false, std::memory_order_relaxed);
  }

  void run() {
    block_signals();
    std::unique_lock<std::mutex> lock(mutex_);
    bool is_over = false;
    steady_time written_at = std::chrono::steady_clock::now();
    while (!is_over) {
      is_over = wake_.wait_for(lock, std::min<nanoseconds>(options_.batch_interval, look_interval),
                               [this] { return stopping_; });
      lock.unlock();
      try {
        const steady_time now = std::chrono::steady_clock::now();
        if (is_over) push_gap();
        if (is_over || now - written_at >= options_.batch_interval) {
          written_at = now;
          write_batch();
        }
        if (is_over) write_closing();
        look_if_due(now);
        sync_if_due(is_over);
        say_notes();
      } catch (...) {  // no memory: it is not known how much reached the disk, so nothing may follow it
        give_up();
        is_over = true;
      }
      lock.lock();
    }
    left_out_.add(taken_ - written_.value());
    file_.close();
  }

  void give_up() noexcept {
    waiting_bytes_.store(std::numeric_limits<std::size_t>::max() / 2, std::memory_order_relaxed);  // no more events
    queue_.take_all([this](entry&& each) { taken_ += each.frame ? 1U : 0U; });
    say(std::make_error_code(std::errc::not_enough_memory));
  }

  // Bytes that the disk did not take stay in front, and are tried again with the next batch.
  void write_batch() {
    queue_.take_all([this](entry&& each) { take(std::move(each)); });
    if (batch_.empty()) return;
    const std::size_t before = batch_.size();
    std::error_code error = file_.is_open() ? std::error_code() : open_file();
    const std::uint64_t events_before = file_.summary().events;
    if (!error) error = file_.append(batch_);
    written_.add(file_.summary().events - events_before);
    const std::size_t done = before - batch_.size();
    waiting_bytes_.fetch_sub(done, std::memory_order_relaxed);
    is_synced_ = is_synced_ && done == 0;
    tell(error);
  }

  // Only if no event is missing in the journal.
  WIRTHFORGE_COLD void write_closing() {
    std::string state;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      state = std::move(closing_);
    }
    if (state.empty() || !batch_.empty() || taken_ != written_.value() || left_out_.value() > 0) return;
    if (!file_.is_open()) return;
    const std::error_code error = file_.append_closing(state);
    is_synced_ = false;
    if (error) say(error);
  }

  void take(entry&& each) noexcept {
    const std::size_t before = batch_.size();
    try {
      if (!each.frame) {
        const std::string line = journal_gap_line(each.gap);
        batch_ += line;
        waiting_bytes_.fetch_add(line.size(), std::memory_order_relaxed);
        return;
      }
      batch_ += each.frame->text();
      batch_ += '\n';
      ++taken_;
    } catch (...) {  // no memory
      batch_.resize(before);
      if (!each.frame) return;
      waiting_bytes_.fetch_sub(each.frame->text().size() + 1, std::memory_order_relaxed);
      leave_out(each.frame->timestamp());
    }
  }

  // Each batch checks whether the file is still in its place; when nothing is written, this is checked each second.
  void look_if_due(steady_time now) {
    if (now - looked_at_ < look_interval || !file_.is_open()) return;
    looked_at_ = now;
    if (const std::error_code error = file_.stay()) tell(error);
  }

  void sync_if_due(bool is_last) {
    if (options_.sync == journal_sync::never || is_synced_ || !file_.is_open()) return;
    const steady_time now = std::chrono::steady_clock::now();
    if (!is_last && options_.sync == journal_sync::each_second && now - synced_at_ < seconds(1)) return;
    synced_at_ = now;
    is_synced_ = true;
    const std::error_code error = file_.sync();
    if (error && !std::exchange(has_sync_failed_, true)) say(error);
  }

  std::error_code open_file() { return file_.open(machine_time().unix_ms); }

  void tell(std::error_code error) noexcept {
    if (static_cast<bool>(error) != std::exchange(is_failing_, static_cast<bool>(error))) say(error);
  }
  void say(std::error_code error) noexcept {
    if (!report_) return;
    try {
      report_(error);
    } catch (...) {  // no memory for the log line; the written events are complete
    }
  }

  void say_notes() noexcept {
    for (journal_note& each : file_.take_notes()) {
      if (!log_line_) return;
      try {
        log_line_(each.level, std::move(each.line));
      } catch (...) {  // no memory for the log line
      }
    }
  }

  static constexpr seconds look_interval{1};

  const journal_options options_;
  journal_summary summary_;
  report report_;
  log_line log_line_;

  // Used by the journal's thread, once it runs.
  journal_file file_;
  std::string batch_;
  std::uint64_t taken_ = 0;  // events that were ever in the batch
  bool is_failing_ = false;
  bool has_sync_failed_ = false;
  bool is_synced_ = true;
  steady_time synced_at_{};
  steady_time looked_at_{};

  handoff<entry> queue_;
  std::atomic<std::size_t> waiting_bytes_{0};  // in the queue and in the batch
  std::atomic<bool> is_losing_{false};         // there is a gap that is not yet in the queue
  std::mutex gap_mutex_;                       // guards gap_; locked only when events are left out
  journal_gap gap_;
  counter written_;
  counter left_out_;
  std::string closing_;  // the content of the last line
  std::mutex mutex_;     // guards stopping_, closing_, and file_ once the thread has ended
  std::condition_variable wake_;
  bool stopping_ = false;
  worker thread_;
};

}}}  // namespace wirthforge::journal
