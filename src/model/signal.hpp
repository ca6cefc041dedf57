// What a model server says while it answers, in one vocabulary, whatever its format.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <system_error>

#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI {

/// Formats of model servers.
enum class model_dialect {
  unknown,      ///< Not found out yet.
  ollama,       ///< Ollama `/api/chat` and `/api/generate`: JSON lines.
  openai_chat,  ///< OpenAI `/v1/chat/completions` and `/v1/completions`; llama.cpp, vLLM, LM Studio and others speak it, too.
  openai_responses,  ///< OpenAI `/v1/responses`.
  llama_completion,  ///< llama.cpp `/completion`.
  lm_studio          ///< LM Studio `/api/v1/chat`.
};

/// Why an answer ended well. A filter, an abort and the like are no such reasons: the answer is not whole then.
enum class model_finish {
  stop,        ///< It is complete.
  length,      ///< It was cut at a limit of tokens.
  tool_calls,  ///< The model waits for what its tool calls give.
  loaded,      ///< Nothing was asked: the model was loaded (Ollama).
  unloaded     ///< Nothing was asked: the model was unloaded (Ollama).
};

/// What is on its way before the first token.
enum class model_stage {
  loading,  ///< The model is fetched or loaded.
  prompt    ///< The prompt is read.
};

/// Figures, as far as the server told them.
struct model_usage {
  std::optional<std::uint64_t> prompt_tokens;           ///< Of the prompt.
  std::optional<std::uint64_t> answer_tokens;           ///< With what was thought.
  std::optional<std::uint64_t> thinking_tokens;         ///< Of these.
  std::optional<std::chrono::nanoseconds> load_time;    ///< To load the model.
  std::optional<std::chrono::nanoseconds> prompt_time;  ///< To read the prompt.
  std::optional<std::chrono::nanoseconds> answer_time;  ///< To generate the answer.
  std::optional<std::chrono::nanoseconds> total_time;   ///< From the request to the end.
};

/// One thing that was said. Which members count depends on `what`; views hold during the call that hands it out.
struct model_signal {
  /// What was said, and which members count then.
  enum class kind {
    text,       ///< `text`: a piece of the answer.
    thinking,   ///< `text`: a piece of what the model thinks before it.
    tool_call,  ///< `call`; `name` and `id` once for each call, in its first signal as a rule; `text`: a piece of its arguments.
    progress,   ///< `stage`, and `progress` where it is known.
    usage,      ///< `usage`: once at most, directly before the end.
    finished,   ///< `finish`. The last signal. `text`: the server's own word for it, where it has one.
    failed      ///< `error`, and `text`: a sentence of 1000 bytes at most, the server's where it said one. The last signal.
  };
  kind what = kind::text;                    ///< Which of these.
  std::string_view text;                     ///< Valid UTF-8, whatever the server sent: what can be no character is U+FFFD.
  std::size_t call = 0;                      ///< Numbers the tool calls of an answer from 0.
  std::string_view name;                     ///< Of the function that a tool call names.
  std::string_view id;                       ///< Of a tool call, as the server gave it; may be empty.
  model_stage stage = model_stage::loading;  ///< With `progress`.
  std::optional<double> progress;            ///< 0 to 1.
  model_usage usage;                         ///< With `usage`.
  model_finish finish = model_finish::stop;  ///< With `finished`.
  std::error_code error;                     ///< With `failed`.
  int status = 0;                            ///< With `failed`: the HTTP status, where it was no success.
};

}}  // namespace wirthforge
