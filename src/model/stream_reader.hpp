// Turns the body of a model server's response into an answer: determines from its first bytes whether it is JSON or
// server-sent events, and from its first objects which format it is. Everything is bounded, and each limit has its error.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/cold.hpp"
#include "base/concat.hpp"
#include "base/error.hpp"
#include "base/version.hpp"
#include "model/answer.hpp"
#include "model/error_words.hpp"
#include "model/event_reader.hpp"
#include "model/first_bytes.hpp"
#include "model/json_line.hpp"
#include "model/line_reader.hpp"
#include "model/llama_completion.hpp"
#include "model/lm_studio.hpp"
#include "model/model_stream.hpp"
#include "model/ollama.hpp"
#include "model/openai_chat.hpp"
#include "model/openai_responses.hpp"
#include "text/ascii.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace model {

class stream_reader {
 public:
  stream_reader(answer::listener hear, const model_stream_options& options)
      : answer_(std::move(hear)), options_(options), lines_(line_reader::ends::lf, options.max_line_bytes),
        events_(options.max_line_bytes) {}

  void head(int status, std::string_view content_type) {
    status_ = status;
    const std::string_view type = text::trim(content_type.substr(0, content_type.find(';')));
    is_called_events_ = text::equals_ignoring_case(type, "text/event-stream");
  }

  void feed(std::string_view bytes) {
    if (answer_.is_over() || bytes.empty()) return;
    body_bytes_ += bytes.size();
    if (body_bytes_ > options_.max_body_bytes) return fail(errc::body_too_large, options_.max_body_bytes);
    if (!is_success()) return keep(bytes, max_refusal_bytes);
    if (form_ == stream_form::undecided) return begin(bytes);
    if (form_ == stream_form::text) return keep_text(bytes);
    read(bytes);
  }

  void end(bool was_clean) {
    if (answer_.is_over()) return;
    if (!is_success()) return refuse();
    if (form_ == stream_form::events) end_events();
    else if (form_ == stream_form::json) end_lines(was_clean);
    else if (form_ == stream_form::text || (was_clean && !first_.empty())) return fail_unknown_text();
    if (answer_.is_over()) return;
    if (answer_.has_said_end()) return answer_.finish();
    if (was_clean && dialect_ == model_dialect::unknown && !seen_.empty()) return fail_unknown(seen_);
    answer_.fail(was_clean ? errc::model_stream_unfinished : errc::body_cut_off);
  }
  WIRTHFORGE_COLD void fail(std::error_code why) { answer_.fail(why); }

  /// An exception passed through: it is not known which steps it prevented.
  void abandon() noexcept { answer_.abandon(); }
  bool is_over() const noexcept { return answer_.is_over(); }
  bool has_said_end() const noexcept { return answer_.has_said_end(); }
  model_dialect dialect() const noexcept { return dialect_; }

 private:
  static constexpr std::size_t max_refusal_bytes = 65536;  // of the body of a refusal: the reason is at its beginning
  static constexpr std::size_t max_first_bytes = 256;
  static constexpr std::size_t max_seen_bytes = 200;

  bool is_success() const noexcept { return status_ == 0 || (status_ >= 200 && status_ < 300); }

  void keep(std::string_view bytes, std::size_t most) { first_ += bytes.substr(0, most - std::min(most, first_.size())); }
  // A byte order mark and white space before the answer are ignored. Servers without output yet may send white space,
  // for any length of time.
  void begin(std::string_view bytes) {
    while (form_ == stream_form::undecided && !bytes.empty()) {
      const std::size_t held = first_.size();
      keep(bytes, max_first_bytes);
      bytes.remove_prefix(first_.size() - held);
      drop_space();
      if (!has_mark_ && first_.compare(0, 3, "\xEF\xBB\xBF") == 0) {
        has_mark_ = true;
        first_.erase(0, 3);
        drop_space();
      }
      form_ = form_of(first_);
      if (form_ == stream_form::undecided && first_.size() == max_first_bytes) form_ = stream_form::text;
      if (form_ == stream_form::text && is_called_events_) form_ = stream_form::events;
    }
    if (form_ == stream_form::undecided) return;
    if (form_ == stream_form::text) return keep_text(bytes);
    const std::string first = std::exchange(first_, {});
    read(first);
    if (!answer_.is_over()) read(bytes);
  }
  void drop_space() { first_.erase(0, std::min(first_.find_first_not_of(" \t\r\n"), first_.size())); }
  // The first line determines the format.
  void keep_text(std::string_view bytes) {
    keep(bytes, max_first_bytes);
    if (first_.size() == max_first_bytes || first_.find('\n') != std::string::npos) fail_unknown_text();
  }

