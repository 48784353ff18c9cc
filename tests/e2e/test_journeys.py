"""What a person does, in a real terminal."""

import json
import os
import signal
import sys
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, ClassVar

import pytest

PROGRAM = (sys.executable, "-m", "platformpm")
Open = Callable[..., Any]
SIZES = (
    (20, 5), (40, 12), (60, 15), (80, 24), (100, 30), (120, 36), (149, 40), (150, 40), (200, 50), (250, 70), (300, 90),
    (400, 120),
)  # fmt: skip


class Service(BaseHTTPRequestHandler):
    """A service whose health a test changes."""

    health: ClassVar[dict[str, tuple[int, dict[str, object]]]] = {}

    def do_GET(self) -> None:
        status, body = self.health.get(self.path, (200, {"status": "UP", "version": "1.0.0"}))
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def service(serve: Callable[..., int]) -> int:
    Service.health.clear()
    return serve(Service)


@pytest.fixture
def inventory(tmp_path: Path, service: int) -> Path:
    path = tmp_path / "platform.toml"
    path.write_text(
        f"""
[platform]
name = "Journey"
[defaults]
interval = "1s"
[services.shop]
depends_on = ["stock"]
health = "/shop"
instances.production = ["http://127.0.0.1:{service}"]
target.production = "1.0.0"
[services.stock]
health = "/stock"
instances.production = ["http://127.0.0.1:{service}"]
"""
    )
    return path


def test_a_newcomer_looks_around_the_demo(terminal: Open) -> None:
    window = terminal(*PROGRAM, "demo", size=(160, 48))
    window.wait("Acme Commerce", "Services", "Versions", "Hosts", "Alerts", "checkout", "edge certificate")
    window.wait("76 up")
    window.press("2")
    window.wait("WHAT WAS SEEN")
    window.press("/")
    window.type("ledger")
    window.press("Enter")
    window.wait("storefront", gone=True)
    window.wait("3.3.0-SNAPSHOT")
    window.press("Enter")
    window.wait("needs", "postgres")
    window.press("Escape")
    window.wait("Instances ·", gone=True)
    window.press("Escape")
    window.wait("storefront")
    window.press("?")
    window.wait("re-check all")
    window.press("Escape")
    window.wait("re-check all", gone=True)
    window.press("3")
    window.wait("ON TARGET")
    window.press("q")
    window.until(lambda: window.ended() is not None, "ended")
    assert window.ended() == 0


def test_an_outage_is_seen_and_is_over(terminal: Open, inventory: Path) -> None:
    window = terminal(*PROGRAM, "-i", str(inventory), size=(160, 40))
    window.wait("2 up", "shop", "stock")
    Service.health["/stock"] = (503, {"status": "DOWN", "components": {"db": {"status": "DOWN"}}})
    window.wait("1 down", "stock down")
    Service.health["/stock"] = (200, {"status": "UP"})
    window.wait("2 up", "0 down")


def test_what_the_disk_did_not_take_is_said_once_the_screen_is_gone(terminal: Open, inventory: Path) -> None:
    (inventory.parent / "history.db").mkdir()
    inventory.write_text(inventory.read_text() + '[history]\npath = "history.db"\n')
    window = terminal(*PROGRAM, "-i", str(inventory), size=(160, 40))
    window.wait("2 up")
    window.press("q")
    window.wait("records could not be saved")
    window.until(lambda: window.ended() is not None, "ended")
    assert window.ended() == 0


def test_a_version_that_changes_is_seen(terminal: Open, inventory: Path) -> None:
    window = terminal(*PROGRAM, "-i", str(inventory), size=(160, 40))
    window.wait("2 up", "current")
    Service.health["/shop"] = (200, {"status": "UP", "version": "1.1.0"})
    window.wait("1.1.0", "ahead")


def test_a_changed_inventory_is_read_again_and_a_bad_one_is_told(terminal: Open, inventory: Path, service: int) -> None:
    window = terminal(*PROGRAM, "-i", str(inventory), size=(160, 40))
    window.wait("2 up")
    good = inventory.read_text()
    inventory.write_text(good.replace('health = "/stock"', 'healht = "/stock"'))
    screen = window.wait("healht", "health")
    assert "shop" in screen
    added = f'[services.added]\nhealth = "/added"\ninstances.production = ["http://127.0.0.1:{service}"]\n'
    inventory.write_text(good + added)
    window.wait("3 up", "added")
    window.wait("healht", gone=True)
    inventory.write_text(good)
    os.kill(int(window.pane("pane_pid")), signal.SIGHUP)
    window.wait("added", gone=True)


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_leaves_the_terminal_sane(terminal: Open, inventory: Path, ending: signal.Signals) -> None:
    script = f"{' '.join(PROGRAM)} -i {inventory}; echo code $?; stty -a; echo $((40 + 2)); exec cat"
    window = terminal("bash", "-c", f"echo $$; {script}", size=(100, 30))
    window.wait("2 up")
    assert window.pane("alternate_on") == "1"
    shell = int(window.pane("pane_pid"))
    children = Path(f"/proc/{shell}/task/{shell}/children")
    if not children.exists():
        pytest.skip("needs /proc to find the program")
    os.kill(int(children.read_text().split()[0]), ending)
    screen = window.wait("42", "code")
    assert f"code {128 + ending}" in screen
    assert " icanon" in screen
    assert " echo " in screen
    assert (window.pane("alternate_on"), window.pane("cursor_flag")) == ("0", "1")
    assert (window.pane("mouse_any_flag"), window.pane("mouse_button_flag")) == ("0", "0")
    window.type("typed")
    window.wait("typed")


def test_every_size_of_a_terminal_is_survived(terminal: Open, inventory: Path) -> None:
    window = terminal(*PROGRAM, "-i", str(inventory), size=(120, 36))
    window.wait("2 up")
    for key in ("1", "2", "3", "4", "5", "6"):
        window.press(key)
        for columns, rows in SIZES:
            window.resize(columns, rows)
    window.resize(120, 36)
    window.press("2", "Enter")
    for columns, rows in SIZES:
        window.resize(columns, rows)
    window.resize(120, 36)
    window.wait("Instances ·", "Dependencies")
    window.press("Escape")
    window.wait("2 of 2 shown")  # a screen in the middle of being drawn has no instances either
    window.press("1")
    window.wait("Services", "2 up")
    assert window.ended() is None


def test_a_check_shows_its_progress_on_a_terminal(terminal: Open, inventory: Path) -> None:
    window = terminal("bash", "-c", f"{' '.join(PROGRAM)} check -i {inventory}; echo code $?; exec cat")
    screen = window.wait("code")
    assert "code 0" in screen
    assert "Journey" in screen
