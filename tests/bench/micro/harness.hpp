// A small harness: alternatives of one group take turns, batch by batch, so that other work slows all of
// them; the median of the batches counts.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace micro {

/// Makes the compiler assume that the value is read, and all memory too.
template <class Value>
inline void keep(const Value& value) {
  asm volatile("" : : "r"(&value) : "memory");
}

/// How long a batch takes, and how many there are.
struct pace {
  std::chrono::nanoseconds batch{3'000'000};
  int batches = 21;
};

class group {
 public:
  /// `unit`: "ns" for each call, or "GB/s" of `bytes` that a call works on.
  group(std::string name, pace how, std::string unit = "ns", double bytes = 0)
      : name_(std::move(name)), pace_(how), unit_(std::move(unit)), bytes_(bytes) {}

  /// `work` is called very often; it may keep what it needs.
  template <class Work>
  group& add(std::string name, Work work) {
    alternatives_.push_back({std::move(name),
                             [work](long count) mutable {
                               for (long done = 0; done < count; ++done) work();
                             },
                             1,
                             {}});
    return *this;
  }

  /// Measures all and prints one line of JSON.
  void run() {
    for (alternative& each : alternatives_) {
      // The quickest of three: one call may have waited for another thread of this core.
      while (std::min({time(each), time(each), time(each)}) < pace_.batch && each.count < (1L << 40)) each.count *= 2;
    }
    for (int batch = 0; batch < pace_.batches; ++batch) {
      for (alternative& each : alternatives_) {
        each.ns.push_back(static_cast<double>(time(each).count()) / static_cast<double>(each.count));
      }
    }
    std::printf("{\"group\": \"%s\", \"unit\": \"%s\"", name_.c_str(), unit_.c_str());
    for (alternative& each : alternatives_) {
      std::sort(each.ns.begin(), each.ns.end());
      const double median = each.ns[each.ns.size() / 2];
      std::printf(", \"%s\": %.4g", each.name.c_str(), bytes_ > 0 ? bytes_ / median : median);
    }
    std::printf("}\n");
    std::fflush(stdout);
  }

 private:
  struct alternative {
    std::string name;
    std::function<void(long)> work;
    long count;
    std::vector<double> ns;
  };
  static std::chrono::nanoseconds time(alternative& each) {
    const auto began = std::chrono::steady_clock::now();
    each.work(each.count);
    return std::chrono::steady_clock::now() - began;
  }

  std::string name_;
  pace pace_;
  std::string unit_;
  double bytes_;
  std::vector<alternative> alternatives_;
};

}  // namespace micro
