// HTTP/1.1 responses: head, framing, chunks.
// covers: model/response_head.hpp model/chunked_body.hpp model/response_reader.hpp
//
// The input: a byte that says how, a byte that seeds the cuts, and a response; or a body that is written as one first. Oracles:
// whole, byte by byte and cut anywhere give the same; a response that was read to its end is one to a plain reader that looks at
// all of it at once, with the same body; each body that was written in chunks is read again as it was; limits hold.
#include "model/response_reader.hpp"

#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/support/fuzz.hpp"

namespace fuzz::response_target {
namespace {

namespace model = wirthforge::model;
using step = model::response_reader::step;

model::response_limits limits() {
  model::response_limits result;
  result.max_head_bytes = 1024;
  result.max_interim_responses = 3;
  result.max_extension_bytes = 64;
  result.max_trailer_bytes = 128;
  result.max_body_bytes = 2000;
  return result;
}

struct reading {
  int status = 0;
  std::string body;
  step what = step::need_more;
  std::error_code error;
  std::size_t used = 0;
};
bool same(const reading& left, const reading& right) {
  return left.status == right.status && left.what == right.what && left.error == right.error &&
         (left.what == step::failed || (left.body == right.body && left.used == right.used));
}

reading read_in_pieces(std::string_view bytes, unsigned seed) {
  model::response_reader reader(limits());
  reading result;
  in_pieces(bytes, seed, [&](exact_copy& piece) {
    const char* first = piece.begin();
    do {
      std::string_view body;
      result.what = reader.receive(first, piece.end(), body);
      if (result.what == step::head) result.status = reader.head().status;
      if (result.what == step::body) result.body += body;
    } while (result.what == step::head || result.what == step::body);
    result.used += static_cast<std::size_t>(first - piece.begin());
    return result.what == step::need_more;
  });
  if (result.what == step::need_more) result.what = reader.end_of_stream();
  result.error = reader.error();
  return result;
}

// The plain reader: checks a response that is there as a whole.
std::vector<std::string> lines_of(std::string_view head) {
  std::vector<std::string> lines;
  while (!head.empty()) {
    const std::size_t end = head.find("\r\n");
    require(end != std::string_view::npos, "a head whose last line has no end");
    lines.emplace_back(head.substr(0, end));
    head.remove_prefix(end + 2);
  }
  return lines;
}
std::string lower(std::string text) {
  for (char& each : text) each = each >= 'A' && each <= 'Z' ? static_cast<char>(each + 32) : each;
  return text;
}
std::string value_of(const std::vector<std::string>& lines, const std::string& name) {
  std::string value = "-";
  for (std::size_t at = 1; at < lines.size(); ++at) {
    if (lower(lines[at].substr(0, name.size() + 1)) != name + ":") continue;
    require(value == "-", "a field of framing that is given twice");
    value = lines[at].substr(name.size() + 1);
    value.erase(0, value.find_first_not_of(" \t"));
    value.erase(value.find_last_not_of(" \t") + 1);
  }
  return value;
}
std::string plain_chunks(std::string_view bytes, std::size_t& used) {
  std::string body;
  const std::size_t all = bytes.size();
  for (;;) {
    const std::string line(bytes.substr(0, bytes.find("\r\n")));
    char* end = nullptr;
    require(!line.empty() && std::string_view("0123456789abcdefABCDEF").find(line[0]) != std::string_view::npos,
            "a size that is none");
    const unsigned long long size = std::strtoull(line.c_str(), &end, 16);
    require(*end == '\0' || *end == ';' || *end == ' ' || *end == '\t', "a size with something behind it");
    bytes.remove_prefix(line.size() + 2);
    if (size == 0) break;
    require(bytes.size() >= size + 2 && bytes.substr(static_cast<std::size_t>(size), 2) == "\r\n", "a chunk without its end");
    body += bytes.substr(0, static_cast<std::size_t>(size));
    bytes.remove_prefix(static_cast<std::size_t>(size) + 2);
  }
  for (std::size_t end = bytes.find("\r\n"); end != 0; end = bytes.find("\r\n")) {
    require(end != std::string_view::npos, "trailers without an end");
    require(bytes.substr(0, end).find(':') != std::string_view::npos, "a trailer without a colon");
    bytes.remove_prefix(end + 2);
  }
  used += all - bytes.size() + 2;
  return body;
}
void check_done(std::string_view bytes, const reading& got) {
  std::size_t used = 0;
  for (int interim = 0;; ++interim) {
    require(interim <= 3, "more interim responses than may be");
    const std::size_t end = bytes.find("\r\n\r\n", used);
    require(end != std::string_view::npos, "done without a head");
    const std::vector<std::string> lines = lines_of(bytes.substr(used, end + 2 - used));
    require(end + 4 - used <= limits().max_head_bytes, "a head that is too large");
    used = end + 4;
    require(lines[0].substr(0, 7) == "HTTP/1." && (lines[0][7] == '0' || lines[0][7] == '1') && lines[0][8] == ' ',
            "a status line that is none");
    const int status = std::atoi(lines[0].substr(9, 3).c_str());
    require(status >= 100 && status != 101, "a status that is none");
    if (status < 200) continue;
    require(status == got.status, "another status");
    const std::string length = value_of(lines, "content-length");
    const std::string coding = value_of(lines, "transfer-encoding");
    require(coding == "-" || (lower(coding) == "chunked" && length == "-" && lines[0][7] == '1'),
            "a coding that is not chunked alone");
    std::string body;
    if (status == 204 || status == 304) {
    } else if (coding != "-") {
      body = plain_chunks(bytes.substr(used), used);
    } else if (length != "-") {
      require(!length.empty() && length.find_first_not_of("0123456789") == std::string::npos, "a length that is no number");
      body = bytes.substr(used, std::strtoull(length.c_str(), nullptr, 10));
      require(std::to_string(body.size()) == length.substr(std::min(length.find_first_not_of('0'), length.size() - 1)),
              "a body that is not as long");
      used += body.size();
    } else {
      body = bytes.substr(used);
      used = bytes.size();
    }
    require(body == got.body, "another body");
    require(used == got.used, "another end");
    return;
  }
}

// Writes a body in chunks whose sizes the input chooses, with extensions and trailers.
void check_written(source choices) {
  const unsigned how = choices.byte();
  const unsigned cuts = choices.byte();
  std::string bytes = "HTTP/1.1 200 OK\r\ntransfer-encoding: CHUNKED\r\n\r\n";
  std::string body;
  int extensions = 0;
  while (!choices.is_empty() && body.size() < 1500) {
    const unsigned size = choices.byte();
    const std::string_view data = choices.take(size % 40 + 1);
    if (data.empty()) break;
    char line[40];
    std::snprintf(line, sizeof line, (size & 64U) != 0 ? "%zX" : "%08zx", data.size());
    bytes.append(line)
        .append((size & 128U) != 0 && ++extensions <= 4 ? " ;x=\"; y\"" : "")
        .append("\r\n")
        .append(data)
        .append("\r\n");
    body += data;
  }
  bytes += "0\r\n";
  if ((how & 1U) != 0) bytes += "X-Trailer: 1\r\nY:\r\n";
  bytes += "\r\n";
  const reading got = read_in_pieces(bytes + "HTTP/1.1 500 next", cuts);
  require(got.what == step::done && got.body == body && got.used == bytes.size(), "a body in chunks that is another");
}

}  // namespace

void fuzz_one(std::string_view input) {
  source choices(input);
  const unsigned how = choices.byte();
  if (how % 4 == 3) return check_written(choices);
  const unsigned cuts = choices.byte();
  const std::string_view bytes = choices.rest();
  const reading single = read_in_pieces(bytes, 0);
  require(same(single, read_in_pieces(bytes, cuts)), "the response depends on the cuts");
  require(single.body.size() <= limits().max_body_bytes, "a body that is too large");
  require((single.what == step::failed) == static_cast<bool>(single.error), "a failure without a reason");
  require(single.what == step::failed || single.what == step::done, "a response without an end");
  if (single.what == step::done) check_done(bytes, single);
}

}  // namespace fuzz::response_target
