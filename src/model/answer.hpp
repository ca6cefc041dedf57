// One answer while it comes: the format readers pass on their findings, and the listener gets them in valid UTF-8 and with
// exactly one end. Anything after the end is ignored.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/cold.hpp"
#include "base/error.hpp"
#include "base/version.hpp"
#include "model/signal.hpp"
#include "model/text_mender.hpp"
#include "text/utf8.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace model {

class answer {
 public:
  using listener = std::function<void(const model_signal&)>;
  static constexpr std::size_t max_tool_calls = 128;
  static constexpr std::size_t max_tool_name_bytes = 1000;
  static constexpr std::size_t max_sentence_bytes = 1000;

  explicit answer(listener hear) : hear_(std::move(hear)) {}

  bool is_over() const noexcept { return is_over_; }
  void abandon() noexcept { is_over_ = true; }
  bool has_tool_calls() const noexcept { return !calls_.empty(); }
  /// True when a part of the answer itself was passed on.
  bool has_content() const noexcept { return has_content_; }

  void text(std::string_view piece) { say_piece(model_signal::kind::text, text_.take(piece)); }
  void thinking(std::string_view piece) { say_piece(model_signal::kind::thinking, thinking_.take(piece)); }

  /// A fragment of a tool call. `key`: the server's number for it; `id` and `name`: empty where the fragment has none. Some
  /// servers number each call 0 and tell them apart by their ids, some tell them apart by nothing but that a name comes.
  void tool_call(std::optional<std::uint64_t> key, std::string_view id, std::string_view name, std::string_view arguments) {
    const std::size_t id_hash = id.empty() ? 0 : std::hash<std::string_view>()(id);
    std::size_t index = find_call(key, id_hash, !name.empty());
    if (index == calls_.size() && !begin_call(key)) return;
    if (id_hash != 0) calls_[index].id_hash = id_hash;
    say_call(index, id, name, arguments);
  }
  /// A whole call, or the first of one whose fragments have no number: always a new one.
  void new_tool_call(std::string_view id, std::string_view name, std::string_view arguments) {
    if (begin_call(std::nullopt)) say_call(calls_.size() - 1, id, name, arguments);
  }
  /// More arguments for the newest call.
  void more_arguments(std::string_view arguments) {
    if (calls_.empty()) return new_tool_call({}, {}, arguments);
    say_call(calls_.size() - 1, {}, {}, arguments);
  }

  void progress(model_stage stage, std::optional<double> fraction) {
    model_signal signal;
    signal.what = model_signal::kind::progress;
    signal.stage = stage;
    if (fraction) signal.progress = std::clamp(*fraction, 0.0, 1.0);
    say(signal);
  }
  /// The figures for the end. Members stay empty if the server does not report them.
  model_usage& usage() noexcept {
    has_usage_ = true;
    return usage_;
  }

  /// The server's own word for the end; figures or a last signal may follow.
  void said_end(model_finish why, std::string_view word) {
    if (has_said_end_) return;
    has_said_end_ = true;
    finish_ = why;
    if (word.size() <= 64) text::append_repaired(word_, word);  // a longer one is no word
  }
  bool has_said_end() const noexcept { return has_said_end_; }

  /// Precondition: `said_end`.
  void finish() {
    if (is_over_) return;
    end_texts();
    say_usage();
    model_signal signal;
    signal.what = model_signal::kind::finished;
    signal.finish = finish_;
    signal.text = word_;
    say_last(signal);
  }
  /// `sentence`: the server's, or ours; if it is empty, the error's message.
  WIRTHFORGE_COLD void fail(std::error_code why, std::string_view sentence = {}, int status = 0) {
    if (is_hearing_ && !pending_) pending_ = why;  // the listener asked for the failure; it is called when it returns
    if (is_over_) return;
    end_texts();
    say_usage();
    const std::string told = sentence.empty() ? why.message() : one_line(sentence);
    model_signal signal;
    signal.what = model_signal::kind::failed;
    signal.error = why;
    signal.text = told;
    signal.status = status;
    say_last(signal);
  }

 private:
  struct call {
    std::optional<std::uint64_t> key;
    std::size_t id_hash = 0;
    bool has_name = false;
    bool is_told = false;
    text_mender arguments;
  };

