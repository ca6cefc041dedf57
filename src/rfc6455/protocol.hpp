// The WebSocket protocol after the opening handshake (RFC 6455 sections 5 to 7), for both roles, without a socket: bytes in,
// messages out, and bytes to write. Pongs, the echo of a close and the close frame of a failure are made here.
//
// A message that is whole in the caller's buffer is unmasked in place and handed out as a view: no copy, no allocation.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.hpp"
#include "base/number_cast.hpp"
#include "rfc6455/close_code.hpp"
#include "rfc6455/frame.hpp"
#include "rfc6455/message.hpp"
#include "text/utf8.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace rfc6455 {

enum class role { server, client };

/// Limits on what the peer may send. Bytes are of payload.
using protocol_options = message_limits;

/// One event from the peer.
struct input {
  enum class kind {
    need_more,  ///< Nothing yet: all bytes are used.
    text,
    binary,
    ping,  ///< Already answered.
    pong,
    close,  ///< The peer's close frame; already answered.
    failed  ///< The peer broke the protocol; a close frame with `code` is queued, and nothing more will be read.
  };
  kind what = kind::need_more;
  std::string_view payload;                 ///< Valid until the next call or until the caller's buffer changes.
  close_code code = close_code::no_status;  ///< With `close` and `failed`.
  std::error_code error;                    ///< With `failed`.
};

class protocol {
 public:
  enum class state { open, closing, closed };
  /// Fresh random bits for each frame that a client sends: unpredictable to a page (section 10.3).
  using key_source = std::function<std::uint32_t()>;

  protocol(role side, const protocol_options& options, key_source keys = {})
      : role_(side), keys_(std::move(keys)), message_(options) {}

  /// Takes at most one event from the bytes and moves `first` past the used bytes. Unmasks in place. Call it until it needs
  /// more.
  input receive(char*& first, char* last) {
    if (!is_in_frame_ && !message_.is_in_message()) {
      message_.reset();
      if (has_short_message(first, last)) return take_short_message(first);
    }
    while (first != last || is_in_frame_) {
      if (is_deaf_) {
        first = last;
        break;
      }
      if (!is_in_frame_) {
        const std::error_code error = take_header(first, last);
        if (error) return fail(error);
        if (!is_in_frame_) break;
      }
      const auto available = static_cast<std::uint64_t>(last - first);
      const auto size = static_cast<std::size_t>(available < left_in_frame_ ? available : left_in_frame_);
      char* const payload = first;
      const auto done = number_cast<std::size_t>(header_.payload_bytes - left_in_frame_);
      if (header_.is_masked) apply_mask(payload, size, header_.key, done);
      first += size;
      left_in_frame_ -= size;
      is_in_frame_ = left_in_frame_ > 0;
      const input got = is_control(header_.code) ? take_control({payload, size}) : take_data({payload, size});
      if (got.what != input::kind::need_more) return got;
      if (is_in_frame_) break;
    }
    return {};
  }

  /// The stream ended. An end without a close frame is a fault (1006), unless a fault was already reported.
  input end_of_stream() {
    state_ = state::closed;
    is_deaf_ = true;
    if (close_received_ || failed_) return {};
    return {input::kind::failed, {}, close_code::abnormal_closure, errc::closed_abnormally};
  }

  /// Queue a message. `errc::not_open` once a close frame was queued. The payload of a text must be valid UTF-8.
  std::error_code send_text(std::string_view payload) { return send(opcode::text, payload); }
  std::error_code send_binary(std::string_view payload) { return send(opcode::binary, payload); }
  /// Queues a ping of at most 125 bytes, else `errc::ping_too_big`.
  std::error_code send_ping(std::string_view payload) {
    if (payload.size() > max_control_payload_bytes) return errc::ping_too_big;
    return send(opcode::ping, payload);
  }
  /// Queues the close frame; nothing may follow it. `errc::close_code_invalid`, `errc::close_reason_too_long` (123 bytes),
  /// `errc::close_reason_utf8`, or `errc::not_open` when one was queued before or the stream has ended.
  std::error_code close(close_code code, std::string_view reason = {}) {
    if (close_sent_ || state_ == state::closed) return errc::not_open;
    if (!may_be_sent(static_cast<std::uint16_t>(code))) return errc::close_code_invalid;
    if (reason.size() > max_control_payload_bytes - 2) return errc::close_reason_too_long;
    if (!text::is_utf8(reason)) return errc::close_reason_utf8;
    queue_close(static_cast<std::uint16_t>(code), reason);
    return {};
  }

