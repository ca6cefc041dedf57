// Every parser where each of its allocations fails in its turn: it throws std::bad_alloc or returns an error, and leaks nothing.
#include <cstdlib>
#include <functional>
#include <new>
#include <string>

#include "allocation/failing_new.hpp"
#include "catch.hpp"
#include "wirthforge_ws.hpp"

void* operator new(std::size_t size) {
  if (memory::is_exposed) memory::asked.fetch_add(1, std::memory_order_relaxed);
  if (memory::is_exposed && memory::until_failure.load(std::memory_order_relaxed) > 0 &&
      memory::until_failure.fetch_sub(1) == 1) {
    ++memory::failures;
    throw std::bad_alloc();
  }
  void* const block = std::malloc(size > 0 ? size : 1);
  if (block == nullptr) throw std::bad_alloc();
  ++memory::blocks;
  return block;
}
void* operator new[](std::size_t size) { return operator new(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  try {
    return operator new(size);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}
void* operator new[](std::size_t size, const std::nothrow_t& which) noexcept { return operator new(size, which); }
void operator delete(void* block) noexcept {
  if (block != nullptr) --memory::blocks;
  std::free(block);
}
void operator delete[](void* block) noexcept { operator delete(block); }
void operator delete(void* block, std::size_t) noexcept { operator delete(block); }
void operator delete[](void* block, std::size_t) noexcept { operator delete(block); }
void operator delete(void* block, const std::nothrow_t&) noexcept { operator delete(block); }
void operator delete[](void* block, const std::nothrow_t&) noexcept { operator delete(block); }

using namespace wirthforge;

namespace {

// How many allocations were made to fail.
long fail_each(const std::function<void()>& work) {
  const memory::sheltered own;
  work();  // objects that are made once, such as statics, are made now
  for (long nth = 1;; ++nth) {
    INFO("allocation " << nth);
    REQUIRE(nth < 10'000);
    const long before = memory::blocks;
    memory::fail(nth);
    try {
      const memory::sheltered exposed(false);
      work();
    } catch (const std::bad_alloc&) {}
    const bool failed = memory::has_failed();
    CHECK(memory::blocks == before);
    if (!failed) return nth - 1;
  }
}

std::string masked(rfc6455::opcode code, bool is_final, std::string payload) {
  const rfc6455::mask_key key{};  // changes nothing
  std::string frame;
  rfc6455::append_frame(frame, code, payload, &key, is_final);
  return frame;
}

}  // namespace

TEST_CASE("no memory for a request head leaks nothing", "[allocation][rfc6455]") {
  std::string head = "GET /ws?resume=" + std::string(100, 'a') + " HTTP/1.1\r\nHost: localhost:8145\r\n";
  for (int count = 0; count < 20; ++count) head += "X-Header-" + std::to_string(count) + ": " + std::string(50, 'v') + "\r\n";
  head += "\r\n";
  CHECK(fail_each([&] {
          rfc6455::request_reader reader(8192);
          const char* at = head.data();
          reader.receive(at, head.data() + head.size());
          rfc6455::access_policy policy;
          policy.port = 8145;
          if (!reader.error()) rfc6455::check_access(reader.request(), policy);
        }) > 0);
}

TEST_CASE("no memory for a message in fragments leaks nothing", "[allocation][rfc6455]") {
  const std::string bytes = masked(rfc6455::opcode::text, false, std::string(3000, 'a')) +
                            masked(rfc6455::opcode::ping, true, "p") +
                            masked(rfc6455::opcode::continuation, true, std::string(3000, 'b')) +
                            masked(rfc6455::opcode::close, true, std::string("\x03\xE8 done"));
  CHECK(fail_each([&] {
          std::string copy = bytes;
          rfc6455::protocol protocol(rfc6455::role::server, {});
          char* at = &copy[0];
          while (protocol.receive(at, &copy[0] + copy.size()).what != rfc6455::input::kind::need_more) {}
          std::string out;
          protocol.take_output(out);
        }) > 0);
}

TEST_CASE("no memory for what a client says leaks nothing", "[allocation][events]") {
  for (const char* text : {R"({"type":"subscribe","channels":["energy","reward","experience"]})",
                           R"({"type":"a type that nobody knows and that is long enough"})", "{\"broken"}) {
    fail_each([&] {
      control_message message;
      (void)read_control(text, message);
    });
  }
  CHECK(fail_each([] {
          live::parse_resume("resume=" + std::string(32, 'a') + "&since=1700000000000&frames=llama:1,mistral:2,phi:3");
        }) > 0);
}

TEST_CASE("no memory for an event leaks nothing", "[allocation][events]") {
  energy_update energy;
  energy.model_id = "a_model_whose_name_is_long";
  energy.total_energy = 3;
  error_event error;
  error.code = "A_CODE_THAT_IS_LONG";
  error.message = std::string(200, 'm');
  token_stream tokens;
  tokens.session_id = "a_session_whose_name_is_long";
  tokens.model_id = "a_model_whose_name_is_long";
  tokens.tokens = {"one piece of text that is long enough", "another piece of text that is long enough"};
  std::string lines;
  write(lines, energy, envelope{1'700'000'000'000, 1});
  lines += '\n';
  write(lines, error, envelope{1'700'000'000'001, 0});
  lines += '\n';
  write(lines, tokens, envelope{1'700'000'000'002, 0});
  lines += "\nand what is no event\n";
  CHECK(fail_each([&] {
          // Not read_event: nlohmann's destructor allocates, and ends the process when that fails. No server calls read_event.
          journal::journal_tally tally;
          journal::line_cutter cutter;
          for (const char each : lines) cutter.feed({&each, 1}, [&](std::string_view line) { tally.add_line(line); });
        }) > 0);
  CHECK(fail_each([&] { live::make_frame(tokens, envelope{1, 0}); }) > 0);
  CHECK(fail_each([&] {
          tokens.model_id = "";
          (void)check(tokens);
        }) >= 0);
}
