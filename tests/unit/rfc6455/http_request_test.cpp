// The request head: heads of browsers are read, ambiguous ones are refused (RFC 9112).
#include <algorithm>
#include <cstddef>
#include <random>
#include <list>
#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"
#include "wirthforge_ws.hpp"

namespace http_request_test {

using namespace wirthforge;
using namespace wirthforge::rfc6455;

namespace {

using status = request_reader::status;

// A reader's result for bytes that come in pieces, and how many it used.
struct outcome {
  status what = status::need_more;
  std::error_code error;
  std::size_t used = 0;
  std::string summary;
};
bool operator==(const outcome& left, const outcome& right) {
  return left.what == right.what && left.error == right.error && left.used == right.used && left.summary == right.summary;
}

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (const std::string_view each : parts) out += each;
  return out;
}

outcome read_pieces(const std::string& bytes, std::size_t piece, std::size_t first_piece, std::size_t max_head_bytes) {
  request_reader reader(max_head_bytes);
  outcome result;
  std::size_t size = first_piece;
  for (std::size_t at = 0; at < bytes.size() && result.what == status::need_more; at += size, size = piece) {
    size = std::min(size == 0 ? piece : size, bytes.size() - at);
    const std::string copy = bytes.substr(at, size);  // its own memory, gone afterwards
    const char* first = copy.data();
    result.what = reader.receive(first, copy.data() + copy.size());
    result.used += static_cast<std::size_t>(first - copy.data());
  }
  result.error = reader.error();
  if (result.what != status::done) return result;
  const http_request& request = reader.request();
  result.summary = joined({request.method, "|", request.path, "|", request.query, "|1.",
                           std::to_string(request.minor_version)});
  for (const auto& [name, value] : request.fields) result.summary += joined({"|", name, "=", value});
  return result;
}
// Whole, byte by byte, and split at every offset: all the same.
outcome read(const std::string& bytes, std::size_t max_head_bytes = 8192) {
  const outcome whole = read_pieces(bytes, bytes.size(), 0, max_head_bytes);
  CHECK(read_pieces(bytes, 1, 0, max_head_bytes) == whole);
  const std::size_t step = bytes.size() > 1000 ? bytes.size() / 101 : 1;
  for (std::size_t split = 1; split < bytes.size(); split += step) {
    if (!(read_pieces(bytes, bytes.size(), split, max_head_bytes) == whole)) FAIL_CHECK("split at " << split);
  }
  return whole;
}
std::error_code error_of(const std::string& bytes) {
  const outcome got = read(bytes);
  CHECK((got.what == status::failed) == static_cast<bool>(got.error));
  return got.error;
}
// A request is views into its reader, so each reader is kept.
const http_request& parsed(const std::string& bytes) {
  static std::list<request_reader> readers;
  request_reader& reader = readers.emplace_back();
  const char* first = bytes.data();
  REQUIRE(reader.receive(first, bytes.data() + bytes.size()) == status::done);
  return reader.request();
}
std::string with_field(const std::string& line) { return "GET / HTTP/1.1\r\nHost: h\r\n" + line + "\r\n\r\n"; }
const std::error_code malformed = errc::head_malformed;
const std::error_code no_error;

}  // namespace

TEST_CASE("a request is split into its parts", "[rfc6455][http]") {
  const outcome got = read(
      "GET /ws?epoch=1&since=2 HTTP/1.1\r\nHost: 127.0.0.1:8145\r\nX-Empty:\r\nX-Space: \t a b \t\r\n\r\n");
  CHECK(got.what == status::done);
  CHECK(got.summary == "GET|/ws|epoch=1&since=2|1.1|Host=127.0.0.1:8145|X-Empty=|X-Space=a b");
  CHECK(read("HEAD / HTTP/1.0\r\n\r\n").summary == "HEAD|/||1.0");
  CHECK(read("GET /a?b?c HTTP/1.1\r\n\r\n").summary == "GET|/a|b?c|1.1");
  CHECK(read("GET /%2e%2e//x? HTTP/1.1\r\n\r\n").summary == "GET|/%2e%2e//x||1.1");  // compared as it is, never decoded
  CHECK(parsed("GET /a?b HTTP/1.1\r\n\r\n").target == "/a?b");
}

