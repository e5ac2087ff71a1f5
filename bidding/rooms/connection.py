"""A server connection whose short text messages reach their listener in one step.

The library hands each message over through a queue and a task that waits for it; at some thousand bids a second that was a
quarter of the gateway's time. Here whole frames are told apart as they arrive:

1. One whole, masked, unfragmented text frame goes straight to the listener, once somebody listens and nothing older waits.
2. Every other frame (control frames, fragments, binary, too long, out of form) goes to the library as it came, which
   judges it as it always does. From the first fragment on, or the first length in 64 bits, everything does.
3. What is not yet a whole frame waits here, never longer than the longest frame.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from websockets.asyncio.server import ServerConnection
from websockets.protocol import State

try:
    from websockets.speedups import apply_mask
except ImportError:  # where the library has no compiled part
    from websockets.utils import apply_mask

from bidding.rooms.wire import FRAME_LIMIT

WHOLE_TEXT: Final = 0x81
"""First byte of an unfragmented text frame: FIN, no reserved bit, opcode 1."""
FIN: Final = 0x80
MASKED: Final = 0x80
SHORT: Final = 126
HEAD_LIMIT: Final = 14
HEAD_END: Final = b"\r\n\r\n"

Listener = Callable[[bytes], None]


class RoomConnection(ServerConnection):
    """See the rules of the module."""

    was_heard = True
    """Whether anything came since somebody looked."""
    on_parting: Callable[[], None] | None = None
    """Called when the other side begins to close: nothing may be written after that."""
    _listener: Listener | None = None
    _apart = False
    """Whether frames are told apart here: from the end of the handshake until the first fragment."""
    _begun = b""
    """The beginning of a frame."""

    def listen(self, listener: Listener) -> None:
        """Have further messages told to ``listener``; those that came before are still iterated over."""
        self._listener = listener

    def data_received(self, data: bytes) -> None:
        """Take bytes from the line."""
        self.was_heard = True
        if not self._apart:
            is_handshake = self.request is None
            super().data_received(data)
            self._apart = is_handshake and self.request is not None and data.endswith(HEAD_END)
            self._look_whether_parting()
            return
        if self._begun:
            data, self._begun = self._begun + data, b""
        at = 0
        while at < len(data):
            end = _end_of_frame(data, at)
            if end is None:
                self._begun = data[at:]
                return
            goes_on = self._take_frame(data[at:end])
            at = end
            if not goes_on:
                super().data_received(data[at:])
                self._look_whether_parting()
                return

    def _take_frame(self, frame: bytes) -> bool:
        """Take one frame; false: from now on everything is the library's."""
        if frame[0] == WHOLE_TEXT and MASKED <= frame[1] <= MASKED + SHORT and self._is_listened_to:
            start = 6 if frame[1] & 0x7F < SHORT else 8
            if len(frame) >= start and len(frame) - start <= FRAME_LIMIT:
                assert self._listener is not None, "somebody listens"
                self._listener(apply_mask(frame[start:], frame[start - 4 : start]))
                return True
        usual = frame[0] & FIN and frame[1] & 0x7F <= SHORT and len(frame) <= FRAME_LIMIT + HEAD_LIMIT
        self._apart = bool(usual)
        super().data_received(frame)
        self._look_whether_parting()
        return self._apart

    def _look_whether_parting(self) -> None:
        if self.on_parting is not None and self.protocol.state is not State.OPEN:
            self.on_parting()

    @property
    def _is_listened_to(self) -> bool:
        return self._listener is not None and not len(self.recv_messages.frames)


def _end_of_frame(data: bytes, at: int) -> int | None:
    """Give where the frame that begins at ``at`` ends; ``None``: not here yet. One that is too long ends with its bytes."""
    if len(data) < at + 2:
        return None
    size, start = data[at + 1] & 0x7F, at + 2
    if size == SHORT:
        start += 2
    elif size > SHORT:
        return len(data)  # 64 bits of length, mostly of a frame that is too long: the library's from here on
    if data[at + 1] & MASKED:
        start += 4
    if len(data) < start:
        return None
    if size == SHORT:
        size = int.from_bytes(data[at + 2 : at + 4], "big")
    if size > FRAME_LIMIT:
        return len(data)
    return start + size if len(data) >= start + size else None
