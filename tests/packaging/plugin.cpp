// An integrator's shared library, with a server inside.
#include <wirthforge_ws.hpp>

#if defined(_WIN32)
__declspec(dllexport)
#endif
    const char* version_in_plugin();

const char* version_in_plugin() {
  wirthforge::server_options options;
  options.port = 0;
  wirthforge::server server(options);
  return server.port() == 0 ? wirthforge::library_version : "a port before the server listens";
}
