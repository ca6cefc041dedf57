"""Writes the results of a run as Markdown: the race, the micro benchmarks, stress, sizes, and the targets."""

from statistics import median

from build import BASE
from figures import middle, ratio, short, values, with_spread
from targets import target_rows

# (what, measure, name of the figure, scale). {} stands for each number of clients.
ECHO_ROWS = [
    ("round trip 125 B, p50 us", "rtt", "rtt_p50_us", 1),
    ("round trip p99 us", "rtt", "rtt_p99_us", 1),
    ("round trip p99.9 us", "rtt", "rtt_p999_us", 1),
    ("server CPU a round trip, us", "rtt", "cpu_us", 1),
    ("messages/s, 32 connections, 1 in flight, thousands", "rate1", "messages_per_s", 1e-3),
    ("CPU s a million of these", "rate1", "cpu_s_per_million", 1),
    ("same, the best eighth of the window", "rate1", "best_cpu_s_per_million", 1),
    ("messages/s, 32 connections, 8 in flight, thousands", "rate8", "messages_per_s", 1e-3),
    ("CPU s a million of these", "rate8", "cpu_s_per_million", 1),
    ("same, the best eighth of the window", "rate8", "best_cpu_s_per_million", 1),
    ("handshakes/s, thousands", "handshakes", "handshakes_per_s", 1e-3),
    ("server CPU a handshake, us", "handshakes", "cpu_us", 1),
    ("memory an idle connection, KiB", "idle", "kib_per_connection", 1),
]
FANOUT_ROWS = [
    ("ticks a second", "rate_hz", 1),
    ("missed ticks", "missed_ticks", 1),
    ("missed frames", "missed_frames", 1),
    ("received more than a tick late", "late_by_a_tick", 1),
    ("lateness of a tick p50 us", "lateness_p50_us", 1),
    ("lateness p99 us", "lateness_p99_us", 1),
    ("lateness max us", "lateness_max_us", 1),
    ("publish to receive p50 us", "latency_p50_us", 1),
    ("publish to receive p99 us", "latency_p99_us", 1),
    ("first to last client p50 us", "spread_p50_us", 1),
    ("longest round of the load generator us", "generator_round_max_us", 1),
    ("CPU % of a core", "cpu_percent", 1),
    ("RSS MiB", "rss_mib", 1),
]

# The table of the project's README: the medians alone.
SHORT_ROWS = [
    ("round trip of 125 B, p50, us", "rtt", "rtt_p50_us", 1),
    ("p99, us", "rtt", "rtt_p99_us", 1),
    ("messages/s, 32 connections, 1 in flight, thousands", "rate1", "messages_per_s", 1e-3),
    ("CPU s for a million", "rate1", "cpu_s_per_million", 1),
    ("messages/s, 8 in flight, thousands", "rate8", "messages_per_s", 1e-3),
    ("CPU s for a million", "rate8", "cpu_s_per_million", 1),
    ("60 Hz to 1 client: publish to receive, p50, us", "fanout1", "latency_p50_us", 1),
    ("to 100: p50, us", "fanout100", "latency_p50_us", 1),
    ("p99, us", "fanout100", "latency_p99_us", 1),
    ("CPU, % of a core", "fanout100", "cpu_percent", 1),
    ("to 1000: p50, ms", "fanout1000", "latency_p50_us", 1e-3),
    ("p99, ms", "fanout1000", "latency_p99_us", 1e-3),
    ("CPU, % of a core", "fanout1000", "cpu_percent", 1),
    ("ticks a second", "fanout1000", "rate_hz", 1),
    ("opening handshakes/s, thousands", "handshakes", "handshakes_per_s", 1e-3),
    ("memory of an idle connection, KiB", "idle", "kib_per_connection", 1),
]


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def race_tables(found):
    names = list(found["racers"])
    labels = [found["racers"][name] for name in names]
    yield "## In short\n"
    yield table(["", *labels], [[what, *(short(middle(found, measure, name, figure), scale) for name in names)]
                                for what, measure, figure, scale in SHORT_ROWS])
    raw = ", ".join(f"{what} {with_spread(values(found, 'rtt', 'raw TCP', name))}"
                    for what, name in [("p50", "rtt_p50_us"), ("p99", "rtt_p99_us")])
    sleep = ", ".join(f"{what} {with_spread(values(found, 'sleep', 'clock_nanosleep', f'lateness_{what}_us'))}"
                      for what in ["p50", "p99", "max"])
    yield "## Echo\n"
    yield table(["", *labels], [[what, *(with_spread(values(found, measure, name, figure), scale) for name in names)]
                                for what, measure, figure, scale in ECHO_ROWS])
    yield f"Raw TCP round trip of as many bytes: {raw} us. Beast and libwebsockets write once a message.\n"
    for measure in [each for each in found["runs"] if each.startswith("fanout")]:
        yield f"## 60 Hz to {measure[len('fanout'):]} client(s)\n"
        yield table(["", *labels],
                    [[what, *(with_spread(values(found, measure, name, figure), scale) for name in names)]
                     for what, figure, scale in FANOUT_ROWS])
    yield f"Bare `clock_nanosleep` to absolute deadlines, nothing else on that core: lateness {sleep} us.\n"