  bool has_output() const noexcept { return !output_.empty() || wants_pong_ || wants_close_; }
  std::size_t output_size() const noexcept { return output_.size(); }
  /// Appends the bytes to write, whole frames, and forgets them.
  void take_output(std::string& out) {
    if (out.empty()) {
      out.swap(output_);
    } else {
      out += output_;
    }
    output_.clear();
    if (wants_pong_) append(out, opcode::pong, pong_);
    if (wants_close_) append(out, opcode::close, close_);
    wants_pong_ = wants_close_ = false;
  }

  /// The announced size of the last message.
  std::uint64_t announced_bytes() const noexcept { return message_.announced_bytes(); }

  state current_state() const noexcept { return state_; }
  bool close_sent() const noexcept { return close_sent_; }
  bool close_received() const noexcept { return close_received_; }
  /// True when, once all output is written, only the socket is left to close. The server closes first (section 7.1.1);
  /// a client that did not fail waits for it.
  bool should_drop_connection() const noexcept {
    return close_sent_ && (failed_ || (role_ == role::server && close_received_));
  }

 private:
  // Almost all messages of clients are like this: one masked frame of less than 126 bytes, complete in the buffer. This path
  // takes a third of the time; all others take the general path, which gives the same result for these bytes in pieces.
  bool has_short_message(const char* first, const char* last) const noexcept {
    if (last - first < short_header_bytes || header_bytes_ > 0 || is_deaf_ || close_sent_ || role_ == role::client)
      return false;
    const auto code = static_cast<unsigned char>(first[0]);
    const auto length = static_cast<unsigned char>(first[1]);
    return (code == 0x81 || code == 0x82) && length >= 0x80 && length < 0x80 + 126 &&
           last - first >= short_header_bytes + (length & 0x7F) &&
           static_cast<std::size_t>(length & 0x7F) <= message_.limits().max_message_bytes;
  }
  input take_short_message(char*& first) {
    const bool is_text = static_cast<unsigned char>(first[0]) == 0x81;
    const std::size_t size = static_cast<unsigned char>(first[1]) & 0x7FU;
    mask_key key;
    std::memcpy(key.data(), first + 2, sizeof key);
    first += short_header_bytes;
    apply_mask(first, size, key);
    const std::string_view payload(first, size);
    first += size;
    if (is_text && !text::is_utf8(payload)) return fail(errc::utf8_invalid);
    return {is_text ? input::kind::text : input::kind::binary, payload, close_code::no_status, {}};
  }

  // Reads a header, from the caller's bytes alone or together with those of earlier calls.
  std::error_code take_header(char*& first, char* last) {
    const auto size = static_cast<std::size_t>(last - first);
    const masking expected = role_ == role::server ? masking::required : masking::forbidden;
    decoded_header found;
    if (header_bytes_ == 0) {
      found = decode_frame_header(first, size, expected);
      if (!found.error && found.size == 0) {
        for (; first != last; ++first) partial_[header_bytes_++] = *first;
      } else {
        first += found.size;
      }
    } else {
      while (first != last && found.size == 0 && !found.error) {
        partial_[header_bytes_++] = *first++;
        found = decode_frame_header(partial_.data(), header_bytes_, expected);
      }
    }
    if (found.error || found.size == 0) return found.error;
    header_bytes_ = 0;
    header_ = found.header;
    left_in_frame_ = header_.payload_bytes;
    is_in_frame_ = true;
    control_.clear();
    return is_control(header_.code) || close_sent_ ? std::error_code{} : message_.begin_frame(header_);
  }

  input take_data(std::string_view bytes) {
    if (close_sent_) return {};  // our close frame is sent: only the peer's close frame matters now
    const bool has_all = !is_in_frame_ && bytes.size() == header_.payload_bytes;
    if (has_all && header_.is_final && header_.code != opcode::continuation) {
      message_.reset();
      const bool is_text = header_.code == opcode::text;
      if (is_text && !text::is_utf8(bytes)) return fail(errc::utf8_invalid);
      return {is_text ? input::kind::text : input::kind::binary, bytes, close_code::no_status, {}};
    }
    if (const std::error_code error = message_.add(bytes)) return fail(error);
    if (is_in_frame_) return {};
    if (const std::error_code error = message_.end_frame(header_.is_final)) return fail(error);
    if (!header_.is_final) return {};
    return {message_.is_text() ? input::kind::text : input::kind::binary, message_.payload(), close_code::no_status, {}};
  }

