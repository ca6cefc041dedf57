// Every error of the library: one value per cause, and four conditions that group them by whose fault it is.
// A value's message is a plain sentence; where a value and a limit are known, `explain` adds both.
#pragma once

#include <cstdint>
#include <string>
#include <system_error>

#include "base/cold.hpp"
#include "base/concat.hpp"
#include "base/linkage.hpp"
#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI {

/// One value for each cause of failure. Compare an `std::error_code` with these, or with `condition`.
enum class errc {
  // Opening handshake: the request head (RFC 6455 section 4.2.1, RFC 9112).
  head_too_large = 1,
  head_malformed,
  too_many_fields,
  http_version_unsupported,
  method_not_allowed,
  body_not_allowed,
  host_missing,
  host_duplicate,
  upgrade_missing,
  connection_upgrade_missing,
  key_missing,
  key_duplicate,
  key_malformed,
  version_missing,
  version_unsupported,
  subprotocol_malformed,
  subprotocol_unsupported,
  handshake_timeout,
  // Opening handshake as a client: the response head (RFC 6455 section 4.1).
  response_status,
  response_upgrade,
  response_connection,
  response_accept,
  response_subprotocol,
  response_extension,

  // Access gate.
  host_forbidden,
  origin_forbidden,
  origin_duplicate,
  origin_null,
  token_missing,
  token_wrong,
  too_many_connections,
  path_not_found,

  // Frames and messages (RFC 6455 section 5).
  frame_unmasked,
  frame_masked,
  reserved_bits,
  opcode_unknown,
  control_fragmented,
  control_too_big,
  length_not_minimal,
  length_high_bit,
  continuation_unexpected,
  continuation_expected,
  message_too_big,
  too_many_fragments,
  utf8_invalid,
  too_many_messages,

  // Closing (RFC 6455 sections 5.5.1 and 7).
  close_payload_size,
  close_code_invalid,
  close_reason_utf8,
  closed_abnormally,
  pong_timeout,
  idle_timeout,
  close_timeout,
  lagged,

  // What this protocol does not carry.
  binary_not_accepted,
  control_message_unknown,
  control_message_malformed,

  // A model server's response: its HTTP (RFC 9112), its lines and events, what they say.
  response_is_upgrade,
  too_many_interim_responses,
  content_length_malformed,
  content_length_conflict,
  transfer_coding_unknown,
  content_coding_unknown,
  chunk_malformed,
  chunk_size_too_long,
  chunk_extensions_too_long,
  trailers_too_large,
  body_too_large,
  body_cut_off,
  line_too_long,
  event_too_large,
  json_malformed,
  json_too_deep,
  too_many_tool_calls,
  model_connect_timeout,
  model_first_byte_timeout,
  model_silence_timeout,
  model_stream_unknown,
  model_stream_unfinished,
  model_status,
  model_loading,
  model_error,

  // The integrator's side.
  schema_violation,
  model_name_invalid,
  close_reason_too_long,
  ping_too_big,
  not_open,
  already_ready,
  not_ready,
  server_stopped,
  queue_full,
  already_listening,
  already_running,
  called_in_callback,
  callback_threw,
  token_stream_finished,
  port_in_use,
  no_free_port,
  journal_in_use,
  not_a_journal,
  origin_malformed,
  model_url_malformed,
  option_out_of_range,
};

/// Groups of errors: whose fault it was.
enum class condition {
  peer_fault = 1,    ///< The peer broke a protocol, a limit or a timeout; its connection is closed.
  access_denied,     ///< The access gate refused; nothing was routed.
  caller_fault,      ///< The integrator's call cannot be carried out; nothing was sent.
  environment_fault  ///< The machine refused: a port is taken, no memory, no descriptor.
};

