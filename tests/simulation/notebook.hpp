// A journal without a disk: two files of lines, which outlive the server, and the recorder that writes them as the shipped one does.
// The file layer (journal/journal_file.hpp) has its own tests; the code that reads the lines and continues the run is the shipped code.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wirthforge_ws.hpp"

#include "simulation/dice.hpp"

namespace simulation {

namespace live = wirthforge::live;
namespace journal = wirthforge::journal;

class notebook {
 public:
  explicit notebook(std::size_t max_file_bytes) : max_file_bytes_(max_file_bytes) {}

  /// Begins a run. Returns the state of the previous run, if that ended in good order.
  std::optional<live::journal_past> open(const std::string& epoch, const live::log_limits& limits,
                                         const wirthforge::instant& now) {
    tally_ = {};
    journal::journal_history history(limits);
    for (const std::vector<std::string>* const file : {&older_, &newest_}) {
      for (const std::string& line : *file) history.add_line(line);
    }
    for (const std::string& line : newest_) tally_.add_line(line);
    std::optional<live::journal_past> past = history.take();
    epoch_ = past ? past->epoch : epoch;
    if (!past) tally_.forget_reliable();
    unix_ms_ = now.unix_ms;
    is_whole_ = true;
    is_closed_ = false;
    append_opened();
    return past;
  }
  void write(std::string_view line) {
    if (size_ + line.size() > max_file_bytes_ && newest_.size() > first_of_run_) rotate();
    append(std::string(line));
  }
  /// An event did not find its way into it.
  void leave_out() noexcept { is_whole_ = false; }
  void close(const std::string& state) {
    if (!is_whole_) return;
    append(line_of(journal::journal_closed_line(state, beginning(), tally_.summary().last_timestamp)));
    is_closed_ = true;
  }
  /// The machine died: what was written last is not there, but for what the run began with.
  void tear(std::size_t lines) {
    while (lines-- > 0 && newest_.size() > first_of_run_) newest_.pop_back();
  }

  bool is_closed() const noexcept { return is_closed_; }
  std::int64_t next_frame_number() const { return tally_.summary().last_frame_number + 1; }

 private:
  journal::journal_beginning beginning() const { return {epoch_, tally_.digest(), tally_.reliable_timestamp()}; }
  static std::string line_of(std::string with_end) {
    with_end.pop_back();
    return with_end;
  }
  void append(std::string line) {
    tally_.add_line(line);
    size_ += line.size() + 1;
    newest_.push_back(std::move(line));
  }
  void append_opened() {
    append(line_of(journal::journal_opened_line(tally_.summary(), std::max(unix_ms_, tally_.summary().last_timestamp),
                                                beginning())));
    first_of_run_ = newest_.size();
  }
  void rotate() {
    older_ = std::exchange(newest_, {});
    size_ = 0;
    append_opened();
  }

  std::size_t max_file_bytes_;
  std::vector<std::string> older_, newest_;
  std::size_t size_ = 0;          // of the newest
  std::size_t first_of_run_ = 0;  // in it, behind what the run or the file began with
  journal::journal_tally tally_;
  std::string epoch_;
  std::int64_t unix_ms_ = 0;
  bool is_whole_ = true;
  bool is_closed_ = false;
};

class scribe final : public live::recorder {
 public:
  /// `may_fail`: the disk is too slow now and then.
  scribe(notebook& into, bool with_text, dice* may_fail) : book_(into), with_text_(with_text), may_fail_(may_fail) {}

  std::string fault() const override { return {}; }
  std::error_code open(live::engine& from, const wirthforge::instant& now) override {
    const std::optional<live::journal_past> past = book_.open(from.core().epoch(), from.core().options().log, now);
    if (!past) return {};
    from.restore(*past, now);
    energy_ = from.energy_now();
    return {};
  }
  const wirthforge::journal_summary& summary() const override { return nothing_; }
  void start(log_line) override {}
  void close(live::engine& from, const wirthforge::instant& now) override {
    std::string state = with_text_ ? "\"text\":true," : "\"text\":false,";
    from.write_state(state, now);
    book_.close(state);
  }
  void stop() override {}
  void record(const live::frame_ptr& frame, const wirthforge::token_stream* tokens) noexcept override {
    if (may_fail_ != nullptr && may_fail_->one_in(50'000)) return book_.leave_out();
    if (tokens == nullptr || with_text_) return book_.write(frame->text());
    const wirthforge::token_stream without_text{{},
                                                tokens->is_complete,
                                                tokens->session_id,
                                                tokens->model_id,
                                                tokens->energy_cost};
    book_.write(live::make_frame(without_text, wirthforge::envelope{frame->timestamp(), 0})->text());
  }
  void record_energy(live::engine& from, bool) override {
    from.collect_energy(energy_, [this](const live::frame_ptr& frame) { book_.write(frame->text()); });
  }
  wirthforge::nanoseconds energy_interval() const override { return wirthforge::seconds(1); }
  std::uint64_t written() const override { return 0; }
  std::uint64_t left_out() const override { return 0; }

 private:
  notebook& book_;
  const bool with_text_;
  dice* const may_fail_;
  live::energy_cursor energy_;
  const wirthforge::journal_summary nothing_;
};

}  // namespace simulation
