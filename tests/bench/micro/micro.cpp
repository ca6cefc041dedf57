// Measures in this process what no socket is needed for. One line of JSON for each group.   micro [quick]
#include "byte_groups.hpp"
#include "event_groups.hpp"
#include "server_groups.hpp"

int main(int argc, char**) {
  micro::pace how;
  if (argc > 1) how = {std::chrono::microseconds(100), 3};
  micro::event_groups(how);
  micro::control_groups(how);
  micro::byte_groups(how);
  micro::token_group(how);
  micro::publish_group(how);
}
