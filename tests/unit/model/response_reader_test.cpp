// HTTP/1.1 responses: servers' responses are read, whole, byte by byte and cut anywhere; ambiguous ones are refused, and
// each limit has its error (RFC 9112).
#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "catch.hpp"
#include "wirthforge_ws.hpp"

namespace response_reader_test {

using namespace wirthforge;
using model::response_limits;
using model::response_reader;

namespace {

struct outcome {
  int status = 0;
  std::string type, body;
  std::error_code error;
  bool is_done = false;
  std::size_t used = 0;
  std::string summary() const {
    return std::to_string(status) + "|" + type + "|" + body + "|" +
           (error     ? error.message()
            : is_done ? "done"
                      : "more") +
           "|" + (error ? "" : std::to_string(used));
  }
};

outcome read(std::string_view bytes, std::size_t first_piece, std::size_t piece, bool ends,
             const response_limits& limits = {}) {
  using step = response_reader::step;
  outcome result;
  response_reader reader(limits);
  step found = step::need_more;
  for (std::size_t size = first_piece; !bytes.empty() && found == step::need_more; size = piece) {
    const std::string copy(bytes.substr(0, size));
    bytes.remove_prefix(copy.size());
    const char* first = copy.data();
    do {
      std::string_view body;
      found = reader.receive(first, copy.data() + copy.size(), body);
      if (found == step::head) {
        result.status = reader.head().status;
        result.type = reader.head().content_type();
      }
      if (found == step::body) result.body += body;
    } while (found == step::head || found == step::body);
    result.used += static_cast<std::size_t>(first - copy.data());
  }
  if (ends && found == step::need_more) found = reader.end_of_stream();
  result.is_done = found == step::done;
  result.error = reader.error();
  return result;
}
// Whole, byte by byte, and cut at every offset: all the same.
outcome read_each_way(const std::string& bytes, bool ends = false, const response_limits& limits = {}) {
  const outcome whole = read(bytes, bytes.size(), bytes.size(), ends, limits);
  for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
    const std::string other = read(bytes, cut, bytes.size(), ends, limits).summary();
    if (other != whole.summary()) {
      INFO("cut at " << cut);
      CHECK(other == whole.summary());
      break;
    }
  }
  CHECK(read(bytes, 1, 1, ends, limits).summary() == whole.summary());
  return whole;
}
std::string ok(const std::string& rest) { return "HTTP/1.1 200 OK\r\n" + rest; }
std::string chunked(const std::string& body) { return ok("Transfer-Encoding: chunked\r\n\r\n" + body); }
std::error_code error_of(const std::string& bytes, const response_limits& limits = {}) {
  return read_each_way(bytes, true, limits).error;
}

}  // namespace

TEST_CASE("a body by its length is read to its last byte and not further", "[model][rfc9112][6.3]") {
  const std::string bytes = ok("Content-Type: application/json\r\nContent-Length: 5\r\n\r\nhello");
  const outcome got = read_each_way(bytes + "HTTP/1.1 400 smuggled");
  CHECK(got.summary() == "200|application/json|hello|done|" + std::to_string(bytes.size()));
  CHECK(read_each_way(ok("Content-Length: 0\r\n\r\n")).is_done);
  CHECK(error_of(ok("Content-Length: 5\r\n\r\nhell")) == errc::body_cut_off);
}

TEST_CASE("a body without a length ends with the connection", "[model][rfc9112][6.3]") {
  CHECK_FALSE(read_each_way(ok("\r\nsome")).is_done);
  const outcome got = read_each_way(ok("\r\nsome text"), true);
  CHECK(got.is_done);
  CHECK(got.body == "some text");
  CHECK(read_each_way("HTTP/1.0 200 OK\r\n\r\n", true).is_done);
}

TEST_CASE("chunks lose their framing, their extensions and their trailers", "[model][rfc9112][7.1]") {
  const std::string bytes = chunked("5\r\nhello\r\n7 ; a=b;c=\"d\"\r\n, world\r\n00\r\n\r\n");
  const outcome got = read_each_way(bytes + "more");
  CHECK(got.summary() == "200||hello, world|done|" + std::to_string(bytes.size()));
  CHECK(read_each_way(chunked("A\r\n0123456789\r\n0;x\r\nExpires: never\r\nX-Sum: 1\r\n\r\n")).body == "0123456789");
  CHECK(read_each_way(chunked("000000000000000a\r\n\r\n34567\r\n9\r\n0\r\n\r\n")).body == "\r\n34567\r\n9");
  CHECK(error_of(chunked("5\r\nhello\r\n")) == errc::body_cut_off);
  CHECK(error_of(chunked("5\r\nhello\r\n0\r\n")) == errc::body_cut_off);
  CHECK(error_of(chunked("5\r\nhello\r\n0\r\nA: b\r\n")) == errc::body_cut_off);
}

