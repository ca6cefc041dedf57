// The mapping of model names is a promise: these pairs may never change.
#include <string>
#include <system_error>

#include "catch.hpp"
#include "wirthforge_ws.hpp"

namespace model_id_test {

using namespace wirthforge;

TEST_CASE("model names map to ids, always the same ones", "[events][model_id]") {
  CHECK(model_id_from_name("llama3.2:3b") == "llama3_2-3b");
  CHECK(model_id_from_name("qwen2.5-coder:7b-instruct-q4_K_M") == "qwen2_5-coder-7b-instruct-q4_K_M");
  CHECK(model_id_from_name("hf.co/bartowski/Llama-3.2-3B-GGUF:Q4_K_M") == "hf_co-bartowski-Llama-3_2-3B-GGUF-Q4_K_M");
  CHECK(model_id_from_name("C:\\models\\phi 3.gguf") == "C--models-phi_3_gguf");
  CHECK(model_id_from_name("gpt-4@2024") == "gpt-4-2024");
  CHECK(model_id_from_name("a b\tc+d") == "a_b_c_d");
  CHECK(model_id_from_name(std::string("a\0b\x7f", 4)) == "a_b_");
  CHECK(model_id_from_name(":") == "-");
  CHECK(model_id_from_name("mod\xc3\xa8le") == "mod_u00e8le");
  CHECK(model_id_from_name("\xe6\xa8\xa1\xe5\x9e\x8b") == "_u6a21_u578b");
  CHECK(model_id_from_name("\xf0\x9f\x98\x80") == "_u01f600");
  CHECK(model_id_from_name("\xf4\x8f\xbf\xbf") == "_u10ffff");
}

TEST_CASE("each result of the mapping is an id, and an id maps to itself", "[events][model_id]") {
  for (int byte = 0; byte < 128; ++byte) {
    const std::string id = model_id_from_name(std::string("x") + static_cast<char>(byte));
    CHECK(is_model_id(id));
    CHECK(id.size() == 2);
    CHECK(model_id_from_name(id) == id);
  }
}

TEST_CASE("an empty name and one that is no UTF-8 have no id", "[events][model_id]") {
  for (const char* name : {"", "a\xff", "\xc3", "\xed\xa0\x80"}) {
    std::error_code error;
    CHECK(model_id_from_name(name, error).empty());
    CHECK(error == errc::model_name_invalid);
    CHECK_THROWS_AS(model_id_from_name(name), std::system_error);
  }
  std::error_code error = errc::not_open;
  CHECK(model_id_from_name("m", error) == "m");
  CHECK_FALSE(error);
}

TEST_CASE("a raw model name is not an id", "[events][model_id]") {
  CHECK(is_model_id("llama3_2-3b"));
  for (const char* name : {"", "llama3.2", "llama3:2", "a b", "a\n", "\xc3\xa9"}) CHECK_FALSE(is_model_id(name));
}

}  // namespace model_id_test
