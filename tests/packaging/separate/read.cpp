// A unit that reads what a server has written; with nlohmann/json's own header, after ours, which only names its type.
#include "units.hpp"

#include <fstream>
#include <iterator>

#include <nlohmann/json.hpp>

bool reads_all(const std::string& journal) {
  std::size_t rewards = 0;
  wirthforge::journal_reader reader;
  for (const std::string& path : wirthforge::journal_paths(journal)) {
    std::ifstream file(path, std::ios::binary);
    const std::string text(std::istreambuf_iterator<char>(file), {});
    reader.feed(text, [&](const wirthforge::any_event& event, const wirthforge::envelope&) {
      if (const auto* fault = std::get_if<wirthforge::error_event>(&event)) {
        if (wirthforge::is_journal_note(fault->code)) return;
      }
      rewards += std::holds_alternative<wirthforge::reward_event>(event) ? 1 : 0;
    });
  }
  wirthforge::error_event fault;
  fault.code = "SOME_FAULT";
  fault.details = nlohmann::json{{"deep", {1, 2.5, "three"}}};
  std::string text;
  wirthforge::write(text, fault, wirthforge::envelope{});
  wirthforge::error_event again;
  wirthforge::envelope outer;
  const bool is_read = !wirthforge::read(nlohmann::json::parse(text), again, outer) && again.details == fault.details;
  const bool has_schema = wirthforge::schema_text("error_event") == wirthforge::event_traits<wirthforge::error_event>::schema();
  return is_read && has_schema && rewards > 0 && reader.bad_lines() == 0;
}
