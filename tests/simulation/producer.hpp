// Publishes as a local AI backend does: energy at 60 Hz, text in pieces that end anywhere, rewards, council and errors; bursts,
// big events, and long silences.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "wirthforge_ws.hpp"

#include "simulation/host.hpp"

namespace simulation {

class producer final : public actor {
 public:
  producer(scheduler& clock, const plan& chosen, std::uint64_t seed) : clock_(clock), plan_(chosen), chance_(seed) {}

  /// The server that it publishes to; null while the server is down.
  void attach(host* to) {
    to_ = to;
    streams_.clear();
  }
  void start() { clock_.after(0, *this, phase_mark); }
  void stop() {
    is_stopped_ = true;
    if (to_ == nullptr) return;
    while (!streams_.empty()) finish(streams_.size() - 1);
  }

  void wake(std::uint64_t what) override {
    if (is_stopped_) return;
    if (what == phase_mark) return begin_phase();
    if (clock_.time() >= phase_ends_) return begin_phase();
    if (to_ != nullptr) tick();
    const ticks period = second / 60;
    if (is_quick_) clock_.at((clock_.time() / period + 1) * period, *this, tick_mark);
    else clock_.after(chance_.between(200, 5000) * millisecond, *this, tick_mark);
  }

 private:
  enum mark : std::uint64_t { phase_mark, tick_mark };
  struct writing {
    std::size_t stream;
    std::string rest;  // the bytes of a character that was begun
    std::string session;
    std::int64_t whole_of = -1;
    bool is_reading = false;  // its prompt: there is no token yet
  };

  void begin_phase() {
    const bool is_silent = chance_.percent(plan_.is_busy ? 25 : 70);
    is_quick_ = !is_silent && chance_.percent(plan_.is_busy ? 85 : 20);
    is_heavy_ = plan_.has_big_events && chance_.one_in(3);
    is_wordy_ = chance_.percent(60);
    is_loading_ = chance_.one_in(8);
    active_models_ = static_cast<int>(chance_.between(1, plan_.models));
    const ticks most = plan_.is_busy ? (is_silent || !is_quick_ ? 40 : 8) * second : (is_quick_ ? 5 * second : 6 * minute);
    phase_ends_ = clock_.time() + chance_.spread(100 * millisecond, is_heavy_ ? 2 * second : most);
    clock_.at(is_silent ? phase_ends_ : clock_.time(), *this, is_silent ? phase_mark : tick_mark);
  }

