// The options of a journal, and the summary of a journal's end.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI {

/// When written lines are forced to the disk (fsync). A process that is killed loses none of them, whatever is chosen: written
/// lines are in the kernel. The choice matters when the machine itself stops.
enum class journal_sync {
  never,        ///< When the kernel decides, after about half a minute on Linux.
  each_second,  ///< If the machine stops, at most a second and a batch are lost.
  each_batch    ///< If the machine stops, at most a batch is lost.
};

/// A journal of the server's events (`server::keep_journal`), to look at or to play back. A value out of its range is
/// `errc::option_out_of_range` when the server begins to listen.
struct journal_options {
  /// The path of the newest file; not empty. UTF-8 on every system. Older files are `path.1`, `path.2` and so on. Made with
  /// mode 0600, on Windows with an access list that names this user alone; the folder must exist.
  ///
  /// Resolved once, at `listen`: a relative path starts from the process's working directory at that time, and a symbolic link
  /// stands for its target, existing or not (except on Windows). All files are beside that target, and the link stays and
  /// leads to the newest. The folder is held open: if it is moved, the journal continues in it; if it is deleted, an error is
  /// logged, and lines wait until a folder exists under its path again. A link into no folder, or round in a circle, is the
  /// system's error.
  ///
  /// Files that have an older file's name and do not begin as one are skipped and left alone, and the log says which. If
  /// another program deletes, moves, replaces or truncates the newest file, the writer notices it before it writes the next
  /// lines and within a second: it begins a new file with the totals so far, loses no line of after that moment, and logs it
  /// once. On Windows no program can do so to a file that is open.
  std::string path;
  /// Whether the text of tokens is written. Without it a token_stream keeps its session, model, cost and end. Other events are
  /// written as they are: keep text that must not be on the disk out of their titles, messages and details.
  bool with_token_text = false;
  /// How often the energy of each model is written, with the sums of the events between. 16 ms...1 h.
  std::chrono::milliseconds energy_interval{100};
  /// How long events may wait so that many are written at once. 1 ms...1 min.
  std::chrono::milliseconds batch_interval{100};
  /// How much may be lost if the machine stops.
  journal_sync sync = journal_sync::each_second;
  /// A file is set aside before it grows past this. At least 4096 bytes.
  /// When a journal is continued, one file is read: about 0.2 s for the default.
  std::size_t max_file_bytes = 16U << 20U;
  /// The number of files; the oldest is deleted, and if there were more before, all above this number: the log says how many.
  /// At least 1. By default 256 MiB, about half a day of one model at 20 tokens a second.
  std::size_t max_files = 16;
  /// The bytes that may wait for a disk that is too slow, full or gone; past it events are left out, counted, and marked in
  /// the journal by an error_event `JOURNAL_GAP`. At least 65536.
  std::size_t max_queued_bytes = 16U << 20U;
  /// Frame numbers continue from the journal's last one, and `server::journal()` has the totals to continue from: each file
  /// begins with an error_event `JOURNAL_OPENED` that holds them, so that the totals survive the deletion of files.
  ///
  /// If `with_token_text` is also set, a run that `server::stop` ended in good order is continued: the next one has its epoch,
  /// log, answers and energy sums, and a returning client resumes. This needs the error_event `JOURNAL_CLOSED` as the
  /// journal's last line, and nothing missing or changed before it (docs/protocol.md, "Restart"); otherwise the epoch is a new
  /// one.
  bool continue_numbers = false;
};

/// The totals at the end of a journal, deleted files included.
struct journal_summary {
  /// The totals of one model.
  struct model {
    double total_energy = 0;            ///< The latest.
    std::int64_t tokens_generated = 0;  ///< The sum.
  };
  std::int64_t last_timestamp = 0;      ///< Unix ms; 0 when there is no event.
  std::int64_t last_frame_number = -1;  ///< -1 when there is none.
  std::uint64_t events = 0;             ///< Events, without the records of the journal itself.
  std::uint64_t bad_lines = 0;          ///< Lines that are no event: foreign or damaged.
  std::map<std::string, model> models;  ///< By model id.
};

}}  // namespace wirthforge
