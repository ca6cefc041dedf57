// Work on bytes: the UTF-8 check and unmasking beside memcpy, and reading a message out of a client's frame.
#pragma once

#include <cstring>

#include "harness.hpp"
#include "wirthforge_ws.hpp"

namespace micro {

inline std::string repeated(std::string_view piece, std::size_t bytes) {
  std::string made;
  while (made.size() + piece.size() <= bytes) made += piece;
  return made;
}

inline void byte_group(const std::string& name, const std::string& text, pace how) {
  std::string work = text;
  std::string copy = text;
  const wirthforge::rfc6455::mask_key key{0x37, 0xFA, 0x21, 0x3D};
  group(name, how, "GB/s", static_cast<double>(text.size()))
      .add("UTF-8 check",
           [&text] {
             keep(text);
             if (!wirthforge::text::is_utf8(text)) std::abort();
           })
      .add("unmask",
           [&work, key] {
             wirthforge::rfc6455::apply_mask(work.data(), work.size(), key);
             keep(work);
           })
      .add("memcpy",
           [&text, &copy] {
             std::memcpy(copy.data(), text.data(), text.size());
             keep(copy);
           })
      .run();
}

inline void byte_groups(pace how) {
  const std::string ascii = "The quick brown fox jumps over the lazy dog, and the model says {\"so\": 1}. ";
  const std::string accents =
      "Energie flie\u00dft, les id\u00e9es br\u00fblent, a\u00f1o tras a\u00f1o; na\u00efve caf\u00e9 d\u00e9j\u00e0 vu. ";
  const std::string
      cjk = "\u80fd\u91cf\u5728\u6d41\u52d5\u601d\u60f3\u5728\u71c3\u71d2\u6a21\u578b\u8aaa\u8a71\u4e16\u754c\u807d\u898b";
  byte_group("64 KiB ASCII", repeated(ascii, 65536), how);
  byte_group("64 KiB mixed: ASCII, a word with accents now and then", repeated(ascii + ascii + accents, 65536), how);
  byte_group("64 KiB mixed: accents", repeated(accents, 65536), how);
  byte_group("64 KiB CJK", repeated(cjk, 65536), how);
  byte_group("125 B ASCII", repeated("w", 125), how);

  std::string frame;
  const wirthforge::rfc6455::mask_key key{0x37, 0xFA, 0x21, 0x3D};
  wirthforge::rfc6455::append_frame(frame, wirthforge::rfc6455::opcode::text, repeated("w", 125), &key);
  std::string eight;
  for (int count = 0; count < 8; ++count) eight += frame;
  wirthforge::rfc6455::protocol echo(wirthforge::rfc6455::role::server, {});
  std::string work;
  std::string out;
  group("eight messages of 125 B through the protocol object", how)
      .add("read and echoed",
           [&] {
             work = eight;
             char* at = work.data();
             char* const end = at + work.size();
             for (;;) {
               const wirthforge::rfc6455::input got = echo.receive(at, end);
               if (got.what == wirthforge::rfc6455::input::kind::need_more) break;
               (void)echo.send_text(got.payload);
             }
             out.clear();
             echo.take_output(out);
             keep(out);
           })
      .run();
}

}  // namespace micro
