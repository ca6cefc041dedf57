"""Reads figures out of a run: medians over the repetitions, and ratios that are taken within each repetition."""

from statistics import median


def values(found, measure, racer, name):
    """Of each repetition that did not fail."""
    return [run[name] for run in found["runs"].get(measure, {}).get(racer, []) if run is not None and name in run]


def middle(found, measure, racer, name):
    got = values(found, measure, racer, name)
    return median(got) if got else None


def ratio(found, measure, racer, other, name, other_name=None):
    """The median over the repetitions of racer / other."""
    runs = found["runs"].get(measure, {})
    pairs = zip(runs.get(racer, []), runs.get(other, []))
    got = [a[name] / b[other_name or name] for a, b in pairs if a and b and b[other_name or name]]
    return median(got) if got else None


def short(value, scale=1.0):
    """Three figures, without an exponent."""
    if value is None:
        return "-"
    value *= scale
    size = abs(value)
    if value == int(value) and size < 1000 or size >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if size >= 10 else f"{value:.2f}"


def with_spread(got, scale=1.0):
    if not got:
        return "-"
    text = short(median(got), scale)
    if len(got) > 1:
        text += f" ({short(min(got), scale)}-{short(max(got), scale)})"
    return text
