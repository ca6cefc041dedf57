"""The targets, each a ratio within one run, and whether it was met."""

from build import BASE
from figures import middle, ratio, short

OURS, ASIO, EPOLL = "ours", "asio_floor", "epoll_floor"
# uWebSockets / Asio floor, in the run in which both were measured.
UWEBSOCKETS = {"rtt_p50_us": 71 / 63, "rtt_p99_us": 130 / 100, "cpu_us": 28 / 25, "rate1": 134 / 135,
               "rate1_cpu": 7.5 / 7.3, "rate8": 984 / 1128, "rate8_cpu": 1.0 / 0.88, "fanout100_latency_p50_us": 548 / 457,
               "fanout100_latency_p99_us": 2590 / 903, "fanout100_cpu_percent": 5.6 / 4.9,
               "fanout1000_latency_p50_us": 4.2 / 3.5, "fanout1000_latency_p99_us": 8.5 / 7.7,
               "fanout1000_cpu_percent": 48 / 42}


def row(what, limit, measured, at_most=True, unit="x"):
    """One target: its limit and what was measured; says by how much it was missed."""
    bound = f"{'at most' if at_most else 'at least'} {short(limit)} {unit}"
    if measured is None:
        return [what, bound, "-", "not measured"]
    is_met = measured <= limit if at_most else measured >= limit
    verdict = "PASS" if is_met else f"short by {abs(measured - limit) / limit * 100:.0f} %" if limit else "short"
    return [what, bound, f"{short(measured)} {unit}", verdict]


def echo_targets(found):
    for what, name in [("p50", "rtt_p50_us"), ("p99", "rtt_p99_us"), ("CPU", "cpu_us")]:
        measured = ratio(found, "rtt", OURS, ASIO, name)
        yield row(f"round trip {what}, beside the Asio floor", 1.05, measured)
        yield row(f"round trip {what}, never behind uWebSockets (by the Asio floor)", UWEBSOCKETS[name], measured)
    for measure, flights, least in [("rate1", "1 in flight", 0.97), ("rate8", "8 in flight", 0.9)]:
        rate = ratio(found, measure, OURS, ASIO, "messages_per_s")
        cpu = ratio(found, measure, OURS, ASIO, "cpu_s_per_million")
        yield row(f"{flights}: messages/s, beside the Asio floor", least, rate, at_most=False)
        yield row(f"{flights}: messages/s, beside uWebSockets (by the Asio floor)", UWEBSOCKETS[measure], rate,
                  at_most=False)
        yield row(f"{flights}: CPU, beside the Asio floor", 1 / least, cpu)
        yield row(f"{flights}: CPU, beside uWebSockets (by the Asio floor)", UWEBSOCKETS[f"{measure}_cpu"], cpu)
    yield row("8 in flight: messages/s, beside Beast", 7, ratio(found, "rate8", OURS, "beast", "messages_per_s"),
              at_most=False)
    yield row("handshakes/s, beside the Asio floor", 0.95, ratio(found, "handshakes", OURS, ASIO, "handshakes_per_s"),
              at_most=False)
    yield row("memory an idle connection", 2, middle(found, "idle", OURS, "kib_per_connection"), unit="KiB")


def fanout_targets(found):
    for clients in [100, 1000]:
        measure = f"fanout{clients}"
        for what, name in [("CPU", "cpu_percent"), ("p50", "latency_p50_us"), ("p99", "latency_p99_us")]:
            measured = ratio(found, measure, OURS, ASIO, name)
            yield row(f"60 Hz to {clients}: {what}, beside the Asio floor", 1.05, measured)
            yield row(f"60 Hz to {clients}: {what}, 0.9 of uWebSockets (by the Asio floor)",
                      0.9 * UWEBSOCKETS[f"{measure}_{name}"], measured)
        yield row(f"60 Hz to {clients}: p50, FastAPI beside ours", 5,
                  ratio(found, measure, "fastapi", OURS, "latency_p50_us"), at_most=False)
    for clients in [1000, 4000]:
        measure = f"fanout{clients}"
        rate = middle(found, measure, OURS, "rate_hz")
        yield row(f"60 Hz to {clients}: off 60 by", 0.02, None if rate is None else abs(rate - 60), unit="Hz")
        yield row(f"60 Hz to {clients}: missed frames", 0, middle(found, measure, OURS, "missed_frames"), unit="frames")
        yield row(f"60 Hz to {clients}: late by a tick", 0, middle(found, measure, OURS, "late_by_a_tick"),
                  unit="frames")
    bare = {what: middle(found, "sleep", "clock_nanosleep", f"lateness_{what}_us") for what in ["p50", "p99"]}
    for what in ["p50", "p99"]:
        ours = middle(found, "fanout1", OURS, f"lateness_{what}_us")
        yield row(f"tick lateness {what} (1 client), beside clock_nanosleep", 1.2,
                  ours / bare[what] if ours and bare[what] else None)


def micro_targets(groups):
    by_name = {group["group"]: group for group in groups}
    update = by_name["energy_update"]
    yield row("check + write + frame an energy_update, beside to_chars", 1.3, update["ours"] / update["to_chars"])
    yield row("nlohmann build + dump, beside ours", 9, update["nlohmann build + dump"] / update["ours"], at_most=False)
    yield row("a check of an energy_update", 30, update["our check alone"], unit="ns")
    for name in ["heartbeat_response", "subscribe"]:
        control = by_name[name]
        yield row(f"read + check a {name}, beside nlohmann parse alone", 0.5,
                  control["ours, read and checked"] / control["nlohmann parse alone"])
    counted = by_name["allocations in steady state"]
    yield row("allocations an event, at every client count", 1, counted["an event"], unit="times")
    yield row("allocations an event and client", 0.01, counted["an event and client"], unit="times")
    yield row("UTF-8 check, ASCII", 10, by_name["64 KiB ASCII"]["UTF-8 check"], at_most=False, unit="GB/s")
    for name in by_name:
        if "mixed" in name or "CJK" in name:
            yield row(f"UTF-8 check, {name}", 2, by_name[name]["UTF-8 check"], at_most=False, unit="GB/s")
    ascii_text = by_name["64 KiB ASCII"]
    yield row("unmask, beside memcpy (both read and write 64 KiB)", 0.5, ascii_text["unmask"] / ascii_text["memcpy"],
              at_most=False)


def size_targets(sizes):
    base = sizes[BASE]["cpu_s"]
    hello = sizes.get("hello")
    yield row("compile hello, beside Asio and nlohmann/json used a little", 1.4, hello["cpu_s"] / base if hello else None)
    other = sizes.get("another file, separate compilation")
    yield row("compile another file separately", 1, other["cpu_s"] if other else None, unit="s")
    yield row("stripped hello with the page", 450, hello["kb"] if hello else None, unit="KB")
    bare = sizes.get("hello, no page")
    yield row("stripped hello without the page", 300, bare["kb"] if bare else None, unit="KB")


def target_rows(found):
    rows = []
    if "rtt" in found["runs"]:
        rows += [*echo_targets(found), *fanout_targets(found)]
    if "micro" in found:
        rows += micro_targets(found["micro"])
    if "sizes" in found:
        rows += size_targets(found["sizes"])
    return rows
