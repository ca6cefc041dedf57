// Reads standard input from a pipe as it comes: plain text in pieces of whole characters, or an answer of a model server (JSON
// lines or server-sent events), known by its first bytes.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#if defined(_WIN32)
#include <io.h>
#include <stdio.h>
#else
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

#include "wirthforge_ws.hpp"

/// True for a pipe, a socket or a file; a terminal and /dev/null are character devices.
inline bool is_piped() {
#if defined(_WIN32)
  return _isatty(_fileno(stdin)) == 0;
#else
  struct stat what {};
  return fstat(STDIN_FILENO, &what) == 0 && !S_ISCHR(what.st_mode);
#endif
}

/// The bytes that are there, without waiting for a full buffer; empty at the end.
inline std::string read_some() {
  char buffer[4096];
#if defined(_WIN32)
  const int size = _read(_fileno(stdin), buffer, sizeof buffer);
#else
  const ssize_t size = read(STDIN_FILENO, buffer, sizeof buffer);
#endif
  return size > 0 ? std::string(buffer, static_cast<std::size_t>(size)) : std::string();
}

/// True when bytes, or the end, arrive within so many milliseconds.
inline bool has_more(int milliseconds) {
#if defined(_WIN32)
  return milliseconds < 0;
#else
  pollfd waits{STDIN_FILENO, POLLIN, 0};
  return poll(&waits, 1, milliseconds) != 0;
#endif
}

/// Answers of a model server that come through a pipe, one after the other, each with its thinking and its tool calls.
class piped_answers {
 public:
  piped_answers(wirthforge::server& server, std::string model) : server_(server), model_(std::move(model)) {}

  /// Fed line by line: the line after an answer's end begins the next answer.
  void feed(std::string_view bytes) {
    while (!bytes.empty()) {
      const std::string_view line = bytes.substr(0, std::min(bytes.find('\n'), bytes.size() - 1) + 1);
      bytes.remove_prefix(line.size());
      if (!stream_ && begins_no_answer(line)) continue;
      if (!stream_) stream_.emplace([this](const wirthforge::model_signal& signal) { hear(signal); });
      if (!stream_->feed(line)) stream_.reset();
    }
  }
  void end() {
    if (stream_) stream_->end(true);
    stream_.reset();
  }

 private:
  // True for blank lines, and for the end that some servers send behind an error: the failed answer's, and none by itself.
  bool begins_no_answer(std::string_view line) {
    line = line.substr(0, line.find_last_not_of(" \t\r\n") + 1);
    if (line.empty()) is_late_end_ = false;
    else if (line == "data: [DONE]" || line == "data:[DONE]" || line == "event: chat.end") is_late_end_ = true;
    return line.empty() || is_late_end_;
  }
  void hear(const wirthforge::model_signal& signal) {
    using kind = wirthforge::model_signal::kind;
    if (!answer_) answer_ = server_.open_token_stream("stdin-" + std::to_string(++count_), model_);
    std::error_code stopped;
    switch (signal.what) {
      case kind::text: end_thinking(); return answer_->write(signal.text, stopped);
      case kind::thinking:
        if (!thinking_) thinking_ = answer_->thinking(stopped);
        return thinking_->write(signal.text, stopped);
      case kind::tool_call:
        while (calls_.size() <= signal.call) calls_.push_back(answer_->tool_call(signal.name, stopped));
        return calls_[signal.call].write(signal.text, stopped);
      case kind::progress: return answer_->waiting(signal.progress, stopped);
      case kind::usage:
        if (signal.usage.answer_tokens) answer_->usage(*signal.usage.answer_tokens);
        return;
      case kind::finished:
        end_thinking();
        answer_->finish(signal.finish == wirthforge::model_finish::length ? wirthforge::finish_reason::length
                                                                          : wirthforge::finish_reason::stop);
        break;
      case kind::failed: answer_->fail(signal.text); break;
    }
    thinking_.reset();
    calls_.clear();
    answer_.reset();
  }
  void end_thinking() {
    if (thinking_) thinking_->finish();
    thinking_.reset();
  }

  wirthforge::server& server_;
  const std::string model_;
  int count_ = 0;
  bool is_late_end_ = false;  // to its blank line
  std::optional<wirthforge::model_stream> stream_;
  std::optional<wirthforge::token_stream_writer> answer_, thinking_;
  std::vector<wirthforge::token_stream_writer> calls_;
};

/// Reads the pipe to its end: plain text goes to `show`, which may block; a model server's answers become answers of `server`.
template <class Show>
void read_pipe(wirthforge::server& server, const std::string& model, Show show) {
  using wirthforge::model::stream_form;
  std::string first;
  stream_form form = stream_form::undecided;
  piped_answers answers(server, model);
  wirthforge::text::grapheme_splitter splitter;
  for (std::string some = read_some(); !some.empty(); some = read_some()) {
    if (form == stream_form::undecided) {
      some.insert(0, first);
      form = wirthforge::model::form_of(some);
      if (some.size() > 4096 && form == stream_form::undecided) form = stream_form::text;  // white space, and nothing else
      if (form == stream_form::undecided) {
        first = some;
        continue;
      }
    }
    if (form != stream_form::text) {
      answers.feed(some);
      continue;
    }
    show(splitter.take(some));
    if (!has_more(50)) show(splitter.take_kept());  // after a pause, the kept character is taken as complete
  }
  answers.end();
  if (form == stream_form::undecided) show(first);
  show(splitter.finish());
}
