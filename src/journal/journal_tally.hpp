// The totals of a journal: adds up its lines into a `journal_summary`, and writes the records that continue it. Each file
// begins with an error_event `JOURNAL_OPENED` that holds the summary of all lines before it, so that the newest file
// alone suffices to continue, and older ones may be deleted. It reads only the needed part of a line; any line may be given.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/cold.hpp"
#include "base/concat.hpp"
#include "base/linkage.hpp"
#include "events/events.hpp"
#include "journal/journal.hpp"
#include "journal/journal_options.hpp"
#include "live/running_sum.hpp"
#include "text/json_number.hpp"
#include "text/json_text.hpp"
#include "text/json_view.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI {

WIRTHFORGE_INLINE bool is_journal_note(std::string_view code) noexcept { return code.substr(0, 8) == "JOURNAL_"; }

namespace journal {

/// The events that were left out while the disk was too slow.
struct journal_gap {
  std::uint64_t events = 0;
  std::int64_t from = 0;  ///< Time stamp of the first event that is missing.
  std::int64_t to = 0;    ///< Time stamp of the last missing event.
};

/// A line with its line end, as an error_event by the journal. `details` is the text of an object.
WIRTHFORGE_COLD inline std::string journal_note_line(const char* code, std::string message, std::string details,
                                                     std::int64_t timestamp) {
  error_event event;
  event.severity = severity::info;
  event.component = component::orchestrator;
  event.code = code;
  event.message = std::move(message);
  event.details = json_object::of_valid_text(std::move(details));
  event.recoverable = true;
  std::string line;
  write(line, event, envelope{timestamp, 0});
  return line += '\n';
}

WIRTHFORGE_COLD inline std::string journal_gap_line(const journal_gap& gap) {
  const std::string events = std::to_string(gap.events);
  return journal_note_line("JOURNAL_GAP", events + " events are missing here",
                           concat({R"({"cause":"the disk is too slow","events":)", events, R"(,"from":)",
                                   std::to_string(gap.from), R"(,"to":)", std::to_string(gap.to), "}"}),
                           gap.to);
}

/// Tells changed lines from lines as they were written: 64 bits over each of them with its line end (FNV-1a). It is
/// no protection against a person who changes them on purpose.
class journal_digest {
 public:
  void add(std::string_view line) noexcept {
    for (const char each : line) step(static_cast<unsigned char>(each));
    step('\n');
  }
  std::uint64_t value() const noexcept { return value_; }
  static std::string text_of(std::uint64_t value) {
    std::string digits(16, '0');
    for (std::size_t at = digits.size(); at-- > 0; value >>= 4U) digits[at] = "0123456789abcdef"[value & 15U];
    return digits;
  }

 private:
  void step(unsigned char byte) noexcept { value_ = (value_ ^ byte) * 0x100000001b3U; }
  std::uint64_t value_ = 0xcbf29ce484222325U;
};

/// The beginning of a file beside the sums: which run writes it, and what that run wrote before.
struct journal_beginning {
  std::string epoch;
  std::uint64_t digest = 0;              ///< Of the lines since the previous JOURNAL_OPENED.
  std::int64_t reliable_timestamp = -1;  ///< Of the last event before the file that is not energy; -1 for none.
};

WIRTHFORGE_COLD inline std::string journal_opened_line(const journal_summary& before, std::int64_t timestamp,
                                                       const journal_beginning& run = {}) {
  std::string details = concat({R"({"epoch":")", run.epoch, R"(","digest":")", journal_digest::text_of(run.digest),
                                R"(","reliableTimestamp":)", std::to_string(run.reliable_timestamp), R"(,"timestamp":)",
                                std::to_string(before.last_timestamp), R"(,"frameNumber":)",
                                std::to_string(before.last_frame_number), R"(,"events":)", std::to_string(before.events),
                                R"(,"badLines":)", std::to_string(before.bad_lines), R"(,"models":[)"});
  for (const auto& [id, model] : before.models) {
    if (details.back() != '[') details += ',';
    details += R"({"modelId":)";
    text::append_json_string(details, id);
    details += R"(,"totalEnergy":)";
    text::append_json_number(details, model.total_energy);
    append(details, {R"(,"tokensGenerated":)", std::to_string(model.tokens_generated), "}"});
  }
  return journal_note_line("JOURNAL_OPENED", "the journal continues here", details + "]}", timestamp);
}

/// The last line of a run that ended in good order. `state`: members of an object, each followed by a comma.
WIRTHFORGE_COLD inline std::string journal_closed_line(std::string_view state, const journal_beginning& run,
                                                       std::int64_t timestamp) {
  return journal_note_line("JOURNAL_CLOSED", "the journal ends here in good order",
                           concat({"{", state, R"("epoch":")", run.epoch, R"(","digest":")",
                                   journal_digest::text_of(run.digest), R"("})"}),
                           timestamp);
}

/// An event of a journal, as far as all of them are alike. It views the line.
struct journal_line {
  text::json_view event;
  text::json_view payload;
  event_type type{};
  std::int64_t timestamp = 0;
};

/// No value where the line is no event: a tally and a continued run read lines alike.
inline std::optional<journal_line> read_journal_line(std::string_view line) {
  if (!text::is_json(line)) return std::nullopt;
  const text::json_view event(line);
  text::json_view type = event;
  journal_line found{event, event, {}, 0};
  if (!event.is_object() || !event.find("type", type) || !type.is_string()) return std::nullopt;
  if (!from_string(type.as_string(), found.type)) return std::nullopt;
  if (!event.find("payload", found.payload) || !found.payload.is_object()) return std::nullopt;
  if (!text::read_integer(event, "timestamp", found.timestamp)) return std::nullopt;
  return found;
}

