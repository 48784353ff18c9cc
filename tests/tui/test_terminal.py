"""What a terminal may send or claim, and what a crash leaves: a real process on a real pseudo-terminal."""

import contextlib
import os
import random
import re
import signal
import time
from collections.abc import Callable, Iterator

import pytest

from tests.tui.terminal import LIMIT, Terminal

Open = Callable[..., Terminal]
DOUBLE_CLICK = b"\x1b[<0;2;34M\x1b[<0;2;34m" * 2


@pytest.fixture
def terminal() -> Iterator[Open]:
    opened: list[Terminal] = []

    def open_one(*words: str, **how: object) -> Terminal:
        opened.append(Terminal(*words, **how))  # type: ignore[arg-type]
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


def assert_alive(window: Terminal) -> None:
    """It answers a key, once what is open is closed, ends with `q`, and leaves the terminal sane."""
    end = time.monotonic() + LIMIT
    while b" shown" not in window.output:
        window.send(b"\x1b[27u2")
        again = time.monotonic() + 0.5
        while b" shown" not in window.output and time.monotonic() < again:
            assert window.read(0.1), window.output[-6000:]
        assert time.monotonic() < end, window.output[-6000:]
    window.send(b"\x1b[27uq")
    assert window.ended() == 0, window.output[-6000:]
    window.assert_sane()


@pytest.mark.parametrize(
    "keys",
    [DOUBLE_CLICK, DOUBLE_CLICK + b"\x10\x1b[27u", b"\x1b[27u\x10" * 8 + b"\x1b[27u", b"\x1b[27u" + DOUBLE_CLICK],
    ids=["double click", "and opened again", "closed and opened at once", "escape and double click"],
)
def test_whatever_closes_the_palette_closes_it_once(terminal: Open, keys: bytes) -> None:
    window = terminal()
    window.wait(b"live")
    window.send(b"\x10")
    window.wait(b"Find an action")
    window.send(keys)
    assert_alive(window)


@pytest.mark.parametrize(
    "sent",
    [b"\xfc", b"\x1b[M !\xa1", b"\x1b[M \xa1\xa1", b"\xff\xfe\xc0", b"\xe6\xbc", b"\x1b[200~M\xfcller\x1b[201~"],
    ids=["Latin-1", "X10 mouse", "X10 mouse twice", "never UTF-8", "half a letter", "pasted"],
)
def test_bytes_that_are_no_text_do_nothing(terminal: Open, sent: bytes) -> None:
    window = terminal()
    window.wait(b"live")
    window.send(sent)
    assert_alive(window)


@pytest.mark.parametrize(
    ("size", "env"),
    [
        ((160, 40), {"COLUMNS": "99999", "LINES": "9999"}),
        ((160, 40), {"COLUMNS": "20", "LINES": "5"}),
        ((60_000, 60_000), {}),
        ((0, 0), {"COLUMNS": "99999", "LINES": "9999"}),
    ],
)
def test_a_size_that_cannot_be_is_not_believed(terminal: Open, size: tuple[int, int], env: dict[str, str]) -> None:
    window = terminal(size=size, env=env)
    window.wait(b"live")
    assert_alive(window)


@pytest.mark.parametrize(("term", "up"), [("linux", b"92"), ("vt100", b"92"), ("xterm-256color", b"38;5;114")])
def test_what_is_up_is_green_however_few_colours_there_are(terminal: Open, term: str, up: bytes) -> None:
    window = terminal(env={"TERM": term, "COLORTERM": ""})
    window.wait(b"live")
    count = re.search(rb"\x1b\[([0-9;]*)m\xe2\x97\x8f 84 up", window.output)
    assert count is not None, window.output[-6000:]
    assert up in count[1]
    assert_alive(window)


def test_a_crash_is_three_and_tells_no_local_variables(terminal: Open) -> None:
    window = terminal("broken")
    assert window.ended() == 3
    assert b"RuntimeError" in window.output
    assert b"hunter2-hunter2" not in window.output
    assert b"locals" not in window.output


def test_a_flood_of_letters_waits_in_the_terminal_and_does_not_keep_it_from_ending(terminal: Open) -> None:
    window = terminal()
    window.wait(b"live")
    window.send(b"/")
    window.wait(b"of 90 shown")
    os.set_blocking(window.master, False)
    sent, end = 0, time.monotonic() + 3
    while time.monotonic() < end:
        with contextlib.suppress(BlockingIOError):
            sent += os.write(window.master, b"x" * 1000)
        window.read(0.0)
    os.set_blocking(window.master, True)
    assert sent > 2000, "more than what a filter and the queues hold"
    window.kill(signal.SIGTERM)
    assert window.ended() == 143
    window.assert_sane()


@pytest.mark.parametrize("begun", [b"", b"\x1b[?1049h", b"\x1b[?1003h", b"\x1b[?2004h", b"platformpm"])
@pytest.mark.parametrize("keys", [b"q", b"R2xq"])
def test_keys_that_come_while_it_starts_are_kept_until_it_has_started(
    terminal: Open, begun: bytes, keys: bytes
) -> None:
    window = terminal()
    window.wait(begun)
    window.send(keys)
    assert window.ended() == 0, window.output[-6000:]
    window.assert_sane()


STORM_KEYS = {
    "screens": (b"1", b"2", b"3", b"4", b"5", b"6", b"\r", b"\x1b[27u", b"\t"),
    "help and palette": (b"?", b"\x10", b"\x1b[27u"),
}


@pytest.mark.parametrize(("keys", "ending"), [("screens", "q"), ("screens", "SIGTERM"), ("help and palette", "q")])
def test_after_a_storm_of_sizes_and_keys_it_comes_to_rest_and_ends(terminal: Open, keys: str, ending: str) -> None:
    window, rng = terminal(), random.Random(4)
    window.wait(b"live")
    for _ in range(120):
        window.resize(rng.randint(1, 220), rng.randint(1, 60))
        window.read(rng.choice((0.0, 0.01, 0.03)))
        window.send(rng.choice(STORM_KEYS[keys]))
    window.resize(120, 36)
    window.rest()
    if ending == "q":
        window.send(b"\x1b[27u" * 3)
        window.rest()  # a key in one burst behind those that close something may go to what closes
        window.send(b"q")
    else:
        window.kill(signal.SIGTERM)
    assert window.ended() == (0 if ending == "q" else 143)
    window.assert_sane()