namespace detail {

WIRTHFORGE_COLD inline const char* message_of(errc value) noexcept {
  switch (value) {
    case errc::head_too_large: return "HTTP head too large";
    case errc::head_malformed: return "HTTP head malformed";
    case errc::too_many_fields: return "too many header fields";
    case errc::http_version_unsupported: return "HTTP version is not 1.1";
    case errc::method_not_allowed: return "method is not GET or HEAD";
    case errc::body_not_allowed: return "a request body is not accepted";
    case errc::host_missing: return "Host is missing";
    case errc::host_duplicate: return "Host is given more than once";
    case errc::upgrade_missing: return "Upgrade does not name websocket";
    case errc::connection_upgrade_missing: return "Connection does not name upgrade";
    case errc::key_missing: return "Sec-WebSocket-Key is missing";
    case errc::key_duplicate: return "Sec-WebSocket-Key is given more than once";
    case errc::key_malformed: return "Sec-WebSocket-Key is not 16 bytes in base64";
    case errc::version_missing: return "Sec-WebSocket-Version is missing";
    case errc::version_unsupported: return "Sec-WebSocket-Version is not 13";
    case errc::subprotocol_malformed: return "Sec-WebSocket-Protocol is malformed";
    case errc::subprotocol_unsupported: return "no offered subprotocol is spoken here";
    case errc::handshake_timeout: return "the opening handshake took too long";
    case errc::response_status: return "the server did not answer 101";
    case errc::response_upgrade: return "the response does not upgrade to websocket";
    case errc::response_connection: return "the response's Connection does not name upgrade";
    case errc::response_accept: return "Sec-WebSocket-Accept is wrong";
    case errc::response_subprotocol: return "the server chose a subprotocol that was not offered";
    case errc::response_extension: return "the server chose an extension that was not offered";
    case errc::host_forbidden: return "Host is not this machine's loopback address and port";
    case errc::origin_forbidden: return "Origin is not invited";
    case errc::origin_duplicate: return "Origin is given more than once";
    case errc::origin_null: return "Origin null or file:// is not invited";
    case errc::token_missing: return "the access token is missing";
    case errc::token_wrong: return "the access token is wrong";
    case errc::too_many_connections: return "too many connections";
    case errc::path_not_found: return "nothing is served at this path";
    case errc::frame_unmasked: return "a client's frame is not masked";
    case errc::frame_masked: return "a server's frame is masked";
    case errc::reserved_bits: return "a reserved bit is set";
    case errc::opcode_unknown: return "unknown opcode";
    case errc::control_fragmented: return "a control frame is fragmented";
    case errc::control_too_big: return "a control frame is longer than 125 bytes";
    case errc::length_not_minimal: return "a payload length is not in its shortest form";
    case errc::length_high_bit: return "a 64-bit payload length has its highest bit set";
    case errc::continuation_unexpected: return "a continuation without a message to continue";
    case errc::continuation_expected: return "a new message inside a fragmented one";
    case errc::message_too_big: return "message too big";
    case errc::too_many_fragments: return "too many fragments in a message";
    case errc::utf8_invalid: return "text is not valid UTF-8";
    case errc::too_many_messages: return "too many messages";
    case errc::close_payload_size: return "a close payload of one byte";
    case errc::close_code_invalid: return "a close code that must not be sent";
    case errc::close_reason_utf8: return "a close reason is not valid UTF-8";
    case errc::closed_abnormally: return "the connection ended without a close handshake";
    case errc::pong_timeout: return "no pong came in time";
    case errc::idle_timeout: return "nothing came for too long";
    case errc::close_timeout: return "the close handshake took too long";
    case errc::lagged: return "the client fell too far behind";
    case errc::binary_not_accepted: return "binary messages are not part of this protocol";
    case errc::control_message_unknown: return "unknown message type";
    case errc::control_message_malformed: return "malformed message";
    case errc::response_is_upgrade: return "the response changes to a protocol that nobody asked for";
    case errc::too_many_interim_responses: return "too many responses with a status below 200";
    case errc::content_length_malformed: return "Content-Length is not one number";
    case errc::content_length_conflict: return "Content-Length and Transfer-Encoding stand side by side";
    case errc::transfer_coding_unknown: return "Transfer-Encoding is not chunked";
    case errc::content_coding_unknown: return "Content-Encoding is not identity";
    case errc::chunk_malformed: return "a chunk is malformed";
    case errc::chunk_size_too_long: return "a chunk's size has too many digits";
    case errc::chunk_extensions_too_long: return "the chunks' extensions are too long";
    case errc::trailers_too_large: return "the trailer section is too large";
    case errc::body_too_large: return "the response's body is too large";
    case errc::body_cut_off: return "the connection ended before the response did";
    case errc::line_too_long: return "a line is too long";
    case errc::event_too_large: return "a server-sent event is too large";
    case errc::json_malformed: return "the model server sent what is not JSON";
    case errc::json_too_deep: return "the model server's JSON is nested too deep";
    case errc::too_many_tool_calls: return "too many tool calls in an answer";
    case errc::model_connect_timeout: return "the model server did not take the connection in time";
    case errc::model_first_byte_timeout: return "the model server did not begin to answer in time";
    case errc::model_silence_timeout: return "the model server said nothing for too long";
    case errc::model_stream_unknown: return "the response is in no format of a model server that is known";
    case errc::model_stream_unfinished: return "the model server's stream ended without its own word for the end";
    case errc::model_status: return "the model server answered with a status that is no success";
    case errc::model_loading: return "the model server is still loading its model";
    case errc::model_error: return "the model server says that it failed";
    case errc::schema_violation: return "the event violates its schema";
    case errc::model_name_invalid: return "the model name is not an id; map it with model_id_from_name";
    case errc::close_reason_too_long: return "a close reason is longer than 123 bytes";
    case errc::ping_too_big: return "a ping payload is longer than 125 bytes";
    case errc::not_open: return "the connection is not open";
    case errc::already_ready: return "ready() was called before";
    case errc::not_ready: return "ready() has not been called";
    case errc::server_stopped: return "the server has stopped";
    case errc::queue_full: return "too much is waiting for the I/O loop, which does not run";
    case errc::already_listening: return "the server listens already";
    case errc::already_running: return "the server is already running";
    case errc::called_in_callback: return "this waits for the server to stop, and was called in one of its callbacks or on its loop's thread";
    case errc::callback_threw: return "a callback threw";
    case errc::token_stream_finished: return "the token stream is finished";
    case errc::port_in_use: return "the port is in use";
    case errc::no_free_port: return "no port in the range is free";
    case errc::journal_in_use: return "another server writes this journal";
    case errc::not_a_journal: return "the file is there and is no journal; it is left as it is";
    case errc::origin_malformed: return "an allowed origin is not one that browsers send";
    case errc::model_url_malformed: return "a model server's URL is not http:// with 127.0.0.1, [::1] or localhost, a port and a path";
    case errc::option_out_of_range: return "an option is out of its range";
  }
  return "unknown error";
}

inline bool belongs_to(errc value, condition group) noexcept {
  const auto within = [value](errc first, errc last) { return value >= first && value <= last; };
  switch (group) {
    case condition::access_denied: return within(errc::host_forbidden, errc::too_many_connections);
    case condition::environment_fault: return within(errc::port_in_use, errc::not_a_journal);
    case condition::caller_fault:
      return within(errc::schema_violation, errc::option_out_of_range) &&
             !belongs_to(value, condition::environment_fault);
    case condition::peer_fault: return value <= errc::model_error;
  }
  return false;
}

class WIRTHFORGE_VISIBLE error_category_impl final : public std::error_category {
 public:
  const char* name() const noexcept override { return "wirthforge"; }
  std::string message(int value) const override { return detail::message_of(static_cast<errc>(value)); }
};

class WIRTHFORGE_VISIBLE condition_category_impl final : public std::error_category {
 public:
  const char* name() const noexcept override { return "wirthforge.condition"; }
  std::string message(int value) const override {
    switch (static_cast<condition>(value)) {
      case condition::peer_fault: return "the peer's fault";
      case condition::access_denied: return "access denied";
      case condition::caller_fault: return "the caller's fault";
      case condition::environment_fault: return "the environment's fault";
    }
    return "unknown condition";
  }
  bool equivalent(const std::error_code& code, int value) const noexcept override;
};

}  // namespace detail

