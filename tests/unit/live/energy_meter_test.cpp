// The energy of a flow of tokens, on a virtual clock. The expected values are the formula's, worked out by hand or by the plain
// computation beside it.
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "catch.hpp"
#include "unit/live/answer_stage.hpp"
#include "wirthforge_ws.hpp"

namespace energy_meter_test {

using namespace wirthforge;

namespace {

energy_meter::time_point at_ms(std::int64_t ms) { return energy_meter::time_point(milliseconds(1'000'000 + ms)); }

struct flow {
  energy_meter meter;
  std::int64_t now_ms = 0;
  explicit flow(const energy_options& options = {}) : meter(options) {}
  /// So many tokens, each that long after the one before.
  energy_reading tokens(int count, int gap_ms, std::optional<double> certainty = {}) {
    for (int each = 0; each < count; ++each) meter.add(at_ms(now_ms += gap_ms), certainty);
    return meter.read(at_ms(now_ms));
  }
  energy_reading after(std::int64_t ms) const { return meter.read(at_ms(now_ms + ms)); }
};

// The definition, token by token: what the meter must agree with.
double expected_energy(const std::vector<std::int64_t>& times_ms, const std::vector<double>& certainties) {
  double energy = 0;
  for (std::size_t token = 0; token < times_ms.size(); ++token) {
    const std::int64_t now = times_ms[token];
    const std::int64_t gap = token == 0 ? 0 : now - times_ms[token - 1];
    int in_window = 0;
    for (std::size_t each = 0; each <= token; ++each) in_window += times_ms[each] > now - 1000 ? 1 : 0;
    const double cadence = std::min(in_window / 20.0, 1.0);
    const double stall = std::clamp((static_cast<double>(gap) - 400) / 1100, 0.0, 1.0);
    const bool is_known = !certainties.empty();
    const double base = is_known ? 0.5 * cadence + 0.3 * certainties[token] + 0.2 * (1 - stall)
                                 : 0.7 * cadence + 0.3 * (1 - stall);
    if (gap > 400) energy *= std::pow(0.5, static_cast<double>(gap - 400) / 700);
    energy = 0.35 * base + 0.65 * energy;
  }
  return energy;
}

}  // namespace

TEST_CASE("a meter that saw no token reads nothing", "[live][energy_meter]") {
  const energy_reading read = energy_meter().read(at_ms(5000));
  CHECK(read.energy == 0);
  CHECK(read.tokens_per_second == 0);
  CHECK(read.tokens == 0);
  CHECK_FALSE(read.is_stalled);
  CHECK_FALSE(read.is_burst);
}

TEST_CASE("the first token without a certainty is 0.35 of its cadence by 0.7 and no stall by 0.3", "[live][energy_meter]") {
  flow one;
  CHECK(one.tokens(1, 0).energy == Approx(0.35 * (0.7 * (1 / 20.0) + 0.3)));
  flow certain;
  CHECK(certain.tokens(1, 0, 0.8).energy == Approx(0.35 * (0.5 * (1 / 20.0) + 0.3 * 0.8 + 0.2)));
}

TEST_CASE("energy follows its definition token by token", "[live][energy_meter]") {
  // On the grid of the window's 64 parts the count is exact: a part is 15.625 ms, eight are 125 ms.
  std::vector<std::int64_t> times;
  std::vector<double> certainties;
  std::int64_t now = 0;
  for (int token = 0; token < 200; ++token) {
    now += 125 * (token % 17 == 16 ? 8 : token % 5 == 4 ? 4 : token % 3);
    times.push_back(now);
    certainties.push_back((token % 7) / 6.0);
    energy_meter plain, certain;
    for (int each = 0; each <= token; ++each) {
      const auto index = static_cast<std::size_t>(each);
      plain.add(at_ms(times[index]));
      certain.add(at_ms(times[index]), certainties[index]);
    }
    INFO(token);
    CHECK(plain.read(at_ms(now)).energy == Approx(expected_energy(times, {})));
    CHECK(certain.read(at_ms(now)).energy == Approx(expected_energy(times, certainties)));
    CHECK(plain.read(at_ms(now)).tokens == static_cast<std::uint64_t>(token + 1));
  }
}

TEST_CASE("a fast and certain flow comes to 1, a slow and doubtful one stays low, and no flow leaves 0 to 1",
          "[live][energy_meter]") {
  CHECK(flow().tokens(200, 50, 1.0).energy == Approx(1));
  CHECK(flow().tokens(200, 50).energy == Approx(1));
  CHECK(flow().tokens(200, 500, 0.0).energy < 0.3);
  CHECK(flow().tokens(20, 60'000).energy < 0.05);
  flow any;
  std::uint64_t dice = 7;
  for (int token = 0; token < 5000; ++token) {
    dice = dice * 6364136223846793005U + 1442695040888963407U;
    const int gap = static_cast<int>((dice >> 33U) % 3 == 0 ? (dice >> 40U) % 3000 : (dice >> 40U) % 20);
    const energy_reading read = any.tokens(
        1, gap, (dice >> 50U) % 2 == 0 ? std::optional<double>() : static_cast<double>((dice >> 45U) % 5) - 1);
    CHECK(read.energy >= 0);
    CHECK(read.energy <= 1);
  }
}

TEST_CASE("energy holds between tokens, and halves every 700 ms once 400 ms went without one", "[live][energy_meter]") {
  flow spoke;
  const double energy = spoke.tokens(200, 50).energy;
  CHECK(spoke.after(400).energy == Approx(energy));
  CHECK_FALSE(spoke.after(400).is_stalled);
  CHECK(spoke.after(401).is_stalled);
  CHECK(spoke.after(400 + 700).energy == Approx(energy / 2));
  CHECK(spoke.after(400 + 1400).energy == Approx(energy / 4));
  CHECK(spoke.after(60'000).energy < 1e-9);
  CHECK(spoke.after(1'000'000'000).energy >= 0);
}

TEST_CASE("the time between two answers is no stall", "[live][energy_meter]") {
  flow with_end, without;
  with_end.tokens(40, 50);
  without.tokens(40, 50);
  with_end.meter.end_answer();
  CHECK_FALSE(with_end.after(1500).is_stalled);
  CHECK(without.after(1500).is_stalled);
  CHECK(with_end.after(1500).energy == Approx(without.after(1500).energy));  // it decays all the same
  CHECK(with_end.tokens(1, 1500).energy == Approx(without.tokens(1, 1500).energy + 0.35 * 0.3));
}

TEST_CASE("a stall counts from 400 ms on and whole from 1500 ms on", "[live][energy_meter]") {
  const auto fallen = [](int gap_ms) {  // what the second token has less for the stall
    energy_options options;
    options.smoothing = 1;  // the newest token alone
    options.cadence_weight_alone = 0;
    flow two(options);
    two.tokens(1, 0);
    return two.tokens(1, gap_ms).energy;
  };
  CHECK(fallen(400) == Approx(1));
  CHECK(fallen(950) == Approx(0.5));
  CHECK(fallen(1500) == Approx(0).margin(1e-12));
  CHECK(fallen(5000) == Approx(0).margin(1e-12));
}

TEST_CASE("12 tokens in a second are a burst", "[live][energy_meter]") {
  flow some;
  CHECK_FALSE(some.tokens(11, 10).is_burst);
  const energy_reading read = some.tokens(1, 10);
  CHECK(read.tokens_per_second == Approx(12));
  CHECK(read.is_burst);
  CHECK_FALSE(some.after(1001).is_burst);
  CHECK(some.after(1001).tokens_per_second == 0);
}

TEST_CASE("20 tokens a second read as 20, whatever was before", "[live][energy_meter]") {
  flow long_one;
  long_one.tokens(30, 1);
  long_one.now_ms = 10'000;
  CHECK(long_one.tokens(400, 50).tokens_per_second == Approx(20));
  long_one.now_ms += 3'000'000'000;  // more parts of a window than fit in 32 bits
  CHECK(long_one.tokens(1, 0).tokens_per_second == Approx(1));
}

TEST_CASE("a time that goes back counts as the one before", "[live][energy_meter]") {
  energy_meter back, plain;
  for (int each = 0; each < 20; ++each) {
    back.add(at_ms(1000 - 100 * each));
    plain.add(at_ms(1000));
  }
  CHECK(back.read(at_ms(0)).energy == plain.read(at_ms(1000)).energy);
  CHECK(back.read(at_ms(0)).tokens_per_second == Approx(20));
}

TEST_CASE("a certainty that is no number is absent, and one out of 0 to 1 is taken as its end", "[live][energy_meter]") {
  const auto with = [](std::optional<double> certainty) { return flow().tokens(10, 50, certainty).energy; };
  CHECK(with(std::nan("")) == with({}));
  CHECK(with(std::numeric_limits<double>::infinity()) == with({}));
  CHECK(with(-3) == with(0));
  CHECK(with(7) == with(1));
  CHECK(with(0) < with(1));
}

TEST_CASE("a certainty is 1 for one token alone, 0 where all are as likely, and absent where nothing is known",
          "[live][energy_meter]") {
  CHECK(energy_meter::certainty_of({1, 0, 0}) == Approx(1));
  CHECK(*energy_meter::certainty_of({0.25, 0.25, 0.25, 0.25}) == Approx(0).margin(1e-12));
  CHECK(*energy_meter::certainty_of({0.1, 0.1}) == Approx(0).margin(1e-12));  // what the list leaves out is not known
  CHECK(*energy_meter::certainty_of({0.9, 0.1}) == Approx(1 - (0.9 * std::log(1 / 0.9) + 0.1 * std::log(10)) / std::log(2)));
  CHECK_FALSE(energy_meter::certainty_of({}));
  CHECK_FALSE(energy_meter::certainty_of({1}));
  CHECK_FALSE(energy_meter::certainty_of({0, 0}));
  CHECK_FALSE(energy_meter::certainty_of({0.5, -0.1}));
  CHECK_FALSE(energy_meter::certainty_of({0.5, std::nan("")}));
  CHECK_FALSE(energy_meter::certainty_of({1e308, 1e308}));
}

TEST_CASE("options out of their range are refused by name, value and range", "[live][energy_meter][options]") {
  const auto refused = [](auto change) -> std::string {
    energy_options options;
    change(options);
    std::error_code error;
    energy_meter by_defaults(options, error);
    CHECK(error == errc::option_out_of_range);
    by_defaults.add(at_ms(0));
    CHECK(by_defaults.read(at_ms(0)).energy == flow().tokens(1, 0).energy);
    try {
      energy_meter meter(options);
    } catch (const std::system_error& thrown) {
      CHECK(thrown.code() == errc::option_out_of_range);
      return thrown.what();
    }
    return "taken";
  };
  using Catch::Matchers::StartsWith;
  CHECK_THAT(refused([](energy_options& any) { any.smoothing = std::nan(""); }),
             StartsWith("energy_options::smoothing is NaN, its range 0.01...1"));
  CHECK_THAT(refused([](energy_options& any) { any.full_cadence = 0; }),
             StartsWith("energy_options::full_cadence is 0, its range 0.01..."));
  CHECK_THAT(refused([](energy_options& any) { any.half_life = milliseconds(0); }),
             StartsWith("energy_options::half_life (ms) is 0"));
  CHECK_THAT(refused([](energy_options& any) { any.cadence_weight = any.certainty_weight = any.stall_weight = 0; }),
             StartsWith("energy_options::cadence_weight is 0, and so are"));
  CHECK_THAT(refused([](energy_options& any) { any.cadence_weight_alone = any.stall_weight_alone = 0; }),
             StartsWith("energy_options::cadence_weight_alone is 0, and so is"));
}

TEST_CASE("weights count in proportion to their sum", "[live][energy_meter][options]") {
  energy_options half;
  half.cadence_weight = 0.25;
  half.certainty_weight = 0.15;
  half.stall_weight = 0.1;
  CHECK(flow(half).tokens(10, 70, 0.3).energy == Approx(flow().tokens(10, 70, 0.3).energy));
}

TEST_CASE("the pieces of a model's answers, and of what it thinks, are its tokens", "[live][energy_meter][engine]") {
  answer_stage::stage s;
  const auto energy = std::make_shared<live::model_energy>(energy_options());
  const auto open = [&](const std::string& session, answer_stage::stage::state_ptr parent) {
    auto state = std::make_shared<live::token_stream_state>(++s.last_id, session, "m", std::move(parent));
    state->energy = energy;
    s.carry_out(live::open_tokens{state}, 0);
    return state;
  };
  const auto answer = open("s", nullptr);
  const auto thinking = open("s:thinking", answer);
  energy_meter alone;
  for (int piece = 0; piece < 30; ++piece) {
    const std::int64_t ms = 100 + 40 * piece;
    s.carry_out(live::write_tokens{piece % 2 == 0 ? answer->id : thinking->id, "word ", 0, 0.5}, ms);
    s.carry_out(live::write_tokens{answer->id, "", 0}, ms);  // no token
    alone.add(answer_stage::at(ms).steady, 0.5);
  }
  const auto last = answer_stage::at(100 + 40 * 29).steady;
  CHECK(energy->read(last).tokens == 30);
  CHECK(energy->read(last).energy == alone.read(last).energy);
  s.finish(thinking, live::answer_end::stop, 1300);
  CHECK(energy->read(last + seconds(1)).is_stalled);
  s.finish(answer, live::answer_end::stop, 1300);
  CHECK_FALSE(energy->read(last + seconds(1)).is_stalled);

  energy_update event;
  energy->fill(event, last);
  CHECK(event.tokens_generated == 30);
  CHECK(event.delta_energy == alone.read(last).energy);
  energy->fill(event, last);
  CHECK(event.tokens_generated == 30);  // it was not published
  energy->note_published(event);
  energy->fill(event, last);
  CHECK(event.tokens_generated == 0);
  CHECK(event.total_energy == Approx(2 * event.delta_energy));
}

TEST_CASE("a piece that came behind the end of its answer left the model stalled for ever", "[live][energy_meter][engine]") {
  answer_stage::stage s;
  const auto energy = std::make_shared<live::model_energy>(energy_options());
  auto answer = std::make_shared<live::token_stream_state>(++s.last_id, "s", "m");
  answer->energy = energy;
  s.carry_out(live::open_tokens{answer}, 0);
  s.carry_out(live::write_tokens{answer->id, "word ", 0}, 10);
  s.carry_out(live::finish_tokens{answer->id, live::answer_end::stopped, {}}, 20);
  s.carry_out(live::write_tokens{answer->id, "late", 0}, 20);  // of another thread
  CHECK(energy->read(answer_stage::at(20).steady).tokens == 1);
  CHECK_FALSE(energy->read(answer_stage::at(2000).steady).is_stalled);
}

TEST_CASE("a model with two answers was not stalled once one of them had ended", "[live][energy_meter][engine]") {
  answer_stage::stage s;
  const auto energy = std::make_shared<live::model_energy>(energy_options());
  std::vector<std::uint64_t> ids;
  for (const char* session : {"s", "t"}) {
    auto answer = std::make_shared<live::token_stream_state>(++s.last_id, session, "m");
    answer->energy = energy;
    s.carry_out(live::open_tokens{answer}, 0);
    s.carry_out(live::write_tokens{answer->id, "word ", 0}, 10);
    ids.push_back(answer->id);
  }
  s.carry_out(live::finish_tokens{ids[0], live::answer_end::stop, {}}, 20);
  CHECK(energy->read(answer_stage::at(2000).steady).is_stalled);
  s.carry_out(live::finish_tokens{ids[1], live::answer_end::stop, {}}, 2000);
  CHECK_FALSE(energy->read(answer_stage::at(4000).steady).is_stalled);
}

}  // namespace energy_meter_test
