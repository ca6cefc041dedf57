// The signals of a model server during its answer, in one vocabulary for all formats.
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
  unknown,      ///< Not determined yet.
  ollama,       ///< Ollama `/api/chat` and `/api/generate`: JSON lines.
  openai_chat,  ///< OpenAI `/v1/chat/completions` and `/v1/completions`; llama.cpp, vLLM, LM Studio and others speak it, too.
  openai_responses,  ///< OpenAI `/v1/responses`.
  llama_completion,  ///< llama.cpp `/completion`.
  lm_studio          ///< LM Studio `/api/v1/chat`.
};

/// Why an answer ended well. After a filter, an abort and the like an answer is incomplete; they are no such reasons.
enum class model_finish {
  stop,        ///< It is complete.
  length,      ///< It was cut at a limit of tokens.
  tool_calls,  ///< The model waits for the results of its tool calls.
  loaded,      ///< A request without a question: the model was loaded (Ollama).
  unloaded     ///< A request without a question: the model was unloaded (Ollama).
};

/// The stage before the first token.
enum class model_stage {
  loading,  ///< The model is fetched or loaded.
  prompt    ///< The prompt is read.
};

/// Figures, as far as the server reports them.
struct model_usage {
  std::optional<std::uint64_t> prompt_tokens;           ///< Tokens of the prompt.
  std::optional<std::uint64_t> answer_tokens;           ///< Tokens of the answer, thinking included.
  std::optional<std::uint64_t> thinking_tokens;         ///< The part of these that is thinking.
  std::optional<std::chrono::nanoseconds> load_time;    ///< To load the model.
  std::optional<std::chrono::nanoseconds> prompt_time;  ///< To read the prompt.
  std::optional<std::chrono::nanoseconds> answer_time;  ///< To generate the answer.
  std::optional<std::chrono::nanoseconds> total_time;   ///< From the request to the end.
};

/// One signal. `what` decides which members count; views are valid during the call that hands it out.
struct model_signal {
  /// The kind of signal, and which members count for it.
  enum class kind {
    text,       ///< `text`: a piece of the answer.
    thinking,   ///< `text`: a piece of the model's thinking before the answer.
    tool_call,  ///< `call`; `name` and `id` once for each call, in its first signal as a rule; `text`: a piece of its arguments.
    progress,   ///< `stage`, and `progress` if it is known.
    usage,      ///< `usage`: once at most, directly before the end.
    finished,   ///< `finish`. The last signal. `text`: the server's own word for it, if it has one.
    failed      ///< `error`, and `text`: a sentence of 1000 bytes at most, the server's if it sent one. The last signal.
  };
  kind what = kind::text;                    ///< The kind of signal.
  std::string_view text;                     ///< Valid UTF-8 in every case: bytes that can be no character are U+FFFD.
  std::size_t call = 0;                      ///< Numbers the tool calls of an answer from 0.
  std::string_view name;                     ///< The name of the function in a tool call.
  std::string_view id;                       ///< The id of a tool call, as the server gave it; may be empty.
  model_stage stage = model_stage::loading;  ///< With `progress`.
  std::optional<double> progress;            ///< 0 to 1.
  model_usage usage;                         ///< With `usage`.
  model_finish finish = model_finish::stop;  ///< With `finished`.
  std::error_code error;                     ///< With `failed`.
  int status = 0;                            ///< With `failed`: the HTTP status, if it was no success.
};

}}  // namespace wirthforge
