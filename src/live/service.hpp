// The service behind the peers: the server's engine, or an echo. A peer speaks HTTP and WebSocket; a service decides which
// answers and frames are sent. One thread only, and the time is passed in.
#pragma once

#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "base/clock.hpp"
#include "live/event_frame.hpp"
#include "rfc6455/http_request.hpp"
#include "rfc6455/protocol.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace live {

class peer;

/// How to treat a request head: answer it and close, or upgrade to WebSocket.
struct answer {
  bool is_upgrade = false;
  std::string bytes;  ///< The whole HTTP response.
};

/// How a WebSocket connection ended.
struct ending {
  rfc6455::close_code code;  ///< The peer's code, or ours when we closed; 1006 when there was no close handshake.
  std::error_code error;     ///< The cause, when it was a fault; empty for an orderly close.
};

/// The result of asking a service for frames.
struct collected {
  bool has_more = false;      ///< More frames can be asked for once these are sent.
  std::optional<ending> end;  ///< Close the connection with this ending.
};

/// The service's own state for a peer; the peer owns it.
struct peer_state {
  peer_state() = default;
  peer_state(const peer_state&) = delete;
  peer_state& operator=(const peer_state&) = delete;
  virtual ~peer_state() = default;
};

/// Inside a call from the peer a service does not close that peer: it returns how the connection is to end.
class service {
 public:
  service() = default;
  service(const service&) = delete;
  service& operator=(const service&) = delete;
  virtual ~service() = default;

  /// A whole request head has come. The access gate is the service's first step.
  virtual answer respond(const rfc6455::http_request& request, const instant& now) = 0;
  /// A head that never became a request: malformed, too large, or too late.
  virtual answer refuse(std::error_code error) = 0;
  /// The opening handshake is done.
  virtual void opened(peer& from, const rfc6455::http_request& request, const instant& now) = 0;
  /// A text message, a binary message or a ping came. The payload holds until the call returns. An ending closes the
  /// connection.
  virtual std::optional<ending> received(peer& from, const rfc6455::input& message, const instant& now) = 0;
  /// Adds the frames that should be sent now.
  virtual collected collect(peer& to, std::vector<frame_ptr>& batch, const instant& now) = 0;
  /// A hint: this peer is the next that comes to `collect`, and the service's state for it should be prefetched. It may do
  /// nothing.
  virtual void expect(const peer_state&) const noexcept {}
  /// The connection is over. Called once for each `opened`.
  virtual void closed(peer& from, const ending& how, const instant& now) = 0;
};

}}}  // namespace wirthforge::live
