// Many pages that fall asleep, beside one that behaves, under a load that is the same each time.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "simulation/browser.hpp"
#include "simulation/host.hpp"

namespace simulation {

class crowd final : public actor, public harbour {
 public:
  struct figures {
    std::size_t most_queued = 0;      ///< For all sleepers together, shared frames counted for each.
    std::size_t most_held = 0;        ///< Log and open answers, once for all.
    std::uint64_t energy_frames = 0;  ///< Received by the page that behaves.
    std::size_t sleepers_left = 0;
  };

  /// `big_event_bytes`: an event of this size a tick beside energy and text; 0: none.
  crowd(std::size_t sleepers, std::size_t big_event_bytes)
      : big_(big_event_bytes), plan_(with_room_for(sleepers + 1)), clock_(1), server_(clock_, plan_, 2) {
    temper awake;
    awake.behaves = awake.wants_open_answers = true;
    awake.up.capacity = awake.down.capacity = 1U << 20U;
    awake.most_latency = 40 * millisecond;
    pages_.push_back(std::make_unique<browser>(clock_, *this, 3, awake));
    temper asleep;
    asleep.up.capacity = asleep.down.capacity = 1U << 17U;
    asleep.is_patient = true;
    asleep.read_every = 1000 * hour;
    for (std::size_t count = 0; count < sleepers; ++count) {
      pages_.push_back(std::make_unique<browser>(clock_, *this, 4 + count, asleep));
    }
  }

  figures run(ticks duration) {
    server_.ready({"model-0", wirthforge::tier::mid, "1.0.0", std::nullopt});
    for (const auto& each : pages_) each->start(0);
    text_ = server_.open_tokens("session", "model-0");
    clock_.at(second, *this, 0);
    last_tick_ = duration - 200 * millisecond;
    while (clock_.step(duration)) {}
    pages_.front()->view().check_complete();
    found_.energy_frames = pages_.front()->view().counts.energy;
    found_.sleepers_left = server_.line_count() - 1;
    return found_;
  }

  bool connect(const std::shared_ptr<cable>& wire, const std::shared_ptr<visit>& known) override {
    cables_.push_back(wire);
    server_.accept(wire, known);
    return true;
  }

  void wake(std::uint64_t) override {
    wirthforge::energy_update energy;
    energy.model_id = "model-0";
    energy.delta_energy = 0.25;
    energy.tokens_generated = 1;
    server_.publish(energy);
    server_.write_tokens(text_, "word ");
    if (big_ > 0) {
      wirthforge::token_stream event;
      event.session_id = "big-" + std::to_string(++number_);
      event.model_id = "model-0";
      event.tokens = {std::string(big_, 'b')};
      event.is_complete = true;
      server_.truth.open_stream(event.session_id, event.model_id);
      server_.publish(event);
    }
    found_.most_queued = std::max(found_.most_queued, server_.unsent_bytes());
    found_.most_held = std::max(found_.most_held, server_.engine().core().bytes_held());
    if (clock_.time() >= last_tick_) return;
    clock_.at((clock_.time() / (second / 60) + 1) * (second / 60), *this, 0);
  }

 private:
  // They all come at once.
  static plan with_room_for(std::size_t many) {
    plan result;
    result.max_half_open = many;
    return result;
  }

  std::size_t big_;
  plan plan_;
  scheduler clock_;
  host server_;
  std::vector<std::unique_ptr<browser>> pages_;
  std::vector<std::shared_ptr<cable>> cables_;
  std::size_t text_ = 0;
  std::uint64_t number_ = 0;
  ticks last_tick_ = 0;
  figures found_;
};

}  // namespace simulation
