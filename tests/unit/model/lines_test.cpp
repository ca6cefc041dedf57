// Lines and server-sent events, whole, byte by byte and cut anywhere, against plain references.
#include <algorithm>
#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"
#include "wirthforge_ws.hpp"

namespace model_lines_test {

using namespace wirthforge;
using model::event_reader;
using model::line_reader;

namespace {

using lines = std::vector<std::string>;

lines read_lines(line_reader::ends how, std::string_view bytes, std::size_t first_piece, std::size_t piece,
                 std::size_t most = 1000) {
  line_reader reader(how, most);
  lines result;
  std::string_view line;
  for (std::size_t size = first_piece; !bytes.empty(); size = piece) {
    const std::string copy(bytes.substr(0, size));
    bytes.remove_prefix(copy.size());
    const char* first = copy.data();
    for (;;) {
      const line_reader::status found = reader.next(first, copy.data() + copy.size(), line);
      if (found == line_reader::status::too_long) {
        result.emplace_back("(too long)");
        return result;
      }
      if (found == line_reader::status::need_more) break;
      result.emplace_back(line);
    }
    CHECK(first == copy.data() + copy.size());
  }
  const line_reader::status rest = reader.take_rest(line);
  if (rest == line_reader::status::line) result.emplace_back("rest:" + std::string(line));
  if (rest == line_reader::status::too_long) result.emplace_back("(too long)");
  return result;
}
lines each_way(line_reader::ends how, const std::string& bytes, std::size_t most = 1000) {
  const lines whole = read_lines(how, bytes, bytes.size(), bytes.size(), most);
  for (std::size_t cut = 1; cut < bytes.size(); ++cut) CHECK(read_lines(how, bytes, cut, bytes.size(), most) == whole);
  CHECK(read_lines(how, bytes, 1, 1, most) == whole);
  return whole;
}

// The events as `type|data`, fields as `name=value`.
lines read_events(std::string_view bytes, std::size_t first_piece, std::size_t piece, std::size_t most = 1000) {
  event_reader reader(most);
  lines result;
  const auto take = [&](event_reader::step found) {
    if (found == event_reader::step::event) result.push_back(std::string(reader.type()).append("|").append(reader.data()));
    if (found == event_reader::step::field) {
      result.push_back(std::string(reader.field_name()).append("=").append(reader.field_value()));
    }
    if (found == event_reader::step::failed) result.push_back("(" + reader.error().message() + ")");
    return found == event_reader::step::event || found == event_reader::step::field;
  };
  for (std::size_t size = first_piece; !bytes.empty(); size = piece) {
    const std::string copy(bytes.substr(0, size));
    bytes.remove_prefix(copy.size());
    const char* first = copy.data();
    while (take(reader.next(first, copy.data() + copy.size()))) {}
    if (reader.error()) {
      CHECK(reader.next(first, first) == event_reader::step::failed);
      CHECK(reader.end() == event_reader::step::failed);
      return result;
    }
  }
  while (take(reader.end())) {}
  if (!reader.last_event_id().empty()) result.push_back("id:" + std::string(reader.last_event_id()));
  if (reader.retry_ms()) result.push_back("retry:" + std::to_string(*reader.retry_ms()));
  return result;
}
lines events(const std::string& bytes, std::size_t most = 1000) {
  const lines whole = read_events(bytes, bytes.size(), bytes.size(), most);
  for (std::size_t cut = 1; cut < bytes.size(); ++cut) CHECK(read_events(bytes, cut, bytes.size(), most) == whole);
  CHECK(read_events(bytes, 1, 1, most) == whole);
  return whole;
}

}  // namespace

TEST_CASE("JSON lines end with LF or CR LF, and the last without", "[model][ndjson]") {
  const auto lf = line_reader::ends::lf;
  CHECK(each_way(lf, "{\"a\":1}\n{\"b\":2}\r\n\n \r\n{\"c\":3}") == lines{"{\"a\":1}", "{\"b\":2}", "", " ", "rest:{\"c\":3}"});
  CHECK(each_way(lf, "one\rtwo\n\r\r\n") == lines{"one\rtwo", "\r"});
  CHECK(each_way(lf, "\xEF\xBB\xBFmark\n\xEF\xBB\xBFkept\n") == lines{"mark", "\xEF\xBB\xBFkept"});
  CHECK(each_way(lf, "rest\r") == lines{"rest:rest"});
  CHECK(each_way(lf, "").empty());
}

TEST_CASE("a line at the limit is read, and one of one byte more is refused", "[model][ndjson]") {
  const auto lf = line_reader::ends::lf;
  CHECK(each_way(lf, "12345678\n12345678\r\n12345678", 8) == lines{"12345678", "12345678", "rest:12345678"});
  CHECK(each_way(lf, "ok\n123456789\nnever", 8) == lines{"ok", "(too long)"});
  CHECK(each_way(lf, "12345678\r9\n", 8) == lines{"(too long)"});
  CHECK(each_way(lf, "123456789", 8) == lines{"(too long)"});
  CHECK(each_way(lf, "12345678\r", 8) == lines{"rest:12345678"});
  CHECK(each_way(line_reader::ends::any, "12345678\r\n12345678\r12345678\n", 8) == lines{"12345678", "12345678", "12345678"});
  CHECK(each_way(line_reader::ends::any, "123456789\r\n", 8) == lines{"(too long)"});
}

TEST_CASE("lines of events end with CR, LF or CR LF, even cut in two", "[model][sse]") {
  CHECK(each_way(line_reader::ends::any, "a\rb\nc\r\n\r\r\n\n\n\rd") == lines{"a", "b", "c", "", "", "", "", "", "rest:d"});
}

TEST_CASE("events as the standard has them", "[model][sse][whatwg]") {
  // The examples of WHATWG HTML section 9.2.6.
  CHECK(events("data: YHOO\ndata: +2\ndata: 10\n\n") == lines{"|YHOO\n+2\n10"});
  CHECK(events(": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n") ==
        lines{"|first event", "|second event", "| third event"});
  CHECK(events("data\n\ndata\ndata\n\n") == lines{"|", "|\n"});
  CHECK(events("data:test\n\ndata: test\n\n") == lines{"|test", "|test"});
  CHECK(events("event: add\rdata: 73857293\r\revent: remove\r\ndata: 2153\r\n\r\nevent: nothing\n\ndata: x\n\n") ==
        lines{"add|73857293", "remove|2153", "|x"});
  CHECK(events("\xEF\xBB\xBF"
               "data: marked\n\n") == lines{"|marked"});
  CHECK(events("id: 7\nretry: 3000\nretry: soon\nid: a\n\n") == lines{"id:a", "retry:3000"});
  CHECK(events(std::string("id: 7\nid: a\0b\n\n", 15)) == lines{"id:7"});
}

TEST_CASE("the last event counts without its blank line, and its last line without an end", "[model][sse]") {
  CHECK(events("data: a\n\ndata: [DONE]") == lines{"|a", "|[DONE]"});
  CHECK(events("data: a\n\nevent: e\ndata: b\r") == lines{"|a", "e|b"});
  CHECK(events("data: a\n\nevent: e\n").size() == 1);
}

TEST_CASE("a field that the standard does not name is handed out", "[model][sse]") {
  CHECK(events("data: a\n\nerror: {\"code\":500}\n\ndata: [DONE]\n\n") == lines{"|a", "error={\"code\":500}", "|[DONE]"});
  CHECK(events("Data: a\nnothing\n\n") == lines{"Data=a", "nothing="});
}

TEST_CASE("each limit of an event has its error", "[model][sse]") {
  const lines too_large = {"(" + make_error_code(errc::event_too_large).message() + ")"};
  CHECK(events("data:34\ndata:78\ndata:xx\n\n", 8) == lines{"|34\n78\nxx"});
  CHECK(events("data:34\ndata:78\ndata:xx\ndata:\n\n", 8) == too_large);
  CHECK(events("event:ab\ndata:34\ndata:67\ndata\n\n", 8) == lines{"ab|34\n67\n"});
  CHECK(events("event:ab\ndata:34\ndata:67\ndata\ndata\n\n", 8) == too_large);
  CHECK(events("data:345\ndata:678\nevent:ab\n\n", 8) == too_large);
  CHECK(events("data:6789\n\n", 8) == lines{"(" + make_error_code(errc::line_too_long).message() + ")"});
  CHECK(events(": a comment that is too long\n\n", 8) == lines{"(" + make_error_code(errc::line_too_long).message() + ")"});
}

TEST_CASE("events of random bytes are those of a plain reader", "[model][sse]") {
  std::mt19937 random(18);
  const std::vector<std::string> words = {"data", ":",     " ",  "\n",        "\r", "\r\n",        "\n\n",
                                          "x",    "event", "id", "data: y\n", "{",  "\xEF\xBB\xBF"};
  for (int round = 0; round < 3000; ++round) {
    std::string bytes;
    for (auto count = random() % 12; count > 0; --count) bytes += words[random() % words.size()];
    // In the steps of the standard: lines first, then each by itself.
    std::string text = bytes.substr(0, 3) == "\xEF\xBB\xBF" ? bytes.substr(3) : bytes;
    lines expected;
    std::string type, data;
    bool has_data = false;
    text += '\n';
    for (std::size_t at = 0; at <= text.size();) {
      const std::size_t end = std::min(text.find_first_of("\r\n", at), text.size());
      const std::string line = text.substr(at, end - at);
      at = end + (text.compare(end, 2, "\r\n") == 0 ? 2U : 1U);
      if (line.empty()) {
        if (has_data) expected.push_back(std::string(type).append("|").append(data.substr(0, data.size() - 1)));
        type.clear(), data.clear();
        has_data = false;
        continue;
      }
      const std::string name = line.substr(0, line.find(':'));
      std::string value = line.size() > name.size() ? line.substr(name.size() + 1) : "";
      if (value.substr(0, 1) == " ") value.erase(0, 1);
      if (name == "data") data.append(value).append("\n"), has_data = true;
      else if (name == "event") type = value;
      else if (!name.empty() && name != "id") expected.push_back(std::string(name).append("=").append(value));
    }
    lines got = read_events(bytes, 1 + random() % 5, 1 + random() % 5);
    if (!got.empty() && got.back().substr(0, 3) == "id:") got.pop_back();
    INFO(bytes);
    REQUIRE(got == expected);
  }
}

}  // namespace model_lines_test
