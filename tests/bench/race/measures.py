"""The measures, in their order. Figures go into a list by (measure, racer), one entry for each repetition."""

from contextlib import ExitStack

from racers import ASIO, EPOLL, OURS
from serve import CORES, LOAD_CORE, Failure, load, running, saturated


class Results:
    def __init__(self, say):
        self.runs = {}      # measure -> racer -> [figures or None of each repetition]
        self.failures = []
        self.say = say

    def take(self, measure, racer, run):
        """Calls `run`; records a failure beside the figures, and the race goes on."""
        try:
            figures = run()
        except Failure as failure:
            figures = None
            self.failures.append(f"{measure}, {racer}: {failure}")
            self.say(f"  {self.failures[-1]}")
        self.runs.setdefault(measure, {}).setdefault(racer, []).append(figures)


class Plan:
    """Seconds of each window, and how much."""

    def __init__(self, quick):
        self.repetitions = 1 if quick else 5
        self.echo_s = 0.2 if quick else 2
        self.fanout_s = 0.5 if quick else 3
        self.stress_s = 0.5 if quick else 10
        self.idle = 200 if quick else 1000
        self.clients = [100] if quick else [1, 10, 100, 1000, 4000]
        self.churn = 100 if quick else 1000


def race_once(results, racers, plan):
    """One repetition. For each measure the racers take turns, so that other work on the machine slows all of them."""
    results.take("sleep", "clock_nanosleep", lambda: load((0, 0), plan.fanout_s, "sleep"))
    with running(EPOLL, "raw") as raw:
        results.take("rtt", "raw TCP", lambda: load(raw, plan.echo_s, "raw"))
    with ExitStack() as stack:
        servers = {racer.name: stack.enter_context(running(racer, "echo")) for racer in racers}
        echo_measures = [("idle", plan.echo_s, ["idle", plan.idle]), ("rtt", plan.echo_s, ["rtt"]),
                         ("rate1", plan.echo_s * 0.75, ["rate", 32, 1]), ("rate8", plan.echo_s * 0.75, ["rate", 32, 8]),
                         ("handshakes", plan.echo_s / 2, ["handshakes"])]
        for measure, seconds, mode in echo_measures:
            results.say(f"  {measure}")
            for racer in racers:
                results.take(measure, racer.name, lambda: load(servers[racer.name], seconds, *mode))
    for clients in plan.clients:
        results.say(f"  60 Hz to {clients}")
        for racer in racers:
            if clients > racer.most_clients:
                continue
            with running(racer, "fanout") as server:
                results.take(f"fanout{clients}", racer.name, lambda: load(server, plan.fanout_s, "fanout", clients))


def stress(results, plan):
    """The 60 Hz fan-out under disturbances."""
    seconds = plan.stress_s
    for racer in [OURS, ASIO]:
        results.say(f"  the 60 Hz line under stress: {racer.label}")
        with running(racer, "fanout") as server:
            results.take("calm, 100 clients", racer.name, lambda: load(server, seconds, "fanout", 100))
        with running(racer, "fanout") as server, saturated(LOAD_CORE, seconds + 10):
            results.take("other core saturated, 100 clients", racer.name, lambda: load(server, seconds, "fanout", 100))
        with running(racer, "fanout") as server:
            results.take(f"{plan.churn} clients, 100 a second leave and come", racer.name,
                         lambda: load(server, seconds, "fanout", plan.churn, 100))
    # A callback of 15 ms takes nearly a whole core, so the server may use both cores, as in an integrator's program.
    with running(OURS, "fanout", "15", cores=set(CORES)) as server:
        results.take("callback takes 15 ms, 10 clients", OURS.name,
                     lambda: load(server, seconds, "fanout", 10, cores=set(CORES)))
