// A program that uses all parts of the header: to compile it under many flags, and to run it for a second.
#include <wirthforge_ws.hpp>

#include <asio/any_io_executor.hpp>
#include <asio/io_context.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <cstring>
#include <system_error>

#if defined(MACROS_THAT_MUST_BE_LEFT)
#if !defined(min) || !defined(max) || !defined(move) || !defined(check)
#error "the header took its user's macros away"
#endif
#undef check  // or (wirthforge::check)(event)
#undef move
#endif

#if !defined(WIRTHFORGE_WS_SEPARATE_COMPILATION)
// Promises that a compiler may break with -ffast-math. Returns 0, or the number of the broken promise.
static int arithmetic_fails(double given) {
  const volatile double one = given;  // which the compiler must not know
  wirthforge::live::running_sum sum;
  sum.add(1e15 * one);
  const auto before = sum;
  for (int count = 0; count < 100; ++count) sum.add(0.01 * one);
  const double hundredth = (sum - before) / 100;
  if (hundredth < 0.00999 || hundredth > 0.01001) return 11;
  for (const std::uint64_t bits : {0x7ff8000000000000U, 0x7ff0000000000000U, 0xfff0000000000000U}) {
    wirthforge::energy_update energy;
    energy.model_id = "llama3_2-3b";
    std::memcpy(&energy.total_energy, &bits, sizeof bits);
    if (!wirthforge::check(energy)) return 12;
    sum.add(energy.total_energy);
  }
  if ((sum - before) / 100 < 0.00999) return 13;
  char text[64];
  if (wirthforge::text::put_number(text, -0.0 * one) != text + 1 || *text != '0') return 14;
  return 0;
}
#else
static int arithmetic_fails(double) { return 0; }
#endif

int main(int count, char**) {
  if (const int failed = arithmetic_fails(count)) return failed;
  asio::io_context loop;
  wirthforge::server_options options;
  options.port = 0;
  wirthforge::server server(loop.get_executor(), options);
  server.on_connect([](const auto&) {});
  std::error_code error;
  server.start(error);
  if (error) return 2;
  server.ready({"llama3_2-3b", wirthforge::tier::mid, "1.0.0"}, error);
  wirthforge::energy_update energy;
  energy.model_id = "llama3_2-3b";
  energy.total_energy = -0.0;
  if (wirthforge::check(energy)) return 3;
  server.publish(energy, error);
  std::error_code late;
  server.keep_journal({"it-listens-already.ndjson"}, late);
  if (late != wirthforge::errc::already_listening) return 5;
  server.loading("llama3_2-3b", 0.5, error);
  server.loaded("llama3_2-3b", error);
  auto tokens = server.open_token_stream("session-1", "llama3_2-3b", error);
  tokens.waiting(0.25, error);
  tokens.thinking(error).write("a thought", error);
  tokens.tool_call("search", error).finish();
  tokens.certainty(wirthforge::energy_meter::certainty_of({0.5, 0.25}));
  tokens.write("a piece", error);
  tokens.usage(3);
  tokens.finish(wirthforge::finish_reason::length);
  if (error || server.energy("llama3_2-3b").energy < 0) return 6;
  const wirthforge::energy_meter::time_point start{};
  wirthforge::energy_meter meter;
  meter.add(start, 0.5);
  meter.add(start + std::chrono::milliseconds(50));
  const double full = meter.read(start + std::chrono::milliseconds(50)).energy;
  if (!(full > 0) || !(full <= 1) || !(meter.read(start + std::chrono::hours(1)).energy < full)) return 7;
  // Nothing answers there: the answer fails, whatever the system calls that.
  wirthforge::model_bridge bridge(server);
  bridge.ask({"http://127.0.0.1:1/api/chat", R"({"model":"a","stream":true})"}, "session-2", error);
  if (error || bridge.open_questions() != 1) return 4;
  wirthforge::any_event event;
  wirthforge::envelope outer;
  const bool is_refused = wirthforge::read_event("{}", event, outer).has_value();
  const bool is_invalid = wirthforge::check_json(wirthforge::event_type::energy_update, nlohmann::json::object()).has_value();
  server.stop();
  loop.run();
  return is_refused && is_invalid && !error ? 0 : 1;
}
