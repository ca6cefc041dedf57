// The interface of a recorder that keeps the server's events. The core knows this interface alone, so that a program without a
// journal holds none of its code.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <system_error>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "live/engine.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI {

struct journal_summary;

namespace live {

class recorder {
 public:
  /// Called on any thread.
  using log_line = std::function<void(log_level level, std::string line)>;

  recorder() = default;
  recorder(const recorder&) = delete;
  recorder& operator=(const recorder&) = delete;
  virtual ~recorder() = default;

  /// Which of its options is out of its range; empty when all are within.
  virtual std::string fault() const = 0;
  /// If the journal was closed in good order and is continued, the engine takes over its content, epoch and log.
  virtual std::error_code open(engine& from, const instant& now) = 0;
  /// After `open`: its content at that time.
  virtual const journal_summary& summary() const = 0;
  virtual void start(log_line say) = 0;
  /// The server has stopped in good order: no more events come, and the state for the next run is kept. I/O thread.
  virtual void close(engine& from, const instant& now) = 0;
  /// Writes its waiting events, and ends. A second call does nothing.
  virtual void stop() = 0;

  /// An event that is not energy; `tokens`: its content, when it is a token_stream. I/O thread.
  virtual void record(const frame_ptr& frame, const token_stream* tokens) noexcept = 0;
  /// The energy since the last call, if there is room for it, or if it is the last. I/O thread, each `energy_interval`.
  virtual void record_energy(engine& from, bool is_last) = 0;
  virtual nanoseconds energy_interval() const = 0;

  /// Events, from any thread.
  virtual std::uint64_t written() const = 0;
  virtual std::uint64_t left_out() const = 0;
};

}  // namespace live
}}  // namespace wirthforge
