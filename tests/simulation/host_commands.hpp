// The host's account of the commands that its engine carries out, and of the journal that a run continues. Included by host.hpp.
#pragma once

#include "simulation/host.hpp"

namespace simulation {

inline void host::note_command(const live::command& next) {
  catch_up();
  const auto* reliable = std::get_if<live::reliable_publication>(&next);
  const bool may_be_lost = !(reliable != nullptr && reliable->tokens) && !std::holds_alternative<live::open_tokens>(next) &&
                           !std::holds_alternative<live::write_tokens>(next) &&
                           !std::holds_alternative<live::finish_tokens>(next);
  if (may_be_lost && plan_.has_short_memory && chance_.one_in(300)) {
    ++truth.omissions;
    ++shortages_;
    throw std::bad_alloc();
  }
  if (const auto* energy = std::get_if<live::energy_publication>(&next)) {
    if (const auto* update = std::get_if<wirthforge::energy_update>(&energy->event)) {
      truth.note_update(*update, energy->outer.frame_number, clock_.time());
    } else {
      truth.note_field(std::get<wirthforge::energy_field>(energy->event), energy->outer.frame_number);
    }
  } else if (const auto* piece = std::get_if<live::write_tokens>(&next)) {
    truth.note_piece(piece->id, piece->piece);
  } else if (const auto* opening = std::get_if<live::open_tokens>(&next)) {
    truth.streams[opening->state->id].is_begun = true;
    truth.streams[opening->state->id].begun_at = clock_.time();
  } else if (const auto* end = std::get_if<live::finish_tokens>(&next)) {
    truth.note_finish(*end);
  } else if (const auto* news = std::get_if<live::tell_model>(&next)) {
    truth.talk.note_told(*news, clock_.time());
  } else if (std::holds_alternative<wirthforge::startup_complete>(next)) {
    truth.ready_at = clock_.time();
    for (const auto& each : watch_.lines()) {
      if (!each->was_opened || each->is_gone()) continue;
      each->known().greet(truth, clock_.time(), max_age());
      each->note_message();  // from now on it has something to answer
    }
  }
  if (reliable == nullptr) return;
  if (reliable->state && live::says_how_it_ended(*reliable->state)) truth.note_how_it_ended(*reliable->state);
  if (engine_.core().is_ready()) to_be_published_ = reliable->frame.get();
  else if (reliable->frame) held_.push_back(reliable->frame.get());
  if (reliable->tokens) note_raw_tokens(*reliable);
}

// A whole token_stream event that its publisher made itself.
inline void host::note_raw_tokens(const live::reliable_publication& from) {
  for (std::size_t index = 0; index < truth.streams.size(); ++index) {
    stream_account& each = truth.streams[index];
    if (each.session_id != from.tokens->session_id) continue;
    for (const std::string& token : from.tokens->tokens) truth.note_piece(index, token);
    each.is_finished = from.tokens->is_complete;
    if (from.frame) return;
    each.published = each.whole;
    each.has_events = true;
    if (each.is_finished) truth.note_end(index, clock_.time());
  }
}

// Epoch and log go on where the run before ended in good order with everything in its journal, and in no other case.
inline void host::open_journal(notebook& book, const host* before) {
  const bool is_due = before != nullptr && before->has_ended_well_ && book.is_closed() && plan_.has_token_text;
  if (is_due) truth = before->truth;
  if (is_due) truth.go_on(clock_.now(), clock_.time(), max_age());
  scribe_.emplace(book, plan_.has_token_text, plan_.has_short_memory ? &chance_ : nullptr);
  broker_.set_recorder(&*scribe_);
  engine_.attach_tap();
  truth.is_taken_up = true;
  scribe_->open(engine_, clock_.now());
  truth.is_taken_up = false;
  first_tick_ = book.next_frame_number();
  goes_on_ = before != nullptr && before->engine().core().epoch() == engine_.core().epoch();
  if (goes_on_ == is_due) return;
  throw failure(oracle::completeness,
                is_due ? "a restart in good order did not go on" : "a run went on that had not ended in good order");
}

}  // namespace simulation
