// The output of the load generator: one line of JSON. And the CPU and memory that the server used meanwhile, from /proc.
#pragma once

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "line.hpp"

namespace load {

/// Of sorted samples.
inline double percentile(const std::vector<std::int64_t>& sorted, double of) {
  if (sorted.empty()) return 0;
  const auto index = static_cast<std::size_t>(of / 100 * static_cast<double>(sorted.size() - 1) + 0.5);
  return static_cast<double>(sorted[index]);
}

class result {
 public:
  void add(const std::string& name, double value) {
    char text[64];
    std::snprintf(text, sizeof text, "%.9g", value);
    line_ += (line_.size() > 1 ? ", \"" : "\"") + name + "\": " + text;
  }
  /// NAME_p50_us, _p99_us, _p999_us, _max_us.
  void add_times(const std::string& name, std::vector<std::int64_t> ns) {
    std::sort(ns.begin(), ns.end());
    add(name + "_p50_us", percentile(ns, 50) / 1000);
    add(name + "_p99_us", percentile(ns, 99) / 1000);
    add(name + "_p999_us", percentile(ns, 99.9) / 1000);
    add(name + "_max_us", ns.empty() ? 0 : static_cast<double>(ns.back()) / 1000);
  }
  void print() const { std::printf("%s}\n", line_.c_str()); }

 private:
  std::string line_ = "{";
};

/// CPU and memory of the server's process: its threads' run time in ns where the kernel keeps it, else utime + stime.
class server_usage {
 public:
  explicit server_usage(long pid) : folder_("/proc/" + std::to_string(pid)) {}

  double cpu_seconds() const {
    double ns = 0;
    if (DIR* const tasks = opendir((folder_ + "/task").c_str())) {
      while (const dirent* const each = readdir(tasks)) {
        if (each->d_name[0] == '.') continue;
        double spent = 0;
        std::ifstream(folder_ + "/task/" + each->d_name + "/schedstat") >> spent;
        ns += spent;
      }
      closedir(tasks);
    }
    if (ns > 0) return ns / 1e9;
    std::string text;
    std::getline(std::ifstream(folder_ + "/stat"), text);
    unsigned long user = 0;
    unsigned long system = 0;
    const std::size_t after_name = text.rfind(')');
    if (after_name == std::string::npos) return 0;
    std::sscanf(text.c_str() + after_name + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
    return static_cast<double>(user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
  }

  double rss_kib() const {
    std::ifstream status(folder_ + "/status");
    for (std::string text; std::getline(status, text);) {
      if (text.compare(0, 6, "VmRSS:") == 0) return std::strtod(text.c_str() + 6, nullptr);
    }
    return 0;
  }

 private:
  std::string folder_;
};

}  // namespace load
