// A process of its own for a test body that ends its process, or might.
#pragma once

#if !defined(_WIN32)
#include <csignal>
#include <cstdio>
#include <iostream>

#include <sys/wait.h>
#include <unistd.h>

#include "catch.hpp"
#include "support/single_thread.hpp"

namespace test {

/// Forks when it is made, while this process has one thread, and runs `body(child)` there; the child exits with its result.
class child_process {
 public:
  template <class Body>
  explicit child_process(Body body) {
    await_single_thread();
    REQUIRE(::pipe(words_) == 0);
    std::cout.flush();  // else the child prints it once more
    std::fflush(nullptr);
    id_ = ::fork();
    REQUIRE(id_ >= 0);
    if (id_ != 0) {
      ::close(words_[1]);
      return;
    }
    ::alarm(120);  // in case the parent dies
    ::_exit(body(*this));
  }
  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;
  ~child_process() {
    if (id_ > 0) {
      ::kill(id_, SIGKILL);
      ::waitpid(id_, nullptr, 0);
    }
    ::close(words_[0]);
  }

  /// In the child.
  void say(char word) const noexcept {
    if (::write(words_[1], &word, 1) != 1) ::_exit(99);
  }
  /// In the parent: the child's next byte; NUL when it ended before.
  char hear() const noexcept {
    char word = 0;
    return ::read(words_[0], &word, 1) == 1 ? word : '\0';
  }
  void signal(int number) const { REQUIRE(::kill(id_, number) == 0); }
  /// How it ended: its exit code, or a hundred and the number of the signal that ended it.
  int end() {
    int status = 0;
    REQUIRE(::waitpid(id_, &status, 0) == id_);
    id_ = -1;
    return WIFSIGNALED(status) ? 100 + WTERMSIG(status) : WEXITSTATUS(status);
  }

 private:
  int words_[2];
  pid_t id_ = -1;
};

}  // namespace test
#endif