  input take_control(std::string_view bytes) {
    control_ += bytes;
    if (is_in_frame_) return {};
    switch (header_.code) {
      case opcode::close: return take_close();
      case opcode::ping:
        if (!close_sent_) answer_ping();
        return {input::kind::ping, control_, close_code::no_status, {}};
      default: return {input::kind::pong, control_, close_code::no_status, {}};
    }
  }

  // Each ping has its pong, in order, while little waits to be written. Then "MAY elect to send a Pong frame for only the
  // most recently processed Ping frame": a flood of pings fills no memory.
  void answer_ping() {
    constexpr std::size_t most_waiting = 4096;
    if (!wants_pong_ && output_.size() < most_waiting) return append(output_, opcode::pong, control_);
    pong_ = control_;
    wants_pong_ = true;
  }

  input take_close() {
    if (control_.size() == 1) return fail(errc::close_payload_size);
    std::uint16_t code = static_cast<std::uint16_t>(close_code::no_status);
    const std::string_view reason = std::string_view(control_).substr(control_.empty() ? 0 : 2);
    if (!control_.empty()) {
      const auto byte = [this](std::size_t at) { return static_cast<unsigned char>(control_[at]); };
      code = static_cast<std::uint16_t>((byte(0) << 8) | byte(1));
      if (!may_be_sent(code)) return fail(errc::close_code_invalid);
      if (!text::is_utf8(reason)) return fail(errc::close_reason_utf8);
    }
    close_received_ = true;
    is_deaf_ = true;  // "the remote endpoint ... MUST NOT send any more data": later bytes are ignored
    // "the endpoint typically echos the status code it received"
    if (!close_sent_) queue_close(control_.empty() ? std::uint16_t{0} : code, {});
    state_ = state::closed;
    return {input::kind::close, reason, static_cast<close_code>(code), {}};
  }

  input fail(std::error_code error) {
    failed_ = true;
    is_deaf_ = true;
    is_in_frame_ = false;
    const close_code code = close_code_for(static_cast<errc>(error.value()));
    if (!close_sent_) {
      std::string reason = error.message();
      if (error == errc::message_too_big) {
        reason = explain(errc::message_too_big, message_.announced_bytes(), "bytes", message_.limits().max_message_bytes);
      }
      queue_close(static_cast<std::uint16_t>(code), reason);
    }
    wants_pong_ = false;
    return {input::kind::failed, {}, code, error};
  }

  // `code` 0: a close frame without a code.
  void queue_close(std::uint16_t code, std::string_view reason) {
    close_sent_ = true;
    if (state_ == state::open) state_ = state::closing;
    wants_close_ = true;
    if (code == 0) return;
    close_ += static_cast<char>(code >> 8);
    close_ += static_cast<char>(code & 0xFFU);
    close_ += reason;
  }

  std::error_code send(opcode code, std::string_view payload) {
    if (close_sent_ || state_ != state::open) return errc::not_open;
    append(output_, code, payload);
    return {};
  }
  void append(std::string& out, opcode code, std::string_view payload) {
    if (role_ == role::server) return append_frame(out, code, payload);
    const std::uint32_t bits = keys_();
    mask_key key{};
    for (std::size_t at = 0; at < key.size(); ++at) key[at] = static_cast<unsigned char>((bits >> (8 * at)) & 0xFFU);
    append_frame(out, code, payload, &key);
  }

  static constexpr std::ptrdiff_t short_header_bytes = 6;  // two, and the key

  role role_;
  key_source keys_;
  message_assembler message_;
  frame_header header_;
  std::uint64_t left_in_frame_ = 0;
  std::array<char, max_frame_header_bytes> partial_{};  // the beginning of a header whose other bytes have not come
  std::size_t header_bytes_ = 0;
  std::string control_;
  std::string output_;
  std::string pong_;  // payloads; a string that is kept needs no allocation the next time
  std::string close_;
  state state_ = state::open;
  bool is_in_frame_ = false;
  bool is_deaf_ = false;
  bool failed_ = false;
  bool wants_pong_ = false;
  bool wants_close_ = false;
  bool close_sent_ = false;
  bool close_received_ = false;
};

}}}  // namespace wirthforge::rfc6455
