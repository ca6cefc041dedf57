// OpenAI's formats by its API reference, and other servers' variants of them, a test for each.
#include <string>
#include <string_view>

#include "catch.hpp"
#include "support/model_bodies.hpp"
#include "support/model_heard.hpp"
#include "wirthforge_ws.hpp"

namespace openai_formats_test {

using namespace wirthforge;
using namespace model_tests;

TEST_CASE("OpenAI's chat: a role chunk with null content, text, a reason, figures in a chunk without choices",
          "[model][openai]") {
  const std::string usage = R"(,"usage":{"prompt_tokens":9,"completion_tokens":12,"total_tokens":21,)"
                            R"("completion_tokens_details":{"reasoning_tokens":4}})";
  for (const char* no_choices : {"[]", "null"}) {
    const heard got = each_way(delta(R"("role":"assistant","content":null)") + delta(R"("content":"Hel")") +
                               delta(R"("content":"lo")") + delta("", "\"stop\"") + chunk(no_choices, usage) + done);
    CHECK(got.summary() == "text[Hello] thinking[] usage[9,12,4,-,-,-,-,] finished stop (stop)");
  }
}

TEST_CASE("OpenAI's chat: figures in the last chunk with content, beside null in the others", "[model][openai]") {
  const heard got = each_way(chunk(R"([{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}])",
                                   R"(,"usage":null)") +
                             chunk(R"([{"index":0,"delta":{"content":"Hi"},"finish_reason":"length"}])",
                                   R"(,"usage":{"prompt_tokens":3,"completion_tokens":1})") +
                             done);
  CHECK(got.summary() == "text[Hi] thinking[] usage[3,1,-,-,-,-,-,] finished length (length)");
}

TEST_CASE("OpenAI's tool calls come in fragments by index", "[model][openai]") {
  const heard got = each_way(
      delta(R"("role":"assistant","content":null,"tool_calls":[{"index":0,"id":"call_a","type":"function",)"
            R"("function":{"name":"weather","arguments":""}}])") +
      delta(R"("tool_calls":[{"index":0,"function":{"arguments":"{\"city\":"}}])") +
      delta(R"("tool_calls":[{"index":1,"id":"call_b","type":"function","function":{"name":"time","arguments":"{"}}])") +
      delta(R"("tool_calls":[{"index":0,"function":{"arguments":"\"\ud83d"}},{"index":1,)"
            R"("function":{"arguments":"}"}}])") +
      delta(R"("tool_calls":[{"index":0,"function":{"arguments":"\udd25\"}"}}])") + delta("", "\"tool_calls\"") + done);
  CHECK(got.summary() ==
        "text[] thinking[] call[call_a|weather|{\"city\":\"\xF0\x9F\x94\xA5\"}] call[call_b|time|{}] finished tool_calls "
        "(tool_calls)");
}

TEST_CASE("tool calls that are all numbered 0, or not at all, are told apart by their ids and names", "[model][openai]") {
  const heard alike = each_way(delta(R"("tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}])") +
                               delta(R"("tool_calls":[{"index":0,"id":"b","function":{"name":"f",)"
                                     R"("arguments":"[]"}}])") +
                               delta("", "\"tool_calls\"") + done);
  CHECK(alike.summary() == "text[] thinking[] call[a|f|{}] call[b|f|[]] finished tool_calls (tool_calls)");
  const heard none = each_way(delta(R"("tool_calls":[{"id":"a","function":{"name":"f","arguments":"{"}}])") +
                              delta(R"("tool_calls":[{"function":{"arguments":"}"}}])") +
                              delta(R"("tool_calls":[{"id":"b","function":{"name":"g","arguments":"[]"}}])") +
                              delta(R"("tool_calls":[{"function":{"name":"h","arguments":"1"}}])") + done);
  CHECK(none.summary() == "text[] thinking[] call[a|f|{}] call[b|g|[]] call[|h|1] finished stop ([DONE])");
  const heard repeated = each_way(delta(R"("tool_calls":[{"index":0,"id":"a","function":{"name":"f",)"
                                        R"("arguments":"{"}}])") +
                                  delta(R"("tool_calls":[{"index":0,"id":"a","function":{"name":"f",)"
                                        R"("arguments":"}"}}])") +
                                  done);
  CHECK(repeated.summary() == "text[] thinking[] call[a|f|{}] finished stop ([DONE])");
}

