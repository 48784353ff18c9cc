"""The frames of HTTP/2 as their bytes pass: h2 tells no event of some, and waits for the end of those too long."""

from __future__ import annotations

from h2.settings import SettingCodes, Settings

from platformpm.model.status import Reason

MOST_BESIDE = 200
"""Frames that carry nothing of the answer, such as pings and settings; most of them cost an answer."""

LARGEST_BESIDE = 64 * 1024
"""Bytes of all those frames together: a megabyte of settings is a second of work."""

_HEAD = 9
"""Bytes of the head of a frame: length, type, flags, stream (RFC 9113 section 4.1)."""
_LENGTH = 3
_ANSWER = frozenset({0x0, 0x1, 0x9})
"""DATA, HEADERS, CONTINUATION: what an answer is made of; each of them has a limit of its own."""
_LONGEST = Settings(client=True)[SettingCodes.MAX_FRAME_SIZE]
"""Bytes of a frame; no more were allowed."""


class Frames:
    """Reads the heads of frames and passes over the rest."""

    __slots__ = ("_beside", "_head", "_left", "_longest", "_size")

    def __init__(self) -> None:
        """Begin before the first frame."""
        self._head = b""
        self._left = self._beside = self._size = self._longest = 0

    def feed(self, data: bytes) -> None:
        """Pass over some bytes, cut anywhere."""
        at = 0
        while at < len(data):
            if self._left:
                step = min(self._left, len(data) - at)
                self._left -= step
            else:
                step = _HEAD - len(self._head)
                self._head += data[at : at + step]
                if len(self._head) == _HEAD:
                    self._begin()
            at += step

    def flaw(self) -> tuple[Reason, str] | None:
        """Give what is wrong with the frames that began until now, None where they are well."""
        if self._longest > _LONGEST:
            return Reason.PROTOCOL, f"not HTTP/2: a frame of {self._longest} bytes, at most {_LONGEST} were allowed"
        if self._beside > MOST_BESIDE:
            return Reason.PROTOCOL, f"more than {MOST_BESIDE} frames beside the answer"
        if self._size > LARGEST_BESIDE:
            return Reason.PROTOCOL, f"more than {LARGEST_BESIDE // 1024} KiB of frames beside the answer"
        return None

    def _begin(self) -> None:
        length, kind = int.from_bytes(self._head[:_LENGTH], "big"), self._head[_LENGTH]
        self._head, self._left = b"", length
        self._longest = max(self._longest, length)
        if kind not in _ANSWER:
            self._beside += 1
            self._size += length
