// The 60 Hz fan-out, seen by its clients: each event holds the time at which it was published, its tick's lateness and its number.
#pragma once

#include <sys/epoll.h>

#include <deque>
#include <map>
#include <string>

#include "line.hpp"
#include "result.hpp"

namespace load {

struct energy {
  std::int64_t number = -1;
  std::int64_t published_ns = 0;
  std::int64_t lateness_ns = 0;
};

/// False for any other event.
inline bool read_energy(std::string_view text, energy& found) {
  const auto number_after = [&](std::string_view name, std::int64_t& value) {
    const std::size_t at = text.find(name);
    if (at == std::string_view::npos) return false;
    char digits[32] = {};
    text.copy(digits, sizeof digits - 1, at + name.size());
    value = static_cast<std::int64_t>(std::strtod(digits, nullptr));
    return true;
  };
  return number_after("\"totalEnergy\":", found.published_ns) && number_after("\"frameNumber\":", found.number) &&
         number_after("\"deltaEnergy\":", found.lateness_ns);
}

class audience {
 public:
  audience(target to, std::size_t stayers) : to_(std::move(to)), lines_(stayers), last_seen_(stayers, -1) {
    poll_fd_ = epoll_create1(0);
    for (std::size_t index = 0; index < stayers; ++index) {
      lines_[index].dial(to_);
      lines_[index].do_not_block();
      watch(lines_[index].fd(), index);
      if (index % 32 == 0) serve(0);  // the first clients are sent events already
    }
    const std::int64_t patience_until = steady_ns() + 20'000'000'000;
    while (!std::all_of(lines_.begin(), lines_.end(), [](const line& each) { return each.is_open(); })) {
      serve(1);
      if (steady_ns() < patience_until) continue;
      errno = ETIMEDOUT;
      give_up("not every client was accepted within 20 s");
    }
  }

  /// Serves until `end`; events that were published in [begin, end) are counted.
  void listen(std::int64_t begin, std::int64_t end, std::int64_t until) {
    begin_ = begin;
    end_ = end;
    for (std::int64_t before = steady_ns(), now = before; now < until; before = now) {
      if (churn_per_s_ > 0 && steady_ns() >= next_churn_) churn();
      serve(1);
      now = steady_ns();
      if (begin <= before && now - before > longest_round_ns_) longest_round_ns_ = now - before;
    }
  }

  /// From now on so many clients a second hang up and as many come, out of `visitors` at a time.
  void begin_churn(double per_s, std::size_t visitors) {
    for (std::size_t index = 0; index < visitors; ++index) {
      visitors_.emplace_back();
      admit(index);
    }
    churn_per_s_ = per_s;
    next_churn_ = steady_ns();
  }

  void report(double cpu_s, double seconds, double rss_kib) {
    result out;
    std::vector<std::int64_t> lateness;
    std::vector<std::int64_t> spread;
    std::int64_t received = 0;
    for (const auto& [number, seen] : ticks_) {
      if (seen.lateness_ns >= 0) lateness.push_back(seen.lateness_ns);
      spread.push_back(seen.last_ns - seen.first_ns);
      received += seen.count;
    }
    std::int64_t late_by_a_tick = 0;
    for (const std::int64_t each : latency_) late_by_a_tick += each > 1'000'000'000 / 60 ? 1 : 0;
    const std::int64_t periods = ticks_.empty() ? 0 : ticks_.rbegin()->first - ticks_.begin()->first + 1;
    std::int64_t span_ns = 0;
    if (!ticks_.empty()) span_ns = ticks_.rbegin()->second.published_ns - ticks_.begin()->second.published_ns;
    const double steps = static_cast<double>(ticks_.size()) - 1;
    out.add("rate_hz", span_ns > 0 ? steps / static_cast<double>(span_ns) * 1e9 : 0);
    out.add("missed_ticks", static_cast<double>(periods) - static_cast<double>(ticks_.size()));
    out.add("missed_frames", static_cast<double>(static_cast<std::int64_t>(lines_.size()) * periods - received));
    out.add("late_by_a_tick", static_cast<double>(late_by_a_tick));
    out.add("lost_connections", static_cast<double>(lost_));
    out.add("left_and_came", static_cast<double>(churned_));
    out.add_times("lateness", std::move(lateness));
    out.add_times("latency", std::move(latency_));
    out.add_times("spread", std::move(spread));
    out.add("generator_round_max_us", static_cast<double>(longest_round_ns_) / 1000);
    out.add("cpu_percent", cpu_s / seconds * 100);
    out.add("rss_mib", rss_kib / 1024);
    out.print();
  }