/// Cuts text that comes in pieces into lines. Holds one incomplete line at most.
class line_cutter {
 public:
  /// Hands each line that is complete now to `take(std::string_view)`, without its end.
  template <class Take>
  void feed(std::string_view bytes, Take take) {
    for (std::size_t end = bytes.find('\n'); end != std::string_view::npos; end = bytes.find('\n')) {
      if (rest_.empty()) {
        take(bytes.substr(0, end));
      } else {
        rest_ += bytes.substr(0, end);
        take(std::string_view(rest_));
        rest_.clear();
      }
      bytes.remove_prefix(end + 1);
    }
    rest_ += bytes;
  }
  const std::string& rest() const noexcept { return rest_; }

 private:
  std::string rest_;
};

class journal_tally {
 public:
  const journal_summary& summary() const noexcept { return summary_; }
  /// The digest of the lines since the last JOURNAL_OPENED, that line included.
  std::uint64_t digest() const noexcept { return digest_.value(); }
  /// The time stamp of the last event that is not energy, in this run or the one that it continues; -1 for none.
  std::int64_t reliable_timestamp() const noexcept { return reliable_timestamp_; }
  /// True if the last line says that a run ended in good order.
  bool ends_closed() const noexcept { return ends_closed_; }
  void forget_reliable() noexcept { reliable_timestamp_ = -1; }

  /// False when the line is no event: it counts as a bad line.
  bool add_line(std::string_view line) {
    digest_.add(line);
    ends_closed_ = is_opening_ = false;
    const bool is_event = add_event(wirthforge::detail::without_mark(line));
    if (is_opening_) {
      digest_ = {};
      digest_.add(line);
    }
    summary_.bad_lines += is_event ? 0 : 1;
    return is_event;
  }

 private:
  bool add_event(std::string_view line) {
    const std::optional<journal_line> found = read_journal_line(line);
    if (!found) return false;
    if (found->type == event_type::error_event && add_note(found->payload, found->timestamp)) return true;
    ++summary_.events;
    summary_.last_timestamp = std::max(summary_.last_timestamp, found->timestamp);
    std::int64_t frame_number = -1;
    if (text::read_integer(found->event, "frameNumber", frame_number)) {
      summary_.last_frame_number = std::max(summary_.last_frame_number, frame_number);
    }
    if (found->type == event_type::energy_update) add_energy(found->payload);
    else if (found->type != event_type::energy_field) reliable_timestamp_ = std::max(reliable_timestamp_, found->timestamp);
    return true;
  }

  // For values that only grow from zero; a damaged line may hold anything.
  static bool count(const text::json_view& of, std::string_view name, std::int64_t& result) {
    std::int64_t value = 0;
    if (!text::read_integer(of, name, value) || value < 0) return false;
    result = value;
    return true;
  }

  journal_summary::model* model_of(const text::json_view& of) {
    text::json_view id = of;
    if (!of.is_object() || !of.find("modelId", id) || !id.is_string()) return nullptr;
    return &summary_.models[id.as_string()];
  }

  void add_energy(const text::json_view& payload) {
    journal_summary::model* const model = model_of(payload);
    std::int64_t tokens = 0;
    if (model == nullptr) return;
    text::read_number(payload, "totalEnergy", model->total_energy);
    if (text::read_integer(payload, "tokensGenerated", tokens) && tokens > 0) {
      model->tokens_generated = live::add_saturated(model->tokens_generated, tokens);
    }
  }

  // False for an error_event that was on the wire.
  WIRTHFORGE_COLD bool add_note(const text::json_view& payload, std::int64_t timestamp) {
    text::json_view code = payload;
    if (!payload.find("code", code) || !code.is_string()) return false;
    if (code.equals("JOURNAL_GAP")) summary_.last_timestamp = std::max(summary_.last_timestamp, timestamp);
    is_opening_ = code.equals("JOURNAL_OPENED");
    if (is_opening_) carry_over(payload);
    ends_closed_ = code.equals("JOURNAL_CLOSED");
    return is_journal_note(code.as_string());
  }

  // The totals of earlier files; if we have read those files ourselves, they equal ours.
  WIRTHFORGE_COLD void carry_over(const text::json_view& payload) {
    text::json_view details = payload;
    text::json_view models = payload;
    if (!payload.find("details", details) || !details.is_object()) return;
    if (!details.find("models", models) || !models.is_array()) return;
    std::int64_t value = 0;
    if (text::read_integer(details, "timestamp", value)) summary_.last_timestamp = std::max(summary_.last_timestamp, value);
    if (text::read_integer(details, "frameNumber", value))
      summary_.last_frame_number = std::max(summary_.last_frame_number, value);
    if (count(details, "events", value)) summary_.events = static_cast<std::uint64_t>(value);
    if (text::read_integer(details, "reliableTimestamp", value)) reliable_timestamp_ = value;
    if (count(details, "badLines", value)) summary_.bad_lines = static_cast<std::uint64_t>(value);
    models.all_elements([this](const text::json_view& each) {
      if (journal_summary::model* const model = model_of(each)) {
        text::read_number(each, "totalEnergy", model->total_energy);
        count(each, "tokensGenerated", model->tokens_generated);
      }
      return true;
    });
  }

  journal_summary summary_;
  journal_digest digest_;
  std::int64_t reliable_timestamp_ = -1;
  bool ends_closed_ = false;
  bool is_opening_ = false;  // the last line is the first of a file or of a run
};

}  // namespace journal
}}  // namespace wirthforge
