"""A bad line between two real processes: it loses, delays, throttles and reorders packets, by a seed.

Where root allows, each process stands in a network of its own (a namespace of Linux) with one device (TUN),
and every packet between them goes through this process: real TCP, real TLS. Elsewhere a relay on this machine
throttles what goes through it and cuts connections. `TunLink.why_not` says which it will be.
"""

from __future__ import annotations

import fcntl
import heapq
import itertools
import os
import random
import select
import shutil
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

TUN: Final = Path("/dev/net/tun")
TUNSETIFF: Final = 0x400454CA
IFF_TUN_NO_PI: Final = 0x1001
MTU: Final = 1_400
DESK, PLATFORM = "10.77.0.1", "10.77.0.2"
PORT: Final = 8443
PATIENCE_S: Final = 10.0


@dataclass(frozen=True)
class Weather:
    """How bad a line is, each way.

    Attributes:
        bytes_per_s: how much it carries.
        delay_s: one way.
        loss: share of packets that never come; of the relay, of connections that are cut.
        late: share of packets that are overtaken by those behind them.
        queue_bytes: what waits for the line; more is thrown away, as a modem does.
    """

    bytes_per_s: float
    delay_s: float
    loss: float
    late: float = 0.0
    queue_bytes: int = 64_000


@dataclass
class Tally:
    """What the line did."""

    carried: int = 0
    lost: int = 0
    late: int = 0
    overflowed: int = 0


@dataclass
class _Way:
    """One direction of the line: packets that are on it, by when they come out."""

    weather: Weather
    chance: random.Random
    tally: Tally
    _free_at: float = 0.0
    _order: Iterator[int] = field(default_factory=itertools.count)
    _on_it: list[tuple[float, int, bytes]] = field(default_factory=list)

    def put(self, packet: bytes, now: float) -> None:
        """Put a packet on the line, or lose it."""
        weather = self.weather
        if self.chance.random() < weather.loss:
            self.tally.lost += 1
            return
        begins = max(now, self._free_at)
        if (begins - now) * weather.bytes_per_s > weather.queue_bytes:
            self.tally.overflowed += 1
            return
        self._free_at = begins + len(packet) / weather.bytes_per_s
        due = self._free_at + weather.delay_s
        if self.chance.random() < weather.late:
            self.tally.late += 1
            due += weather.delay_s + 3 * len(packet) / weather.bytes_per_s
        heapq.heappush(self._on_it, (due, next(self._order), packet))

    def due(self, now: float) -> Iterator[bytes]:
        """Give the packets that have come out."""
        while self._on_it and self._on_it[0][0] <= now:
            self.tally.carried += 1
            yield heapq.heappop(self._on_it)[2]

    @property
    def next_at(self) -> float | None:
        """When the next packet comes out."""
        return self._on_it[0][0] if self._on_it else None


class TunLink:
    """Two networks, and the line between them.

    Attributes:
        how: which way it went, in a word.
        url: where the desk finds the platform.
        at_desk, at_platform: what stands before a command that runs there.
        tally: what the line did.
    """

    how = "TUN"
    url = f"https://{PLATFORM}:{PORT}"

    def __init__(self, weather: Weather, seed: int) -> None:
        self.tally, chance = Tally(), random.Random(seed)
        self._ways = (_Way(weather, chance, self.tally), _Way(weather, chance, self.tally))
        self._stack = ExitStack()
        self._stopping = threading.Event()
        try:
            nets = [self._stack.enter_context(a_network()) for _ in range(2)]
            self._devices = [
                self._stack.enter_context(a_device(net, address))
                for net, address in zip(nets, (DESK, PLATFORM), strict=True)
            ]
        except BaseException:
            self._stack.close()
            raise
        self.at_desk, self.at_platform = ([*INTO, str(net), "-n"] for net in nets)
        self._carrier = threading.Thread(target=self._carry, name="line")
        self._carrier.start()

    @staticmethod
    def why_not() -> str | None:
        """Say what is missing for it on this machine; None when nothing is."""
        if not TUN.exists():
            return "no /dev/net/tun"
        if missing := [one for one in ("ip", "unshare", "nsenter") if shutil.which(one) is None]:
            return f"no {', '.join(missing)}"
        tried = subprocess.run(["unshare", "-n", "true"], check=False, capture_output=True)
        return None if tried.returncode == 0 and os.geteuid() == 0 else "not allowed"

    def serving(self, chain: Path) -> list[str]:
        """The options with which the platform serves at its end."""
        return ["--host", PLATFORM, "--port", str(PORT), "--tls-cert", str(chain), "--tls-key", str(chain)]

    def close(self) -> None:
        """Take everything down."""
        self._stopping.set()
        self._carrier.join()
        self._stack.close()

    def _carry(self) -> None:
        into = dict(zip(self._devices, self._ways, strict=True))
        out = list(zip(self._ways, reversed(self._devices), strict=True))
        while not self._stopping.is_set():
            now = time.monotonic()
            waits = [one.next_at - now for one in self._ways if one.next_at is not None]
            ready, _, _ = select.select(self._devices, [], [], max(0.0, min([*waits, 0.05])))
            now = time.monotonic()
            for device in ready:
                packet = os.read(device, 2 * MTU)
                if packet[0] >> 4 == 4:  # the rest is neighbours looking for each other by IPv6
                    into[device].put(packet, now)
            for way, device in out:
                for packet in way.due(now):
                    with suppress(OSError):  # the device is down already
                        os.write(device, packet)


