// The request head, the access gate, the token and the opening handshake.
// covers: rfc6455/http_request.hpp rfc6455/access.hpp rfc6455/token.hpp rfc6455/handshake.hpp rfc6455/http_response.hpp
// covers: rfc6455/origin.hpp text/ip_address.hpp text/ascii.hpp text/list.hpp text/sha1.hpp text/base64.hpp
//
// The input: a byte of policy, a byte that seeds the cuts, and a request. Oracles: whole, byte by byte and cut anywhere give the
// same; a head that was read is written again from its parts and reads the same; a request that the gate lets in has one of our names
// as its only Host and no Origin but an invited one, looked for in the bytes by other means; an upgrade has a key of 16
// bytes; each answer is a sound response of which not a byte is the peer's but the accept value; the answer to an upgrade passes the client's
// own check. The bytes are also a response to a client, and an origin to be invited.
#include "rfc6455/access.hpp"
#include "rfc6455/handshake.hpp"

#include <algorithm>
#include <memory>
#include <vector>

#include "fuzz/support/fuzz.hpp"
#include "fuzz/support/response.hpp"

namespace fuzz::http_target {
namespace {

namespace rfc = wirthforge::rfc6455;
using status = rfc::request_reader::status;

constexpr const char* token = "0123456789abcdef0123456789abcdef";
constexpr std::size_t max_head = 2048;

struct reading {
  status what = status::need_more;
  std::error_code error;
  std::size_t used = 0;  // only of a head that is whole
  std::shared_ptr<rfc::request_reader> reader = std::make_shared<rfc::request_reader>(max_head);
  rfc::http_request request;  // views into the reader's bytes
};

reading read_in_pieces(std::string_view bytes, unsigned seed) {
  reading result;
  in_pieces(bytes, seed, [&](exact_copy& piece) {
    const char* first = piece.begin();
    result.what = result.reader->receive(first, piece.end());
    result.used += static_cast<std::size_t>(first - piece.begin());
    return result.what == status::need_more;
  });
  result.error = result.reader->error();
  result.request = result.reader->request();
  return result;
}

bool same(const rfc::http_request& left, const rfc::http_request& right) {
  return left.method == right.method && left.target == right.target && left.path == right.path && left.query == right.query &&
         left.minor_version == right.minor_version && left.fields == right.fields;
}

std::string write_head(const rfc::http_request& request) {
  std::string out;
  out.append(request.method).append(" ").append(request.path);
  if (request.target != request.path) out.append("?").append(request.query);
  out += " HTTP/1." + std::to_string(request.minor_version) + "\r\n";
  for (const auto& each : request.fields) out.append(each.first).append(": ").append(each.second).append("\r\n");
  return out + "\r\n";
}

std::string in_lower_case(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char each) { return each >= 'A' && each <= 'Z' ? static_cast<char>(each + 32) : each; });
  return lower;
}

// Values of a field, by looking through the lines of the head as sent, in lower case.
std::vector<std::string> lines_of(std::string_view head, std::string_view name) {
  const std::string lower = in_lower_case(head);
  std::vector<std::string> values;
  const std::string mark = "\r\n" + std::string(name) + ":";
  for (std::size_t at = lower.find(mark); at != std::string::npos; at = lower.find(mark, at + 1)) {
    const std::size_t begin = lower.find_first_not_of(" \t", at + mark.size());
    const std::size_t end = lower.find("\r\n", at + 2);
    std::string value = begin < end ? lower.substr(begin, end - begin) : "";
    while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.pop_back();
    values.push_back(value);
  }
  return values;
}

void check_gate(std::string_view head, const rfc::http_request& request, const rfc::access_policy& policy) {
  const rfc::access_verdict verdict = rfc::check_access(request, policy);
  const std::vector<std::string> hosts = lines_of(head, "host");
  const std::vector<std::string> origins = lines_of(head, "origin");
  const auto port_of = [](const std::string& host) {  // 80 where there is none, 0 where it is another host or no port
    for (const std::string name : {"127.0.0.1", "[::1]", "localhost"}) {
      if (host == name) return 80UL;
      if (host.substr(0, name.size() + 1) != name + ":") continue;
      const std::string digits = host.substr(name.size() + 1);
      const bool is_number = !digits.empty() && digits.size() <= 5 &&
                             digits.find_first_not_of("0123456789") == std::string::npos;
      const unsigned long port = is_number ? std::stoul(digits) : 0;
      return std::to_string(port) == digits && port <= 65535 ? port : 0UL;
    }
    return 0UL;
  };
  const bool has_host = hosts.size() == 1 && port_of(hosts[0]) != 0;
  const auto is_invited = [&](const std::string& origin) {
    const bool is_plain = origin.substr(0, 7) == "http://";
    if (has_host && is_plain && origin.substr(7) == hosts[0]) return true;
    if (has_host && is_plain && port_of(hosts[0]) == policy.port && port_of(origin.substr(7)) == policy.port) return true;
    return origin == "https://app.example:444" ||
           ((origin == "null" || origin == "file://") && policy.allows_null_origin && !policy.token.empty());
  };
  const bool has_origin = origins.empty() || (origins.size() == 1 && is_invited(origins[0]));
  if (!verdict.error) {
    require(has_host, "the gate let in a Host that is not ours");
    require(has_origin, "the gate let in an Origin that is not invited");
    require(lines_of(head, "transfer-encoding").empty(), "the gate let in a body");
    // It is told back as it was sent, whatever the case of its letters (docs/protocol.md#http).
    const std::string reader = in_lower_case(verdict.reader);
    require(reader.empty() || (reader == origins[0] && reader != "http://" + hosts[0]), "another reader");
    require(head.find(verdict.reader) != std::string_view::npos, "a reader in other letters");
    require(origins.empty() || (origins[0] != "null" && origins[0] != "file://") || verdict.needs_token,
            "Origin null came in without a token");
  } else {
    require(verdict.status >= 400 && verdict.status < 500, "a refusal with another status");
    for (const char each : verdict.log_line) require(each >= 0x20 && each < 0x7F, "a log line that is not printable");
    check_response(rfc::refusal_response(verdict.error), rfc::status_for(verdict.error));
    require(verdict.peer_reason == verdict.error.message(), "a reason that is not the error's");
    const bool is_plain = lines_of(head, "sec-fetch-site").empty() && lines_of(head, "content-length").empty() &&
                          lines_of(head, "transfer-encoding").empty();
    require(!(has_host && origins.empty() && is_plain), "the gate refused a native client");
  }
  const std::error_code permitted = rfc::check_token(request, token);
  require(permitted || head.find(token) != std::string_view::npos, "came in without the token");
}

