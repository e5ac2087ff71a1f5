"""``python -m loadtests.bare_sender``: a process that does nothing but ``send(2)`` into many sockets, as the yardstick of a delivery.

It stands where the gateway stands: a process of its own, whose receivers live in the driver's process and are woken by each send,
because on this machine the kernel charges most of a delivery, waking included, to the sender. Commands come on standard
input, one a line; answers leave on standard output. ``accept N`` takes N connections; ``send BYTES ROUNDS RATE`` writes so many
bytes into each socket once a round, RATE rounds a second, and answers with the processor seconds of one send.
"""

from __future__ import annotations

import socket
import struct
import sys
import time
from typing import Final

HOST: Final = "127.0.0.1"
BACKLOG: Final = 4_096
LONGEST: Final = struct.pack("ll", 10, 0)
"""Longest wait of one send for a receiver who does not read: seconds and microseconds. Given to the system, because with a
timeout of its own Python asks the system twice for each send."""


def main() -> None:
    """Serve commands until standard input ends."""
    with socket.create_server((HOST, 0), backlog=BACKLOG) as server:
        _answer(str(server.getsockname()[1]))
        sockets: list[socket.socket] = []
        for line in sys.stdin:
            match line.split():
                case ["accept", number]:
                    sockets += [_accept(server) for _ in range(int(number))]
                    _answer(str(len(sockets)))
                case ["send", size, rounds, rate]:
                    spent_s = send_rounds(sockets, b"x" * int(size), rounds=int(rounds), rate=float(rate))
                    _answer(f"{spent_s:.12f}")
                case _:
                    raise SystemExit(f"no such command: {line!r}")


def send_rounds(sockets: list[socket.socket], frame: bytes, *, rounds: int, rate: float) -> float:
    """Send a frame into each socket once a round; give the processor seconds of one send, waiting not counted."""
    spent, began = 0.0, time.monotonic()
    for number in range(rounds):
        time.sleep(max(0.0, began + number / rate - time.monotonic()))
        before = time.thread_time()
        for one in sockets:
            one.send(frame)
        spent += time.thread_time() - before
    return spent / (rounds * len(sockets))


def _accept(server: socket.socket) -> socket.socket:
    accepted, _ = server.accept()
    accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    accepted.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, LONGEST)
    return accepted


def _answer(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main()
