// Sends the handshake of each row of the table in docs/pages.md: with the invitation and the access token that the row names it
// is let in, and without either it is not.
#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "catch.hpp"
#include "support/test_client.hpp"
#include "wirthforge_ws.hpp"

namespace pages_test {

using namespace wirthforge;

struct place {
  std::string name, origin, invited_by;
  bool needs_token;
};

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" `");
  return first == std::string::npos ? std::string() : text.substr(first, text.find_last_not_of(" `") - first + 1);
}

std::vector<place> places() {
  std::ifstream file(std::string(WIRTHFORGE_SOURCE_DIR) + "/docs/pages.md");
  std::vector<place> all;
  for (std::string line; std::getline(file, line);) {
    if (line.compare(0, 2, "| ") != 0 || line.compare(0, 8, "| place ") == 0) continue;
    std::istringstream cells(line.substr(1));
    std::vector<std::string> row;
    for (std::string cell; std::getline(cells, cell, '|');) row.push_back(trimmed(cell));
    REQUIRE(row.size() == 5);
    REQUIRE((row[3] == "needed" || row[3] == "as you like"));
    all.push_back({row[0], row[1], row[2], row[3] == "needed"});
  }
  return all;
}

const std::string token(43, 't');

// The status of the answer to the page's handshake. The invitation is as the table says, or left out.
std::string status(const place& page, bool is_invited, bool has_token, const std::string& offered) {
  server_options options;
  if (is_invited && page.invited_by == "allowed_origins") options.allowed_origins = {page.origin};
  if (is_invited && page.invited_by == "allow_null_origin") options.allow_null_origin = true;
  if (has_token) options.token = token;
  test::running_server up(options);
  if (is_invited && page.invited_by == "on_origin") {
    up.server.on_origin([](std::string_view origin) { return origin.substr(0, 17) == "vscode-webview://"; });
  }
  up.start();
  std::string host = test::local_host(up.port());
  const std::string& origin = page.origin;
  if (page.invited_by == "nothing" && origin != "none") host = origin.substr(7);  // at whatever port it is asked for
  std::string head = "GET /ws HTTP/1.1\r\nHost: " + host + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";
  if (origin != "none") head += "Origin: " + origin + "\r\n";
  if (!offered.empty()) head += "Sec-WebSocket-Protocol: wirthforge.v1, wirthforge.token." + offered + "\r\n";
  test::raw_client client(up.port());
  client.send(head + "\r\n");
  std::string answer;
  while (answer.size() < 12 && !client.is_at_end()) answer += client.receive();
  return answer.substr(9, 3);
}

TEST_CASE("each page of docs/pages.md gets in as its row says, and no other way", "[integration][pages]") {
  const std::vector<place> all = places();
  for (const char* named : {"own page", "another port", "Vite", "Node", "Electron", "Tauri", "VS Code", "ssh -L", "Docker", "WSL"}) {
    CAPTURE(named);
    const auto is_named = [&](const place& each) { return each.name.find(named) != std::string::npos; };
    CHECK(std::any_of(all.begin(), all.end(), is_named));
  }
  for (const place& page : all) {
    CAPTURE(page.name, page.origin);
    CHECK(status(page, true, true, token) == "101");
    CHECK(status(page, true, true, "") == "401");
    if (page.invited_by != "nothing") CHECK(status(page, false, true, token) == "403");
    if (!page.needs_token) CHECK(status(page, true, false, "") == "101");
  }
}

}  // namespace pages_test