def micro_tables(groups):
    events = [group for group in groups if "to_chars" in group]
    columns = ["ours", "our check alone", "to_chars", "nlohmann build + dump", "valijson check alone"]
    yield "## One event: check, serialize, frame (ns)\n"
    yield table(["", *columns, "ours / to_chars", "nlohmann / ours"],
                [[group["group"], *(short(group.get(column)) for column in columns),
                  short(group["ours"] / group["to_chars"]), short(group["nlohmann build + dump"] / group["ours"])]
                 for group in events])
    yield "## In this process\n"
    rows = []
    for group in groups:
        if group in events:
            continue
        figures = {name: value for name, value in group.items() if name not in ("group", "unit")}
        medians = ", ".join(f"{name} {short(value)}" for name, value in figures.items())
        rows.append([group["group"], group["unit"], medians])
    yield table(["", "unit", "medians"], rows)


def stress_table(found):
    yield "## 60 Hz under stress\n"
    columns = ["missed_ticks", "missed_frames", "late_by_a_tick", "lateness_p50_us", "lateness_p99_us",
               "lateness_max_us", "latency_p50_us", "latency_p99_us", "latency_max_us", "generator_round_max_us",
               "lost_connections", "left_and_came"]
    rows = []
    for measure, racers in found["runs"].items():
        if "clients" not in measure:
            continue
        for name in racers:
            rows.append([measure, found["racers"].get(name, name),
                         *(with_spread(values(found, measure, name, column)) for column in columns)])
    yield table(["", "", *(column.replace("_", " ") for column in columns)], rows)


def size_table(sizes):
    yield "## Compile time and size (-O2, stripped)\n"
    base = sizes[BASE]["cpu_s"]
    yield table(["", "CPU s", f"x {BASE}", "KB"],
                [[name, short(each["cpu_s"]), short(each["cpu_s"] / base), short(each["kb"])]
                 for name, each in sizes.items()])


BEFORE = "before"


def micro_ratios(found):
    """(group, figure, ratio) of what both commits measure: the median over pairs of turns."""
    def by_name(turn):
        return {(group["group"], name): value for group in turn for name, value in group.items() if name not in ("group", "unit")}

    pairs = [[by_name(turn) for turn in pair] for pair in found["micro_pairs"]]
    for key in pairs[0][0]:
        got = [ours[key] / before[key] for ours, before in pairs if ours.get(key) and before.get(key)]
        if got:
            yield *key, median(got)


def beside_table(found):
    """Ours divided by ours of another commit: a round trip in less time is below 1, more messages are above."""
    yield f"## Beside {found['racers'].get(BEFORE, 'another commit')}: ours divided by that\n"
    rows = [[what, short(ratio(found, measure, "ours", BEFORE, figure))] for what, measure, figure, _ in ECHO_ROWS]
    for measure in [each for each in found["runs"] if each.startswith("fanout")]:
        rows += [[f"60 Hz to {measure[len('fanout'):]}: {what}", short(ratio(found, measure, "ours", BEFORE, figure))]
                 for what, figure, _ in FANOUT_ROWS]
    if "micro_pairs" in found:
        rows += [[f"{group}: {figure}", short(quotient)] for group, figure, quotient in micro_ratios(found)]
    sizes = found.get("sizes", {})
    for name, each in sizes.items():
        other = sizes.get(f"{name}, {found['racers'].get(BEFORE)}")
        if other:
            rows += [[f"{name}: compile time", short(each["cpu_s"] / other["cpu_s"])], [f"{name}: KB", short(each["kb"] / other["kb"])]]
    yield table(["", "ratio"], [each for each in rows if each[1] != "-"])


def written(found):
    machine = found["machine"]
    parts = ["# The race, as measured\n",
             f"{machine['cpu']}, {machine['cores']} cores, Linux {machine['kernel']}, {machine['compiler']}; commit "
             f"{machine['commit']}. Server on one core, load generator on the other; racers take turns within each "
             f"measure; medians of {found['repetitions']} (lowest-highest). Load average before "
             f"{found['load_average_before'][0]:.1f}, after {found['load_average_after'][0]:.1f}; the race itself makes "
             "about 2. Only ratios within one run mean anything.\n"]
    if found["quick"]:
        parts.append("**A short run: it shows that the race runs. Its figures mean nothing.**\n")
    if "rtt" in found["runs"]:
        parts += race_tables(found)
    if "micro" in found:
        parts += micro_tables(found["micro"])
    if any("clients" in measure for measure in found["runs"]):
        parts += stress_table(found)
    if "sizes" in found:
        parts += size_table(found["sizes"])
    if BEFORE in found["racers"]:
        parts += beside_table(found)
    parts += ["## Where to get\n", table(["", "target", "measured", ""], target_rows(found)),
              "uWebSockets is not in Debian, and npm's package is prebuilt for Node: it cannot be built here. Its limits "
              "are taken through the Asio floor: its ratio to that floor in the run that set the targets.\n"]
    if found["failures"]:
        parts += ["## Failures\n", "".join(f"- {each}\n" for each in found["failures"])]
    return "\n".join(parts)
