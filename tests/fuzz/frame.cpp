// The frame reader.
// covers: rfc6455/frame.hpp rfc6455/mask.hpp
//
// Contract: any bytes are a header, an error, or the beginning of one; nothing past the header is read. Oracles: the
// reference of support/frames.hpp at each length of the bytes, for each rule about masks; a header that was read and written
// again is the same bytes; the fast mask agrees with the definition at each offset, and undoes itself.
#include "rfc6455/frame.hpp"

#include "fuzz/support/frames.hpp"
#include "fuzz/support/fuzz.hpp"

namespace fuzz::frame_target {
namespace {

namespace rfc = wirthforge::rfc6455;

void compare(std::string_view bytes, rfc::masking expected, mask_rule rule) {
  const exact_copy copy(bytes);
  const rfc::decoded_header found = rfc::decode_frame_header(copy.view().data(), copy.view().size(), expected);
  const plain_header plain = read_plain_header(bytes, rule);
  require(found.error == plain.error, "header: another error than the reference");
  require(found.size == plain.size, "header: another size than the reference");
  if (found.size == 0) return;
  const rfc::frame_header& header = found.header;
  require(header.is_final == plain.is_final && static_cast<unsigned>(header.code) == plain.opcode, "header: first byte");
  require(header.is_masked == plain.is_masked && header.payload_bytes == plain.length, "header: mask bit or length");
  require(!header.is_masked || std::memcmp(header.key.data(), plain.key, 4) == 0, "header: key");
  char written[rfc::max_frame_header_bytes];
  const std::size_t size = rfc::encode_frame_header(written, header.code, header.payload_bytes,
                                                    header.is_masked ? &header.key : nullptr, header.is_final);
  require(std::string_view(written, size) == bytes.substr(0, found.size), "header: written again it is other bytes");
}

void mask(std::string_view bytes) {
  source choices(bytes);
  rfc::mask_key key{};
  for (unsigned char& each : key) each = static_cast<unsigned char>(choices.byte());
  const std::size_t offset = choices.byte();
  const std::string_view payload = choices.rest();
  exact_copy fast(payload);
  exact_copy plain(payload);
  rfc::apply_mask(fast.begin(), payload.size(), key, offset);
  rfc::apply_mask_plainly(plain.begin(), payload.size(), key, offset);
  require(fast.view() == plain.view(), "mask: the fast form differs");
  rfc::apply_mask(fast.begin(), payload.size(), key, offset);
  require(fast.view() == payload, "mask: twice is not nothing");
}

}  // namespace

void fuzz_one(std::string_view input) {
  for (std::size_t size = 0; size <= input.size() && size <= rfc::max_frame_header_bytes + 1; ++size) {
    compare(input.substr(0, size), rfc::masking::any, mask_rule::any);
    compare(input.substr(0, size), rfc::masking::required, mask_rule::required);
    compare(input.substr(0, size), rfc::masking::forbidden, mask_rule::forbidden);
  }
  mask(input);
}

}  // namespace fuzz::frame_target