 private:
  struct seen_tick {
    std::int64_t published_ns = 0;
    std::int64_t lateness_ns = -1;  // not known
    std::int64_t first_ns = 0;
    std::int64_t last_ns = 0;
    std::int64_t count = 0;
  };

  void watch(int fd, std::size_t index) const {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = index;
    epoll_ctl(poll_fd_, EPOLL_CTL_ADD, fd, &event);
  }

  void serve(int wait_ms) {
    epoll_event events[256];
    const int count = epoll_wait(poll_fd_, events, 256, wait_ms);
    for (int at = 0; at < count; ++at) {
      const auto index = static_cast<std::size_t>(events[at].data.u64);
      const bool is_stayer = index < last_seen_.size();
      line& from = is_stayer ? lines_[index] : visitors_[index - last_seen_.size()];
      if (from.fd() < 0) continue;
      const bool is_there = from.receive([&](std::string_view text) {
        if (is_stayer) take(index, text);
      });
      if (is_there) continue;
      if (is_stayer) ++lost_;
      from.hang_up();
    }
  }

  void take(std::size_t client, std::string_view text) {
    const std::int64_t now = steady_ns();
    energy event;
    if (!read_energy(text, event)) return;
    const bool follows = event.number == last_seen_[client] + 1;
    last_seen_[client] = event.number;
    if (event.published_ns < begin_ || event.published_ns >= end_) return;
    latency_.push_back(now - event.published_ns);
    seen_tick& tick = ticks_[event.number];
    if (tick.count++ == 0) {
      tick.published_ns = event.published_ns;
      tick.first_ns = now;
    }
    if (follows) tick.lateness_ns = event.lateness_ns;  // for a client that skipped frames it is a sum
    tick.last_ns = now;
  }

  void admit(std::size_t index) {
    visitors_[index].dial(to_);
    visitors_[index].do_not_block();
    watch(visitors_[index].fd(), last_seen_.size() + index);
  }
  void churn() {
    visitors_[next_visitor_].hang_up();
    admit(next_visitor_);
    next_visitor_ = (next_visitor_ + 1) % visitors_.size();
    next_churn_ += static_cast<std::int64_t>(1e9 / churn_per_s_);
    ++churned_;
  }

  target to_;
  int poll_fd_ = -1;
  std::deque<line> lines_;
  std::vector<std::int64_t> last_seen_;
  std::deque<line> visitors_;
  double churn_per_s_ = 0;
  std::int64_t next_churn_ = 0;
  std::size_t next_visitor_ = 0;
  std::uint64_t churned_ = 0;
  std::uint64_t lost_ = 0;
  std::int64_t begin_ = 0;
  std::int64_t end_ = 0;
  std::int64_t longest_round_ns_ = 0;  // a latency no longer than this may be caused by the generator
  std::map<std::int64_t, seen_tick> ticks_;
  std::vector<std::int64_t> latency_;
};

/// `clients` that stay; with `churn_per_s` a hundred more, of which so many leave and as many come each second.
inline void fanout(const target& to, double seconds, std::size_t clients, double churn_per_s, const server_usage& server) {
  audience all(to, clients);
  if (churn_per_s > 0) all.begin_churn(churn_per_s, 100);
  const std::int64_t begin = steady_ns() + 500'000'000;
  const std::int64_t end = begin + static_cast<std::int64_t>(seconds * 1e9);
  all.listen(begin, end, begin);
  const double cpu_before = server.cpu_seconds();
  all.listen(begin, end, end);
  const double cpu = server.cpu_seconds() - cpu_before;
  all.listen(begin, end, end + 200'000'000);  // events that are still on their way
  all.report(cpu, seconds, server.rss_kib());
}

}  // namespace load
