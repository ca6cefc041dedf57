// Judges JSON texts by our checks, for comparison with another validator (judge.mjs). One line in, one line out.
//
//   in:  NAME <tab> JSON text             NAME: an event or a client's message
//   out: unreadable                       no JSON text, or one that has no value here (lone surrogate, 1e400)
//        invalid <tab> POINTER <tab> RULE
//        valid <tab> JSON text            an event as read, checked and written again; a client's message as it is
//        unrepresentable <tab> POINTER    valid, but no struct can hold it
//        BROKEN <tab> why                 our own parts contradict one another
//
// `schema_judge --schema NAME` prints the schema that is served for NAME.
#include <cstddef>
#include <iostream>
#include <string>
#include <string_view>
#include <variant>

#include "wirthforge_ws.hpp"

namespace {

using namespace wirthforge;

std::string rewritten(const std::string& text) {
  any_event event;
  envelope outer;
  if (const auto bad = read_event(text, event, outer)) {
    return bad->rule == "representable" ? "unrepresentable\t" + bad->pointer : "BROKEN\tread_event: " + bad->message();
  }
  return std::visit(
      [&](const auto& each) -> std::string {
        if (const auto bad = check(each)) return "BROKEN\tcheck: " + bad->message();
        std::string out = "valid\t";
        write(out, each, outer);
        return out;
      },
      event);
}

std::string verdict(std::string_view name, const std::string& text) {
  nlohmann::json value;
  if (!detail::parse_json(text, value)) return "unreadable";
  event_type type{};
  const bool is_event = from_string(name, type);
  const detail::schema_node* schema = nullptr;
  if (is_event) {
    schema = detail::schema_tables::events[static_cast<std::size_t>(type)];
  } else {
    for (std::size_t index = 0; index < std::variant_size_v<tools::control_message>; ++index) {
      if (detail::control_message_texts[index] == name) schema = detail::schema_tables::controls[index];
    }
  }
  if (schema == nullptr) return "BROKEN\tno such message";
  if (const auto bad = detail::json_judge().judge(*schema, value)) return "invalid\t" + bad->pointer + "\t" + bad->rule;
  return is_event ? rewritten(text) : "valid\t" + text;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]) == "--schema") {
    std::cout << schema_text(argv[2]) << '\n';
    return schema_text(argv[2]).empty() ? 1 : 0;
  }
  std::ios::sync_with_stdio(false);
  for (std::string line; std::getline(std::cin, line);) {
    const std::size_t tab = line.find('\t');
    if (tab == std::string::npos) return 2;
    std::cout << verdict(std::string_view(line).substr(0, tab), line.substr(tab + 1)) << '\n';
  }
}
