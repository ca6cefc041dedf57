// Changes by another program to a journal's file while it is written, and files that an editor has saved.
#if !defined(_WIN32)
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "support/journals.hpp"
#include "unit/net/small_files.hpp"
#include "wirthforge_ws.hpp"

namespace journal_taken_test {

using namespace wirthforge;
using namespace test::small_files;
using test::contents;
using test::numbers;
using test::put_contents;
using test::read_journal;
using test::reward_line;
using test::temp_folder;
namespace fs = std::filesystem;
using strings = std::vector<std::string>;

TEST_CASE("a journal that is deleted while it is written begins anew, and keeps its summary", "[net][journal][taken]") {
  const temp_folder folder;
  const std::string path = folder.file("journal");
  journal::journal_file file(options_for(path));
  REQUIRE_FALSE(file.open(now));
  add(file, 1, 10);
  fs::remove(path);
  add(file, 11, 20);
  CHECK(notes_of(file) == strings{"another program has deleted the journal's file " + path + "; a new file is begun"});
  add(file, 21, 25);
  CHECK(notes_of(file).empty());
  const auto found = read_journal(path);
  CHECK(found.numbers == numbers(11, 25));
  CHECK(found.notes == strings{"JOURNAL_OPENED"});
  CHECK(contents(path).find("\"events\":10,") < 400);
  CHECK(file.summary().events == 25);
  file.close();
  REQUIRE_FALSE(file.open(now));
  CHECK(file.summary().events == 25);
}

TEST_CASE("a journal that is moved away leaves its lines there, and begins anew", "[net][journal][taken]") {
  const temp_folder folder;
  const std::string path = folder.file("journal");
  journal::journal_file file(options_for(path));
  REQUIRE_FALSE(file.open(now));
  add(file, 1, 10);
  fs::rename(path, folder.file("moved"));
  SECTION("and nothing comes in its place") {}
  SECTION("and an empty file comes in its place, as logrotate makes it") { put_contents(path, ""); }
  SECTION("and a link comes in its place") { fs::create_symlink("elsewhere", path); }
  add(file, 11, 100);
  CHECK(notes_of(file) ==
        strings{"another program has moved or replaced the journal's file " + path + "; a new file is begun"});
  CHECK(read_journal(folder.file("moved")).numbers == numbers(1, 10));
  CHECK(read_journal(path).numbers == numbers(11, 100));
  for (const std::string& each : journal_paths(path)) CHECK(begins_as_it_should(each));
  CHECK(file.summary().events == 100);
}

TEST_CASE("a journal that another program truncates begins anew where it was cut", "[net][journal][taken]") {
  const temp_folder folder;
  const std::string path = folder.file("journal");
  journal::journal_file file(options_for(path));
  REQUIRE_FALSE(file.open(now));
  add(file, 1, 10);
  std::int64_t kept = 0;
  SECTION("to nothing, as copytruncate does") { fs::resize_file(path, 0); }
  SECTION("within a line") {
    fs::resize_file(path, fs::file_size(path) - reward_line(10).size() - 5);
    kept = 8;
  }
  add(file, 11, 20);
  const auto found = read_journal(path);
  CHECK(found.faults == 0);
  std::vector<std::int64_t> expected = numbers(1, kept);
  for (std::int64_t number = 11; number <= 20; ++number) expected.push_back(number);
  CHECK(found.numbers == expected);
  CHECK(notes_of(file).front() == "another program has cut short the journal's file " + path + "; a new file is begun");
  CHECK(contents(path).find("\"events\":10,") != std::string::npos);
}

TEST_CASE("a foreign file in a journal's place is an error until it is gone, and loses nothing", "[net][journal][taken]") {
  const temp_folder folder;
  const std::string path = folder.file("journal");
  journal::journal_file file(options_for(path));
  REQUIRE_FALSE(file.open(now));
  add(file, 1, 10);
  fs::remove(path);
  put_contents(path, "somebody's notes");
  std::string lines = rewards(11, 20);
  CHECK(file.append(lines) == errc::not_a_journal);
  CHECK(file.open(now) == errc::not_a_journal);
  CHECK(contents(path) == "somebody's notes");
  fs::remove(path);
  REQUIRE_FALSE(file.open(now));
  REQUIRE_FALSE(file.append(lines));
  CHECK(read_journal(path).numbers == numbers(11, 20));
  CHECK(contents(path).find("\"events\":10,") < 400);
}

TEST_CASE("a journal that an editor saved with a byte order mark and CRLF is continued", "[net][journal][mark]") {
  const temp_folder folder;
  const std::string path = folder.file("journal");
  {
    journal::journal_file file(options_for(path));
    REQUIRE_FALSE(file.open(now));
    add(file, 1, 10);
  }
  std::string edited = "\xEF\xBB\xBF";
  for (const char each : contents(path)) edited += each == '\n' ? std::string("\r\n") : std::string(1, each);
  put_contents(path, edited);
  put_contents(path + ".1", "\xEF\xBB\xBF" + rewards(0, 0));
  journal::journal_file file(options_for(path, 2));
  REQUIRE_FALSE(file.open(now));
  CHECK(file.summary().events == 10);
  CHECK(file.summary().bad_lines == 0);
  add(file, 11, 12);
  const auto found = read_journal(path);
  CHECK(found.numbers == numbers(0, 12));
  CHECK(found.faults == 0);
}

TEST_CASE("a file with half a byte order mark, or a mark before something else, is no journal", "[net][journal][mark]") {
  const temp_folder folder;
  for (const char* text : {"\xEF", "\xEF\xBB", "\xEF\xBB\xBF[]", "\xEF\xBB\xBF\xEF\xBB\xBF{\"type\":\""}) {
    put_contents(folder.file("notes"), text);
    CHECK(journal::journal_file(options_for(folder.file("notes"))).open(now) == errc::not_a_journal);
    CHECK(contents(folder.file("notes")) == text);
  }
}

}  // namespace journal_taken_test
#endif
