// The formats of Ollama, llama.cpp and LM Studio by their documentation, a test for each thing that one of them does.
// Sources: github.com/ollama/ollama (docs: api; api/types.go), github.com/ggml-org/llama.cpp (tools/server: its readme), LM Studio's REST v1 pages "Chat with a
// model" and "Streaming events".
#include <string>
#include <string_view>

#include "catch.hpp"
#include "support/model_bodies.hpp"
#include "support/model_heard.hpp"
#include "wirthforge_ws.hpp"

namespace model_formats_test {

using namespace wirthforge;
using namespace model_tests;

TEST_CASE("Ollama's chat: thinking, text, and figures that are left out when they are 0", "[model][ollama]") {
  const heard got = each_way(line(R"("message":{"role":"assistant","content":"","thinking":"Let me"},"done":false)") +
                             line(R"("message":{"role":"assistant","content":"","thinking":" see."},"done":false)") +
                             line(R"("message":{"role":"assistant","content":"Rayleigh"},"done":false)") +
                             line(R"("message":{"role":"assistant","content":" scattering."},"done":false)") +
                             line(R"("message":{"role":"assistant","content":""},"done_reason":"stop","done":true,)"
                                  R"("total_duration":4883583458,"load_duration":1334875,"eval_count":282,)"
                                  R"("eval_duration":4535599000)"));
  CHECK(got.summary() ==
        "text[Rayleigh scattering.] thinking[Let me see.] usage[0,282,-,1334875,0,4535599000,4883583458,] finished stop "
        "(stop)");
}

TEST_CASE("Ollama's generate: response and thinking beside it", "[model][ollama]") {
  const heard got = each_way(line(R"("response":"","thinking":"Hm.","done":false)") + line(R"("response":"The","done":false)") +
                             line(R"("response":" sky","done":true,"done_reason":"length","context":[1,2,3],)"
                                  R"("total_duration":10706818083,)"
                                  R"("prompt_eval_count":26,"prompt_eval_duration":130079000,"eval_count":259,)"
                                  R"("eval_duration":4232710000)"));
  CHECK(got.summary() ==
        "text[The sky] thinking[Hm.] usage[26,259,-,0,130079000,4232710000,10706818083,] finished length (length)");
}

TEST_CASE("Ollama's tool calls are whole, and their arguments are an object", "[model][ollama]") {
  const heard got = each_way(
      line(R"("message":{"role":"assistant","content":"","tool_calls":[{"function":{"name":"get_weather",)"
           R"("arguments":{"city":"Gr\u00fcn","n":[1]}}}]},"done":false)") +
      line(R"("message":{"role":"assistant","content":"","tool_calls":[{"id":"c2","function":{"index":1,)"
           R"("name":"get_weather","arguments":{}}}]},"done":false)") +
      line(R"("message":{"role":"assistant","content":""},"done_reason":"stop","done":true)"));
  CHECK(got.summary() == R"(text[] thinking[] call[|get_weather|{"city":"Gr\u00fcn",)"
                         R"("n":[1]}] call[c2|get_weather|{}] finished tool_calls (stop))");
}

TEST_CASE("Ollama's error line at status 200 fails the answer with its words, after the text so far", "[model][ollama]") {
  const heard got = each_way(line(R"("message":{"role":"assistant","content":"Half"},"done":false)") +
                             "{\"error\":\"an error was encountered while running the model: CUDA error\"}\n");
  CHECK(got.text == "Half");
  CHECK(end_of(got) == failed(errc::model_error, "an error was encountered while running the model: CUDA error"));
}

TEST_CASE("Ollama loads and unloads a model for a request without a prompt", "[model][ollama]") {
  CHECK(each_way(line(R"("response":"","done":true,"done_reason":"load")")).end == "finished loaded");
  CHECK(each_way(line(R"("message":{"role":"assistant","content":""},"done_reason":"unload","done":true)")).end ==
        "finished unloaded");
  CHECK(each_way(line(R"("response":"All","done":true)")).summary() ==
        "text[All] thinking[] finished stop ()");  // before done_reason
}

TEST_CASE("an answer of Ollama that is not streamed is one object, on one line or many", "[model][ollama]") {
  CHECK(each_way(R"({"model":"m","message":{"role":"assistant","content":"Hi"},"done_reason":"stop",)"
                 R"("done":true})")
            .summary() == "text[Hi] thinking[] finished stop (stop)");
  CHECK(each_way("{\n  \"model\": \"m\",\n  \"response\": \"Hi\\n\",\n  \"done\": true\n}\n").summary() ==
        "text[Hi\n] thinking[] finished stop ()");
}

TEST_CASE("llama.cpp's completion: content, how the prompt is read, how it stopped", "[model][llama]") {
  const auto data = [](const std::string& object) { return "data: " + object + "\n\n"; };
  const heard got = each_way(data(R"({"index":0,"content":"","tokens":[],"stop":false,)"
                                  R"("prompt_progress":{"total":100,"cache":20,"processed":50,"time_ms":7}})") +
                             data(R"({"index":0,"content":"Hi","tokens":[1],"stop":false})") +
                             data(R"({"index":0,"content":"!","tokens":[],"stop":true,"stop_type":"word","stopping_word":"x",)"
                                  R"("tokens_predicted":2,"tokens_evaluated":100,)"
                                  R"("timings":{"prompt_n":80,"prompt_ms":1.5,"predicted_n":2,"predicted_ms":4.25}})"));
  CHECK(got.summary() == "text[Hi!] thinking[] prompt 0.50 usage[100,2,-,-,1500000,4250000,-,] finished stop (word)");
  CHECK(each_way(R"({"content":"a","stop":true,"stopped_eos":false,"stopped_limit":true,"truncated":false})").end ==
        "finished length");
}

TEST_CASE("llama.cpp's chat says how the prompt is read, too", "[model][llama]") {
  CHECK(each_way(chunk(R"([{"finish_reason":null,"index":0,"delta":{"role":"assistant","content":null}}])",
                       R"(,"prompt_progress":{"total":36,"cache":0,"processed":36,"time_ms":57})") +
                 delta(R"("content":"Hi")", "\"stop\"") + done)
            .summary() == "text[Hi] thinking[] prompt 1.00 finished stop (stop)");
}

TEST_CASE("LM Studio's chat: loading, the prompt, reasoning, a call, text, chat.end", "[model][lm_studio]") {
  const heard got = each_way(
      event("chat.start", R"("model_instance_id":"openai/gpt-oss-20b")") +
      event("model_load.start", R"("model_instance_id":"m")") +
      event("model_load.progress", R"("model_instance_id":"m","progress":0.65)") +
      event("model_load.end", R"("model_instance_id":"m","load_time_seconds":12.34)") + event("prompt_processing.start", "") +
      event("prompt_processing.progress", R"("progress":0.5)") + event("prompt_processing.end", "") +
      event("reasoning.start", "") + event("reasoning.delta", R"("content":"Need to")") + event("reasoning.end", "") +
      event("tool_call.start", R"("tool":"model_search","provider_info":{"type":"ephemeral_mcp",)"
                               R"("server_label":"huggingface"})") +
      event("tool_call.arguments", R"("tool":"model_search","arguments":{"sort":"trendingScore","limit":1})") +
      event("tool_call.success", R"("tool":"model_search","arguments":{"sort":"trendingScore","limit":1},)"
                                 R"("output":"[]")") +
      event("message.start", "") + event("message.delta", R"("content":"The current")") + event("message.end", "") +
      event("chat.end", R"("result":{"model_instance_id":"m","output":[{"type":"message","content":"The current"}],)"
                        R"("stats":{"input_tokens":329,)"
                        R"("total_output_tokens":268,"reasoning_output_tokens":5,"tokens_per_second":50,)"
                        R"("time_to_first_token_seconds":0.5,"model_load_time_seconds":2},"response_id":"resp_1"})"));
  CHECK(got.summary() ==
        "text[The current] thinking[Need to] call[|model_search|{\"sort\":\"trendingScore\",\"limit\":1}] loading 0.00 "
        "loading 0.65 loading 1.00 "
        "prompt 0.00 prompt 0.50 prompt 1.00 usage[329,268,5,2000000000,500000000,5360000000,-,] finished stop ()");
}

TEST_CASE("LM Studio's error fails the answer, though a chat.end follows", "[model][lm_studio]") {
  const heard got = each_way(event("chat.start", R"("model_instance_id":"m")") + event("message.delta", R"("content":"Half")") +
                             event("error", R"("error":{"type":"internal_error","message":"The model crashed",)"
                                            R"("code":"x"})") +
                             event("chat.end", R"("result":{"output":[],"stats":{}})"));
  CHECK(got.text == "Half");
  CHECK(end_of(got) == failed(errc::model_error, "The model crashed"));
  CHECK(end_of(each_way(event("chat.start", R"("model_instance_id":"m")"))) == failed(errc::model_stream_unfinished));
}

TEST_CASE("an answer of LM Studio that is not streamed is one object", "[model][lm_studio]") {
  CHECK(each_way(R"({"model_instance_id":"m","output":[{"type":"reasoning","content":"Hm"},{"type":"tool_call",)"
                 R"("tool":"t","arguments":{"a":1},"output":"x"},)"
                 R"({"type":"message","content":"Hi"}],"stats":{"input_tokens":3,"total_output_tokens":2,)"
                 R"("reasoning_output_tokens":1}})")
            .summary() == "text[Hi] thinking[Hm] call[|t|{\"a\":1}] usage[3,2,1,-,-,-,-,] finished stop ()");
}

TEST_CASE("the format is detected from the first objects, and does not change", "[model]") {
  const auto dialect_of = [](const std::string& body) {
    model_stream stream([](const model_signal&) {});
    stream.feed(body);
    return stream.dialect();
  };
  CHECK(dialect_of("") == model_dialect::unknown);
  CHECK(dialect_of(line(R"("response":"a","done":false)")) == model_dialect::ollama);
  CHECK(dialect_of(delta(R"("content":"a")")) == model_dialect::openai_chat);
  CHECK(dialect_of("data: {\"content\":\"a\",\"stop\":false}\n\n") == model_dialect::llama_completion);
  CHECK(dialect_of(event("response.created", "")) == model_dialect::openai_responses);
  CHECK(dialect_of(event("chat.start", "")) == model_dialect::lm_studio);
  CHECK(dialect_of("event: message.delta\ndata: {\"content\":\"a\"}\n\n") == model_dialect::lm_studio);
  CHECK(dialect_of("data: {\"news\":1}\n\n" + delta("")) == model_dialect::openai_chat);
  CHECK(each_way("data: {\"news\":1}\n\ndata: [1]\n\ndata: 5\n\n" +
                 delta(R"("content":"a","news":{"content":"b"})", "\"stop\"") + "data: {\"content\":\"c\",\"stop\":true}\n\n" +
                 done)
            .summary() == "text[a] thinking[] finished stop (stop)");
}

}  // namespace model_formats_test