TEST_CASE("reading stops after the blank line and leaves the rest", "[rfc6455][http]") {
  const std::string head = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
  const outcome got = read(head + "\x81\x85rest\r\n\r\n");
  CHECK(got.what == status::done);
  CHECK(got.used == head.size());
}

TEST_CASE("a head without its end wants more", "[rfc6455][http]") {
  const std::string head = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
  for (std::size_t size = 0; size < head.size(); ++size) CHECK(read(head.substr(0, size)).what == status::need_more);
}

TEST_CASE("a head at the limit is read, one byte more is too large", "[rfc6455][http][limit]") {
  for (const std::size_t limit : {100U, 8192U}) {
    const std::string begin = "GET / HTTP/1.1\r\nX: ";
    const std::string fits = begin + std::string(limit - begin.size() - 4, 'x') + "\r\n\r\n";
    REQUIRE(fits.size() == limit);
    CHECK(read(fits, limit).what == status::done);
    const outcome past = read(begin + std::string(limit - begin.size() - 3, 'x') + "\r\n\r\n", limit);
    CHECK(past.error == errc::head_too_large);
    CHECK(past.used == limit);
    CHECK(read(begin + std::string(2 * limit, 'x'), limit).error == errc::head_too_large);
  }
  CHECK(read(with_field("X: " + std::string(8000, 'x'))).what == status::done);
}

TEST_CASE("as many fields as the limit are read, one more is refused", "[rfc6455][http][limit]") {
  std::string head = "GET / HTTP/1.1\r\n";
  for (std::size_t n = 0; n < max_head_fields; ++n) head += "A:\r\n";
  CHECK(read(head + "\r\n").what == status::done);
  CHECK(read(head + "A:\r\n\r\n").error == errc::too_many_fields);
}

TEST_CASE("only CRLF ends a line, and another end is refused when it comes", "[rfc6455][http]") {
  CHECK(error_of("GET / HTTP/1.1\n") == malformed);
  CHECK(error_of("GET / HTTP/1.1\nHost: h\n\n") == malformed);
  CHECK(error_of("GET / HTTP/1.1\r\nHost: h\n\r\n") == malformed);
  CHECK(error_of("GET / HTTP/1.1\rHost: h\r\n\r\n") == malformed);
  CHECK(error_of("GET / HTTP/1.1\r\r\n\r\n") == malformed);
  CHECK(error_of("GET / HTTP/1.1\r\nHost: h\r\n\rX") == malformed);
  CHECK(error_of("\r\nGET / HTTP/1.1\r\n\r\n") == malformed);
  CHECK(error_of("\n") == malformed);
}

TEST_CASE("control characters are refused wherever they stand", "[rfc6455][http]") {
  for (int byte = 0; byte < 0x21; ++byte) {
    if (byte == '\t' || byte == '\r' || byte == '\n' || byte == ' ') continue;
    const std::string each(1, static_cast<char>(byte));
    CHECK(error_of(with_field("X: a" + each + "b")) == malformed);
    CHECK(error_of(with_field("X: a" + each)) == malformed);
    CHECK(error_of(with_field("X" + each + ": a")) == malformed);
    CHECK(error_of("GET /" + each + " HTTP/1.1\r\n\r\n") == malformed);
    CHECK(error_of("G" + each + "T / HTTP/1.1\r\n\r\n") == malformed);
  }
  CHECK(error_of(with_field("X: a\x7F")) == malformed);
  CHECK(error_of("GET /\x7F HTTP/1.1\r\n\r\n") == malformed);
  CHECK(read(with_field("X: a\tb \xC3\xA4")).what == status::done);
}

TEST_CASE("field lines that proxies read in two ways are refused", "[rfc6455][http]") {
  for (const char* line : {" folded: x", "\tfolded: x", "Name : x", "Name\t: x", ": x", "no colon", "Na me: x",
                           "N\xC3\xA4me: x", "Name(: x", "Name\": x", "[Name]: x", "Name, Other: x"}) {
    INFO(line);
    CHECK(error_of(with_field(line)) == malformed);
    CHECK(error_of(std::string("GET / HTTP/1.1\r\n") + line + "\r\n\r\n") == malformed);
  }
  CHECK(error_of("GET / HTTP/1.1\r\nX: a\r\n b\r\n\r\n") == malformed);  // obs-fold
}

