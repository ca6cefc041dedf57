// The measurements that need no load generator, in this process. One line of JSON for each group.   micro [quick]
#define WIRTHFORGE_WS_UNDER_TEST  // the library's tools are seen without their namespace

#include <cstdlib>
#include <new>

#include "allocation_group.hpp"
#include "byte_groups.hpp"
#include "engine_groups.hpp"
#include "event_groups.hpp"
#include "model_groups.hpp"
#include "server_groups.hpp"

// Not inlined: GCC would see free() where it expects operator delete's own.
[[gnu::noinline]] void* operator new(std::size_t size) {
  if (micro::is_counting.load(std::memory_order_relaxed) && micro::is_counted) micro::allocations.fetch_add(1);
  if (void* const made = std::malloc(size)) return made;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* what) noexcept { std::free(what); }
[[gnu::noinline]] void operator delete(void* what, std::size_t) noexcept { std::free(what); }

int main(int argc, char**) {
  micro::pace how;
  if (argc > 1) how = {std::chrono::microseconds(100), 3};
  micro::allocation_group(argc > 1);
  micro::event_groups(how);
  micro::control_groups(how);
  micro::byte_groups(how);
  micro::token_group(how);
  micro::model_groups(how);
  micro::publish_group(how);
  micro::engine_groups(how, argc > 1);
}
