// The server's knowledge of one connection.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "simulation/ledger.hpp"

namespace simulation {

/// The energy of each model before its newest update: the start of the account of a client that joins.
using energy_places = std::vector<std::size_t>;

/// The server's knowledge of one connection, by which the client's side is judged.
struct visit {
  struct subscription {
    unsigned channels;
    std::size_t published;
    energy_places places;
  };
  struct answer {
    std::size_t stream;
    std::size_t size;
  };
  ledger* truth = nullptr;
  bool is_open_wanted = false;    ///< It asked for the texts so far,
  bool is_recent_wanted = false;  ///< and for the answers that have ended.
  bool is_late = false;           ///< The server was asked to stop before it came: it opens no WebSocket.
  bool is_greeted = false;
  ticks greeted_at = 0;
  std::size_t published = 0;
  std::uint64_t omissions = 0;
  energy_places places;
  energy_places produced;                 ///< How many updates of each model there were.
  std::vector<answer> answers;            ///< Open at the greeting, with their text so far.
  std::vector<std::size_t> ended;         ///< Streams that had ended within the log's age, in their order.
  std::vector<model_talk::entry> models;  ///< As they were said to be at the greeting.
  std::vector<std::size_t> waiting;       ///< Streams of which nothing had come, except that their prompts were being read.
  std::vector<subscription> subscriptions;

  void greet(ledger& of, ticks now, ticks max_age) {
    truth = &of;
    is_greeted = true;
    greeted_at = now;
    published = of.reliable.size();
    omissions = of.omissions;
    places = places_in(of);
    for (const model_account& each : of.models) produced.push_back(each.updates.size());
    for (std::size_t index = 0; index < of.streams.size(); ++index) {
      const stream_account& each = of.streams[index];
      if (each.is_open()) answers.push_back({index, each.published});
      if (each.is_written && each.is_begun && each.whole_of < 0 && !each.has_events) waiting.push_back(index);
    }
    const auto has_side = [&](std::size_t whole) {
      return std::any_of(of.streams.begin(), of.streams.end(), [&](const stream_account& each) {
        return each.whole_of == static_cast<std::int64_t>(whole) && each.has_events;
      });
    };
    waiting.erase(std::remove_if(waiting.begin(), waiting.end(), has_side), waiting.end());
    for (const model_talk::entry& each : of.talk.entries()) {
      if (!each.said.empty()) models.push_back(each);
    }
    for (auto each = of.ended.rbegin(); each != of.ended.rend() && now - of.streams[*each].ended_at <= max_age; ++each)
      ended.push_back(*each);
    std::reverse(ended.begin(), ended.end());
  }
  static energy_places places_in(const ledger& of) {
    energy_places result;
    for (const model_account& each : of.models) result.push_back(each.updates.empty() ? 0 : each.updates.size() - 1);
    return result;
  }
};

}  // namespace simulation
