// The time that a call takes its caller: publish, and a token into a stream; and the time that counting, the tap and the journal add.
#pragma once

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>
#include <thread>

#include "by_hand.hpp"
#include "harness.hpp"

namespace micro {

inline void token_group(pace how) {
  const std::string pieces[] = {"The ", "energy ", "of ", "a ", "thought", ", ", "f\xC3", "\xBCr ", "alle", ". "};
  wirthforge::live::token_assembler stream("session-1", "llama3_2-3b");
  std::size_t next = 0;
  group("token stream: one token, an event for each 10", how)
      .add("assembled, checked, framed",
           [&] {
             stream.write(pieces[next], 0.01);
             next = (next + 1) % 10;
             if (next != 0) return;
             while (const wirthforge::token_stream* const event = stream.take()) {
               if (wirthforge::check(*event)) std::abort();
               keep(wirthforge::live::make_frame(*event, outer));
             }
           })
      .run();
}

inline void publish_group(pace how) {
  const by_hand hand;
  char folder[] = "/tmp/wirthforge_bench_XXXXXX";
  if (mkdtemp(folder) == nullptr) std::abort();
  {
    wirthforge::server_options options;
    options.port = 0;
    wirthforge::server plain(options);
    wirthforge::server tapped(options);
    tapped.on_event([](const wirthforge::event_view& event) { keep(event); });
    wirthforge::server journalled(options);
    wirthforge::journal_options journal;
    journal.path = (std::filesystem::path(folder) / "journal").string();
    journalled.keep_journal(journal);
    for (wirthforge::server* each : {&plain, &tapped, &journalled}) {
      each->ready({"llama3_2-3b", wirthforge::tier::mid, "1.0.0"});  // before that, events are kept for who comes
      each->start();
    }
    // The server looks ten times a second whether a client is connected.
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    wirthforge::counter count;
    wirthforge::duration_histogram durations;
    std::error_code full;  // a caller that does nothing else is faster than a disk
    group("publish an energy_update", how)
        .add("nobody listens", [&] { plain.publish(hand.update); })
        .add("with a tap", [&] { tapped.publish(hand.update, full); })
        .add("with a journal", [&] { journalled.publish(hand.update, full); })
        .add("a counter", [&] { count.add(); })
        .add("a histogram entry", [&] { durations.record(120); })
        .run();
  }
  std::filesystem::remove_all(folder);
}

}  // namespace micro
