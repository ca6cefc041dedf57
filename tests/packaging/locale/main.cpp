// Numbers under a locale whose decimal point is a comma, or two bytes as in Persian, and under one that changes while a number
// is read: numbers of a journal, written and read again, and numbers from a client. A program of its own, without a test library:
// tests/packaging/locale_test.py builds it with each standard library. `locale FOLDER`: exit code 1, and the fault, where a number is
// another one; `locale --say NAME` prints the lines that must be the same under every locale.
#define WIRTHFORGE_WS_UNDER_TEST  // the library's tools are seen without their namespace
#include <clocale>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <new>
#include <string>
#include <string_view>

#include "says.hpp"
#include "wirthforge_ws.hpp"

#if defined(__GLIBC__)
#include <sys/stat.h>

using namespace wirthforge;

namespace {

int faults = 0;
const char* where = "";

void must(bool is_so, const char* what) {
  if (is_so) return;
  std::fprintf(stderr, "%s: %s\n", where, what);
  ++faults;
}

// The file that localedef makes for a locale with only a decimal point. Needs no sources of locales, which not every machine has.
void make_locale(const std::string& folder, const std::string& name, std::string_view point, std::uint32_t character) {
  const std::string codeset = "UTF-8";
  std::string strings(point);
  strings += '\0';
  const std::size_t separator = 32 + strings.size();
  strings += '\0';
  const std::size_t grouping = 32 + strings.size();
  strings += std::string("\x7f\0", 2);
  while ((32 + strings.size()) % 4 != 0) strings += '\0';
  const std::size_t wide = 32 + strings.size();
  std::string whole;
  const auto put = [&whole](std::size_t value) {
    const auto word = static_cast<std::uint32_t>(value);
    whole.append(reinterpret_cast<const char*>(&word), sizeof word);
  };
  put(0x20031114);  // and the category's number is 1, mixed in
  put(6);
  for (const std::size_t offset : {std::size_t{32}, separator, grouping, wide, wide + 4, wide + 8}) put(offset);
  whole += strings;
  put(character);
  put(0);
  whole += codeset + '\0';
  ::mkdir((folder + "/" + name).c_str(), 0700);
  std::ofstream(folder + "/" + name + "/LC_NUMERIC", std::ios::binary) << whole;
}

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

energy_update some_energy(double total) {
  energy_update energy;
  energy.model_id = "m";
  energy.total_energy = total;
  energy.delta_energy = 0.125;
  return energy;
}

double total_read(const std::string& line) {
  any_event event;
  envelope outer;
  if (read_event(line, event, outer)) return -1;
  return std::get<energy_update>(event).total_energy;
}

// Calls setlocale inside the next memory that is asked for.
const char* locale_to_come = nullptr;

void journal_keeps_its_numbers(const std::string& folder) {
  journal_options options;
  options.path = folder + "/journal." + where;
  options.continue_numbers = true;
  for (const double total : {42.75, 1234567.0625}) {
    journal::journal_file file(options);
    must(!file.open(1'700'000'000'000), "the journal cannot be opened");
    std::string line;
    write(line, some_energy(total), envelope{1'700'000'000'000, 1});
    must(line.find(total < 100 ? "\"totalEnergy\":42.75," : "\"totalEnergy\":1234567.0625,") != std::string::npos,
         line.c_str());
    must(total_read(line) == total, "an event is read with another number");
    line += '\n';
    must(!file.append(line), "the journal cannot be written");
    must(file.summary().models.at("m").total_energy == total, "the journal's writer knows another total");
  }
  journal::journal_file again(options);
  must(!again.open(1'700'000'000'000), "the journal cannot be opened again");
  must(again.summary().models.at("m").total_energy == 1234567.0625, "another total is read from the journal");
  const std::string text = contents(options.path);
  must(text.find("\"totalEnergy\":42.75,\"tokens") != std::string::npos, "the first line of a file holds another total");
}

void numbers_are_read_and_written() {
  must(text::json_view("[42.75]").all_elements([](const text::json_view& each) { return each.as_number() == 42.75; }),
       "a client's number is read as another one");
  must(text::is_json("1e-400") && !text::is_json("1e400"), "numbers that are too small and too big are not told apart");
  must(text::read_decimal("42.75") == 42.75, "read_decimal reads another number");
  for (const double value : {42.75, -1.5e-7, 1e21, 0.1, 5e-324, 16777216.5}) {
    char fast[text::max_json_number_bytes];
    char slow[text::max_json_number_bytes];
    const std::string_view written(fast, static_cast<std::size_t>(text::put_number(fast, value) - fast));
    must(written == std::string_view(slow, static_cast<std::size_t>(text::put_number_by_trial(slow, value) - slow)),
         "two ways of writing a number differ");
    must(text::read_decimal(written) == value, "a number is written as another one");
  }
  const json_object object(nlohmann::json{{"share", 0.5}});
  must(object.text() == "{\"share\":0.5}", "an open object holds another number");
}

}  // namespace

void* operator new(std::size_t size) {
  if (const char* const next = locale_to_come) {
    locale_to_come = nullptr;
    std::setlocale(LC_NUMERIC, next);
  }
  if (void* const memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

int main(int count, char** arguments) {
  if (count == 3) return locale_says::say_all(arguments[2]);  // --say LOCALE
  const std::string folder = arguments[1];
  ::setenv("LOCPATH", folder.c_str(), 1);
  make_locale(folder, "comma", ",", ',');
  make_locale(folder, "two_bytes", "\xD9\xAB", 0x66B);
  for (const char* name : {"comma", "two_bytes"}) {
    where = name;
    if (std::setlocale(LC_NUMERIC, name) == nullptr || std::strtod("42.75", nullptr) != 42) {
      must(false, "the locale is not in force, and nothing is tested");
      continue;
    }
    journal_keeps_its_numbers(folder);
    numbers_are_read_and_written();
    std::setlocale(LC_NUMERIC, "C");
    // The reader asks for memory when a number is longer than a std::string has room for in itself.
    const std::string line =
        R"({"type":"energy_update","channel":"energy","timestamp":1,"frameNumber":1,"payload":{"modelId":"m",)"
        R"("totalEnergy":42.750000000000000000000000000000000000000,"deltaEnergy":0.5,"tokensGenerated":0,"processingTime":1}})";
    any_event event;
    envelope outer;
    const std::size_t number = line.find("42.75");
    must(number != std::string::npos && !read_event(line, event, outer), "the line is no event");
    nlohmann::json value;
    locale_to_come = name;
    must(detail::parse_json(line.substr(number, 42), value), "the number cannot be read");
    must(value.is_number() && value.get<double>() == 42.75, "a number is another one since the locale changed meanwhile");
    locale_to_come = nullptr;
    must(std::strtod("42.75", nullptr) == 42, "the locale did not change");
    std::setlocale(LC_NUMERIC, "C");
  }
  return faults == 0 ? 0 : 1;
}
#else
int main() { return 77; }  // how a locale is made is the C library's own affair
#endif
