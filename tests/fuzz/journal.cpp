// The journal's reader, and what a server makes of a journal that it goes on with.
// covers: live/journal.hpp live/journal_tally.hpp
//
// The input: a byte that seeds the cuts, and a file. Oracles: whole, byte by byte and cut anywhere give the same events and the same
// bad lines; they are what the event reader makes of each line alone, without a byte order mark at its start; a tally of any
// lines can be written as a remark, and whoever reads that remark knows the same.
#include "events/read.ipp"
#include "live/journal.hpp"
#include "live/journal_tally.hpp"

#include <vector>

#include "fuzz/support/fuzz.hpp"

namespace fuzz {
namespace {

namespace live = wirthforge::live;

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
  if (left.events != right.events || left.bad_lines != right.bad_lines || left.models.size() != right.models.size()) return false;
  for (const auto& [id, model] : left.models) {
    const auto found = right.models.find(id);
    if (found == right.models.end() || found->second.total_energy != model.total_energy) return false;
    if (found->second.tokens_generated != model.tokens_generated) return false;
  }
  return true;
}

wirthforge::journal_summary tally(std::string_view bytes, unsigned seed, std::uint64_t& lines) {
  live::journal_tally result;
  live::line_cutter cutter;
  in_pieces(bytes, seed, [&](exact_copy& piece) {
    cutter.feed(piece.view(), [&](std::string_view line) {
      ++lines;
      result.add_line(exact_copy(line).view());
    });
    return true;
  });
  return result.summary();
}

}  // namespace

void fuzz_one(std::string_view input) {
  source choices(input);
  const unsigned cuts = choices.byte();
  const std::string_view bytes = choices.rest();
  const reading plain = read_plainly(bytes);
  require(read_in_pieces(bytes, 0) == plain, "byte by byte it is another journal");
  require(read_in_pieces(bytes, cuts) == plain, "cut it is another journal");

  std::uint64_t lines = 0;
  std::uint64_t lines_again = 0;
  const wirthforge::journal_summary summary = tally(bytes, 0, lines);
  require(same(summary, tally(bytes, cuts, lines_again)), "the tally depends on the cuts");
  require(lines == plain.lines && lines_again == lines, "another number of lines");

  // Doubles carry integers up to 2^53, and a time stamp has thirteen digits on the wire.
  constexpr std::int64_t most = std::int64_t{1} << 53;
  const auto is_exact = [](std::int64_t value) { return value > -most && value < most; };
  bool is_writable = is_exact(summary.last_timestamp) && is_exact(summary.last_frame_number) &&
                     summary.events < 1U << 30U && summary.bad_lines < 1U << 30U;
  for (const auto& each : summary.models) {
    require(each.second.tokens_generated >= 0, "a sum of tokens below zero");
    is_writable = is_writable && is_exact(each.second.tokens_generated);
  }
  const std::string remark = live::journal_opened_line(summary, 1000);
  require(!remark.empty() && remark.find('\n') == remark.size() - 1, "a remark that is not one line");
  live::journal_tally next;
  require(next.add_line(std::string_view(remark).substr(0, remark.size() - 1)), "our own remark is no event");
  if (is_writable) require(same(next.summary(), summary), "whoever reads the remark knows something else");
}

}  // namespace fuzz
