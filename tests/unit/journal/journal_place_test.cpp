// The place of a journal's files, however its path changes, and which files are its own.
#if !defined(_WIN32)
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

#include "catch.hpp"
#include "support/journals.hpp"
#include "unit/net/small_files.hpp"
#include "wirthforge_ws.hpp"

namespace journal_place_test {

using namespace wirthforge;
using namespace test::small_files;
using test::contents;
using test::numbers;
using test::put_contents;
using test::read_journal;
using test::temp_folder;
namespace fs = std::filesystem;
using strings = std::vector<std::string>;

namespace {

strings names_in(const std::string& folder) {
  strings names;
  for (const auto& each : fs::directory_iterator(folder)) names.push_back(each.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

// The process is in that folder for as long as it lives.
class working_folder {
 public:
  explicit working_folder(const std::string& path) : before_(fs::current_path()) { fs::current_path(path); }
  ~working_folder() { fs::current_path(before_); }

 private:
  fs::path before_;
};

}  // namespace

TEST_CASE("a journal that was opened by a relative path goes on there after chdir", "[net][journal][place]") {
  const temp_folder folder;
  fs::create_directory(folder.file("first"));
  fs::create_directory(folder.file("second"));
  const working_folder first(folder.file("first"));
  journal::journal_file file(options_for("journal"));
  REQUIRE_FALSE(file.open(now));
  add(file, 1, 50);
  const working_folder second(folder.file("second"));
  add(file, 51, 200);
  CHECK(names_in(folder.file("second")).empty());
  const auto found = read_journal(folder.file("first/journal"));
  CHECK(found.numbers == numbers(1, 200));
  for (const std::string& each : journal_paths(folder.file("first/journal"))) CHECK(begins_as_it_should(each));
}

TEST_CASE("a journal that could not be opened before chdir is opened in the first folder", "[net][journal][place]") {
  const temp_folder folder;
  const working_folder first(folder.file(""));
  journal::journal_file file(options_for("later/journal"));
  CHECK(file.open(now) == std::errc::no_such_file_or_directory);
  fs::create_directory(folder.file("other"));
  fs::create_directories(folder.file("other/later"));
  const working_folder second(folder.file("other"));
  fs::create_directory(folder.file("later"));
  REQUIRE_FALSE(file.open(now));
  add(file, 1, 5);
  CHECK(read_journal(folder.file("later/journal")).numbers == numbers(1, 5));
}

TEST_CASE("a relative path in a folder that is gone is an error, and a pipe or device has no older files",
          "[net][journal][place]") {
  const temp_folder folder;
  fs::create_directory(folder.file("gone"));
  const working_folder gone(folder.file("gone"));
  fs::remove(folder.file("gone"));
  CHECK(journal::journal_file(options_for("journal")).open(now) == std::errc::no_such_file_or_directory);
  CHECK(journal_paths("/dev/null") == strings{"/dev/null"});
  journal::journal_file nowhere(options_for("/dev/null"));
  REQUIRE_FALSE(nowhere.open(now));
  add(nowhere, 1, 200);
  CHECK(nowhere.summary().events == 200);
}

TEST_CASE("a journal behind a symbolic link fills the disk that the link leads to, and the link stays",
          "[net][journal][place]") {
  const temp_folder folder;
  fs::create_directory(folder.file("small"));
  fs::create_directory(folder.file("big"));
  const std::string link = folder.file("small/journal");
  SECTION("to a file that is there") { put_contents(folder.file("big/events"), ""); }
  SECTION("to a file that is not there yet") {}
  SECTION("by way of another link") {
    fs::create_symlink(folder.file("big/events"), folder.file("small/between"));
    fs::create_symlink("between", link);
  }
  if (!fs::is_symlink(link)) fs::create_symlink("../big/events", link);
  {
    journal::journal_file file(options_for(link));
    REQUIRE_FALSE(file.open(now));
    add(file, 1, 200);
  }
  CHECK(fs::is_symlink(link));
  for (const std::string& each : names_in(folder.file("small"))) CHECK(fs::is_symlink(folder.file("small/" + each)));
  CHECK(names_in(folder.file("big")).size() > 5);
  CHECK(read_journal(folder.file("big/events")).numbers == numbers(1, 200));
  CHECK(read_journal(link).numbers == numbers(1, 200));
  CHECK(contents(link) == contents(folder.file("big/events")));  // the newest
  journal::journal_file again(options_for(link));
  REQUIRE_FALSE(again.open(now));
  add(again, 201, 300);
  CHECK(read_journal(link).numbers == numbers(1, 300));
}

TEST_CASE("a link that leads nowhere, or round in a circle, is an error that says so", "[net][journal][place][error]") {
  const temp_folder folder;
  fs::create_symlink(folder.file("none/events"), folder.file("dangling"));
  fs::create_symlink("circle", folder.file("ring"));
  fs::create_symlink("ring", folder.file("circle"));
  CHECK(journal::journal_file(options_for(folder.file("dangling"))).open(now) == std::errc::no_such_file_or_directory);
  CHECK(journal::journal_file(options_for(folder.file("circle"))).open(now) == std::errc::too_many_symbolic_link_levels);
  CHECK(journal_paths(folder.file("circle")).empty());
  CHECK(journal_paths(folder.file("dangling")).empty());
}

TEST_CASE("a journal whose folder is moved goes on in it", "[net][journal][place]") {
  const temp_folder folder;
  fs::create_directory(folder.file("old"));
  journal::journal_file file(options_for(folder.file("old/journal")));
  REQUIRE_FALSE(file.open(now));
  add(file, 1, 50);
  fs::rename(folder.file("old"), folder.file("new"));
  fs::create_directory(folder.file("old"));
  add(file, 51, 200);
  CHECK(names_in(folder.file("old")).empty());
  CHECK(read_journal(folder.file("new/journal")).numbers == numbers(1, 200));
  CHECK(notes_of(file).empty());
}

TEST_CASE("a journal whose folder is deleted is written when it is there again", "[net][journal][place][taken]") {
  const temp_folder folder;
  fs::create_directory(folder.file("old"));
  journal::journal_file file(options_for(folder.file("old/journal")));
  REQUIRE_FALSE(file.open(now));
  add(file, 1, 10);
  fs::remove_all(folder.file("old"));
  std::string lines = rewards(11, 20);
  CHECK(file.append(lines) == std::errc::no_such_file_or_directory);
  CHECK(lines == rewards(11, 20));
  CHECK_FALSE(file.is_open());
  CHECK(file.open(now) == std::errc::no_such_file_or_directory);
  fs::create_directory(folder.file("old"));
  REQUIRE_FALSE(file.open(now));
  REQUIRE_FALSE(file.append(lines));
  CHECK(read_journal(folder.file("old/journal")).numbers == numbers(11, 20));
  CHECK(file.summary().events == 20);
}

TEST_CASE("a foreign file with an older file's name is left alone, logged once, and skipped", "[net][journal][place]") {
  const temp_folder folder;
  const std::string path = folder.file("journal");
  std::string foreign = "somebody's notes\n";
  SECTION("text") { put_contents(path + ".1", foreign); }
  SECTION("a folder") { fs::create_directory(path + ".1"); }
  SECTION("a link to a journal") {
    foreign = rewards(-2, -1);
    put_contents(folder.file("other"), foreign);
    fs::create_symlink("other", path + ".1");
  }
  SECTION("a pipe") { REQUIRE(::mkfifo((path + ".1").c_str(), 0600) == 0); }
  put_contents(path + ".3", "x");
  const bool is_text = fs::is_regular_file(path + ".1");
  const auto type = fs::symlink_status(path + ".1").type();
  journal::journal_file file(options_for(path, 3));
  REQUIRE_FALSE(file.open(now));
  add(file, 1, 200);
  CHECK(notes_of(file) == strings{path + ".1 is no file of the journal, and is left as it is",
                                  path + ".3 is no file of the journal, and is left as it is"});
  CHECK(fs::symlink_status(path + ".1").type() == type);
  if (is_text) CHECK(contents(path + ".1") == foreign);
  CHECK(contents(path + ".3") == "x");
  for (const char* number : {"", ".2", ".4"}) CHECK(begins_as_it_should(path + number));
  CHECK_FALSE(fs::exists(path + ".5"));
  fs::remove_all(path + ".1");
  const auto found = read_journal(path);
  CHECK(found.faults == 0);
  CHECK(found.numbers == numbers(found.numbers.front(), 200));
}

TEST_CASE("with a smaller max_files the oldest files are removed, and their number is logged", "[net][journal][place]") {
  const temp_folder folder;
  const std::string path = folder.file("journal");
  {
    journal::journal_file file(options_for(path, 6));
    REQUIRE_FALSE(file.open(now));
    add(file, 1, 200);
  }
  REQUIRE(journal_paths(path).size() == 6);
  put_contents(path + ".9", "not ours");
  journal::journal_file file(options_for(path, 2));
  REQUIRE_FALSE(file.open(now));
  CHECK(names_in(folder.file("")) == strings{"journal", "journal.1", "journal.9"});
  CHECK(notes_of(file) == strings{path + ".9 is no file of the journal, and is left as it is",
                                  "4 files of the journal, the oldest, removed: max_files is 2"});
  add(file, 201, 300);
  CHECK(names_in(folder.file("")) == strings{"journal", "journal.1", "journal.9"});
  CHECK(file.summary().events == 300);
}

TEST_CASE("older files beyond a gap in the numbers do not outlive max_files", "[net][journal][place]") {
  const temp_folder folder;
  const std::string path = folder.file("journal");
  put_contents(path + ".40", rewards(-3, -3));
  put_contents(path + ".41", rewards(-4, -4));
  journal::journal_file file(options_for(path, 4));
  REQUIRE_FALSE(file.open(now));
  add(file, 1, 200);
  CHECK(names_in(folder.file("")) == strings{"journal", "journal.1", "journal.2", "journal.3"});
}

}  // namespace journal_place_test
#endif