TEST_CASE("the request line is a method, a path and a version with one space between them", "[rfc6455][http]") {
  // clang-format off
  for (const char* line :
       {"GET", "GET /", "GET  / HTTP/1.1", "GET /  HTTP/1.1", "GET / HTTP/1.1 ", " GET / HTTP/1.1",
        "GET\t/ HTTP/1.1", "GET /\tHTTP/1.1", "GET / a HTTP/1.1", "/ HTTP/1.1", "G(T / HTTP/1.1", "GET x HTTP/1.1",
        "GET * HTTP/1.1", "GET http://127.0.0.1:8145/ HTTP/1.1", "GET //evil.test HTTP/1.1x",
        "CONNECT evil.test:443 HTTP/1.1", "GET ?q HTTP/1.1", "GET /#fragment HTTP/1.1", "GET /\xC3\xA4 HTTP/1.1",
        "GET / http/1.1", "GET / HTTP/1", "GET / HTTP/11", "GET / HTTP/1.10", "GET / HTTP/1,1", "GET / HTTP/x.1",
        "GET / HTTP/1.x", "GET / HTTP 1.1", "GET / HTTPS/1.1", "GET / ", "GET / ICY/1.1"}) {
    // clang-format on
    INFO(line);
    CHECK(error_of(std::string(line) + "\r\nHost: h\r\n\r\n") == malformed);
  }
  for (const char* version : {"HTTP/2.0", "HTTP/0.9", "HTTP/1.2", "HTTP/9.9"}) {
    CHECK(error_of(std::string("GET / ") + version + "\r\n\r\n") == errc::http_version_unsupported);
  }
}

TEST_CASE("bytes that can begin no request are refused at once", "[rfc6455][http]") {
  CHECK(read("\x16\x03\x01").used == 1);  // a TLS hello
  for (int byte = 0; byte < 256; ++byte) {
    const char each = static_cast<char>(byte);
    CHECK((read(std::string(1, each)).what == status::failed) == !text::is_token_character(each));
  }
  CHECK(error_of("PRI * HTTP/2.0\r\n\r\n") == malformed);  // HTTP/2 with prior knowledge
}

TEST_CASE("a reader that has failed stays so", "[rfc6455][http]") {
  request_reader reader;
  const std::string wrong = "\n", right = "GET / HTTP/1.1\r\n\r\n";
  const char* first = wrong.data();
  CHECK(reader.receive(first, first + wrong.size()) == status::failed);
  first = right.data();
  CHECK(reader.receive(first, first + right.size()) == status::failed);
  CHECK(first == right.data());
  CHECK(reader.error() == malformed);
}

TEST_CASE("fields are found by name in any case, and counted", "[rfc6455][http]") {
  const http_request& request = parsed("GET / HTTP/1.1\r\nHOST: a\r\nHost: b\r\nX-Hosts: c\r\n\r\n");
  CHECK(request.find("host") == std::string_view("a"));
  CHECK(request.count("hOsT") == 2);
  CHECK_FALSE(request.find("origin"));
  CHECK(request.count("origin") == 0);
}

TEST_CASE("repeated fields make one list", "[rfc6455][http]") {
  const http_request& request = parsed(
      "GET / HTTP/1.1\r\nConnection: keep-alive,\r\nHost: h\r\nconnection: x,,  UPGRADE ,y\r\nBad: \"\r\n\r\n");
  std::vector<std::string> found;
  const auto take = [&](std::string_view each) { found.emplace_back(each); };
  CHECK(request.each_listed("Connection", take));
  CHECK(found == std::vector<std::string>{"keep-alive", "x", "UPGRADE", "y"});
  CHECK(request.each_listed("Upgrade", take));
  CHECK(found.size() == 4);
  CHECK_FALSE(request.each_listed("bad", take));
}

