// A program with two libraries, each of which holds another version of the header.
#include <cstdio>
#include <exception>

void serve_old();
void serve_new();

int main() {
  try {
    serve_old();
    serve_new();
    serve_old();
  } catch (const std::exception& thrown) {
    std::fprintf(stderr, "%s\n", thrown.what());
    return 1;
  }
}
