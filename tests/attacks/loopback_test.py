#!/usr/bin/env python3
"""Nothing but loopback is ever bound, and both loopbacks are, or neither."""

import errno
import os
import re
import socket
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from client import ask, get_head  # noqa: E402
from servers import BIN, Server  # noqa: E402

LOOPBACK = {"0100007F", "00000000000000000000000001000000"}  # as /proc writes 127.0.0.1 and ::1 on a little-endian machine


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
        return True
    except OSError:
        return False


def listening(process):
    """(address, port) of each socket on which the process listens, as the kernel has them."""
    inodes = {os.readlink(f"/proc/{process.pid}/fd/{each}") for each in os.listdir(f"/proc/{process.pid}/fd")}
    found = []
    for table in ("tcp", "tcp6", "udp", "udp6"):
        for line in Path(f"/proc/{process.pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            is_bound = table.startswith("udp") or fields[3] == "0A"
            if is_bound and f"socket:[{fields[9]}]" in inodes:
                address, port = fields[1].split(":")
                found.append((address, int(port, 16)))
    return found


def squatter(address, reuse=False, port=0):
    holder = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    try:
        if ":" in address:
            holder.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0 if address == "::" else 1)
        if reuse:
            holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind((address, port))
        holder.listen()
        return holder
    except OSError:
        holder.close()
        raise


@unittest.skipUnless(sys.platform == "linux" and sys.byteorder == "little",
                     "the kernel's own list is read from /proc, in Linux's format")
class Bound(unittest.TestCase):
    def assert_loopback_only(self, server):
        found = listening(server.process)
        self.assertEqual({address for address, _ in found}, LOOPBACK if has_ipv6() else {"0100007F"})
        self.assertEqual({port for _, port in found}, {server.port})

    def test_every_option_that_binds_binds_loopback(self):
        with Server("attack_target") as server:
            self.assert_loopback_only(server)
            with Server("attack_target", f"port={server.port}", "try_next=1", "extra_ports=16") as next_one:
                self.assert_loopback_only(next_one)
                self.assertGreater(next_one.port, server.port)

    def test_every_program_of_this_repository_binds_loopback(self):
        for program, arguments in (("hello", ("--port", "0")), ("live", ("--port", "0")), ("tokens", ("--port", "0")),
                                   ("council", ("--port", "0")), ("own_loop", ("--port", "0")), ("echo_server", ("0",)),
                                   ("hello", ("--port", "0", "--allow-origin", "http://0.0.0.0:3000"))):
            if (BIN / program).exists():
                with self.subTest(program=program), Server(program, *arguments) as server:
                    self.assert_loopback_only(server)

    def test_other_addresses_of_this_machine_are_not_answered(self):
        others = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)} - {"127.0.0.1"}
        with Server("attack_target") as server:
            for address in others | {"127.0.0.2", "127.1.2.3"}:
                with socket.socket() as probe:
                    probe.settimeout(5)
                    with self.assertRaises(OSError, msg=address):
                        probe.connect((address, server.port))


class Squatting(unittest.TestCase):
    def refused(self, port):
        """The server's message when it does not listen."""
        ended = subprocess.run([str(BIN / "attack_target"), f"port={port}"], capture_output=True, timeout=60,
                               check=False)
        self.assertEqual(ended.returncode, 1)
        self.assertEqual(ended.stdout, b"")
        return ended.stderr.decode()

    def test_a_port_that_is_taken_on_either_loopback_or_all_addresses_is_an_error(self):
        for address in ("127.0.0.1", "::1", "0.0.0.0", "::"):
            if ":" in address and not has_ipv6():
                continue
            for reuse in (False, True):
                with self.subTest(address=address, reuse=reuse), squatter(address, reuse) as holder:
                    port = holder.getsockname()[1]
                    self.assertRegex(self.refused(port), "the port is in use")
                    with Server("attack_target", f"port={port}", "try_next=1") as server:
                        self.assertGreater(server.port, port)
                        self.assertEqual(ask(server.port, get_head(server.port)).status, 200)

    def test_no_other_process_can_bind_beside_us(self):
        with Server("attack_target") as server:
            for address in ("127.0.0.1", "::1", "0.0.0.0", "::"):
                if ":" in address and not has_ipv6():
                    continue
                with self.subTest(address=address), self.assertRaises(OSError) as caught:
                    squatter(address, True, server.port).close()
                self.assertEqual(caught.exception.errno, errno.EADDRINUSE)

    @unittest.skipUnless(has_ipv6(), "this machine has no IPv6")
    def test_both_loopbacks_are_served(self):
        with Server("attack_target") as server:
            for host in ("127.0.0.1", "::1"):
                self.assertEqual(ask(server.port, get_head(server.port), host=host).status, 200)

    def test_a_port_is_had_again_right_after_its_server_ended(self):
        with Server("attack_target") as server:
            port = server.port
            self.assertEqual(ask(port, get_head(port)).status, 200)
        with Server("attack_target", f"port={port}") as again:
            self.assertEqual(again.port, port)


class Usage(unittest.TestCase):
    def test_no_option_of_the_library_names_an_address(self):
        """To bind another address, a program would need an option that names one."""
        options = (Path(__file__).resolve().parents[2] / "src/server/options.hpp").read_text()
        names = re.findall(r"^  [\w:<>]+ (\w+)(?: =|\{|;)", options, re.M)
        self.assertIn("port", names)
        for name in names:
            self.assertNotRegex(name, "addr|host|bind|interface|listen")


if __name__ == "__main__":
    unittest.main()