TEST_CASE("a chunk that does not follow the grammar is refused", "[model][rfc9112][7.1]") {
  for (const char* bad : {"\r\n", "g\r\n", " 5\r\nhello\r\n", "-5\r\n", "0x5\r\nhello\r\n", "5\nhello\r\n", "5\r\nhello!\r\n",
                          "5\r\nhello\n", "5\rhello", "5;\x01\r\n", "5;a\nhello", "0\r\nA b: c\r\n\r\n", "0\r\n: c\r\n\r\n",
                          "0\r\n folded\r\n\r\n", "0\r\nA: b\n\n", "0\r\n\rx", ";\r\n", "5\r\r\n"}) {
    INFO(bad);
    CHECK(error_of(chunked(bad)) == errc::chunk_malformed);
  }
}

TEST_CASE("interim responses are ignored, and a status without a body has none", "[model][rfc9112]") {
  const std::string early = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\nContent-Length: 9\r\n\r\n";
  CHECK(read_each_way(early + ok("Content-Length: 2\r\n\r\nok")).body == "ok");
  for (const char* status : {"204", "304"}) {
    const outcome got = read_each_way("HTTP/1.1 " + std::string(status) + " x\r\nContent-Length: 5\r\n\r\nhello");
    CHECK(got.is_done);
    CHECK(got.body.empty());
  }
  CHECK(error_of("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n") == errc::response_is_upgrade);
  std::string many;
  for (int count = 0; count < 9; ++count) many += "HTTP/1.1 102 Processing\r\n\r\n";
  CHECK(error_of(many) == errc::too_many_interim_responses);
}

TEST_CASE("a status line is three digits between spaces, and of HTTP/1", "[model][rfc9112][4]") {
  CHECK(read_each_way("HTTP/1.1 503 \r\nContent-Length: 0\r\n\r\n").status == 503);
  CHECK(read_each_way("HTTP/1.1 429\r\nContent-Length: 0\r\n\r\n").status == 429);
  CHECK(read_each_way("HTTP/1.0 200 Very Well\r\nContent-Length: 0\r\n\r\n").status == 200);
  for (const char* bad :
       {"HTTP/1.1  200 OK", "HTTP/1.1 20 OK", "HTTP/1.1 2000 OK", "HTTP/1.1 099 OK", "HTTP/1.1 2x0 OK", "http/1.1 200 OK",
        "HTTP/1.1200 OK", "HTTP/11 200 OK", "ICY 200 OK", "HTTP/1.1 200OK", "HTTP/1.1\t200 OK", "HTTP/x.1 200 OK"}) {
    INFO(bad);
    CHECK(error_of(std::string(bad) + "\r\n\r\n") == errc::head_malformed);
  }
  CHECK(error_of("HTTP/2.0 200 OK\r\n\r\n") == errc::http_version_unsupported);
  CHECK(error_of("HTTP/1.2 200 OK\r\n\r\n") == errc::http_version_unsupported);
  for (const char* other : {"\x16\x03\x01", "SSH-2.0-OpenSSH_9.2\r\n", "220 mail", "HTTP ", "H\r\n"})
    CHECK(error_of(other) == errc::head_malformed);
  CHECK(error_of("HTTP") == errc::body_cut_off);
}

TEST_CASE("a field that is folded, or has a space before its colon, is refused", "[model][rfc9112][5]") {
  for (const char* bad : {"A: b\r\n c\r\n", "A : b\r\n", "A\r\n", ": b\r\n", "A: b\x01\r\n", "A: b\nB: c\r\n", "A: \rb\r\n"}) {
    INFO(bad);
    CHECK(error_of(ok(std::string(bad) + "\r\n")) == errc::head_malformed);
  }
}

