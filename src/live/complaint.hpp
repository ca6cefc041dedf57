// The event that reports a client's message that is no part of the protocol.
#pragma once

#include <system_error>

#include "base/cold.hpp"
#include "base/concat.hpp"
#include "base/error.hpp"
#include "events/events.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace live {

/// Never quotes what the client sent: it may hold a prompt. `broken`: the rule that it violates, where it is one of a schema.
WIRTHFORGE_COLD inline error_event complaint_event(std::error_code error, const violation& broken) {
  error_event event;
  event.severity = severity::warning;
  event.component = component::websocket;
  event.message = error.message();
  if (!broken.rule.empty()) {
    append(event.message, {": ", broken.message()});
    event.details = json_object::of_valid_text(concat({R"({"pointer":")", broken.pointer, R"(","rule":")", broken.rule,
                                                       R"("})"}));
  }
  event.recoverable = true;
  if (error == errc::binary_not_accepted) event.code = "BINARY_NOT_ACCEPTED";
  else if (error == errc::control_message_unknown) event.code = "CLIENT_MESSAGE_UNKNOWN";
  else event.code = "CLIENT_MESSAGE_MALFORMED";
  return event;
}

}}}  // namespace wirthforge::live
