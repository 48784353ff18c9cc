from __future__ import annotations

import gc
import http.server
import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from platformpm.assembly import Running, SystemClock, check
from platformpm.assembly.checking import WORTH_UVLOOP
from platformpm.assembly.files import stamp_of
from platformpm.engine.engine import Engine
from platformpm.errors import InventoryError
from platformpm.inventory import load
from platformpm.model.event import EventKind
from platformpm.model.snapshot import PlatformSnapshot
from platformpm.model.status import Reason, Status
from platformpm.net import Network
from platformpm.net.resolver import Address
from platformpm.probes import registry
from tests.faults.server import refusing
from tests.unit.engine.platforms import idle_host, statuses, wait_until


class Site:
    """A real HTTP server that counts what is asked and answers 200, or 503 for paths that start with /bad."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        site = self

        class Answer(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked[self.path] += 1
                body = b'{"status": "ok"}'
                self.send_response(503 if self.path.startswith("/bad") else 200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the server's signature
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))


@pytest.fixture
def site() -> Iterator[Site]:
    served = Site()
    served.thread.start()
    yield served
    served.server.shutdown()
    served.thread.join()
    served.server.server_close()


def text_of(site: Site, **paths: str) -> str:
    text = '[platform]\nname = "Test"\n[defaults]\ninterval = "500ms"\ntimeout = "2s"\n'
    for name, path in paths.items():
        text += f'[services.{name}]\nhealth = "{path}"\ninstances = {{ production = ["{site.url}"] }}\n'
    return text


def latest(session: Running) -> PlatformSnapshot:
    snapshot = session.board.latest()
    assert snapshot is not None
    return snapshot


def names(session: Running) -> list[str]:
    return [row.service.name for row in latest(session).services]


@pytest.fixture
def path(tmp_path: Path, site: Site) -> Path:
    file = tmp_path / "platform.toml"
    file.write_text(text_of(site, checkout="/health", ledger="/bad"))
    return file


def test_a_check_asks_real_services_once_and_gives_the_picture(path: Path, site: Site) -> None:
    told: list[tuple[int, int]] = []
    snapshot = check(load(path, {}).inventory, 2, lambda done, total: told.append((done, total)))
    assert statuses(snapshot) == [Status.UP, Status.DOWN]
    (ledger,) = snapshot.services[1].instances
    assert ledger.reading is not None
    assert (ledger.reading.reason, ledger.attempts) == (Reason.STATUS, 2)
    assert site.asked == {"/health": 1, "/bad": 2}
    assert told[-1] == (2, 2)


def test_a_check_leaves_the_collector_as_it_was(path: Path) -> None:
    before = gc.get_threshold(), gc.get_freeze_count()
    check(load(path, {}).inventory, 1)
    assert (gc.get_threshold(), gc.get_freeze_count()) == (before[0], 0)


def test_names_whose_look_up_hangs_hold_neither_a_pass_nor_the_end(tmp_path: Path) -> None:
    let_go = threading.Event()

    def lookup(host: str, family: int) -> list[Address]:
        let_go.wait(60)
        return []

    services = "".join(f'[services.s{n}]\ninstances = {{ p = ["http://s{n}.example"] }}\n' for n in range(150))
    file = tmp_path / "platform.toml"
    file.write_text('[platform]\nname = "T"\n[defaults]\ninterval = "1s"\ntimeout = "1s"\n' + services)
    inventory = load(file, {}).inventory
    clock = SystemClock()
    engine = Engine(inventory, registry(Network(lookup), inventory.mask, clock), idle_host, clock)
    engine.start()
    engine.recheck()

    def reasons() -> set[Reason | None]:
        shown = engine.board.latest()
        assert shown is not None
        readings = [row.instances[0].reading for row in shown.services]
        return {None if reading is None else reading.reason for reading in readings}

    wait_until(lambda: reasons() == {Reason.DNS}, 60)
    engine.stop()
    assert not engine._thread.is_alive()
    let_go.set()


def test_a_check_of_this_machine_has_its_rates(tmp_path: Path) -> None:
    file = tmp_path / "platform.toml"
    file.write_text('[platform]\nname = "T"\n[hosts.local]\nlimits = { memory = [0, 0] }\n')
    (host,) = check(load(file, {}).inventory).hosts
    assert host.reading is not None
    assert host.reading.cpu_percent is not None
    assert (host.status, host.reason) == (Status.DOWN, Reason.LIMIT)


def test_a_port_where_nobody_listens_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "platform.toml"
    with refusing() as port:
        file.write_text(f'[platform]\nname = "T"\n[services.a]\ninstances = {{ p = ["tcp://127.0.0.1:{port}"] }}\n')
        snapshot = check(load(file, {}).inventory, attempts=1)
    reading = snapshot.services[0].instances[0].reading
    assert reading is not None
    assert (reading.status, reading.reason) == (Status.DOWN, Reason.REFUSED)


def test_a_session_watches_and_rechecks(path: Path, site: Site) -> None:
    with Running.of(path, {}) as session:
        assert statuses(latest(session)) == [Status.UNKNOWN] * 2
        session.recheck()
        wait_until(lambda: statuses(latest(session)) == [Status.UP, Status.DOWN])
        asked = site.asked["/health"]
        session.recheck([latest(session).services[0].instances[0].key])
        wait_until(lambda: site.asked["/health"] > asked)


def test_a_session_ends_soon_and_probes_no_more(path: Path, site: Site) -> None:
    thresholds = gc.get_threshold()
    session = Running.of(path, {})
    session.start()
    session.recheck()
    wait_until(lambda: sum(site.asked.values()) >= 2)
    session.stop()
    assert not session._engine._thread.is_alive()
    assert gc.get_threshold() == thresholds
    session._watcher.join(10)
    assert not session._watcher.is_alive()


def test_a_changed_file_is_applied_without_losing_state(path: Path, site: Site) -> None:
    with Running.of(path, {}) as session:
        session.recheck()
        wait_until(lambda: statuses(latest(session)) == [Status.UP, Status.DOWN])
        since = latest(session).services[1].since
        path.write_text(text_of(site, ledger="/bad", basket="/basket"))
        wait_until(lambda: names(session) == ["ledger", "basket"])
        assert latest(session).services[0].since == since
        wait_until(lambda: statuses(latest(session)) == [Status.DOWN, Status.UP])


def test_a_bad_file_keeps_the_old_inventory_and_says_so_until_it_is_good_again(path: Path, site: Site) -> None:
    good = path.read_text()
    with Running.of(path, {}) as session:
        session.recheck()
        wait_until(lambda: statuses(latest(session)) == [Status.UP, Status.DOWN])
        path.write_text(good.replace('health = "/bad"', 'helth = "/bad"'))
        wait_until(lambda: latest(session).notice is not None)
        shown = latest(session)
        assert shown.notice is not None
        assert "helth" in shown.notice
        assert "warning" not in shown.notice
        assert f"{path.name}:" in shown.notice
        assert names(session) == ["checkout", "ledger"]
        assert [event.kind for event in shown.events].count(EventKind.RELOAD_FAILED) == 1
        asked = site.asked["/health"]
        wait_until(lambda: site.asked["/health"] > asked + 1)
        path.write_text(good)
        wait_until(lambda: latest(session).notice is None)
        assert latest(session).events[-1].kind is EventKind.RELOADED


def test_a_file_that_is_gone_is_a_notice_and_not_the_end(path: Path) -> None:
    good = path.read_text()
    with Running.of(path, {}) as session:
        path.unlink()
        wait_until(lambda: latest(session).notice is not None)
        path.write_text(good)
        wait_until(lambda: latest(session).notice is None)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in folders there")
@pytest.mark.parametrize("which", ["platform.toml", "token"])
def test_a_file_that_becomes_a_pipe_is_refused_and_the_next_good_one_read(
    tmp_path: Path, site: Site, which: str
) -> None:
    path, token = tmp_path / "platform.toml", tmp_path / "token"
    token.write_text("first-secret")
    path.write_text(text_of(site, a="/x?token=${file:token}"))
    with Running.of(path, {}) as session:
        (tmp_path / which).unlink()
        os.mkfifo(tmp_path / which)
        wait_until(lambda: "not a file" in (latest(session).notice or ""))
        (tmp_path / which).unlink()
        token.write_text("second-secret")
        path.write_text(text_of(site, b="/x?token=${file:token}"))
        wait_until(lambda: latest(session).notice is None and names(session) == ["b"])


def test_a_reload_that_is_asked_for_reads_the_files_even_unchanged(path: Path) -> None:
    with Running.of(path, {}) as session:
        session.reload()
        wait_until(lambda: EventKind.RELOADED in {event.kind for event in latest(session).events})


def test_a_new_file_in_a_folder_is_a_change(path: Path, site: Site) -> None:
    with Running.of(path.parent, {}) as session:
        (path.parent / "the-rest.toml").write_text(
            f'[services.basket]\ninstances = {{ production = ["{site.url}"] }}\n'
        )
        wait_until(lambda: names(session) == ["checkout", "ledger", "basket"])


def test_a_changed_secret_file_is_used(tmp_path: Path, site: Site) -> None:
    secret = tmp_path / "token"
    secret.write_text("first-secret")
    file = tmp_path / "platform.toml"
    text = text_of(site, a="/x").replace('health = "/x"', 'health = "/x?token=${file:' + str(secret) + '}"')
    file.write_text(text)
    with Running.of(file, {}) as session:
        session.recheck()
        wait_until(lambda: site.asked["/x?token=first-secret"] > 0)
        secret.write_text("second-secret")
        wait_until(lambda: site.asked["/x?token=second-secret"] > 0)


def test_a_defect_in_reading_again_is_a_notice(path: Path) -> None:
    loaded = load(path, {})

    def broken() -> object:
        raise RuntimeError("secret text")

    with Running(loaded, broken) as session:  # type: ignore[arg-type]  # it never returns
        session.reload()
        wait_until(lambda: latest(session).notice is not None)
        assert latest(session).notice == "inventory not reloaded: internal error (RuntimeError)"


def test_a_bad_inventory_cannot_be_watched(tmp_path: Path) -> None:
    file = tmp_path / "platform.toml"
    file.write_text("[nonsense]")
    with pytest.raises(InventoryError):
        Running.of(file, {})


def test_a_stamp_tells_every_kind_of_change(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    paths = (file, tmp_path)
    stamps = [stamp_of(paths)]
    file.write_text("1")
    stamps.append(stamp_of(paths))
    file.write_text("12")
    stamps.append(stamp_of(paths))
    (tmp_path / "new").write_text("34")
    (tmp_path / "new").replace(file)
    stamps.append(stamp_of(paths))
    (tmp_path / "b.toml").write_text("")
    stamps.append(stamp_of(paths))
    assert all(one != other for one, other in pairwise(stamps))
    (tmp_path / "notes.txt").write_text("")
    assert stamp_of(paths) == stamps[-1]


def test_the_clocks_are_those_of_the_machine() -> None:
    clock = SystemClock()
    assert clock.wall() == pytest.approx(time.time(), abs=5)
    assert clock.monotonic() == pytest.approx(time.monotonic(), abs=5)


INTERRUPTED = """
    import sys
    from pathlib import Path
    from platformpm.assembly import check
    from platformpm.inventory import load
    inventory = load(Path(sys.argv[1]), {}).inventory
    try:
        check(inventory, 1, lambda done, total: print(done, flush=True))
    except KeyboardInterrupt:
        print("interrupted")
"""


@pytest.mark.skipif(os.name == "nt", reason="signals are another matter there")
@pytest.mark.parametrize("count", [1, WORTH_UVLOOP])
def test_ctrl_c_ends_a_check_at_once(tmp_path: Path, count: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        services = "".join(f'[services.s{n}]\ninstances = {{ p = ["{url}"] }}\n' for n in range(count))
        file = tmp_path / "platform.toml"
        file.write_text('[platform]\nname = "T"\n[defaults]\ntimeout = "60s"\n[engine]\nper_host = 40\n' + services)
        command = [sys.executable, "-c", textwrap.dedent(INTERRUPTED), str(file)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            assert child.stderr is not None
            assert child.stdout.readline() == "0\n"
            child.send_signal(signal.SIGINT)
            assert child.stdout.read() == "interrupted\n"
            assert child.stderr.read() == ""
            assert child.wait(20) == 0