// True when one of the pieces between the commas of a field's lines is that word. Quotes, which join pieces, are not known here.
bool has_piece(std::string_view head, std::string_view name, std::string_view word) {
  for (const std::string& line : lines_of(head, name)) {
    for (std::size_t at = 0; at <= line.size(); at = line.find(',', at) + 1) {
      const std::string piece = line.substr(at, line.find(',', at) - at);
      const std::size_t begin = piece.find_first_not_of(" \t");
      if (begin != std::string::npos && piece.substr(begin, piece.find_last_not_of(" \t") + 1 - begin) == word) return true;
      if (line.find(',', at) == std::string::npos) break;
    }
  }
  return false;
}

void check_handshake(std::string_view head, const rfc::http_request& request) {
  const std::vector<std::string> spoken{"wirthforge.v1", "wirthforge-v1"};
  const rfc::upgrade verdict = rfc::check_upgrade(request, spoken);
  const std::string answer = rfc::upgrade_response(verdict);
  if (verdict.error) {
    require(rfc::status_for(verdict.error) >= 400, "a refusal that is none");
    return check_response(answer, rfc::status_for(verdict.error), request.method == "HEAD");
  }
  check_response(answer, 101);
  require(rfc::is_upgrade_request(request) && request.method == "GET", "an upgrade that is none");
  const std::string key(*request.find("sec-websocket-key"));
  require(key.size() == 24 && key.substr(22) == "==", "a key that is not 16 bytes");
  require(has_piece(head, "upgrade", "websocket"), "an upgrade that names no websocket");
  require(has_piece(head, "connection", "upgrade"), "an upgrade that Connection does not name");
  require(verdict.subprotocol.empty() || has_piece(head, "sec-websocket-protocol", verdict.subprotocol),
          "a subprotocol of our own");
  require(!rfc::check_upgrade_response(answer, key, spoken), "our client refuses our answer");
  require(rfc::check_upgrade_response(answer, key + "x", spoken) == wirthforge::errc::response_accept, "another key's answer");
}

}  // namespace

void fuzz_one(std::string_view input) {
  source choices(input);
  const unsigned how = choices.byte();
  const unsigned cuts = choices.byte();
  const std::string_view bytes = choices.rest();

  const reading single = read_in_pieces(bytes, 0);
  const reading cut = read_in_pieces(bytes, cuts);
  require(single.what == cut.what && single.error == cut.error && single.used == cut.used, "the head depends on the cuts");
  require(same(single.request, cut.request), "the request depends on the cuts");
  require(single.used <= max_head, "a head that is too large");

  rfc::check_upgrade_response(exact_copy(bytes).view(), "dGhlIHNhbXBsZSBub25jZQ==", {"wirthforge.v1"});
  const rfc::origin_reading origin = rfc::read_origin(exact_copy(bytes).view());
  if (origin.fault != nullptr && !origin.form.empty() && !rfc::is_opaque_origin(origin.form)) {
    require(!rfc::check_origin_syntax(origin.form), "a form that browsers do not send");
  }
  if (origin.fault == nullptr) {
    require(origin.form == bytes, "an origin in order that has another form");
    const bool is_web = bytes.substr(0, 7) == "http://" || bytes.substr(0, 8) == "https://";
    for (const char each : bytes)
      require(each > 0x20 && each < 0x7F && !(is_web && each >= 'A' && each <= 'Z'), "an origin of other bytes");
    require(bytes.find("://") != std::string_view::npos &&
                bytes.find_first_of("/?#@\\", bytes.find("://") + 3) == std::string_view::npos,
            "an origin with more than a host and a port");
  }
  if (single.what == status::failed) return check_response(rfc::refusal_response(single.error), rfc::status_for(single.error));
  if (single.what != status::done) return;

  const std::string_view head = bytes.substr(0, single.used);
  require(head.size() >= 4 && head.substr(head.size() - 4) == "\r\n\r\n", "a head without its blank line");
  const std::string again = write_head(single.request);
  if (again.size() <= max_head) {
    const reading twice = read_in_pieces(again, 0);
    require(twice.what == status::done && same(twice.request, single.request), "written again it is another request");
  }
  rfc::access_policy policy;
  policy.port = (how & 1U) == 0 ? 8145 : 80;
  policy.allowed_origins->invite("https://app.example:444");
  policy.allows_null_origin = (how & 2U) != 0;
  if ((how & 4U) != 0) policy.token = token;
  check_gate(head, single.request, policy);
  check_handshake(head, single.request);
}

}  // namespace fuzz::http_target