INTO: Final = ("nsenter", "-t")


@contextmanager
def a_network() -> Iterator[int]:
    """A network of its own, held by a process; gives its number."""
    holder = subprocess.Popen(["unshare", "-n", "sleep", "infinity"])
    try:
        ours, until = Path("/proc/self/ns/net").readlink(), time.monotonic() + PATIENCE_S
        while Path(f"/proc/{holder.pid}/ns/net").readlink() == ours:
            assert time.monotonic() < until, "no network of its own"
            time.sleep(0.005)
        yield holder.pid
    finally:
        holder.kill()
        holder.wait()


@contextmanager
def a_device(net: int, address: str) -> Iterator[int]:
    """The one device of a network; what it sends is read from the file that this gives."""
    name = f"mx{net}"
    device = os.open(TUN, os.O_RDWR)
    try:
        fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN_NO_PI))
        inside = [*INTO, str(net), "-n", "ip"]
        for command in (
            ["ip", "link", "set", name, "netns", str(net)],
            [*inside, "addr", "add", f"{address}/30", "dev", name],
            [*inside, "link", "set", name, "mtu", str(MTU), "up"],
            [*inside, "link", "set", "lo", "up"],
        ):
            subprocess.run(command, check=True, capture_output=True)
        yield device
    finally:
        os.close(device)


class CutLink:
    """The same without root: a relay on this machine, which throttles, and cuts connections by chance."""

    how = "relay"

    def __init__(self, weather: Weather, seed: int) -> None:
        self.tally = Tally()
        self.at_desk: Sequence[str] = ()
        self.at_platform: Sequence[str] = ()
        self._weather, self._chance = weather, random.Random(seed)
        self._door = socket.create_server(("127.0.0.1", 0))
        with closing(socket.create_server(("127.0.0.1", 0))) as free:
            self._behind = free.getsockname()
        self.url = f"http://127.0.0.1:{self._door.getsockname()[1]}"
        self._carriers: list[threading.Thread] = []
        self._open: list[socket.socket] = []
        self._doorman = threading.Thread(target=self._let_in, name="relay")
        self._doorman.start()

    def serving(self, _chain: Path) -> list[str]:
        """The options with which the platform serves behind it."""
        return ["--port", str(self._behind[1])]

    def close(self) -> None:
        """Take everything down."""
        self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()
        self._doorman.join()
        for line in self._open:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
        for one in self._carriers:
            one.join()
        for line in self._open:
            line.close()

    def _let_in(self) -> None:
        while True:
            try:
                desk, _ = self._door.accept()
                platform = socket.create_connection(self._behind)
            except OSError:
                if self._door.fileno() < 0:
                    return
                desk.close()
                continue
            self._open += [desk, platform]
            for way in ((desk, platform), (platform, desk)):
                self._carriers.append(threading.Thread(target=self._carry, args=way))
                self._carriers[-1].start()

    def _carry(self, here: socket.socket, there: socket.socket) -> None:
        weather = self._weather
        with suppress(OSError):
            while piece := here.recv(MTU):
                time.sleep(len(piece) / weather.bytes_per_s)
                if self._chance.random() < weather.loss / 10:  # a connection has many pieces, and dies of one
                    self.tally.lost += 1
                    break
                there.sendall(piece)
                self.tally.carried += 1
        for line in (here, there):
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)


@contextmanager
def a_bad_link(weather: Weather, seed: int) -> Iterator[TunLink | CutLink]:
    """Give the best that this machine allows."""
    link = CutLink(weather, seed) if TunLink.why_not() else TunLink(weather, seed)
    with closing(link):
        yield link
