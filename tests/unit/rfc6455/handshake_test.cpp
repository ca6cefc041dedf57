// The opening handshake against RFC 6455 sections 1.3, 4.1, 4.2 and 4.4, from both sides.
#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "wirthforge_ws.hpp"

namespace handshake_test {

using namespace wirthforge;
using namespace wirthforge::rfc6455;

namespace {

const std::vector<std::string> spoken{"wirthforge.v1", "wirthforge-v1"};
const std::string key = "dGhlIHNhbXBsZSBub25jZQ==";                // of section 1.3
const std::string answer_to_key = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";  // its answer there

// A request is views into its reader, so each reader is kept.
const http_request& parsed(const std::string& head) {
  static std::list<request_reader> readers;
  request_reader& reader = readers.emplace_back();
  const char* first = head.data();
  REQUIRE(reader.receive(first, head.data() + head.size()) == request_reader::status::done);
  return reader.request();
}

// A request as a browser makes it, with one field's lines replaced; an empty line leaves the field out.
struct request_lines {
  std::string first = "GET /ws HTTP/1.1";
  std::string upgrade = "Upgrade: websocket";
  std::string connection = "Connection: Upgrade";
  std::string nonce = "Sec-WebSocket-Key: " + key;
  std::string version = "Sec-WebSocket-Version: 13";
  std::string more;
};
upgrade judged(const request_lines& lines) {
  std::string head = lines.first + "\r\nHost: h\r\n";
  for (const std::string& each : {lines.upgrade, lines.connection, lines.nonce, lines.version, lines.more}) {
    if (!each.empty()) head += each + "\r\n";
  }
  return check_upgrade(parsed(head + "\r\n"), spoken);
}
std::error_code error_of(const request_lines& lines) {
  const upgrade verdict = judged(lines);
  CHECK(verdict.accept.empty() == static_cast<bool>(verdict.error));
  return verdict.error;
}
request_lines with(std::string request_lines::*line, std::string value) {
  request_lines lines;
  lines.*line = std::move(value);
  return lines;
}
upgrade offering(const std::string& line) { return judged(with(&request_lines::more, line)); }

bool begins_with(std::string_view text, std::string_view beginning) { return text.substr(0, beginning.size()) == beginning; }

std::error_code answer_error(const std::string& head, const std::vector<std::string>& offered = {}) {
  return check_upgrade_response(head, key, offered);
}
std::string answer_with(const std::string& lines) { return "HTTP/1.1 101 Switching Protocols\r\n" + lines + "\r\n"; }
const std::string good_lines = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + answer_to_key + "\r\n";
const std::error_code no_error;

}  // namespace

TEST_CASE("the RFC's key has the RFC's answer", "[rfc6455][1.3]") {
  CHECK(accept_for(key) == answer_to_key);
  const upgrade verdict = judged({});
  CHECK_FALSE(verdict.error);
  CHECK(upgrade_response(verdict) ==
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
            answer_to_key + "\r\n\r\n");
}

TEST_CASE("an upgrade is a GET of HTTP/1.1 without a body", "[rfc6455][4.2.1]") {
  for (const char* method : {"POST", "HEAD", "OPTIONS", "get", "CONNECT"}) {
    CHECK(error_of(with(&request_lines::first, std::string(method) + " /ws HTTP/1.1")) == errc::method_not_allowed);
  }
  CHECK(error_of(with(&request_lines::first, "GET /ws HTTP/1.0")) == errc::http_version_unsupported);
  CHECK(error_of(with(&request_lines::more, "Content-Length: 1")) == errc::body_not_allowed);
  CHECK(error_of(with(&request_lines::more, "Transfer-Encoding: chunked")) == errc::body_not_allowed);
  CHECK(error_of(with(&request_lines::more, "Content-Length: 0")) == no_error);
}

TEST_CASE("Upgrade lists websocket, in any case, among others, in any of its lines", "[rfc6455][4.2.1]") {
  for (const char* line : {"Upgrade: WebSocket", "upgrade: h2c, websocket", "Upgrade: h2c\r\nUpgrade: WEBSOCKET",
                           "Upgrade: websocket,", "Upgrade: , ,websocket", "Upgrade:\r\nUpgrade: websocket"}) {
    CHECK(error_of(with(&request_lines::upgrade, line)) == no_error);
  }
  for (const char* line : {"", "Upgrade: h2c", "Upgrade: websockets", "Upgrade: web socket", "Upgrade:", "Upgrade: ,",
                           "X-Upgrade: websocket", "Upgrade: h2c;x=\"a, websocket, b\""}) {
    CHECK(error_of(with(&request_lines::upgrade, line)) == errc::upgrade_missing);
  }
}

TEST_CASE("Connection lists upgrade, in any case, among others, in any of its lines", "[rfc6455][4.2.1]") {
  for (const char* line : {"Connection: upgrade", "Connection: keep-alive, Upgrade", "Connection: close\r\nconnection: UPGRADE",
                           "Connection: ,Upgrade,", "Connection:\r\nConnection: upgrade"}) {
    CHECK(error_of(with(&request_lines::connection, line)) == no_error);
  }
  for (const char* line : {"", "Connection: keep-alive", "Connection: upgraded", "Connection:"}) {
    CHECK(error_of(with(&request_lines::connection, line)) == errc::connection_upgrade_missing);
  }
}

TEST_CASE("the key is given once and is 16 bytes in canonical base64", "[rfc6455][4.2.1]") {
  const auto nonce = [](const std::string& value) { return with(&request_lines::nonce, "Sec-WebSocket-Key: " + value); };
  CHECK(error_of(nonce("AAAAAAAAAAAAAAAAAAAAAA==")) == no_error);
  CHECK(error_of(nonce("  " + key + "\t")) == no_error);
  CHECK(error_of(with(&request_lines::nonce, "")) == errc::key_missing);
  CHECK(error_of(nonce(key + "\r\nSec-WebSocket-Key: " + key)) == errc::key_duplicate);
  for (const char* wrong : {"", "x", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZR==",
                            "dGhlIHNhbXBsZSBub25j", "dGhlIHNhbXBsZSBub25jZQ==,x", "dGhlIHNhbXBsZSBub25jZSEh",
                            "dGhlIHNhbXBsZSBub25jZ-==", "dGhl IHNhbXBsZSBub25jZQ==", "AAAAAAAAAAAAAAAAAAAAAAAA"}) {
    INFO(wrong);
    CHECK(error_of(nonce(wrong)) == errc::key_malformed);
  }
}

TEST_CASE("another version is answered 426 with the supported version", "[rfc6455][4.4]") {
  for (const char* line : {"Sec-WebSocket-Version: 8", "Sec-WebSocket-Version: 013", "Sec-WebSocket-Version: 13, 8",
                           "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Version: 13", "Sec-WebSocket-Version: 255"}) {
    CHECK(error_of(with(&request_lines::version, line)) == errc::version_unsupported);
  }
  CHECK(error_of(with(&request_lines::version, "")) == errc::version_missing);
  for (const char* line : {"", "Sec-WebSocket-Version: 12"}) {
    const std::string answer = upgrade_response(judged(with(&request_lines::version, line)));
    CHECK(begins_with(answer, "HTTP/1.1 426 Upgrade Required\r\n"));
    CHECK(answer.find("\r\nSec-WebSocket-Version: 13\r\n") != std::string::npos);
  }
}

TEST_CASE("the first offered subprotocol that the server supports is echoed", "[rfc6455][4.2.2]") {
  CHECK(offering("Sec-WebSocket-Protocol: wirthforge.v1").subprotocol == "wirthforge.v1");
  CHECK(offering("Sec-WebSocket-Protocol: wirthforge-v1").subprotocol == "wirthforge-v1");
  CHECK(offering("Sec-WebSocket-Protocol: chat, wirthforge-v1, wirthforge.v1").subprotocol == "wirthforge-v1");
  CHECK(offering("Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Protocol: wirthforge.v1").subprotocol == "wirthforge.v1");
  CHECK(upgrade_response(offering("Sec-WebSocket-Protocol: wirthforge.v1"))
            .find("\r\nSec-WebSocket-Protocol: wirthforge.v1\r\n") != std::string::npos);
}

TEST_CASE("no supported subprotocol, or none offered, is no fault and is answered with none", "[rfc6455][4.2.2]") {
  for (const char* line : {"X: y", "Sec-WebSocket-Protocol: chat", "Sec-WebSocket-Protocol: Wirthforge.V1"}) {
    const upgrade verdict = offering(line);
    CHECK_FALSE(verdict.error);
    CHECK(verdict.subprotocol.empty());
    CHECK(upgrade_response(verdict).find("Sec-WebSocket-Protocol") == std::string::npos);
  }
}

TEST_CASE("a malformed list of subprotocols is refused", "[rfc6455][4.2.1]") {
  for (const char* list : {"a b", "\"wirthforge.v1\"", "a/b", "wirthforge.v1;x", "wirthforge.v1, a b", "\"wirthforge.v1"}) {
    CHECK(offering(std::string("Sec-WebSocket-Protocol: ") + list).error == errc::subprotocol_malformed);
  }
}

TEST_CASE("an empty list of subprotocols and one with empty elements were answered 400", "[rfc6455][4.2.1][list]") {
  for (const char* list : {"", ",", ", ,\t,", "chat,", "\r\nSec-WebSocket-Protocol:"}) {
    INFO(list);
    const upgrade verdict = offering(std::string("Sec-WebSocket-Protocol: ") + list);
    CHECK_FALSE(verdict.error);
    CHECK(verdict.subprotocol.empty());
    CHECK(upgrade_response(verdict).find("Sec-WebSocket-Protocol") == std::string::npos);
  }
  for (const char* list :
       {"wirthforge.v1,", ",wirthforge.v1", "a,,wirthforge.v1", "\r\nSec-WebSocket-Protocol: wirthforge.v1"}) {
    INFO(list);
    const upgrade verdict = offering(std::string("Sec-WebSocket-Protocol: ") + list);
    CHECK_FALSE(verdict.error);
    CHECK(verdict.subprotocol == "wirthforge.v1");
  }
}

TEST_CASE("a list with more than 32 empty elements is refused", "[rfc6455][4.2.1][list]") {
  const std::string most(32, ',');
  CHECK(error_of(with(&request_lines::upgrade, "Upgrade: websocket" + most)) == no_error);
  CHECK(error_of(with(&request_lines::connection, "Connection: Upgrade" + most)) == no_error);
  CHECK(offering("Sec-WebSocket-Protocol: wirthforge.v1" + most).subprotocol == "wirthforge.v1");
  CHECK(error_of(with(&request_lines::upgrade, "Upgrade: websocket," + most)) == errc::head_malformed);
  CHECK(error_of(with(&request_lines::connection, "Connection: Upgrade," + most)) == errc::head_malformed);
  CHECK(offering("Sec-WebSocket-Protocol: wirthforge.v1," + most).error == errc::subprotocol_malformed);
}

TEST_CASE("extensions that are offered are not accepted", "[rfc6455][9.1]") {
  const upgrade verdict = offering("Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits");
  CHECK_FALSE(verdict.error);
  CHECK(upgrade_response(verdict).find("Extensions") == std::string::npos);
}

TEST_CASE("every refusal of an upgrade is a whole response that closes the connection", "[rfc6455][4.2.2]") {
  const std::pair<errc, std::string> refusals[] = {{errc::method_not_allowed, "405 Method Not Allowed"},
                                                   {errc::http_version_unsupported, "505 HTTP Version Not Supported"},
                                                   {errc::body_not_allowed, "413 Content Too Large"},
                                                   {errc::upgrade_missing, "426 Upgrade Required"},
                                                   {errc::connection_upgrade_missing, "400 Bad Request"},
                                                   {errc::key_missing, "400 Bad Request"},
                                                   {errc::key_duplicate, "400 Bad Request"},
                                                   {errc::key_malformed, "400 Bad Request"},
                                                   {errc::version_missing, "426 Upgrade Required"},
                                                   {errc::version_unsupported, "426 Upgrade Required"},
                                                   {errc::subprotocol_malformed, "400 Bad Request"}};
  for (const auto& [error, status] : refusals) {
    upgrade refused;
    refused.error = error;
    const std::string answer = upgrade_response(refused);
    INFO(answer);
    CHECK(begins_with(answer, "HTTP/1.1 " + status + "\r\n"));
    CHECK(answer.find("close\r\n") != std::string::npos);
    CHECK(answer.find(refused.error.message()) != std::string::npos);
    CHECK(answer.find("Accept:") == std::string::npos);
    CHECK((answer.find("\r\nAllow: GET\r\n") != std::string::npos) == (error == errc::method_not_allowed));
    // "A server MUST send an Upgrade header field in a 426 response" (RFC 9110 section 15.5.22).
    CHECK((answer.find("\r\nUpgrade: websocket\r\n") != std::string::npos) == begins_with(status, "426"));
  }
}

TEST_CASE("a HEAD that asks for an upgrade is refused without a body", "[rfc6455][http]") {
  http_request request = parsed("HEAD /ws HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
  const std::string answer = upgrade_response(check_upgrade(request, {}));
  CHECK(begins_with(answer, "HTTP/1.1 405 "));
  CHECK(answer.find("\r\n\r\n") == answer.size() - 4);
  request.method = "POST";
  const std::string other = upgrade_response(check_upgrade(request, {}));
  CHECK(other.size() > other.find("\r\n\r\n") + 4);
}

TEST_CASE("an upgrade request is told from a page request", "[rfc6455][4.2.1]") {
  CHECK(is_upgrade_request(parsed("GET / HTTP/1.1\r\nUpgrade: x\r\n\r\n")));
  CHECK(is_upgrade_request(parsed("GET / HTTP/1.1\r\nSec-WebSocket-Key: x\r\n\r\n")));
  CHECK_FALSE(is_upgrade_request(parsed("GET / HTTP/1.1\r\nHost: h\r\n\r\n")));
}

TEST_CASE("the server accepts our client's request, and the client accepts the response", "[rfc6455][4.1]") {
  const std::string asked = upgrade_request("127.0.0.1:8145", "/ws?a=b", key, {"chat", "wirthforge-v1"},
                                            "Origin: http://o\r\n");
  const http_request& request = parsed(asked);
  CHECK(request.target == "/ws?a=b");
  CHECK(request.find("host") == std::string_view("127.0.0.1:8145"));
  CHECK(request.find("origin") == std::string_view("http://o"));
  CHECK(request.find("sec-websocket-protocol") == std::string_view("chat, wirthforge-v1"));
  const upgrade verdict = check_upgrade(request, spoken);
  REQUIRE_FALSE(verdict.error);
  CHECK_FALSE(check_upgrade_response(upgrade_response(verdict), key, {"chat", "wirthforge-v1"}));
  CHECK_FALSE(check_upgrade(parsed(upgrade_request("h", "/", key)), spoken).error);
}

TEST_CASE("a client accepts the RFC's response, in upper and lower case", "[rfc6455][4.1]") {
  CHECK_FALSE(answer_error(answer_with(good_lines)));
  CHECK_FALSE(answer_error("HTTP/1.1 101\r\n" + good_lines + "\r\n"));
  CHECK_FALSE(answer_error(answer_with("upgrade: WebSocket\r\nCONNECTION: keep-alive, upgrade\r\nsec-websocket-accept: " +
                                       answer_to_key + "\r\nServer: x\r\n")));
}

TEST_CASE("a client ignores empty elements in the lists of a response", "[rfc6455][4.1][list]") {
  const std::string accept = "Sec-WebSocket-Accept: " + answer_to_key + "\r\n";
  for (const char* upgrade : {"websocket,", ", websocket", "\r\nUpgrade: websocket"}) {
    CHECK_FALSE(answer_error(answer_with("Upgrade: " + std::string(upgrade) + "\r\nConnection: , Upgrade ,\r\n" + accept)));
  }
  for (const char* extensions : {"", ",", ", ,"}) {
    CHECK_FALSE(answer_error(answer_with(good_lines + "Sec-WebSocket-Extensions: " + extensions + "\r\n")));
  }
  const std::string many(33, ',');
  CHECK(answer_error(answer_with("Upgrade: websocket" + many + "\r\nConnection: Upgrade\r\n" + accept)) ==
        errc::response_upgrade);
  CHECK(answer_error(answer_with("Upgrade: websocket\r\nConnection: Upgrade" + many + "\r\n" + accept)) ==
        errc::head_malformed);
  CHECK(answer_error(answer_with(good_lines + "Sec-WebSocket-Extensions: " + many + "\r\n")) == errc::response_extension);
  CHECK(answer_error(answer_with(good_lines + "Sec-WebSocket-Extensions: ,x\r\n")) == errc::response_extension);
}

TEST_CASE("a client refuses every response that does not answer its request", "[rfc6455][4.1]") {
  const auto without = [](std::string_view name) {
    std::string lines = good_lines;
    const std::size_t at = lines.find(name);
    return answer_with(lines.erase(at, lines.find("\r\n", at) + 2 - at));
  };
  CHECK(answer_error("HTTP/1.1 200 OK\r\n" + good_lines + "\r\n") == errc::response_status);
  CHECK(answer_error("HTTP/1.1 1011\r\n" + good_lines + "\r\n") == errc::response_status);
  CHECK(answer_error("HTTP/1.0 101 X\r\n" + good_lines + "\r\n") == errc::head_malformed);
  CHECK(answer_error("HTTP/1.1 101 X\r\n" + good_lines) == errc::head_malformed);  // not ended
  CHECK(answer_error("") == errc::head_malformed);
  CHECK(answer_error("\r\n\r\n") == errc::head_malformed);
  CHECK(answer_error(answer_with(good_lines + "broken\r\n")) == errc::head_malformed);
  CHECK(answer_error(answer_with(good_lines + "bare: \n\r\n")) == errc::head_malformed);
  CHECK(answer_error(without("Upgrade: ")) == errc::response_upgrade);
  CHECK(answer_error(answer_with("Upgrade: websocket, h2c\r\nConnection: Upgrade\r\n")) == errc::response_upgrade);
  CHECK(answer_error(answer_with(good_lines + "Upgrade: websocket\r\n")) == errc::response_upgrade);
  CHECK(answer_error(without("Connection: ")) == errc::response_connection);
  CHECK(answer_error(without("Sec-WebSocket-Accept")) == errc::response_accept);
  CHECK(answer_error(answer_with(good_lines + "Sec-WebSocket-Accept: " + answer_to_key + "\r\n")) == errc::response_accept);
  std::string wrong = answer_with(good_lines);
  wrong[wrong.find(answer_to_key)] = 'S';  // base64 has case
  CHECK(answer_error(wrong) == errc::response_accept);
  CHECK(answer_error(answer_with(good_lines + "Sec-WebSocket-Extensions: permessage-deflate\r\n")) == errc::response_extension);
  const std::string chat = answer_with(good_lines + "Sec-WebSocket-Protocol: chat\r\n");
  CHECK(answer_error(chat) == errc::response_subprotocol);
  CHECK(answer_error(chat, {"Chat"}) == errc::response_subprotocol);
  CHECK(answer_error(chat, {"x", "chat"}) == no_error);
  CHECK(answer_error(answer_with(good_lines + "Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Protocol: chat\r\n"), {"chat"}) ==
        errc::response_subprotocol);
}

}  // namespace handshake_test
