// What an integrator may choose of the journal, and what a journal ends with.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI {

/// When what was written is forced to the disk (fsync). A process that is killed loses nothing by it, whatever is chosen: what
/// was written is the kernel's. It matters when the machine itself stops.
enum class journal_sync {
  never,        ///< When the kernel likes, about half a minute on Linux.
  each_second,  ///< At most a second and a batch is lost with the machine.
  each_batch    ///< At most a batch is.
};

/// A journal of what the server publishes (`server::keep_journal`), to look at or to play back. A value out of its range is
/// `errc::option_out_of_range` when the server begins to listen.
struct journal_options {
  /// Where the newest file is; not empty. UTF-8 on every system. Older files are `path.1`, `path.2` and so on. Made with mode 0600,
  /// on Windows with an access list that names this user alone; the folder must be there.
  ///
  /// Found once, at `listen`: a relative path is meant from the folder that the process is in then, and a symbolic link stands
  /// for what it leads to, there or not yet (but for Windows). All files are beside that, and the link stays, to the newest.
  /// The folder is held open: where it is moved, the journal goes on in it; where it is deleted, an error is logged, and lines
  /// wait until there is one under its path again. A link into no folder, or round in a circle, is the system's error.
  ///
  /// Files that have an older file's name and do not begin as one are passed over and left alone, and the log says which. Where
  /// somebody else deletes, moves, replaces or cuts short the newest file, that is noticed before the next lines are written and
  /// within a second: a new file with the totals so far is begun, no line of after that moment is lost, and the log says so, once.
  /// On Windows nobody can do so to a file that is open.
  std::string path;
  /// Whether the text of tokens is written. Without it a token_stream keeps its session, model, cost and end. Other events are
  /// written as they are: what must not be on the disk belongs in none of their titles, messages and details.
  bool with_token_text = false;
  /// How often the energy of each model is written, with the sums of what came between. 16 ms...1 h.
  std::chrono::milliseconds energy_interval{100};
  /// How long events may wait so that many are written at once. 1 ms...1 min.
  std::chrono::milliseconds batch_interval{100};
  /// What a machine that stops may cost.
  journal_sync sync = journal_sync::each_second;
  /// A file is set aside before it grows past this. At least 4096 bytes.
  /// One file is what is read when the journal is gone on with: about 0.2 s for the default.
  std::size_t max_file_bytes = 16U << 20U;
  /// Files in all; the oldest is deleted, and where there were more before, all that are more: the log says how many. At least 1.
  /// By default 256 MiB, about half a day of one model at 20 tokens a second.
  std::size_t max_files = 16;
  /// What may wait for a disk that is too slow, full or gone, in bytes; past it events are left out, counted, and marked in the
  /// journal by an error_event `JOURNAL_GAP`. At least 65536.
  std::size_t max_queued_bytes = 16U << 20U;
  /// Frame numbers go on where the journal ends, and `server::journal()` has the totals to go on from: each file begins with an
  /// error_event `JOURNAL_OPENED` that holds them, so that they outlive the files that are deleted.
  ///
  /// With `with_token_text` too, a run that `server::stop` ended in good order is gone on with: the next one has its epoch, log, answers
  /// and energy sums, and a client that comes back resumes. That is so where the journal's last line is the error_event
  /// `JOURNAL_CLOSED` and nothing before it is missing or changed (docs/protocol.md, "Restart"); otherwise the epoch is a new one.
  bool continue_numbers = false;
};

/// What a journal ends with, deleted files included.
struct journal_summary {
  /// Of one model.
  struct model {
    double total_energy = 0;            ///< The latest.
    std::int64_t tokens_generated = 0;  ///< The sum.
  };
  std::int64_t last_timestamp = 0;      ///< Unix ms; 0 when there is no event.
  std::int64_t last_frame_number = -1;  ///< -1 when there is none.
  std::uint64_t events = 0;     ///< Events, without the remarks of the journal itself.
  std::uint64_t bad_lines = 0;  ///< Lines that are no event: nothing of ours, or damaged.
  std::map<std::string, model> models;  ///< By model id.
};

}}  // namespace wirthforge