  std::size_t find_call(std::optional<std::uint64_t> key, std::size_t id_hash, bool has_name) const noexcept {
    for (std::size_t index = calls_.size(); index-- > 0;) {
      const call& each = calls_[index];
      if (key) {
        if (each.key != key) continue;
        const bool is_other = id_hash != 0 && each.id_hash != 0 && each.id_hash != id_hash && has_name;
        return is_other ? calls_.size() : index;  // same number, but another call
      }
      if (id_hash == 0) return has_name ? calls_.size() : index;
      if (each.id_hash == id_hash) return index;
    }
    return calls_.size();
  }
  bool begin_call(std::optional<std::uint64_t> key) {
    if (is_over_) return false;
    if (calls_.size() == max_tool_calls) {
      fail(errc::too_many_tool_calls);
      return false;
    }
    calls_.emplace_back();
    calls_.back().key = key;
    return true;
  }
  void say_call(std::size_t index, std::string_view id, std::string_view name, std::string_view arguments) {
    if (name.size() > max_tool_name_bytes) return fail(errc::tool_name_too_long);
    call& which = calls_[index];
    model_signal signal;
    signal.what = model_signal::kind::tool_call;
    signal.call = index;
    signal.text = which.arguments.take(arguments);
    std::string sound_name, sound_id;  // short strings, and rarely used
    if (!which.has_name && !name.empty()) {
      text::append_repaired(sound_name, name);
      text::append_repaired(sound_id, id);
      which.has_name = true;
    } else if (!which.is_told) {
      text::append_repaired(sound_id, id);
    }
    signal.name = sound_name;
    signal.id = sound_id;
    if (which.is_told && signal.text.empty() && signal.name.empty()) return;
    which.is_told = true;
    has_content_ = true;
    say(signal);
  }
  void say_piece(model_signal::kind what, std::string_view piece) {
    if (piece.empty()) return;
    has_content_ = true;
    model_signal signal;
    signal.what = what;
    signal.text = piece;
    say(signal);
  }
  void end_texts() {
    say_piece(model_signal::kind::thinking, thinking_.finish());
    say_piece(model_signal::kind::text, text_.finish());
    for (std::size_t index = 0; index < calls_.size() && !is_over_; ++index) {
      model_signal signal;
      signal.what = model_signal::kind::tool_call;
      signal.call = index;
      signal.text = calls_[index].arguments.finish();
      if (!signal.text.empty()) say(signal);
    }
  }
  void say_usage() {
    if (!has_usage_) return;
    model_signal signal;
    signal.what = model_signal::kind::usage;
    signal.usage = usage_;
    say(signal);
  }
  // A listener that throws gets no more calls for this answer: it is not known what it missed.
  void say(const model_signal& signal) {
    if (is_over_) return;
    is_over_ = is_hearing_ = true;
    hear_(signal);
    is_over_ = is_hearing_ = false;
    if (pending_) fail(*std::exchange(pending_, std::nullopt));
  }
  void say_last(const model_signal& signal) {
    if (is_over_) return;
    is_over_ = true;
    hear_(signal);
  }

  // For a log and a page: one line, valid, without control characters, of bounded length.
  WIRTHFORGE_COLD static std::string one_line(std::string_view sentence) {
    std::string line;
    text::append_repaired(line, sentence.substr(0, max_sentence_bytes));
    if (sentence.size() > max_sentence_bytes || line.size() > max_sentence_bytes) {
      line.resize(std::min(line.size(), max_sentence_bytes - 3));
      line.resize(line.size() - text::incomplete_tail(line));
      line += "...";
    }
    for (char& each : line) {
      if (static_cast<unsigned char>(each) < 0x20 || each == 0x7F) each = ' ';
    }
    return line;
  }

  listener hear_;
  text_mender text_, thinking_;
  std::vector<call> calls_;
  model_usage usage_;
  model_finish finish_ = model_finish::stop;
  std::string word_;
  bool has_usage_ = false;
  bool has_said_end_ = false;
  bool has_content_ = false;
  std::optional<std::error_code> pending_;  // a failure that the listener asked for
  bool is_hearing_ = false;
  bool is_over_ = false;
};

}}}  // namespace wirthforge::model
