"""What we lean on in Textual's private parts does what we need of it."""

import os

import pytest
from rich.console import Console

from platformpm.tui.compat import Canvas
from tests.tui.stage import on_stage
from tests.tui.synthetic import believable


async def test_a_crash_report_shows_where_but_no_local_variables() -> None:
    async with on_stage(believable()) as stage:
        secret = "-".join(["hunter2"] * 2)

        def fail() -> None:
            token = secret
            raise RuntimeError(f"it broke, {token[:1]}")

        try:
            fail()
        except RuntimeError:
            stage.app._fatal_error()
        console = Console(width=200)
        with console.capture() as captured:
            for report in stage.app._exit_renderables:
                console.print(report)
        stage.app._exit_renderables.clear()
        assert "it broke, h" in captured.get()
        assert "RuntimeError" in captured.get()
        assert "locals" not in captured.get()
        assert secret not in captured.get()


def test_the_input_thread_takes_its_decoder_from_where_we_put_ours() -> None:
    linux_driver = pytest.importorskip("textual.drivers.linux_driver")
    assert "getincrementaldecoder" in linux_driver.LinuxDriver.run_input_thread.__code__.co_names
    assert linux_driver.getincrementaldecoder("utf-8")().decode(b"\xfca") == "\ufffda"


@pytest.mark.parametrize(
    "name",
    ["_sigtstp_application", "_get_terminal_size", "suspend_application_mode", "stop_application_mode",
     "disable_input", "write"],
)  # fmt: skip
def test_what_our_driver_replaces_is_there(name: str) -> None:
    linux_driver = pytest.importorskip("textual.drivers.linux_driver")
    assert callable(getattr(linux_driver.LinuxDriver, name))


def test_after_the_terminal_has_gone_nothing_more_is_written() -> None:
    pytest.importorskip("pty")
    master, slave = os.openpty()
    with os.fdopen(slave, "w", encoding="utf-8") as file:
        canvas = Canvas(file)
        canvas.write("seen")
        canvas.flush()
        assert os.read(master, 100) == b"seen"
        os.close(master)
        for _ in range(3):
            canvas.write("never seen")
            canvas.flush()
