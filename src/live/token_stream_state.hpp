// The state that the writer of an answer and the I/O thread share. Atomic values, and texts that never change: any thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/finite.hpp"
#include "base/version.hpp"
#include "live/model_energies.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace live {

struct token_stream_state {
  token_stream_state(std::uint64_t number, std::string session, std::string model,
                     std::shared_ptr<token_stream_state> of = nullptr)
      : id(number), session_id(std::move(session)), model_id(std::move(model)), parent(std::move(of)) {}

  /// True when the stream takes no more pieces.
  bool is_over() const noexcept { return is_ended.load() || (parent && parent->is_ended.load()); }
  bool is_stop_requested() const noexcept { return stop_requested.load() || (parent && parent->stop_requested.load()); }

  /// Of reading the prompt, 0...1; what is not finite is absent.
  void set_progress(const std::optional<double>& value) noexcept { store(progress, value); }
  std::optional<double> known_progress() const noexcept { return load(progress); }
  /// Of the model in the pieces to come; likewise.
  void set_certainty(const std::optional<double>& value) noexcept { store(certainty, value); }
  std::optional<double> known_certainty() const noexcept { return load(certainty); }

  const std::uint64_t id;
  const std::string session_id;
  const std::string model_id;
  const std::shared_ptr<token_stream_state> parent;  ///< Of a side answer; a side answer has none of its own.
  std::shared_ptr<model_energy> energy;  ///< Its model's; set before anybody else knows the answer, and may be none.
  std::atomic<bool> is_ended{false};
  std::atomic<bool> stop_requested{false};
  std::atomic<std::size_t> queued_bytes{0};  ///< Written, and not an event yet.
  std::atomic<std::int64_t> usage{-1};       ///< Tokens, where the producer was told.
  std::atomic<double> certainty{-1};         ///< Of the pieces to come; below 0: absent.
  std::atomic<std::uint64_t> tool_calls{0};
  std::atomic<double> progress{-1};            ///< Below 0: absent.
  std::atomic<bool> is_waiting_queued{false};  ///< A command is on its way that reads `progress`.

 private:
  static void store(std::atomic<double>& to, const std::optional<double>& value) noexcept {
    const bool is_known = value && is_finite(*value);
    to.store(!is_known ? -1 : *value < 0 ? 0 : *value > 1 ? 1 : *value);
  }
  static std::optional<double> load(const std::atomic<double>& from) noexcept {
    const double value = from.load();
    return value < 0 ? std::nullopt : std::optional<double>(value);
  }
};

}}}  // namespace wirthforge::live