  void read(std::string_view bytes) {
    const char* first = bytes.data();
    const char* const last = first + bytes.size();
    if (form_ == stream_form::events) read_events(first, last);
    else read_lines(first, last);
  }

  // JSON lines, or one document over many.
  void read_lines(const char* first, const char* last) {
    std::string_view line;
    while (!answer_.is_over()) {
      switch (lines_.next(first, last, line)) {
        case line_reader::status::need_more: return;
        case line_reader::status::too_long: return fail(errc::line_too_long, options_.max_line_bytes);
        case line_reader::status::line: take_line(line);
      }
    }
  }
  void take_line(std::string_view line) {
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) return;
    if (document_.empty() && take_json(line, {})) return;
    if (answer_.is_over() || has_object_) return answer_.fail(errc::json_malformed);
    if (document_.size() + line.size() + 1 > options_.max_line_bytes) return fail(errc::line_too_long, options_.max_line_bytes);
    document_.append(line).append("\n");
  }
  void end_lines(bool was_clean) {
    std::string_view rest;
    if (lines_.take_rest(rest) == line_reader::status::too_long) return fail(errc::line_too_long, options_.max_line_bytes);
    if (!document_.empty()) {
      if (document_.size() + rest.size() > options_.max_line_bytes) return fail(errc::line_too_long, options_.max_line_bytes);
      document_ += rest;
      rest = document_;
    }
    if (rest.find_first_not_of(" \t\r\n") == std::string_view::npos || take_json(rest, {}) || answer_.is_over()) return;
    // A line that is cut off only means that the stream was cut off.
    if (was_clean && !document_.empty()) answer_.fail(errc::json_malformed);
  }

  void read_events(const char* first, const char* last) {
    while (!answer_.is_over()) {
      if (take_event(events_.next(first, last))) return;
    }
  }
  void end_events() {
    is_at_end_ = true;
    while (!answer_.is_over()) {
      if (take_event(events_.end())) return;
    }
  }
  // True when it needs more bytes.
  bool take_event(event_reader::step found) {
    switch (found) {
      case event_reader::step::need_more: return true;
      case event_reader::step::failed: fail(events_.error(), options_.max_line_bytes); return true;
      case event_reader::step::field:
        if (events_.field_name() == "error") fail_with_words_of(events_.field_value());
        return false;
      case event_reader::step::event: break;
    }
    const std::string_view data = text::trim(events_.data());
    if (data.empty()) return false;
    if (data == "[DONE]") take_done();
    else if (events_.type() == "error") fail_with_words_of(data);
    else if (!take_json(data, events_.type()) && !is_at_end_) answer_.fail(errc::json_malformed);
    // The last event may be cut off, and then only means that.
    return false;
  }
  void take_done() {
    if (dialect_ == model_dialect::unknown) dialect_ = model_dialect::openai_chat;
    answer_.said_end(model_finish::stop, "[DONE]");
    answer_.finish();
  }

  // False for text that is no JSON. A value that is no object is ignored.
  bool take_json(std::string_view json, std::string_view type) {
    std::optional<text::json_view> value;
    const std::error_code error = read_json(json, memory_, value);
    if (error == errc::json_too_deep) {
      answer_.fail(error);
      return true;
    }
    if (error) return false;
    has_object_ = true;
    if (seen_.empty()) seen_ = json.substr(0, max_seen_bytes);
    if (!value->is_object()) return true;
    if (is_error(*value)) {
      std::string words;
      answer_.fail(errc::model_error, words_of_error(value, words));
      return true;
    }
    if (dialect_ == model_dialect::unknown) dialect_ = dialect_of(*value, type);
    switch (dialect_) {
      case model_dialect::unknown: break;
      case model_dialect::ollama: read_ollama(*value, answer_); break;
      case model_dialect::openai_chat: read_openai_chat(*value, answer_); break;
      case model_dialect::openai_responses: read_openai_responses(*value, type, answer_); break;
      case model_dialect::llama_completion: read_llama_completion(*value, answer_); break;
      case model_dialect::lm_studio: read_lm_studio(*value, type, answer_); break;
    }
    return true;
  }
  static model_dialect dialect_of(const text::json_view& object, std::string_view type) {
    const auto found = find_members<9>(object, {"type", "choices", "done", "stop", "object", "output", "prompt_progress",
                                                "content", "stats"});
    std::string memory;
    if (is_string(found[0])) type = string_of(found[0], memory);
    if (type.substr(0, 9) == "response." || equals(found[4], "response")) return model_dialect::openai_responses;
    for (const std::string_view family :
         {"chat.", "model_load.", "prompt_processing.", "reasoning.", "message.", "tool_call."}) {
      if (type.substr(0, family.size()) == family) return model_dialect::lm_studio;
    }
    if (found[1]) return model_dialect::openai_chat;
    if (found[2] && found[2]->is_boolean()) return model_dialect::ollama;
    if (is_array(found[5])) return found[8] ? model_dialect::lm_studio : model_dialect::openai_responses;
    const bool is_piece = is_string(found[7]) && found[3] && found[3]->is_boolean();
    return is_piece || is_object(found[6]) ? model_dialect::llama_completion : model_dialect::unknown;
  }

  WIRTHFORGE_COLD void fail(std::error_code why, std::uint64_t limit) {
    answer_.fail(why, concat({why.message(), ": limit ", std::to_string(limit), " bytes"}));
  }
  WIRTHFORGE_COLD void fail_with_words_of(std::string_view error) {
    std::optional<text::json_view> value;
    std::string words;
    const bool is_json = !read_json(error, memory_, value);
    answer_.fail(errc::model_error, is_json ? words_of_error(value, words) : error);
  }
  WIRTHFORGE_COLD void fail_unknown_text() {
    fail_unknown(text::trim(std::string_view(first_).substr(0, first_.find_first_of("\r\n"))));
  }
  WIRTHFORGE_COLD void fail_unknown(std::string_view beginning) {
    const std::error_code why = errc::model_stream_unknown;
    beginning = beginning.substr(0, max_seen_bytes);
    answer_.fail(why, beginning.empty() ? why.message() : concat({why.message(), ": it begins with: ", beginning}));
  }
  // For a status that is no success: the server's own words, if its body has some.
  WIRTHFORGE_COLD void refuse() {
    std::optional<text::json_view> value;
    std::string words;
    std::string_view sentence;
    std::string_view body = first_;
    if (body.substr(0, 3) == "\xEF\xBB\xBF") body.remove_prefix(3);
    while (!body.empty() && text::detail::is_json_space(body.back())) body.remove_suffix(1);
    bool is_loading = false;
    if (!body.empty() && !read_json(body, memory_, value)) {
      sentence = words_of_error(value, words);
      is_loading = status_ == 503 && equals(find_member(find_member(value, "error"), "type"), "unavailable_error");
    } else if (body.substr(0, 1) != "<") {  // an HTML page has no sentence in one line
      sentence = body;
    }
    if (is_loading) return answer_.fail(errc::model_loading, sentence, status_);
    const std::string status = concat({"the model server answered ", std::to_string(status_)});
    answer_.fail(errc::model_status, sentence.empty() ? status : std::string(sentence), status_);
  }

  answer answer_;
  const model_stream_options options_;
  line_reader lines_;
  event_reader events_;
  std::string first_;     // before the form is known; or the body of a refusal
  std::string document_;  // one JSON text over several lines
  std::string memory_;    // JSON that had to be repaired
  std::string seen_;      // the beginning of the first object
  std::uint64_t body_bytes_ = 0;
  int status_ = 0;
  bool is_called_events_ = false;  // by the Content-Type
  stream_form form_ = stream_form::undecided;
  model_dialect dialect_ = model_dialect::unknown;
  bool has_object_ = false;
  bool has_mark_ = false;  // the byte order mark was there
  bool is_at_end_ = false;
};

}}}  // namespace wirthforge::model