TEST_CASE("reasoning has two names, and is taken once when a server sends both", "[model][openai]") {
  CHECK(each_way(delta(R"("reasoning_content":"So")") + delta(R"("reasoning":" it is")") +
                 delta(R"("reasoning_content":".","reasoning":".")") +
                 delta(R"("content":"Yes","reasoning_content":null)", "\"stop\"") + done)
            .summary() == "text[Yes] thinking[So it is.] finished stop (stop)");
}

TEST_CASE("the choice with index 0 is the answer, and a list of parts and a refusal are its text", "[model][openai]") {
  CHECK(each_way(chunk(R"([{"index":1,"delta":{"content":"other"},"finish_reason":"stop"},{"index":0,)"
                       R"("delta":{"content":"mine"}}])") +
                 delta(R"("content":[{"type":"text","text":", in"},{"type":"text","text":" parts"}])") +
                 delta(R"("refusal":"; no")", "\"stop\"") + done)
            .summary() == "text[mine, in parts; no] thinking[] finished stop (stop)");
}

TEST_CASE("/v1/completions has its text in the choice", "[model][openai]") {
  CHECK(
      each_way("data: {\"object\":\"text_completion\",\"choices\":[{\"text\":\"a\",\"index\":0,\"finish_reason\":null}]}\n\n"
               "data: "
               "{\"object\":\"text_completion\",\"choices\":[{\"text\":\"b\",\"index\":0,\"finish_reason\":\"length\"}]}\n\n" +
               done)
          .summary() == "text[ab] thinking[] finished length (length)");
}

TEST_CASE("a chat completion that is not streamed is one object, on many lines too", "[model][openai]") {
  const std::string body =
      "{\n \"object\": \"chat.completion\",\n \"choices\": [{\n  \"index\": 0,\n  \"message\": {\"role\": \"assistant\", "
      "\"content\": \"Hi\","
      " \"reasoning\": \"Hm\", \"tool_calls\": "
      "[{\"id\":\"a\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]},\n"
      "  \"finish_reason\": \"tool_calls\"\n }],\n \"usage\": {\"prompt_tokens\": 1, \"completion_tokens\": 2}\n}\n";
  CHECK(each_way(body).summary() ==
        "text[Hi] thinking[Hm] call[a|f|{}] usage[1,2,-,-,-,-,-,] finished tool_calls (tool_calls)");
}

TEST_CASE("a reason that says that the answer is not whole fails it", "[model][openai]") {
  for (const char* reason : {"content_filter", "abort", "error"}) {
    const heard got = each_way(delta(R"("content":"Half")") + delta("", "\"" + std::string(reason) + "\"") + done);
    CHECK(got.text == "Half");
    CHECK(end_of(got) == failed(errc::model_error, "the model server ended the answer: " + std::string(reason)));
  }
}

TEST_CASE("a failure of Ollama's OpenAI layer, which ends with an empty chunk, is no answer", "[model][openai]") {
  const heard got = each_way(delta(R"("role":"assistant","content":"Half")") +
                             chunk(R"([{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}])"));
  CHECK(got.text == "Half");
  CHECK(end_of(got) == failed(errc::model_stream_unfinished));
}

TEST_CASE("an error in the stream fails the answer, in each form that servers have for it", "[model][openai]") {
  const std::string words = "context shift is disabled";
  for (const std::string& error :
       {"error: {\"code\":500,\"message\":\"" + words + "\",\"type\":\"server_error\"}\n\n" + done,      // llama.cpp, older
        "data: {\"error\":{\"code\":500,\"message\":\"" + words + "\",\"type\":\"server_error\"}}\n\n",  // llama.cpp
        "data: {\"error\":\"" + words + "\"}\n\n" + done,
        "event: error\ndata: {\"error\":{\"message\":\"" + words + "\"}}\n\n",  // LM Studio
        "event: error\ndata: " + words + "\n\n", "error: " + words + "\n\n",
        "data: {\"object\":\"error\",\"message\":\"" + words + "\",\"type\":\"BadRequestError\",\"code\":400}\n\n" +
            done}) {  // vLLM
    INFO(error);
    const heard got = each_way(delta(R"("content":"Half")") + error);
    CHECK(got.text == "Half");
    CHECK(end_of(got) == failed(errc::model_error, words));
  }
}

TEST_CASE("keep-alives, a missing blank line and CR LF change nothing", "[model][openai]") {
  std::string body = ": keep-alive\n\n:\n\n" + delta(R"("content":"Hi")", "\"stop\"") + ":\n\ndata: [DONE]";
  CHECK(each_way(body).summary() == "text[Hi] thinking[] finished stop (stop)");
  std::string crlf;
  for (const char each : body) crlf += each == '\n' ? std::string("\r\n") : std::string(1, each);
  CHECK(each_way("\xEF\xBB\xBF" + crlf).summary() == "text[Hi] thinking[] finished stop (stop)");
}