/// The category of `errc`. One object for the whole process, for each version of the header: `errc` of two versions differ.
WIRTHFORGE_VISIBLE inline const std::error_category& wirthforge_category() noexcept {
  static const detail::error_category_impl instance;
  return instance;
}

/// The category of `condition`. One object for the whole program.
WIRTHFORGE_VISIBLE inline const std::error_category& wirthforge_condition_category() noexcept {
  static const detail::condition_category_impl instance;
  return instance;
}

inline bool detail::condition_category_impl::equivalent(const std::error_code& code, int value) const noexcept {
  return code.category() == wirthforge_category() &&
         detail::belongs_to(static_cast<errc>(code.value()), static_cast<condition>(value));
}

/// Found by the standard library where an `errc` becomes an error code.
inline std::error_code make_error_code(errc value) noexcept { return {static_cast<int>(value), wirthforge_category()}; }
/// Found by the standard library where a `condition` is compared with an error code.
inline std::error_condition make_error_condition(condition value) noexcept {
  return {static_cast<int>(value), wirthforge_condition_category()};
}

/// The message of an error with the value that broke a limit and the limit, such as
/// `message too big: 70000 bytes, limit 65536`.
WIRTHFORGE_COLD inline std::string explain(errc error, std::uint64_t value, const char* unit, std::uint64_t limit) {
  return concat({detail::message_of(error), ": ", std::to_string(value), " ", unit, ", limit ", std::to_string(limit)});
}

}}  // namespace wirthforge

template <>
struct std::is_error_code_enum<wirthforge::errc> : std::true_type {};
template <>
struct std::is_error_condition_enum<wirthforge::condition> : std::true_type {};