TEST_CASE("a length that is given twice, or beside chunks, or is no number, is refused", "[model][rfc9112][6.3]") {
  CHECK(error_of(ok("Content-Length: 5\r\nContent-Length: 5\r\n\r\n")) == errc::content_length_malformed);
  CHECK(error_of(ok("Content-Length: 5\r\nContent-Length: 6\r\n\r\n")) == errc::content_length_malformed);
  for (const char* bad : {"", "-1", "+1", "0x5", "5, 5", "5 5", "1e3", "99999999999999999999", "five"}) {
    INFO(bad);
    CHECK(error_of(ok("Content-Length: " + std::string(bad) + "\r\n\r\n")) == errc::content_length_malformed);
  }
  CHECK(error_of(ok("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n")) == errc::content_length_conflict);
  for (const char* bad : {"gzip, chunked", "chunked, chunked", "gzip", "identity", "", "chunkedd"}) {
    INFO(bad);
    CHECK(error_of(ok("Transfer-Encoding: " + std::string(bad) + "\r\n\r\n")) == errc::transfer_coding_unknown);
  }
  CHECK(error_of(ok("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n")) == errc::transfer_coding_unknown);
  CHECK(error_of("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n") == errc::transfer_coding_unknown);
  CHECK(error_of(ok("Content-Encoding: gzip\r\nContent-Length: 1\r\n\r\n")) == errc::content_coding_unknown);
  CHECK(read_each_way(ok("content-encoding: Identity\r\ntransfer-encoding: Chunked\r\n\r\n0\r\n\r\n")).is_done);
}

TEST_CASE("each limit of a response has its error, and is reached before it is passed", "[model][rfc9112]") {
  response_limits limits;
  const std::string head = ok("A: 34567890123456\r\nContent-Length: 4\r\n\r\n");
  limits.max_head_bytes = head.size();
  CHECK(read_each_way(head + "body", false, limits).is_done);
  --limits.max_head_bytes;
  CHECK(error_of(head + "body", limits) == errc::head_too_large);
  std::string fields;
  for (int count = 0; count < 101; ++count) fields += "a:\r\n";
  CHECK(error_of(ok(fields + "\r\n")) == errc::too_many_fields);

  limits = {};
  limits.max_extension_bytes = 8;
  CHECK(read_each_way(chunked("1;234\r\nx\r\n1;678\r\nx\r\n0\r\n\r\n"), false, limits).is_done);
  CHECK(error_of(chunked("1;234\r\nx\r\n1;6789\r\nx\r\n0\r\n\r\n"), limits) == errc::chunk_extensions_too_long);
  CHECK(error_of(chunked("00000000000000001\r\nx\r\n")) == errc::chunk_size_too_long);
  CHECK(read_each_way(chunked("FFFFFFFFFFFFFFFF\r\nx")).body == "x");

  limits.max_trailer_bytes = 8;
  CHECK(read_each_way(chunked("0\r\nA: b\r\n\r\n"), false, limits).is_done);
  CHECK(error_of(chunked("0\r\nA: bc\r\n\r\n"), limits) == errc::trailers_too_large);

  limits = {};
  limits.max_body_bytes = 4;
  CHECK(read_each_way(ok("Content-Length: 4\r\n\r\nbody"), false, limits).is_done);
  CHECK(error_of(ok("Content-Length: 5\r\n\r\n"), limits) == errc::body_too_large);
  CHECK(read_each_way(chunked("2\r\nbo\r\n2\r\ndy\r\n0\r\n\r\n"), false, limits).is_done);
  CHECK(read("HTTP/1.1 200 OK\r\n\r\nbody!", 1, 1, true, limits).error == errc::body_too_large);
  CHECK(read(chunked("2\r\nbo\r\n3\r\ndy!\r\n0\r\n\r\n"), 1, 1, true, limits).error == errc::body_too_large);
}

TEST_CASE("a connection that ends before its response is one that was cut off", "[model][rfc9112]") {
  CHECK(read("", 1, 1, true).error == errc::body_cut_off);
  CHECK(error_of("HTTP/1.1 200 OK\r\nContent-Le") == errc::body_cut_off);
  CHECK(error_of("HTTP/1.1 100 Continue\r\n\r\n") == errc::body_cut_off);
  for (const errc each : {errc::chunk_malformed, errc::body_cut_off, errc::line_too_long, errc::model_error}) {
    CHECK(make_error_code(each) == condition::peer_fault);
  }
}

}  // namespace response_reader_test
