"""What we lean on in Textual's private parts does what we need of it."""

from rich.console import Console

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


async def test_after_the_terminal_has_gone_nothing_more_is_written() -> None:
    async with on_stage(believable()) as stage:
        stage.app.abandon_terminal()
        driver = stage.app._driver
        assert driver is not None
        driver.write("never seen")
        driver.flush()
        driver.close()
