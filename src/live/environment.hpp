// The interfaces of the engine and the broker to their surroundings: `environment` has the questions that they ask, and
// `observer` the events that they report. All calls come on their own thread, and none may call back into them.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/log.hpp"
#include "live/client_info.hpp"
#include "live/command.hpp"
#include "live/event_frame.hpp"
#include "rfc6455/http_request.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace live {

using info_ptr = std::shared_ptr<const connection_info>;

/// The questions.
class environment {
 public:
  environment() = default;
  environment(const environment&) = delete;
  environment& operator=(const environment&) = delete;
  virtual ~environment() = default;

  /// The measured rate of ticks, for heartbeats. Asked for once in each step of the broker.
  virtual double frame_rate_hz() const = 0;
  /// The answer to a plain HTTP request that has passed the gate.
  virtual std::string page(const rfc6455::http_request& request) = 0;
  /// True for a path that any program on this machine may read without the token: code and schemas, no data.
  virtual bool is_public(std::string_view path) const = 0;
  /// True for a path that a page of an invited origin may read.
  virtual bool is_shared(std::string_view) const { return false; }
};

/// The events.
class observer {
 public:
  observer() = default;
  observer(const observer&) = delete;
  observer& operator=(const observer&) = delete;
  virtual ~observer() = default;

  virtual void connected(const info_ptr&) {}
  /// A client asks to end an answer that is open. Its writer has been told.
  virtual void stop_asked(const info_ptr&, const std::string& /*session_id*/) {}
  virtual void disconnected(const info_ptr&, const disconnect_info&) {}
  /// A command is about to be carried out.
  virtual void carrying_out(const command&) {}
  /// Each published event once, in the order of the wire, stamped. `tokens`: its content, when it is a token_stream.
  virtual void published(const frame_ptr& /*frame*/, const token_stream* /*tokens*/) {}
  /// A client began to lag, or has recovered.
  virtual void backpressure_changed(const info_ptr&, const backpressure&) {}
  virtual void log_line(log_level, std::string) {}
};

}}}  // namespace wirthforge::live
