import sys
from collections.abc import Callable
from typing import Any

WRITER = """
import sys
from platformpm.model.text import safe_text
sys.stdout.reconfigure(errors="strict")
step = 64
for start in range(0, 0x110000, step):
    hostile = "".join(map(chr, range(start, start + step)))
    clean = safe_text("<" + hostile + ">", 400)
    if clean.strip("<>\\ufffd "):
        for part in (clean[i:i + 24] for i in range(0, len(clean), 24)):
            sys.stdout.write(f"[{start:06x}] {part}\\n")
        sys.stdout.write(f"[{start:06x}] end\\n")
sys.stdout.write("all written\\n")
sys.stdout.flush()
sys.stdin.read()
"""


def test_no_code_point_reaches_a_terminal_as_a_command(terminal: Callable[..., Any]) -> None:
    window = terminal(sys.executable, "-c", WRITER, size=(120, 50))
    title = window.pane("pane_title")
    screen = window.wait("all written")
    lines = [line for line in window.history().splitlines() if line.strip()]
    assert lines[-1] == "all written"
    assert lines[0].startswith("[000000] <")
    assert len(lines) > 4_000
    strange = [line for line in lines[:-1] if not line.startswith("[") or line[7:9] != "] "]
    assert strange == []
    assert window.pane("pane_title") == title
    assert window.pane("alternate_on") == "0"
    assert window.pane("cursor_flag") == "1"
    assert "\x1b" not in screen
