"""A case, and the functions that make its three kinds: it is answered, it is failed, it is closed."""

import itertools

import wire

GOODBYE = wire.close(1000)


class Until:
    """Send nothing more before the server has said so many lines."""

    def __init__(self, lines):
        self.lines = lines
        self.shown = "..."


class UntilSaid:
    """Send nothing more before the server has said that line."""
    shown = "..."

    def __init__(self, line):
        self.line = line


class FinOfOurs:
    """The client ends its direction of the TCP stream."""
    shown = "FIN"


FIN = FinOfOurs()


class Case:
    """`send` holds pieces, `Until`s and `FIN`; `back` the lines that must come, and nothing else. `chop`: the octets go out so
    many at a time, each in a segment of its own as far as the kernel lets them. `at`: which server it is said to. `subject`:
    `frames` behind an opening handshake that is in order, or the `head` itself. `may`: lines that may come, or not."""

    def __init__(self, title, section, send, back, at="echo", chop=None, subject="frames", may=()):
        self.id = None
        self.title = title
        self.section = section
        self.send = send
        self.back = back
        self.at = at
        self.chop = chop
        self.subject = subject
        self.may = may

    def accepts(self, got):
        """The lines that came, without the optional ones."""
        return [line for line in got if line not in self.may]

    def is_large(self):
        return sum(len(each) for each in self.send if isinstance(each, wire.Piece)) > 500000

    def sent(self):
        """The pieces that are sent; of a long run of like pieces only the ends."""
        shown = [each.shown for each in self.send]
        if len(shown) > 24:
            shown = [*shown[:10], f"(and {len(shown) - 20} more)", *shown[-10:]]
        return " ".join(shown) + (f" in chops of {self.chop}" if self.chop else "")

    def rendered(self, back):
        where = "" if self.at == "echo" else f" | at {self.at}"
        return f"{self.id} | {self.section} | {plain(self.title)}{where}\n  send {self.sent()}\n  back {summed_up(back)}\n"


def plain(title):
    """The title in printable ASCII; other characters are escaped."""
    return "".join(each if " " <= each <= "~" else each.encode("unicode_escape").decode() for each in title)


def summed_up(lines):
    """The lines joined to one; a line that comes several times in a row is counted."""
    runs = [(line, len(list(run))) for line, run in itertools.groupby(lines)]
    return ", ".join(line if count == 1 else f"{count} x {line}" for line, count in runs)


def expected_echo(pieces):
    """The echo's answers to whole messages of one frame each."""
    return [wire.said(each.opcode, each.payload) for each in pieces]


def answered(title, section, send, back, **how):
    """A case without a fault: the expected lines come back, and then the closing handshake."""
    count = len(back)
    return Case(title, section, [*send, Until(count), GOODBYE], [*back, "close 1000", "end"], **how)


def echoed(title, section, messages, **how):
    return answered(title, section, messages, expected_echo(messages), **how)


def failed(title, section, send, code, before=(), **how):
    """The server fails the connection with that code, after `before` and nothing more. The last piece of `send` is the fault:
    nothing is sent behind it that could wake the server up."""
    return Case(title, section, send, [*before, f"close {code}", "end"], **how)


def family(number, name, groups):
    """Numbers the cases: family.group.case."""
    cases = []
    for group, (title, members) in enumerate(groups, 1):
        for at, case in enumerate(members, 1):
            case.id = f"{number}.{group}.{at}"
            case.group = title
            case.family = name
            cases.append(case)
    return cases
