// The journal's reader, and a server that continues from a journal.
// covers: journal/journal.hpp journal/journal_tally.hpp journal/journal_history.hpp live/restart.hpp
//
// The input: a byte that seeds the cuts, and a file. Oracles: whole, byte by byte and cut anywhere give the same events and the same
// bad lines; they are the same as the event reader's for each line alone, without a byte order mark at its start; a tally of any
// lines can be written as a note, and a reader of that note has the same tally; without a closing line there is no run to go
// on with, nor where a line is no event; any state and any events are taken up without harm, and all that is sent of them is valid.
#include "events/read.ipp"
#include "journal/journal.hpp"
#include "journal/journal_tally.hpp"
#include "journal/journal_history.hpp"
#include "live/restart.hpp"

#include <vector>

#include "fuzz/support/fuzz.hpp"

namespace fuzz::journal_target {
namespace {

namespace live = wirthforge::live;
namespace journal = wirthforge::journal;

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

struct reading {
  std::string events;
  std::vector<std::uint64_t> bad;
  std::uint64_t lines = 0;
  bool ends_incomplete = false;
  bool operator==(const reading& other) const {
    return events == other.events && bad == other.bad && lines == other.lines && ends_incomplete == other.ends_incomplete;
  }
};

void note(reading& into, const wirthforge::any_event& event, wirthforge::envelope outer) {
  if (outer.timestamp > 9999999999999) outer.timestamp = 9999999999999;
  std::visit([&](const auto& each) { write(into.events, each, outer); }, event);
  into.events += '\n';
}

reading read_in_pieces(std::string_view bytes, unsigned seed) {
  wirthforge::journal_reader reader;
  reading result;
  in_pieces(bytes, seed, [&](exact_copy& piece) {
    reader.feed(
        piece.view(), [&](const auto& event, const auto& outer) { note(result, event, outer); },
        [&](std::uint64_t line) { result.bad.push_back(line); });
    return true;
  });
  require(reader.bad_lines() == result.bad.size(), "another number of bad lines");
  require(reader.last_bad_line() == (result.bad.empty() ? 0 : result.bad.back()), "another last bad line");
  result.lines = reader.lines();
  result.ends_incomplete = reader.ends_incomplete();
  return result;
}

reading read_plainly(std::string_view bytes) {
  reading result;
  for (std::size_t end = bytes.find('\n'); end != std::string_view::npos; end = bytes.find('\n')) {
    ++result.lines;
    wirthforge::any_event event;
    wirthforge::envelope outer;
    std::string_view line = bytes.substr(0, end);
    if (line.substr(0, byte_order_mark.size()) == byte_order_mark) line.remove_prefix(byte_order_mark.size());
    if (wirthforge::read_event(line, event, outer)) result.bad.push_back(result.lines);
    else note(result, event, outer);
    bytes.remove_prefix(end + 1);
  }
  result.ends_incomplete = !bytes.empty();
  return result;
}

bool same(const wirthforge::journal_summary& left, const wirthforge::journal_summary& right) {
  if (left.last_timestamp != right.last_timestamp || left.last_frame_number != right.last_frame_number) return false;
  if (left.events != right.events || left.bad_lines != right.bad_lines || left.models.size() != right.models.size())
    return false;
  for (const auto& [id, model] : left.models) {
    const auto found = right.models.find(id);
    if (found == right.models.end() || found->second.total_energy != model.total_energy) return false;
    if (found->second.tokens_generated != model.tokens_generated) return false;
  }
  return true;
}

wirthforge::journal_summary tally(std::string_view bytes, unsigned seed, std::uint64_t& lines) {
  journal::journal_tally result;
  journal::line_cutter cutter;
  in_pieces(bytes, seed, [&](exact_copy& piece) {
    cutter.feed(piece.view(), [&](std::string_view line) {
      ++lines;
      result.add_line(exact_copy(line).view());
    });
    return true;
  });
  return result.summary();
}

// A run whose journal is these lines.
void go_on(std::string_view bytes) {
  const wirthforge::instant now{wirthforge::steady_time(wirthforge::seconds(1000)), 1'700'000'000'000};
  const std::string epoch(32, 'e');
  journal::journal_history history({});
  journal::journal_tally written;
  const auto write = [&](const std::string& line) {
    history.add_line(exact_copy(std::string_view(line).substr(0, line.size() - 1)).view());
    written.add_line(std::string_view(line).substr(0, line.size() - 1));
  };
  write(journal::journal_opened_line({}, 1, {epoch, 0, -1}));
  live::journal_past any;
  any.epoch = epoch;
  any.state = "{}";
  journal::line_cutter cutter;
  cutter.feed(bytes, [&](std::string_view line) {
    history.add_line(exact_copy(line).view());
    written.add_line(line);
    wirthforge::any_event event;
    wirthforge::envelope outer;
    if (wirthforge::text::is_json(line) && wirthforge::text::json_view(line).is_object()) any.state = std::string(line);
    const std::int64_t last = any.events.empty() ? -1 : any.events.back().timestamp;
    if (!wirthforge::read_event(line, event, outer) && outer.timestamp > last && outer.timestamp < 9'000'000'000'000) {
      any.events.push_back({outer.timestamp, std::string(line)});
    }
  });
  journal::journal_history unclosed = history;
  require(!unclosed.take(), "there is no last line, and yet a run to go on with");
  const bool has_note = bytes.find("JOURNAL_") != std::string_view::npos || bytes.find('\\') != std::string_view::npos;
  write(journal::journal_closed_line(R"("text":true,)", {epoch, written.digest(), -1}, 1));
  const std::optional<live::journal_past> past = history.take();
  require(!past || past->epoch == epoch || has_note, "the run has another epoch");
  require(!past || has_note || written.summary().bad_lines == 0, "a damaged journal is gone on with");
  live::hub hub(std::string(32, 'f'), {});
  hub.restore(past ? *past : any, now);
  live::hub other(std::string(32, 'f'), {});
  other.restore(any, now);
  std::string state = "{";
  other.write_state(state, now);
  require(wirthforge::text::is_json(state + "\"end\":0}"), "a state that is no JSON");
  other.ready({"m", wirthforge::tier::mid, "1.0.0", std::nullopt}, 60, now);
  live::hub_client& page = other.join(live::parse_resume("replay=recent"), 60, now);
  while (other.collect(page, [](const live::frame_ptr& frame) {
    wirthforge::any_event event;
    wirthforge::envelope outer;
    require(!wirthforge::read_event(frame->text(), event, outer), "a page is sent a text that is no event");
  })) {}
}

}  // namespace

void fuzz_one(std::string_view input) {
  source choices(input);
  const unsigned cuts = choices.byte();
  const std::string_view bytes = choices.rest();
  const reading plain = read_plainly(bytes);
  require(read_in_pieces(bytes, 0) == plain, "byte by byte it is another journal");
  require(read_in_pieces(bytes, cuts) == plain, "cut it is another journal");

  go_on(bytes);

  std::uint64_t lines = 0;
  std::uint64_t lines_again = 0;
  const wirthforge::journal_summary summary = tally(bytes, 0, lines);
  require(same(summary, tally(bytes, cuts, lines_again)), "the tally depends on the cuts");
  require(lines == plain.lines && lines_again == lines, "another number of lines");

  // Doubles carry integers up to 2^53, and a time stamp has thirteen digits on the wire.
  constexpr std::int64_t most = std::int64_t{1} << 53;
  const auto is_exact = [](std::int64_t value) { return value > -most && value < most; };
  bool is_writable = is_exact(summary.last_timestamp) && is_exact(summary.last_frame_number) && summary.events < 1U << 30U &&
                     summary.bad_lines < 1U << 30U;
  for (const auto& each : summary.models) {
    require(each.second.tokens_generated >= 0, "a sum of tokens below zero");
    is_writable = is_writable && is_exact(each.second.tokens_generated);
  }
  const std::string note = journal::journal_opened_line(summary, 1000);
  require(!note.empty() && note.find('\n') == note.size() - 1, "a note that is not one line");
  journal::journal_tally next;
  require(next.add_line(std::string_view(note).substr(0, note.size() - 1)), "our own note is no event");
  if (is_writable) require(same(next.summary(), summary), "a reader of the note has another tally");
}

}  // namespace fuzz::journal_target