  void tick() {
    for (int model = 0; model < active_models_; ++model) {
      update(model);
      if (chance_.one_in(50)) update(model);  // a second one in the same tick
      if (plan_.has_fields && chance_.one_in(4)) field(model);
    }
    if (is_wordy_) words();
    if (chance_.one_in(is_loading_ ? 3 : 400)) model_news();
    if (chance_.one_in(60)) reward(1);
    if (chance_.one_in(90)) council();
    if (chance_.one_in(150)) error();
    if (chance_.one_in(300)) whole_answer(chance_.spread(1, 3000));
    if (is_heavy_) whole_answer(50'000);
    if (chance_.one_in(900)) reward(static_cast<int>(chance_.spread(10, 400)));
  }

  std::string model_name(int model) const { return "model-" + std::to_string(model); }

  void update(int model) {
    wirthforge::energy_update event;
    event.model_id = model_name(model);
    event.total_energy = static_cast<double>(chance_.between(0, 100'000)) / 100;
    const bool is_wild = chance_.one_in(100);
    const std::int64_t delta = is_wild ? chance_.between(-1'000'000'000, 1'000'000'000) : chance_.between(-500, 5000);
    event.delta_energy = static_cast<double>(delta) / 100;
    event.tokens_generated = chance_.between(0, 5);
    event.processing_time = 1.5;
    to_->publish(event);
  }
  void field(int model) {
    wirthforge::energy_field event;
    event.model_id = model_name(model);
    event.intensity = 0.5;
    event.coordinates.resize(static_cast<std::size_t>(chance_.between(0, 3)));
    to_->publish(event);
  }
  void reward(int count) {
    for (; count > 0; --count) {
      wirthforge::reward_event event;
      event.title = "reward " + std::to_string(++number_);
      event.points = chance_.between(0, 100);
      if (chance_.one_in(3)) event.description = std::string(static_cast<std::size_t>(chance_.between(0, 500)), 'd');
      to_->publish(event);
    }
  }
  void council() {
    if (chance_.one_in(2)) {
      wirthforge::interference_event event;
      event.models = {"model-0", "model-1"};
      to_->publish(event);
    } else {
      wirthforge::resonance_event event;
      event.participants = {"model-0", "model-1"};
      event.frequency = static_cast<double>(++number_);
      to_->publish(event);
    }
  }
  void error() {
    wirthforge::error_event event;
    event.code = "MODEL_STALLED";
    event.message = "error " + std::to_string(++number_);
    event.component = wirthforge::component::model;
    to_->publish(event);
  }

  // An answer whose publisher makes the events itself.
  void whole_answer(std::int64_t bytes) {
    wirthforge::token_stream event;
    event.session_id = "raw-" + std::to_string(++number_);
    event.model_id = model_name(0);
    event.tokens = {std::string(static_cast<std::size_t>(bytes), 'r'), "end"};
    to_->truth.open_stream(event.session_id, event.model_id);
    event.is_complete = !chance_.one_in(3);
    if (event.is_complete) say_how_it_ends(event);
    to_->publish(event);
    if (event.is_complete || chance_.one_in(20)) return;  // some are never ended
    event.tokens = {"more"};
    event.is_complete = true;
    say_how_it_ends(event);
    to_->publish(event);
  }

  void say_how_it_ends(const wirthforge::token_stream& answer) {
    static constexpr const char* ways[] = {"ANSWER_LENGTH", "ANSWER_STOPPED", "ANSWER_FAILED", "ANSWER_DONE"};
    if (chance_.one_in(3)) return;
    wirthforge::error_event event;
    event.code = ways[chance_.below(4)];
    event.message = "its end";
    event.component = wirthforge::component::model;
    event.details = wirthforge::json_object::of_valid_text(R"({"sessionId":")" + answer.session_id +
                                                           R"(","modelId":"model-0"})");
    to_->publish(event);
  }

  void words() {
    if (streams_.size() < 3 && chance_.one_in(streams_.empty() ? 10 : 200)) {
      const std::string name = "session-" + std::to_string(++number_);
      const std::size_t stream = to_->open_tokens(name, model_name(static_cast<int>(chance_.below(4))));
      streams_.push_back({stream, {}, name, -1, chance_.one_in(3)});
    }
    for (std::size_t each = 0; each < streams_.size(); ++each) {
      if (streams_[each].is_reading) {
        read_prompt(streams_[each]);
        continue;
      }
      if (chance_.percent(60)) to_->write_tokens(streams_[each].stream, piece(streams_[each]));
      if (chance_.one_in(400)) to_->write_tokens(streams_[each].stream, std::exchange(streams_[each].rest, {}) + long_text());
      if (streams_[each].whole_of < 0 && streams_.size() < 6 && chance_.one_in(150)) open_side(each);
    }
    for (std::size_t each = streams_.size(); each-- > 0;) {
      if (each < streams_.size() && to_->is_stop_requested(streams_[each].stream) && chance_.one_in(4))
        finish(each, live::answer_end::stopped);
    }
    if (!streams_.empty() && chance_.one_in(300)) finish(static_cast<std::size_t>(chance_.below(streams_.size())));
  }
  void read_prompt(writing& of) {
    if (chance_.one_in(3)) to_->wait_tokens(of.stream, static_cast<double>(chance_.between(0, 100)) / 100);
    of.is_reading = !chance_.one_in(60);
  }
  // A side answer: its thinking, or a tool call.
  void open_side(std::size_t of) {
    const bool thinks = chance_.one_in(2);
    std::string name = streams_[of].session + (thinks ? ":thinking" : ":tool:" + std::to_string(++number_));
    if (to_->truth.stream_named(name)) return;  // it has thought
    const auto whole = static_cast<std::int64_t>(streams_[of].stream);
    const std::size_t stream = to_->open_tokens(name, to_->truth.streams[streams_[of].stream].model_id, whole);
    streams_.push_back({stream, {}, std::move(name), whole, false});
  }
  void model_news() {
    const std::string model = "llm-" + std::to_string(chance_.below(3));
    const auto stage = static_cast<live::loading_stage>(chance_.one_in(4) ? chance_.below(4) : 0);
    live::tell_model news{model, stage, std::nullopt, stage == live::loading_stage::failed ? "no room" : ""};
    if (stage == live::loading_stage::loading && !chance_.one_in(5))
      news.progress = static_cast<double>(chance_.between(0, 100)) / 100;
    to_->tell_model(std::move(news));
  }
  std::string long_text() { return std::string(static_cast<std::size_t>(chance_.spread(1000, 40'000)), 'l'); }

  // Words and characters of one to four bytes, cut anywhere.
  std::string piece(writing& to) {
    static const std::string characters[] = {"a", "word ", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x94\xA5", "the ", "n"};
    std::string text = std::exchange(to.rest, {});
    for (auto count = chance_.between(0, 3); count > 0; --count) text += characters[chance_.below(7)];
    const std::string& last = characters[chance_.below(7)];
    const auto cut = static_cast<std::size_t>(chance_.below(last.size() + 1));
    text += last.substr(0, cut);
    if (cut > 0) to.rest = last.substr(cut);
    return text;
  }
  void finish(std::size_t which) { finish(which, static_cast<live::answer_end>(chance_.one_in(2) ? 0 : chance_.below(4))); }
  // Some end what belongs to an answer themselves, some leave that to the server.
  void finish(std::size_t which, live::answer_end how) {
    const writing ended = streams_[which];
    const bool leaves_sides = chance_.one_in(3);
    streams_.erase(streams_.begin() + static_cast<std::ptrdiff_t>(which));
    for (std::size_t each = streams_.size(); each-- > 0;) {
      if (streams_[each].whole_of != static_cast<std::int64_t>(ended.stream)) continue;
      if (leaves_sides) streams_.erase(streams_.begin() + static_cast<std::ptrdiff_t>(each));
      else finish(each);
    }
    if (!ended.rest.empty() && !chance_.one_in(5)) to_->write_tokens(ended.stream, ended.rest);
    if (ended.whole_of < 0 && chance_.one_in(3)) to_->use_tokens(ended.stream, chance_.between(0, 5000));
    to_->finish_tokens(ended.stream, how, how == live::answer_end::failed ? "reason " + std::to_string(++number_) : "");
  }

  scheduler& clock_;
  const plan& plan_;
  dice chance_;
  host* to_ = nullptr;
  std::vector<writing> streams_;
  ticks phase_ends_ = 0;
  std::int64_t number_ = 0;
  int active_models_ = 1;
  bool is_quick_ = false;
  bool is_heavy_ = false;
  bool is_wordy_ = false;
  bool is_loading_ = false;
  bool is_stopped_ = false;
};

}  // namespace simulation
