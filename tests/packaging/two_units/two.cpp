// The other unit. Both must see the same objects, and a server must work across them.
#include "wirthforge_ws.hpp"

const void* category_in_one();

int main() {
  wirthforge::server_options options;
  options.port = 0;
  wirthforge::server server(options);
  server.start();
  server.stop();
  server.wait();
  return category_in_one() == &wirthforge::wirthforge_category() ? 0 : 1;
}
