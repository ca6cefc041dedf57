"""The whole table, in the order of the numbers."""

from table import abuse, closing, fragmentation, framing, handshake, limits, opcodes, pings, reserved, utf8

FAMILIES = (framing, pings, reserved, opcodes, fragmentation, utf8, closing, limits, handshake, abuse)


def all_cases():
    return [case for number, module in enumerate(FAMILIES, 1) for case in module.cases(number)]
