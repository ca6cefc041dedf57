// The text of answers as a page has it: the text so far where it was told, then what is appended. It knows where in a text it
// is; the witness checks the bytes themselves, with the event that brought them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "simulation/failure.hpp"
#include "simulation/visit.hpp"
#include "simulation/wire.hpp"

namespace simulation {

class answer_texts {
 public:
  void clear() { texts_.clear(); }

  /// The text so far of an answer that was open when the client was greeted. Returns its size. `is_followed`: all that comes
  /// after it is wanted.
  std::size_t take_so_far(const visit& known, std::string_view text, bool is_followed) {
    const std::string_view session = string_field(text, "\"sessionId\":");
    std::string so_far;
    append_tokens(so_far, text);
    for (const visit::answer& each : known.answers) {
      const stream_account& stream = known.truth->streams[each.stream];
      if (stream.session_id != session) continue;
      if (stream.text.compare(0, each.size, so_far) != 0) {
        throw failure(oracle::completeness, say("the text so far of ", stream.session_id, ": ", so_far.size(), " bytes, ",
                                                each.size, " were published"));
      }
      if (is_followed) texts_.push_back({each.stream, each.size});
      return each.size;
    }
    throw failure(oracle::order, say("the text so far of an answer that is not open: ", std::string(session)));
  }

  /// A token_stream in its place. True when it ends an answer of which the page has all. `is_certain`: none before it may be
  /// missing.
  bool take(const ledger& truth, const reliable_entry& entry, std::string_view text, bool is_certain) {
    const auto stream = static_cast<std::size_t>(entry.stream);
    auto found = texts_.begin();
    while (found != texts_.end() && found->stream != stream) ++found;
    if (found == texts_.end()) {
      if (entry.text_before > 0 || !is_certain) return false;
      found = texts_.insert(found, {stream, 0});
    }
    if (found->size != entry.text_before) {
      if (is_certain)
        throw failure(oracle::completeness, say("an answer goes on at ", entry.text_before, " after ", found->size));
      texts_.erase(found);
      return false;
    }
    found->size += entry.text_size;
    if (text.find("\"isComplete\":true") == std::string_view::npos) return false;
    if (found->size != truth.streams[stream].text.size()) throw failure(oracle::completeness, "an answer is not whole");
    texts_.erase(found);
    return true;
  }

 private:
  struct one {
    std::size_t stream;
    std::size_t size;
  };
  std::vector<one> texts_;
};

}  // namespace simulation
