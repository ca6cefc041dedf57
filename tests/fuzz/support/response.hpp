// Is it a sound HTTP/1.1 response? Judged line by line, with nothing of the product.
#pragma once

#include <cstdlib>
#include <string>
#include <string_view>

#include "fuzz/support/fuzz.hpp"

namespace fuzz {

/// Reads one response from the front of `bytes`; returns what is left behind its body. `status` 0: any.
inline std::string_view read_response(std::string_view bytes, int& status, bool has_no_body = false) {
  const std::size_t end = bytes.find("\r\n\r\n");
  require(end != std::string_view::npos, "a response without a blank line");
  std::string_view head = bytes.substr(0, end + 2);
  require(head.size() > 15 && head.substr(0, 9) == "HTTP/1.1 " && head[12] == ' ', "a status line that is none");
  status = std::atoi(std::string(head.substr(9, 3)).c_str());
  std::size_t length = 0;
  bool has_length = false, closes = false;
  for (head.remove_prefix(head.find("\r\n") + 2); !head.empty();) {
    const std::string_view line = head.substr(0, head.find("\r\n"));
    head.remove_prefix(line.size() + 2);
    const std::size_t colon = line.find(": ");
    require(colon != std::string_view::npos && colon > 0, "a field that is none");
    for (const char each : line) require(each >= 0x20 && each < 0x7F, "a field with other bytes");
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = line.substr(colon + 2);
    require(name.find_first_of(" ()<>@,;:\\\"/[]?={}") == std::string_view::npos, "a field's name");
    require(name != "Access-Control-Allow-Origin", "an invitation");
    if (name == "Content-Length") {
      length = static_cast<std::size_t>(std::atol(std::string(value).c_str()));
      has_length = true;
    }
    closes = closes || (name == "Connection" && value.find("close") != std::string_view::npos);
  }
  if (status == 101) return bytes.substr(end + 4);
  require(has_length && closes, "a response without its length, or that does not close");
  std::string_view body = bytes.substr(end + 4);
  if (has_no_body) return body;
  require(body.size() >= length, "a body that is cut off");
  return body.substr(length);
}

/// A whole response with that status, and nothing behind it.
inline void check_response(std::string_view bytes, int expected, bool has_no_body = false) {
  int status = 0;
  require(read_response(bytes, status, has_no_body).empty(), "bytes behind a response");
  require(status == expected, "another status");
}

}  // namespace fuzz
