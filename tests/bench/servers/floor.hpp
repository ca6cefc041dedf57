// Shared by both floors: as little WebSocket as a browser needs, and no check of any kind. The floors show the cost of
// the system calls alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "text/base64.hpp"
#include "text/sha1.hpp"

namespace race {

inline void append_frame(std::string& out, unsigned char first_byte, const char* payload, std::size_t size) {
  out += static_cast<char>(first_byte);
  if (size < 126) {
    out += static_cast<char>(size);
  } else {
    out += static_cast<char>(126);
    out += static_cast<char>(size >> 8U);
    out += static_cast<char>(size & 0xFFU);
  }
  out.append(payload, size);
}

inline std::string upgrade_answer(std::string_view head) {
  const std::string_view name = "Sec-WebSocket-Key: ";
  const std::string key(head.substr(head.find(name) + name.size(), 24));
  const auto digest = wirthforge::text::sha1(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
         wirthforge::text::base64_encode({reinterpret_cast<const char*>(digest.data()), digest.size()}) + "\r\n\r\n";
}

/// Bytes of one connection, in and out.
struct floor_session {
  bool is_open = false;
  std::string left;  ///< Of a frame that is not whole.
  std::string out;   ///< Bytes that the socket did not take.

  /// Echoes what lies in `bytes` into `reply`; unmasks in place.
  void take(char* bytes, std::size_t size, std::string& reply) {
    if (!left.empty()) {
      left.append(bytes, size);
      std::string whole;
      whole.swap(left);
      return take_frames(whole.data(), whole.size(), reply);
    }
    take_frames(bytes, size, reply);
  }

 private:
  void take_frames(char* at, std::size_t size, std::string& reply) {
    if (!is_open) {
      const std::size_t end = std::string_view(at, size).find("\r\n\r\n");
      if (end == std::string_view::npos) return void(left.assign(at, size));
      reply += upgrade_answer({at, end});
      is_open = true;
      at += end + 4;
      size -= end + 4;
    }
    while (size > 0) {
      std::size_t head = 6;
      std::size_t length = size < 2 ? 0 : static_cast<unsigned char>(at[1]) & 0x7FU;
      if (length == 126 && size >= 4) {
        head = 8;
        length = static_cast<std::size_t>(static_cast<unsigned char>(at[2])) << 8U | static_cast<unsigned char>(at[3]);
      }
      if (size < 8 || size < head + length) return void(left.assign(at, size));
      std::uint64_t key = 0;
      std::memcpy(&key, at + head - 4, 4);
      key |= key << 32U;
      char* const payload = at + head;
      std::size_t done = 0;
      for (; done + 8 <= length; done += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, payload + done, 8);
        word ^= key;
        std::memcpy(payload + done, &word, 8);
      }
      for (; done < length; ++done) payload[done] = static_cast<char>(payload[done] ^ at[head - 4 + done % 4]);
      append_frame(reply, static_cast<unsigned char>(at[0]), payload, length);
      at += head + length;
      size -= head + length;
    }
  }
};

}  // namespace race