TEST_CASE("OpenAI's Responses: named events, thinking, text, calls, figures, and no [DONE]", "[model][responses]") {
  const std::string response = R"("response":{"id":"resp_1","object":"response","status":")";
  const heard got = each_way(
      event("response.created", response + "in_progress\",\"output\":[]}") +
      event("response.in_progress", response + "in_progress\"}") +
      event("response.output_item.added", R"("output_index":0,"item":{"id":"rs_1","type":"reasoning","summary":[]})") +
      event("response.reasoning_summary_text.delta", R"("item_id":"rs_1","output_index":0,"summary_index":0,)"
                                                     R"("delta":"Hm")") +
      event("response.reasoning_text.delta", R"("item_id":"rs_1","output_index":0,"content_index":0,"delta":".")") +
      event("response.output_item.added", R"("output_index":1,"item":{"id":"msg_1","type":"message",)"
                                          R"("status":"in_progress","content":[]})") +
      event("response.content_part.added", R"("item_id":"msg_1","output_index":1,"part":{"type":"output_text",)"
                                           R"("text":""})") +
      event("response.output_text.delta", R"("item_id":"msg_1","output_index":1,"content_index":0,"delta":"Hi")") +
      event("response.output_text.done", R"("item_id":"msg_1","output_index":1,"content_index":0,"text":"Hi")") +
      event("response.output_item.added", R"("output_index":2,"item":{"id":"fc_1","type":"function_call",)"
                                          R"("call_id":"call_1","name":"f","arguments":""})") +
      event("response.function_call_arguments.delta", R"("item_id":"fc_1","output_index":2,"delta":"{\"a\":")") +
      event("response.function_call_arguments.delta", R"("item_id":"fc_1","output_index":2,"delta":"1}")") +
      event("response.function_call_arguments.done", R"("item_id":"fc_1","output_index":2,"arguments":"{\"a\":1}")") +
      event("response.completed", response + R"(completed","output":[{"type":"message",)"
                                             R"("content":[{"type":"output_text","text":"Hi"}]}],"error":null,)"
                                             R"("usage":{"input_tokens":36,"output_tokens":87,)"
                                             R"("output_tokens_details":{"reasoning_tokens":5},)"
                                             R"("total_tokens":123}})"));
  CHECK(got.summary() ==
        "text[Hi] thinking[Hm.] call[call_1|f|{\"a\":1}] usage[36,87,5,-,-,-,-,] finished tool_calls (completed)");
}

TEST_CASE("Responses that are incomplete were cut at a limit, or have failed", "[model][responses]") {
  const std::string text = event("response.output_text.delta", R"("output_index":0,"delta":"Half")");
  const auto ended = [&](const std::string& type, const std::string& members) {
    return end_of(each_way(text + event(type, "\"response\":{" + members + "}")));
  };
  CHECK(ended("response.incomplete", R"("status":"incomplete","incomplete_details":{"reason":"max_output_tokens"})") ==
        "finished length (max_output_tokens)");
  CHECK(ended("response.incomplete", R"("status":"incomplete","incomplete_details":{"reason":"content_filter"})") ==
        failed(errc::model_error, "the model server ended the answer: content_filter"));
  CHECK(ended("response.failed", R"("status":"failed","error":{"code":"server_error","message":"The model broke."})") ==
        failed(errc::model_error, "The model broke."));
  CHECK(end_of(each_way(text + event("error", R"("code":"ERR_SOMETHING","message":"Something went wrong",)"
                                              R"("param":null)"))) == failed(errc::model_error, "Something went wrong"));
  CHECK(end_of(each_way(text)) == failed(errc::model_stream_unfinished));
}

TEST_CASE("a response of /v1/responses that is not streamed is one object", "[model][responses]") {
  CHECK(each_way(R"({"id":"resp_1","object":"response","status":"completed","error":null,)"
                 R"("output":[{"type":"reasoning","summary":[{"type":"summary_text","text":"Hm"}]},)"
                 R"({"type":"message","role":"assistant","content":[{"type":"output_text","text":"Hi",)"
                 R"("annotations":[]}]},)"
                 R"({"type":"function_call","call_id":"c","name":"f","arguments":"{}"}],"usage":{"input_tokens":1,)"
                 R"("output_tokens":2}})")
            .summary() == "text[Hi] thinking[Hm] call[c|f|{}] usage[1,2,-,-,-,-,-,] finished tool_calls (completed)");
}

}  // namespace openai_formats_test
