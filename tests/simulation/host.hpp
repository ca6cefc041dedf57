// One run of the server in virtual time: the engine and the broker that ship, on a loop of simulated alarms. It hands over the events of
// publishers, and watches from outside: the commands that are carried out, the published events, memory, timeouts, admission, and the stop.
#pragma once

#include <algorithm>
#include <deque>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "wirthforge_ws.hpp"

#include "simulation/inspector.hpp"
#include "simulation/notebook.hpp"
#include "simulation/plan.hpp"
#include "simulation/writers.hpp"

namespace simulation {

class host final : public actor,
                   public live::environment,
                   public live::observer,
                   public live::service,
                   public live::event_loop {
 public:
  /// `before`: the run before it, where there was one; `book`: where its journal is kept.
  host(scheduler& clock, const plan& chosen, std::uint64_t seed, const host* before = nullptr, notebook* book = nullptr)
      : clock_(clock), plan_(chosen), chance_(seed), started_(clock.time()), watch_(clock, chosen),
        engine_(epoch_from(chance_), chosen.engine, *this, *this),
        broker_(engine_, *this, *this, *this, *this, life_, shortage_, broker_options_of(chosen)) {
    engine_.access().port = 8145;
    if (book != nullptr) open_journal(*book, before);
    truth.epoch = engine_.core().epoch();
    std::error_code ignored;
    life_.begin_opening(ignored);
    life_.opened(true);
    life_.begin_starting();
    life_.started();
    broker_.begin(clock_.now());
    if (plan_.has_short_memory) clock_.after(second, *this, retry_mark);
  }

  ledger truth;
  bool is_accepting() const noexcept { return is_accepting_; }
  bool is_over() const noexcept { return life_.is_stopped(); }
  const live::engine& engine() const noexcept { return engine_; }
  std::uint64_t turned_away() const noexcept { return broker_.traffic().turned_away; }
  std::uint64_t shortages() const noexcept { return shortages_; }
  std::uint64_t stops() const noexcept { return stops_; }
  bool goes_on() const noexcept { return goes_on_; }
  std::int64_t tick_number() const noexcept { return first_tick_ + (clock_.time() - started_) / (second / 60); }
  std::size_t line_count() { return watch_.lines().size(); }
  std::size_t unsent_bytes() {
    std::size_t total = 0;
    for (const auto& each : watch_.lines()) total += each->peer().unsent_bytes();
    return total;
  }

  void accept(std::shared_ptr<cable> wire, std::shared_ptr<visit> known) {
    known->is_late = life_.is_stopping();
    const auto next = std::make_shared<line>(clock_, broker_.shared(), std::move(wire), std::move(known));
    if (plan_.has_short_memory) next->may_fail = &chance_;
    watch_.expect(next);
    broker_.add(next, clock_.now(), admission_of_next());
    if (!next->known().is_late) watch_.check_admission(*next);  // those are bounded by themselves
    if (std::exchange(is_inspecting_, true)) return;
    clock_.after(inspection_period, *this, inspect_mark);
  }

  // Publishers. They run on other threads: their commands are carried out a little later.
  template <class Event>
  void publish(const Event& event) {
    std::error_code error;
    bool is_kept = false;
    engine_.prepare(event, tick_number(), error, [&](live::command next) {
      const auto* reliable = std::get_if<live::reliable_publication>(&next);
      is_kept = reliable == nullptr || reliable->frame != nullptr;
      push(std::move(next));
    });
    if (error) throw failure(oracle::completeness, "a valid event was refused");
    if (!is_kept) ++truth.omissions;
  }
  void ready(const wirthforge::startup_complete& event) { push(live::command(event)); }
  /// `whole_of`: the stream that it is a side answer of, or -1.
  std::size_t open_tokens(std::string session_id, std::string model_id, std::int64_t whole_of = -1) {
    const std::size_t stream = truth.open_stream(std::move(session_id), std::move(model_id));
    stream_account& account = truth.streams[stream];
    account.is_written = true;
    account.whole_of = whole_of;
    push(live::command(live::open_tokens{writers_.open(stream, account)}));
    return stream;
  }
  void write_tokens(std::size_t stream, std::string piece) {
    push(live::command(live::write_tokens{stream, std::move(piece), 0.25}));
  }
  /// How far its prompt is read.
  void wait_tokens(std::size_t stream, double progress) {
    truth.streams[stream].progress = progress;
    live::token_stream_state& state = writers_.of(stream);
    state.set_progress(progress);
    if (!state.is_waiting_queued.exchange(true)) push(live::command(live::wait_tokens{stream}));
  }
  void use_tokens(std::size_t stream, std::int64_t count) {
    writers_.of(stream).usage.store(truth.streams[stream].usage = count);
  }
  void finish_tokens(std::size_t stream, live::answer_end how = live::answer_end::stop, std::string reason = {}) {
    writers_.close(stream);
    push(live::command(live::finish_tokens{stream, how, std::move(reason)}));
  }
  bool is_stop_requested(std::size_t stream) const { return writers_.is_stop_requested(stream); }
  void tell_model(live::tell_model news) { push(live::command(std::move(news))); }

  void stop() {
    if (!life_.stop()) return;
    omitted_tokens_ = omitted_tokens();
    truth.is_stopping = true;
    broker_.stop(clock_.now());
    catch_up();
    if (!is_over()) clock_.after(plan_.stop_timeout + watch_.grace(), *this, stop_mark);
  }
  /// The process is killed.
  void kill() {
    is_accepting_ = false;
    life_.stopped();
    broker_.release(clock_.now());
  }

  void wake(std::uint64_t what) override {
    if (is_over()) return;
    omitted_tokens_ = omitted_tokens();
    switch (what) {
      case drain_mark: broker_.drain(clock_.now()); break;
      case retry_mark:
        broker_.retry_stalled(clock_.now());
        clock_.after(second, *this, retry_mark);
        break;
      case inspect_mark:
        is_inspecting_ = watch_.inspect(truth, engine_.core().bytes_held());
        if (!plan_.has_short_memory && listened_since_ >= 0) {
          truth.check_said(clock_.time(), watch_.grace() + plan_.post_delay, listened_since_);
        }
        if (is_inspecting_) clock_.after(inspection_period, *this, inspect_mark);
        return;
      case stop_mark: throw failure(oracle::timeouts, "it was asked to stop, and still waits for its clients");
      default: {
        const auto which = static_cast<std::size_t>(what - alarm_mark);
        if (due_[which] != clock_.time()) return;  // it was moved
        due_[which] = never;
        broker_.ring(static_cast<live::alarm>(which), clock_.now());
      }
    }
    catch_up();
  }

  // live::event_loop
  void set_alarm(live::alarm which, wirthforge::steady_time when) override {
    lack_memory(1000);
    const ticks at = clock_.time() + std::max<ticks>((when - clock_.now().steady).count(), 0);
    due_[static_cast<std::size_t>(which)] = at;
    clock_.at(at, *this, alarm_mark + static_cast<std::uint64_t>(which));
  }
  void begin_to_accept() override { is_accepting_ = true; }
  void retry_accepting() override {}
  void stop_accepting() noexcept override { is_accepting_ = false; }
  void finish_stop() noexcept override {
    has_ended_well_ = true;
    truth.closed_at = clock_.time();
    life_.stopped();
  }

  // live::environment and live::observer
  double frame_rate_hz() const override { return 60; }
  std::string page(const wirthforge::rfc6455::http_request&) override {
    return wirthforge::rfc6455::http_response(200, "text/plain", "a page\n");
  }
  bool is_public(std::string_view) const override { return true; }
  void published(const live::frame_ptr& frame, const wirthforge::token_stream* tokens) override {
    if (frame.get() == to_be_published_) to_be_published_ = nullptr;
    if (!held_.empty() && frame.get() == held_.front()) held_.pop_front();
    watched([&] { truth.note_published(*frame, clock_.time()); });
    if (scribe_ && frame->channel() != wirthforge::channel::energy) scribe_->record(frame, tokens);
  }
  void connected(const live::info_ptr& who) override { newest_ = who; }
  void stop_asked(const live::info_ptr& who, const std::string& session) override { writers_.note_asked(who->id, session); }
  void carrying_out(const live::command& next) override {
    watched([&] { note_command(next); });
  }

  // live::service: the engine's, with checks around each call
  live::answer respond(const wirthforge::rfc6455::http_request& request, const instant& now) override {
    return engine_.respond(request, now);
  }
  live::answer refuse(std::error_code error) override { return engine_.refuse(error); }
  void opened(live::peer& from, const wirthforge::rfc6455::http_request& request, const instant& now) override {
    lack_memory(500);
    line& who = watch_.of(from);
    who.was_opened = true;
    if (listened_since_ < 0) listened_since_ = clock_.time();
    who.note_message();
    if (engine_.core().is_ready()) who.known().greet(truth, clock_.time(), max_age());
    engine_.opened(from, request, now);
    who.connection_id = newest_->id;
  }
  std::optional<live::ending> received(live::peer& from, const wirthforge::rfc6455::input& message,
                                       const instant& now) override {
    using kind = wirthforge::rfc6455::input::kind;
    lack_memory(1000);
    line& who = watch_.of(from);
    if (message.what != kind::ping) who.note_message();
    if (message.what == kind::ping && !from.is_closing()) who.owes_answer = true;
    wirthforge::control_message control;
    const bool may_subscribe = message.what == kind::text && message.payload.find("\"subscribe\"") != std::string_view::npos;
    if (may_subscribe && !wirthforge::read_control(message.payload, control)) {
      if (const auto* request = std::get_if<wirthforge::subscribe>(&control)) note_subscription(who, *request);
    }
    const bool may_stop = message.what == kind::text && message.payload.find("\"stop\"") != std::string_view::npos;
    const bool is_stop = may_stop && !wirthforge::read_control(message.payload, control) &&
                         std::holds_alternative<wirthforge::tools::stop>(control);
    if (!is_stop) return engine_.received(from, message, now);
    const std::string session = std::get<wirthforge::tools::stop>(control).session_id;
    const bool is_expected = writers_.expect_stop(truth, session);
    std::optional<live::ending> result = engine_.received(from, message, now);
    watched([&] { writers_.check_stop(is_expected && !result, who.connection_id, session); });
    stops_ += is_expected ? 1 : 0;
    return result;
  }
  live::collected collect(live::peer& to, std::vector<live::frame_ptr>& batch, const instant& now) override {
    lack_memory(2000);
    const std::uint64_t lagged = engine_.counters().lagged.value();
    const live::collected got = engine_.collect(to, batch, now);
    std::size_t bytes = 0;
    for (const live::frame_ptr& each : batch) bytes += each->wire().size();
    watched([&] { watch_.check_bytes(truth, watch_.of(to), bytes, "taken at once for a client"); });
    if (engine_.counters().lagged.value() != lagged) watch_.end_soon(watch_.of(to), "it lagged");
    return got;
  }
  void closed(live::peer& from, const live::ending& how, const instant& now) override {
    line* const which = &watch_.of(from);
    watch_.end_soon(*which, "its connection is over");
    const auto listens = [&](const auto& each) { return each.get() != which && each->was_opened && !each->is_gone(); };
    if (std::none_of(watch_.lines().begin(), watch_.lines().end(), listens)) listened_since_ = never;
    engine_.closed(from, how, now);
  }

 private:
  enum mark : std::uint64_t { drain_mark, inspect_mark, retry_mark, stop_mark, alarm_mark };  // the last one and the alarm
  static constexpr ticks never = -1;
  static constexpr ticks inspection_period = 500 * millisecond;

  // The server lets no exception through, and takes each for a lack of memory.
  template <class Function>
  void watched(Function function) {
    try {
      function();
    } catch (const failure& what) {
      clock_.note(what);
      throw;
    }
  }
  static std::string epoch_from(dice& chance) {
    return wirthforge::random_epoch([&chance] { return static_cast<std::uint32_t>(chance.bits()); });
  }

  static live::broker_options broker_options_of(const plan& chosen) {
    live::broker_options result;
    result.lines.peer = chosen.peer;
    result.lines.max_connections = chosen.max_connections;
    result.lines.max_half_open = chosen.max_half_open;
    result.stop_timeout = std::chrono::duration_cast<wirthforge::milliseconds>(wirthforge::nanoseconds(chosen.stop_timeout));
    return result;
  }

  // In runs with little room, there may be no descriptor.
  live::admission admission_of_next() {
    if (plan_.max_connections >= 100 || !chance_.one_in(20)) return live::admission::serve;
    return chance_.one_in(2) ? live::admission::refuse : live::admission::refuse_now;
  }
  void push(live::command next) {
    if (broker_.push(std::move(next))) clock_.after(chance_.between(0, plan_.post_delay), *this, drain_mark);
  }
  /// Once in so many times there is no memory.
  void lack_memory(std::uint64_t one_in) {
    if (!plan_.has_short_memory || !chance_.one_in(one_in)) return;
    ++shortages_;
    throw std::bad_alloc();
  }

  ticks max_age() const { return std::chrono::nanoseconds(plan_.engine.hub.log.max_age).count(); }
  std::uint64_t omitted_tokens() const { return engine_.counters().events.value() - engine_.counters().events_framed.value(); }
  // The result of the command before, and of the batch, is checked before the next.
  void catch_up() {
    const std::uint64_t omitted = omitted_tokens();
    if (std::exchange(omitted_tokens_, omitted) != omitted) {
      truth.omit(clock_.time());
      if (!engine_.has_unsent_text()) truth.omit_streams(clock_.time());
    }
    if (!held_.empty() && (engine_.core().is_ready() || is_over()))
      throw failure(oracle::completeness, "an event was held until ready, and not published then");
    if (std::exchange(to_be_published_, nullptr) != nullptr)
      throw failure(oracle::completeness, "an event was handed in and not published");
  }
  // host_commands.hpp
  void note_command(const live::command& next);
  void note_raw_tokens(const live::reliable_publication& from);
  void open_journal(notebook& book, const host* before);
  void note_subscription(line& who, const wirthforge::subscribe& request) {
    unsigned channels = 0;
    for (const wirthforge::channel each : request.channels) channels |= 1U << static_cast<unsigned>(each);
    who.known().subscriptions.push_back({channels, truth.reliable.size(), visit::places_in(truth)});
  }

  scheduler& clock_;
  const plan& plan_;
  dice chance_;
  ticks started_;
  inspector watch_;
  live::lifecycle life_;
  live::memory_shortage shortage_;
  live::engine engine_;
  live::broker broker_;
  ticks due_[live::alarm_count] = {never, never, never, never};
  const live::event_frame* to_be_published_ = nullptr;
  std::uint64_t omitted_tokens_ = 0;
  std::uint64_t shortages_ = 0;
  std::uint64_t stops_ = 0;
  std::optional<scribe> scribe_;
  writers writers_;
  std::deque<const live::event_frame*> held_;  // handed in before ready, and not published
  live::info_ptr newest_;
  std::int64_t first_tick_ = 0;
  ticks listened_since_ = never;  // since then a client has been connected
  bool has_ended_well_ = false;
  bool goes_on_ = false;
  bool is_accepting_ = false;
  bool is_inspecting_ = false;
};

}  // namespace simulation

#include "simulation/host_commands.hpp"
