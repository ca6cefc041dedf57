// A server on Windows, or on Wine: clients are accepted on both addresses, receive events, and leave; a taken port is an error or skipped
// on request; no program that the host starts inherits a socket. Prints each fault, and ends with their number.
#include <cstdio>
#include <exception>
#include <system_error>

#include "integration/support/test_client.hpp"
#include "wirthforge_ws.hpp"

namespace {

int faults = 0;

void check(bool is_so, const char* what) {
  std::printf("%s: %s\n", is_so ? "yes" : "NO", what);
  std::fflush(stdout);
  faults += is_so ? 0 : 1;
}

// By going through all: handles are multiples of four, and those of sockets have a type.
std::size_t inheritable_sockets() {
  std::size_t count = 0;
  for (UINT_PTR handle = 4; handle < 8192; handle += 4) {
    int type = 0;
    int size = sizeof type;
    const bool is_socket = ::getsockopt(handle, SOL_SOCKET, SO_TYPE, reinterpret_cast<char*>(&type), &size) == 0;
    DWORD flags = 0;
    const bool is_known = is_socket && ::GetHandleInformation(reinterpret_cast<HANDLE>(handle), &flags) != 0;
    count += is_known && (flags & HANDLE_FLAG_INHERIT) != 0 ? 1 : 0;
  }
  return count;
}

void leave(test::ws_client& client, const char* what) {
  client.close(wirthforge::rfc6455::close_code::normal);
  check(client.wait_for_close() == 1000, what);
}

void serve_some() {
  test::running_server up;
  up.start();
  test::ws_client first(up.port());
  check(first.is_upgraded(), "a client on 127.0.0.1 is accepted");
  check(first.next_of("startup_complete").is_object(), "it hears startup_complete");
  test::ws_client second(up.port(), "/ws", {}, true);
  check(second.next_of("startup_complete").is_object(), "a client on [::1] is accepted too");
  up.server.publish(test::reward("for both"));
  check(first.next_of("reward_event").is_object() && second.next_of("reward_event").is_object(), "both hear an event");

  check(inheritable_sockets() == 2, "of all sockets only those of this test's two clients can be inherited");

  leave(first, "the first leaves");
  leave(second, "the second leaves");
  for (int count = 0; count < 40; ++count) {
    if (test::http(up.port(), "/health").substr(9, 3) != "200") return check(false, "forty come and go");
  }
  check(true, "forty come and go");
  test::raw_client idle(up.port());
  up.server.stop();
  up.server.wait();
  check(idle.receive_all().empty() && idle.is_at_end(), "stop() ends the lines that are there");
}

void take_a_port_twice() {
  test::running_server first;
  first.start();
  wirthforge::server_options options;
  options.port = first.port();
  std::error_code error;
  wirthforge::server(options).listen(error);
  check(error == wirthforge::errc::port_in_use, "a taken port is errc::port_in_use");
  options.when_port_taken = wirthforge::port_policy::try_next;
  wirthforge::server next(options);
  next.listen(error);
  check(!error && next.port() > first.port(), "port_policy::try_next takes another");
}

}  // namespace

int main() {
  try {
    serve_some();
    take_a_port_twice();
  } catch (const std::exception& thrown) {
    check(false, thrown.what());
  }
  return faults;
}
