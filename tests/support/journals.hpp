// Shared by the tests of the journal: numbered rewards, and the numbers and faults of a journal on the disk.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "support/temp_folder.hpp"
#include "wirthforge_ws.hpp"

namespace test {

inline wirthforge::reward_event numbered_reward(std::int64_t number, std::size_t bytes = 0) {
  wirthforge::reward_event event;
  event.title = "r";
  event.points = number;
  if (bytes > 0) event.description = std::string(bytes, 'x');
  return event;
}
inline std::string reward_line(std::int64_t number, std::size_t bytes = 0) {
  std::string line;
  write(line, numbered_reward(number, bytes), wirthforge::envelope{1'700'000'000'000 + number, 0});
  return line + "\n";
}

/// The contents of all files of a journal.
struct journal_found {
  std::vector<std::int64_t> numbers;  ///< Points of the rewards.
  std::vector<std::string> notes;     ///< Codes of the journal's own log lines.
  std::uint64_t faults = 0;
  std::uint64_t cut_off = 0;  ///< Files that end inside a line.
  double delta_energy = 0;
  std::uint64_t left_out = 0;  ///< By the account of its gaps.
};

inline journal_found read_journal(const std::string& path) {
  using namespace wirthforge;
  journal_found found;
  for (const std::string& each : journal_paths(path)) {
    journal_reader reader;
    reader.feed(contents(each), [&](const any_event& event, const envelope&) {
      if (const auto* reward = std::get_if<reward_event>(&event)) {
        found.numbers.push_back(reward->points);
      } else if (const auto* energy = std::get_if<energy_update>(&event)) {
        found.delta_energy += energy->delta_energy;
      } else if (const auto* note = std::get_if<error_event>(&event)) {
        found.notes.push_back(note->code);
        const auto details = nlohmann::json::parse(note->details->text());
        if (note->code == "JOURNAL_GAP") found.left_out += details["events"].get<std::uint64_t>();
      }
    });
    found.faults += reader.bad_lines();
    found.cut_off += reader.ends_incomplete() ? 1 : 0;
  }
  return found;
}

inline std::vector<std::int64_t> numbers(std::int64_t first, std::int64_t last) {
  std::vector<std::int64_t> result;
  for (std::int64_t number = first; number <= last; ++number) result.push_back(number);
  return result;
}

}  // namespace test