TEST_CASE("a body is recognized by its header fields", "[rfc6455][http]") {
  CHECK_FALSE(parsed(with_field("X: y")).has_body());
  CHECK_FALSE(parsed(with_field("Content-Length: 0")).has_body());
  for (const char* line : {"Content-Length: 1", "content-length: 00", "Content-Length: -0", "Content-Length: 0, 0",
                           "Content-Length: 0\r\nContent-Length: 5", "Content-Length:", "Transfer-Encoding: chunked",
                           "Transfer-Encoding: identity"}) {
    INFO(line);
    CHECK(parsed(with_field(line)).has_body());
  }
}

TEST_CASE("heads that browsers send are read", "[rfc6455][http]") {
  CHECK(error_of("GET /ws HTTP/1.1\r\nHost: 127.0.0.1:8145\r\nConnection: Upgrade\r\nPragma: "
                 "no-cache\r\nCache-Control: no-cache\r\n"
                 "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 "
                 "Safari/537.36\r\n"
                 "Upgrade: websocket\r\nOrigin: http://127.0.0.1:8145\r\nSec-WebSocket-Version: 13\r\n"
                 "Accept-Encoding: gzip, deflate, br\r\nAccept-Language: en-US,en;q=0.9\r\n"
                 "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                 "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n") == no_error);
  CHECK(error_of("GET / HTTP/1.1\r\nHost: localhost:8145\r\nsec-ch-ua: \"Not_A Brand\";v=\"8\", \"Chromium\";v=\"120\"\r\n"
                 "sec-ch-ua-platform: \"Linux\"\r\nSec-Fetch-Site: none\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-User: "
                 "?1\r\n"
                 "Sec-Fetch-Dest: document\r\n\r\n") == no_error);
}

TEST_CASE("a damaged head is refused, or read as its bytes are", "[rfc6455][http][reference]") {
  const std::string right =
      "GET /ws?a=b HTTP/1.1\r\nHost: 127.0.0.1:8145\r\nOrigin:http://localhost:8145\r\n"
      "X-List: \ta, b \r\nX-Empty:\r\n\r\n";
  const std::string damage = std::string("\r\n \t:/?#,.%A1\x7F\x80\xFF") + '\0';
  std::mt19937 random(9112);
  std::size_t refused = 0, understood = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string head = right;
    for (auto changes = 1 + random() % 3; changes > 0; --changes) {
      const std::size_t at = random() % head.size();
      const char byte = damage[random() % damage.size()];
      if (random() % 3 == 0) head.erase(at, 1);
      else if (random() % 2 == 0) head.insert(at, 1, byte);
      else head[at] = byte;
    }
    const outcome whole = read_pieces(head, head.size(), 0, 8192);
    if (!(read_pieces(head, 1, 0, 8192) == whole)) FAIL_CHECK("round " << round << ": " << head);
    refused += whole.what == status::failed ? 1 : 0;
    if (whole.what != status::done) continue;
    ++understood;
    // Written out again it is the same as what was read, except blanks around values: nothing was skipped, nothing moved.
    const http_request& request = parsed(head);
    std::string rest = head.substr(0, whole.used);
    const auto take = [&rest](std::string_view expected) {
      const bool is_there = rest.compare(0, expected.size(), expected) == 0;
      rest.erase(0, expected.size());
      return is_there;
    };
    const auto take_blanks = [&rest] { rest.erase(0, std::min(rest.find_first_not_of(" \t"), rest.size())); };
    const std::string version = " HTTP/1." + std::to_string(request.minor_version);
    bool is_same = take(joined({request.method, " ", request.target, version, "\r\n"}));
    for (const auto& [name, value] : request.fields) {
      is_same = is_same && take(name) && take(":");
      take_blanks();
      is_same = is_same && take(value);
      take_blanks();
      is_same = is_same && take("\r\n") && !name.empty() && name.find_first_of(" \t\r\n:") == std::string_view::npos &&
                value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
    }
    if (!is_same || rest != "\r\n" || request.target[0] != '/') FAIL_CHECK("round " << round << ": " << head);
  }
  CHECK(refused > 2000);
  CHECK(understood > 2000);
}

}  // namespace http_request_test
