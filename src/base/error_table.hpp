// The table of errors: each value of `errc` with its condition, HTTP status, close code, message, and one line for the
// reference. `errc`, the conditions, statuses and close codes, docs/errors.md and the API reference are made from it.
//
// A row is (value, condition, status, code, message, reference). The status answers a request that has this fault; the code
// closes a WebSocket connection that has it; 0 where HTTP or the close frame does not report it. The message is in plain words
// and at most 123 bytes: it is the reason in a close frame. src/ raises at least one row of each value
// (tests/packaging/errors_test.py).
#pragma once

// clang-format off
#define WIRTHFORGE_ERRORS(row) \
  /* Opening handshake: the request head (RFC 6455 section 4.2.1, RFC 9112). */ \
  row(head_too_large, peer_fault, 431, 0, "HTTP head too large", \
      "A request head is longer than `server_options::max_head_bytes`; or a model server's response head than its limit.") \
  row(head_malformed, peer_fault, 400, 0, "HTTP head malformed", \
      "A head is not HTTP/1.1: its first line, a field's name or value, or a line end.") \
  row(too_many_fields, peer_fault, 431, 0, "too many header fields", \
      "A head or a trailer section has more than 100 fields.") \
  row(http_version_unsupported, peer_fault, 505, 0, "HTTP version is not 1.1", \
      "HTTP/1.0 may ask for a page, and not for an upgrade.") \
  row(method_not_allowed, peer_fault, 405, 0, "method is not GET or HEAD", \
      "The response names the allowed methods in Allow.") \
  row(body_not_allowed, peer_fault, 413, 0, "a request body is not accepted", \
      "The request has a Content-Length above 0 or a Transfer-Encoding.") \
  row(host_missing, peer_fault, 400, 0, "Host is missing", \
      "RFC 9112 section 3.2: a request has exactly one Host.") \
  row(host_duplicate, peer_fault, 400, 0, "Host is given more than once", \
      "RFC 9112 section 3.2: a request has exactly one Host.") \
  row(upgrade_missing, peer_fault, 426, 0, "Upgrade does not name websocket", \
      "`/ws` was asked for without `Upgrade: websocket`.") \
  row(connection_upgrade_missing, peer_fault, 400, 0, "Connection does not name upgrade", \
      "`Connection: Upgrade` goes with `Upgrade: websocket`.") \
  row(key_missing, peer_fault, 400, 0, "Sec-WebSocket-Key is missing", \
      "An upgrade request has exactly one key.") \
  row(key_duplicate, peer_fault, 400, 0, "Sec-WebSocket-Key is given more than once", \
      "An upgrade request has exactly one key.") \
  row(key_malformed, peer_fault, 400, 0, "Sec-WebSocket-Key is not 16 bytes in base64", \
      "RFC 6455 section 4.1.") \
  row(version_missing, peer_fault, 426, 0, "Sec-WebSocket-Version is missing", \
      "An upgrade request names version 13.") \
  row(version_unsupported, peer_fault, 426, 0, "Sec-WebSocket-Version is not 13", \
      "Version 13 is the only one that is served.") \
  row(subprotocol_malformed, peer_fault, 400, 0, "Sec-WebSocket-Protocol is malformed", \
      "A subprotocol that is offered is not a token of HTTP.") \
  row(handshake_timeout, peer_fault, 408, 1011, "the opening handshake took too long", \
      "No complete request head came within `server_options::handshake_timeout`.") \
  /* Opening handshake as a client: the response head (RFC 6455 section 4.1). */ \
  row(response_status, peer_fault, 0, 0, "the server did not answer 101", \
      "The status is another one.") \
  row(response_upgrade, peer_fault, 0, 0, "the response does not upgrade to websocket", \
      "Upgrade is missing, or names another protocol too.") \
  row(response_connection, peer_fault, 0, 0, "the response's Connection does not name upgrade", \
      "Connection is missing, or does not name upgrade.") \
  row(response_accept, peer_fault, 0, 0, "Sec-WebSocket-Accept is wrong", \
      "It is not the digest of the key that was sent.") \
  row(response_subprotocol, peer_fault, 0, 0, "the server chose a subprotocol that was not offered", \
      "Only what was offered may be chosen, once.") \
  row(response_extension, peer_fault, 0, 0, "the server chose an extension that was not offered", \
      "Our client offers no extension.") \
  /* Access gate. */ \
  row(host_forbidden, access_denied, 403, 1008, "Host is not this machine's loopback address and port", \
      "Host is not 127.0.0.1, [::1] or localhost with the bound port: the request may come by DNS rebinding.") \
  row(origin_forbidden, access_denied, 403, 1008, "Origin is not invited", \
      "The page's origin is not in `server_options::allowed_origins`.") \
  row(origin_duplicate, access_denied, 400, 1008, "Origin is given more than once", \
      "No browser sends more than one Origin.") \
  row(origin_null, access_denied, 403, 1008, "Origin null or file:// is not invited", \
      "`server_options::allow_null_origin` would permit it with the access token.") \
  row(token_missing, access_denied, 401, 1008, "the access token is missing", \
      "`server_options::token` is set, and the request offers none.") \
  row(token_wrong, access_denied, 401, 1008, "the access token is wrong", \
      "The request offers another token than `server_options::token`.") \
  row(too_many_connections, access_denied, 503, 1013, "too many connections", \
      "`server_options::max_connections`, `max_half_open` or the descriptors of the process are used up.") \
  /* Frames and messages (RFC 6455 section 5). */ \
  row(frame_unmasked, peer_fault, 0, 1002, "a client's frame is not masked", \
      "RFC 6455 section 5.1.") \
  row(frame_masked, peer_fault, 0, 1002, "a server's frame is masked", \
      "RFC 6455 section 5.1, for a client.") \
  row(reserved_bits, peer_fault, 0, 1002, "a reserved bit is set", \
      "RFC 6455 section 5.2: no extension is negotiated that gives it a meaning.") \
  row(opcode_unknown, peer_fault, 0, 1002, "unknown opcode", \
      "RFC 6455 section 5.2: opcodes 3 to 7 and 11 to 15 are reserved.") \
  row(control_fragmented, peer_fault, 0, 1002, "a control frame is fragmented", \
      "RFC 6455 section 5.5.") \
  row(control_too_big, peer_fault, 0, 1002, "a control frame is longer than 125 bytes", \
      "RFC 6455 section 5.5.") \
  row(length_not_minimal, peer_fault, 0, 1002, "a payload length is not in its shortest form", \
      "RFC 6455 section 5.2.") \
  row(length_high_bit, peer_fault, 0, 1002, "a 64-bit payload length has its highest bit set", \
      "RFC 6455 section 5.2.") \
  row(continuation_unexpected, peer_fault, 0, 1002, "a continuation without a message to continue", \
      "RFC 6455 section 5.4.") \
  row(continuation_expected, peer_fault, 0, 1002, "a new message inside a fragmented one", \
      "RFC 6455 section 5.4.") \
  row(message_too_big, peer_fault, 0, 1009, "message too big", \
      "A message is longer than `server_options::max_message_bytes`.") \
  row(too_many_fragments, peer_fault, 0, 1008, "too many fragments in a message", \
      "A message has more fragments than `server_options::max_fragments`.") \
  row(utf8_invalid, peer_fault, 0, 1007, "text is not valid UTF-8", \
      "RFC 6455 section 8.1.") \
  row(too_many_messages, peer_fault, 0, 1008, "too many messages", \
      "A client sent more than `server_options::max_client_messages_per_second` messages and pings.") \
  /* Closing (RFC 6455 sections 5.5.1 and 7). */ \
  row(close_payload_size, peer_fault, 0, 1002, "a close payload of one byte", \
      "RFC 6455 section 5.5.1: a close code has two bytes.") \
  row(close_code_invalid, peer_fault, 0, 1002, "a close code that must not be sent", \
      "RFC 6455 section 7.4.") \
  row(close_reason_utf8, peer_fault, 0, 1007, "a close reason is not valid UTF-8", \
      "RFC 6455 section 5.5.1.") \
  row(closed_abnormally, peer_fault, 0, 1006, "the connection ended without a close handshake", \
      "The socket ended first; the code is reported and never sent.") \
  row(pong_timeout, peer_fault, 0, 1011, "no pong came in time", \
      "Nothing came within `server_options::pong_timeout` of a Ping.") \
  row(idle_timeout, peer_fault, 0, 1011, "nothing came for too long", \
      "No message came within `server_options::idle_timeout`.") \
  row(close_timeout, peer_fault, 0, 1011, "the close handshake took too long", \
      "It took longer than `server_options::close_timeout`.") \
  row(lagged, peer_fault, 0, 1013, "the client fell too far behind", \
      "The log dropped an event before this client was sent it (`server_options::log_max_bytes`, `log_max_events`, `log_max_age`).") \
  /* Messages that this protocol does not have. */ \
  row(binary_not_accepted, peer_fault, 0, 1003, "binary messages are not part of this protocol", \
      "The server answers with an `error_event`, and the connection stays.") \
  row(control_message_unknown, peer_fault, 0, 1008, "unknown message type", \
      "The `type` is unknown. The server answers with an `error_event`, and the connection stays.") \
  row(control_message_malformed, peer_fault, 0, 1008, "malformed message", \
      "It is not JSON, or violates its schema. The server answers with an `error_event`, and the connection stays.") \
  /* A model server's response: its HTTP (RFC 9112), its lines and events, what they say. */ \
  row(response_is_upgrade, peer_fault, 0, 0, "the response changes to a protocol that was not requested", \
      "The status is 101.") \
  row(too_many_interim_responses, peer_fault, 0, 0, "too many responses with a status below 200", \
      "More than 8 of them came before the response.") \
  row(content_length_malformed, peer_fault, 0, 0, "Content-Length is not one number", \
      "RFC 9112 section 6.3.") \
  row(content_length_conflict, peer_fault, 0, 0, "Content-Length and Transfer-Encoding stand side by side", \
      "RFC 9112 section 6.3: such a response may be an attempt at response splitting.") \
  row(transfer_coding_unknown, peer_fault, 0, 0, "Transfer-Encoding is not chunked", \
      "No other coding was asked for.") \
  row(content_coding_unknown, peer_fault, 0, 0, "Content-Encoding is not identity", \
      "No other coding was asked for.") \
  row(chunk_malformed, peer_fault, 0, 0, "a chunk is malformed", \
      "RFC 9112 section 7.1.") \
  row(chunk_size_too_long, peer_fault, 0, 0, "a chunk's size has too many digits", \
      "RFC 9112 section 7.1; the limit is 16 digits.") \
  row(chunk_extensions_too_long, peer_fault, 0, 0, "the chunks' extensions are too long", \
      "The limit is 16384 bytes for all chunks together.") \
  row(trailers_too_large, peer_fault, 0, 0, "the trailer section is too large", \
      "The limit is 8192 bytes and 100 fields.") \
  row(body_too_large, peer_fault, 0, 0, "the response's body is too large", \
      "The body is longer than `model_stream_options::max_body_bytes`.") \
  row(body_cut_off, peer_fault, 0, 0, "the connection ended before the response did", \
      "The body is shorter than its framing announced.") \
  row(line_too_long, peer_fault, 0, 0, "a line is too long", \
      "A line is longer than `model_stream_options::max_line_bytes`.") \
  row(event_too_large, peer_fault, 0, 0, "a server-sent event is too large", \
      "An event is longer than `model_stream_options::max_line_bytes`.") \
  row(json_malformed, peer_fault, 0, 0, "the model server sent what is not JSON", \
      "A line, an event or a body is not a JSON text.") \
  row(json_too_deep, peer_fault, 0, 0, "the model server's JSON is nested too deep", \
      "More than 64 brackets stand within each other.") \
  row(too_many_tool_calls, peer_fault, 0, 0, "too many tool calls in an answer", \
      "The limit is 128.") \
  row(tool_name_too_long, peer_fault, 0, 0, "the name of a tool call is too long", \
      "The limit is 1000 bytes.") \
  row(model_connect_timeout, peer_fault, 0, 0, "the model server did not take the connection in time", \
      "The limit is an option of the exchange.") \
  row(model_first_byte_timeout, peer_fault, 0, 0, "the model server did not begin to answer in time", \
      "The limit is an option of the exchange; models load for minutes.") \
  row(model_silence_timeout, peer_fault, 0, 0, "the model server said nothing for too long", \
      "The limit is an option of the exchange.") \
  row(model_stream_unknown, peer_fault, 0, 0, "the response is in no format of a model server that is known", \
      "The beginning is of none of the formats that `model_dialect` names.") \
  row(model_stream_unfinished, peer_fault, 0, 0, "the model server's stream ended without its own word for the end", \
      "The connection ended in good order, but the format's last line had not come.") \
  row(model_status, peer_fault, 0, 0, "the model server answered with a status that is no success", \
      "The status is not from 200 to 299; the text beside this error is the model server's reason.") \
  row(model_loading, peer_fault, 0, 0, "the model server is still loading its model", \
      "The status is 503 and the reason `unavailable_error`: the same request may succeed later.") \
  row(model_error, peer_fault, 0, 0, "the model server says that it failed", \
      "The text beside this error is the model server's reason.") \
  /* The integrator's side. */ \
  row(schema_violation, caller_fault, 0, 0, "the event violates its schema", \
      "Nothing was sent; `schema_error::found` names the field, the rule, the value and the limit.") \
  row(model_name_invalid, caller_fault, 0, 0, "the model name is not an id; map it with model_id_from_name", \
      "An id has letters, digits, `_` and `-` alone.") \
  row(close_reason_too_long, caller_fault, 0, 0, "a close reason is longer than 123 bytes", \
      "RFC 6455 section 5.5: a control frame has 125 bytes, two of them for the code.") \
  row(ping_too_big, caller_fault, 0, 0, "a ping payload is longer than 125 bytes", \
      "RFC 6455 section 5.5.") \
  row(not_open, caller_fault, 0, 0, "the connection is not open", \
      "The opening handshake is not done, or the closing handshake has begun.") \
  row(already_ready, caller_fault, 0, 0, "ready() was called before", \
      "A server becomes ready once.") \
  row(server_stopped, caller_fault, 0, 1001, "the server has stopped", \
      "`stop()` was called, or the server is destroyed.") \
  row(queue_full, caller_fault, 0, 0, "too much is waiting for the I/O loop, which does not run", \
      "More than `server_options::max_queued_bytes` wait for the I/O loop.") \
  row(already_listening, caller_fault, 0, 0, "the server listens already", \
      "`listen()` was called, or is under way in another thread.") \
  row(already_running, caller_fault, 0, 0, "the server is already running", \
      "`run()` or `start()` was called.") \
  row(called_in_callback, caller_fault, 0, 0, "this waits for the server to stop, and was called in one of its callbacks or on its loop's thread", \
      "The call would wait for itself.") \
  row(token_stream_finished, caller_fault, 0, 0, "the token stream is finished", \
      "`token_stream_writer::finish` was called, or the writer was moved from.") \
  row(session_open, caller_fault, 0, 0, "the session has an open answer already", \
      "`open_token_stream`, `thinking` or `tool_call` of a session whose writer has not ended.") \
  row(port_in_use, environment_fault, 0, 0, "the port is in use", \
      "Another program has `server_options::port` on 127.0.0.1 or on [::1].") \
  row(no_free_port, environment_fault, 0, 0, "no port in the range is free", \
      "No port from `server_options::port` to `extra_ports` above it is free on both addresses.") \
  row(journal_in_use, environment_fault, 0, 0, "another server writes this journal", \
      "A journal has one writer at a time.") \
  row(not_a_journal, environment_fault, 0, 0, "the file is there and is no journal; it is left as it is", \
      "The path of `journal_options` names a file of another kind.") \
  row(origin_malformed, caller_fault, 0, 0, "an allowed origin is not one that browsers send", \
      "The exception, or `server::fault()`, names the origin and the form that a browser sends.") \
  row(model_url_malformed, caller_fault, 0, 0, "a model server's URL is not http:// with 127.0.0.1, [::1] or localhost, a port and a path", \
      "A model server is asked on this machine alone.") \
  row(model_token_malformed, caller_fault, 0, 0, "a model server's token has a character that is not visible ASCII", \
      "A field of HTTP could not hold it; the token is not quoted.") \
  row(option_out_of_range, caller_fault, 0, 0, "an option is out of its range", \
      "The exception names the option, the value and the range.")
// clang-format on
