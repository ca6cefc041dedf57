// The library and Asio reach this program's own calls.
#if defined(__linux__)
#include <system_error>

#include "catch.hpp"
#include "faults/support/faults.hpp"
#include "wirthforge_ws.hpp"

using faults::call;

TEST_CASE("the library's calls reach this program's own", "[faults]") {
  const faults::sheltered exposed(false);
  wirthforge::journal::append_file file;
  faults::arm({call::open, EMFILE, ""}, 1);
  CHECK(file.open("/dev/null") == std::errc::too_many_files_open);
  CHECK(faults::disarm() == 1);
  asio::io_context io;
  asio::ip::tcp::socket socket(io);
  faults::arm({call::socket, ENFILE, ""}, 2);
  std::error_code error;
  socket.open(asio::ip::tcp::v4(), error);
  CHECK_FALSE(error);
  socket.close();
  socket.open(asio::ip::tcp::v4(), error);
  CHECK(error.value() == ENFILE);
  socket.open(asio::ip::tcp::v4(), error);
  CHECK_FALSE(error);
  CHECK(faults::disarm() == 1);
}
#endif
