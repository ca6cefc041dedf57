// Keeps a journal of the server's events.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "base/cold.hpp"
#include "live/event_frame.hpp"
#include "journal/journal_writer.hpp"
#include "server/check_options.hpp"
#include "live/recorder.hpp"
#include "live/restart.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace detail {

class journal_recorder final : public live::recorder {
 public:
  WIRTHFORGE_COLD explicit journal_recorder(journal_options options) : options_(std::move(options)), writer_(options_) {}

  WIRTHFORGE_COLD std::string fault() const override {
    range_check check("journal_options");
    check.holds(!options_.path.empty(), "path", "is empty");
    each_journal_option(options_, [&](const char* name, const auto& value, const auto&, auto least, auto most, bool also_zero,
                                      const char* unit) { check.row(name, value, least, most, also_zero, unit); });
    return check.fault();
  }
  WIRTHFORGE_COLD std::error_code open(live::engine& from, const instant& now) override {
    std::optional<live::journal_past> past;
    const std::error_code error = writer_.open(from.core().epoch(), from.core().options().log, past);
    if (error || !past) return error;
    from.restore(*past, now);
    energy_ = from.energy_now();
    return {};
  }
  const journal_summary& summary() const override { return writer_.summary(); }

  WIRTHFORGE_COLD void start(log_line say) override {
    const auto on_error = [say](std::error_code error) {
      if (error) say(log_level::error, "the journal cannot be written: " + error.message());
      else say(log_level::info, "the journal is written again");
    };
    writer_.start(on_error, std::move(say));
  }
  WIRTHFORGE_COLD void close(live::engine& from, const instant& now) override {
    std::string state = options_.with_token_text ? "\"text\":true," : "\"text\":false,";
    from.write_state(state, now);
    writer_.close_with(std::move(state));
  }
  void stop() override { writer_.stop(); }

  void record(const live::frame_ptr& frame, const token_stream* tokens) noexcept override {
    if (tokens == nullptr || options_.with_token_text) return writer_.record(frame);
    try {
      const token_stream without_text{{}, tokens->is_complete, tokens->session_id, tokens->model_id, tokens->energy_cost};
      writer_.record(live::make_frame(without_text, envelope{frame->timestamp(), 0}));
    } catch (...) {  // no memory; the event itself is on its way
      writer_.leave_out(frame->timestamp());
    }
  }
  // While the disk is slow the energy waits in its slots, and its sums with it.
  void record_energy(live::engine& from, bool is_last) override {
    if (!is_last && !writer_.has_room()) return;
    from.collect_energy(energy_, [this](const live::frame_ptr& frame) { writer_.record(frame); });
  }
  nanoseconds energy_interval() const override { return options_.energy_interval; }

  std::uint64_t written() const override { return writer_.written(); }
  std::uint64_t left_out() const override { return writer_.left_out(); }

 private:
  const journal_options options_;
  journal::journal_writer writer_;
  live::energy_cursor energy_;
};

}}}  // namespace wirthforge::detail
