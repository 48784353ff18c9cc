"""What is understood of a page of metrics, and that nothing in one can do harm."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platformpm.formats.machine import Machine, Mount, read, refusal
from platformpm.formats.machine import samples as module
from platformpm.model.exchange import Failure, Response
from platformpm.model.status import Reason

LINUX = """
# HELP node_cpu_seconds_total Seconds the CPUs spent in each mode.
# TYPE node_cpu_seconds_total counter
node_cpu_guest_seconds_total{cpu="0",mode="user"} 5
node_cpu_seconds_total{cpu="0",mode="idle"} 700
node_cpu_seconds_total{cpu="0",mode="iowait"} 100
node_cpu_seconds_total{cpu="0",mode="user"} 150
node_cpu_seconds_total{cpu="1",mode="idle"} 900
node_cpu_seconds_total{cpu="1",mode="steal"} 50
node_load1 0.5
node_load5 0.25
node_load15 0.125
node_memory_MemTotal_bytes 8e+09
node_memory_MemFree_bytes 1e+09
node_memory_MemAvailable_bytes 6e+09
node_memory_SwapTotal_bytes 2e+09
node_memory_SwapFree_bytes 1.5e+09
node_filesystem_avail_bytes{device="/dev/sda1",fstype="ext4",mountpoint="/"} 150
node_filesystem_free_bytes{device="/dev/sda1",fstype="ext4",mountpoint="/"} 400
node_filesystem_size_bytes{device="/dev/sda1",fstype="ext4",mountpoint="/"} 1000
node_filesystem_size_bytes{device="/dev/gone",fstype="ext4",mountpoint="/gone"} 1000
node_filesystem_size_bytes{device="proc",fstype="proc",mountpoint="/proc"} 0
node_network_receive_bytes_total{device="eth0"} 1.2e+06
node_network_receive_bytes_total{device="lo"} 7
node_network_transmit_bytes_total{device="eth0"} 3000
node_boot_time_seconds 1.7e+09
node_time_seconds 1.7000036e+09
"""
MACOS = """
node_cpu_seconds_total{cpu="0",mode="idle"} 60
node_cpu_seconds_total{cpu="0",mode="nice"} 0
node_cpu_seconds_total{cpu="0",mode="system"} 10
node_cpu_seconds_total{cpu="0",mode="user"} 30
node_memory_active_bytes 4000
node_memory_free_bytes 1000
node_memory_inactive_bytes 3000
node_memory_total_bytes 16000
node_memory_swap_total_bytes 2000
node_memory_swap_used_bytes 500
"""
NEW_WINDOWS = """
windows_cpu_time_total{core="0,0",mode="dpc"} 3
windows_cpu_time_total{core="0,0",mode="idle"} 80
windows_cpu_time_total{core="0,0",mode="interrupt"} 2
windows_cpu_time_total{core="0,0",mode="privileged"} 12
windows_cpu_time_total{core="0,0",mode="user"} 8
windows_cpu_time_total{core="0,1",mode="idle"} 100
windows_memory_physical_total_bytes 1000
windows_memory_physical_free_bytes 250
windows_memory_available_bytes 251
windows_pagefile_limit_bytes{file="C:\\\\pagefile.sys"} 600
windows_pagefile_limit_bytes{file="D:\\\\pagefile.sys"} 400
windows_pagefile_free_bytes{file="C:\\\\pagefile.sys"} 600
windows_pagefile_free_bytes{file="D:\\\\pagefile.sys"} 300
windows_logical_disk_size_bytes{volume="C:"} 100
windows_logical_disk_free_bytes{volume="C:"} 25
windows_logical_disk_size_bytes{volume="HarddiskVolume4"} 100
windows_logical_disk_free_bytes{volume="HarddiskVolume4"} 1
windows_net_bytes_received_total{nic="Intel_R_PRO"} 11
windows_net_bytes_sent_total{nic="Intel_R_PRO"} 12
windows_system_boot_time_timestamp_seconds 1.7e+09
"""
OLD_WINDOWS = """
windows_cpu_time_total{core="0,0",mode="idle"} 80
windows_cpu_time_total{core="0,0",mode="user"} 20
windows_cs_physical_memory_bytes 1000
windows_os_physical_memory_free_bytes 500
windows_os_paging_limit_bytes 400
windows_os_paging_free_bytes 300
windows_os_time 1.7000036e+09
windows_system_system_up_time 1.7e+09
"""


def page(body: str | bytes, url: str = "http://db-1:9100/metrics", **more: object) -> Response:
    raw = body.encode() if isinstance(body, str) else body
    return Response(**{"url": url, "status": 200, "body": raw, **more})  # type: ignore[arg-type]


def last(body: str | bytes, url: str = "http://db-1:9100/metrics") -> Machine | Failure:
    *steps, outcome = read(page(body, url))
    assert set(steps) <= {None}
    assert outcome is not None
    return outcome


def machine(body: str | bytes) -> Machine:
    found = last(body)
    assert isinstance(found, Machine)
    return found


def test_node_exporter_on_linux_is_read_as_psutil_reads_this_machine() -> None:
    assert machine(LINUX) == Machine(
        busy=200.0,  # waiting for a disk is idle, and guests are a part of user time
        total=1900.0,
        cpu_count=2,
        memory_percent=25.0,
        memory_total=8e9,
        swap_percent=25.0,
        load=(0.5, 0.25, 0.125),
        mounts=(Mount("/dev/sda1", "/", "ext4", "", 600.0, 1000.0, 80.0),),
        received={"eth0": 1.2e6, "lo": 7.0},
        sent={"eth0": 3000.0},
        booted=1.7e9,
        clock=1.7000036e9,
    )


def test_node_exporter_on_macos_has_other_names_for_memory() -> None:
    assert machine(MACOS) == Machine(
        busy=40.0, total=100.0, cpu_count=1, memory_percent=75.0, memory_total=16000.0, swap_percent=25.0
    )


def test_freebsd_calls_the_size_of_memory_and_swap_differently() -> None:
    text = "node_memory_size_bytes 100\nnode_memory_free_bytes 10\nnode_memory_inactive_bytes 10\n"
    text += "node_memory_cache_bytes 5\nnode_memory_swap_size_bytes 8\nnode_memory_swap_used_bytes 2\n"
    assert machine(text) == Machine(memory_percent=75.0, memory_total=100.0, swap_percent=25.0)


def test_windows_exporter_of_today() -> None:
    assert machine(NEW_WINDOWS) == Machine(
        busy=20.0,  # interrupts and deferred calls are a part of privileged time
        total=200.0,
        cpu_count=2,
        memory_percent=75.0,
        memory_total=1000.0,
        swap_percent=10.0,
        mounts=(Mount("C:", "C:", "volume", "", 75.0, 100.0, 75.0),),
        received={"Intel_R_PRO": 11.0},
        sent={"Intel_R_PRO": 12.0},
        booted=1.7e9,
    )


def test_windows_exporter_before_0_30() -> None:
    assert machine(OLD_WINDOWS) == Machine(
        busy=20.0,
        total=100.0,
        cpu_count=1,
        memory_percent=50.0,
        memory_total=1000.0,
        swap_percent=25.0,
        booted=1.7e9,
        clock=1.7000036e9,
    )


@pytest.mark.parametrize("text", [LINUX, NEW_WINDOWS])
def test_what_an_exporter_does_not_tell_is_absent_and_takes_nothing_with_it(text: str) -> None:
    lines = text.splitlines()
    whole = machine(text)
    for name in {line.partition("{")[0].partition(" ")[0] for line in lines} - {"", "#"}:
        without = machine("\n".join(line for line in lines if not line.startswith(name)))
        changed = [key for key in Machine.__slots__ if getattr(without, key) != getattr(whole, key)]
        assert all(getattr(without, key) in (None, (), {}) for key in changed if key != "memory_percent"), name


@pytest.mark.parametrize(
    ("size", "free", "avail", "percent"),
    [(0, 5, 0, None), (1000, 1001, 10, None), (1000, 400, 1001, None), (1000, 20, 10, 98.99), (0, 0, 0, None)],
)
def test_a_disk_with_more_room_than_it_has_is_no_disk(size: int, free: int, avail: int, percent: float | None) -> None:
    labels = '{device="/dev/sdb1",fstype="ext4",mountpoint="/data"}'
    lines = f"node_filesystem_size_bytes{labels} {size}\nnode_filesystem_free_bytes{labels} {free}\n"
    found = machine(LINUX + lines + f"node_filesystem_avail_bytes{labels} {avail}\n")
    assert [one.percent for one in found.mounts if one.mountpoint == "/data"] == ([] if percent is None else [percent])


def test_a_machine_without_swap_has_no_swap() -> None:
    assert machine("node_load1 1\nnode_load5 1\nnode_load15 1\nnode_memory_SwapTotal_bytes 0\n").swap_percent is None


@pytest.mark.parametrize("value", ["NaN", "+Inf", "-Inf", "-1", "1e300", "9" * 400, "1_000", "0x10", "", "x"])
def test_what_is_no_measurement_is_absent(value: str) -> None:
    found = machine(f"node_memory_MemTotal_bytes {value}\nnode_boot_time_seconds 5\n")
    assert found == Machine(booted=5.0)


def test_of_lines_that_come_twice_the_last_counts() -> None:
    lines = 'node_cpu_seconds_total{cpu="0",mode="idle"} 1\nnode_cpu_seconds_total{mode="idle",cpu="0"} 5\n'
    assert machine(lines).total == 5.0


@pytest.mark.parametrize(
    "line",
    [
        'node_boot_time_seconds{a="b} 1',
        'node_boot_time_seconds{a="b",a="c"} 1',
        "node_boot_time_seconds{} {} 1",
        "node_boot_time_seconds",
        'node_boot_time_seconds{a="\\',
        "node_boot_time_seconds{" + '"' * 900 + "} 1",
        'node_boot_time_seconds{a="' + "x" * 9000 + '"} 1',
        "\x00node_boot_time_seconds 1",
        "node_boot_time_seconds\u2028 1",
    ],
)
def test_a_line_that_is_no_sample_takes_no_other_with_it(line: str) -> None:
    assert machine(f"node_time_seconds 3\n{line}\nnode_memory_MemTotal_bytes 4 1700000000000\n") == Machine(
        clock=3.0, memory_total=4.0
    )


def test_blanks_carriage_returns_and_timestamps_are_borne() -> None:
    text = "  node_load1\t1 1700000000\r\nnode_load5 {} 2\r\n node_load15 3  \r\n"
    assert machine(text).load == (1.0, 2.0, 3.0)


@given(st.binary(max_size=600))
def test_no_bytes_raise(body: bytes) -> None:
    assert isinstance(last(body), Failure)


@given(st.lists(st.sampled_from(LINUX.splitlines() + NEW_WINDOWS.splitlines())), st.data())
def test_nothing_that_is_cut_and_mixed_raises(lines: list[str], data: st.DataObject) -> None:
    text = "\n".join(lines)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    assert isinstance(last(text[:start] + data.draw(st.text(max_size=5)) + text[end:]), Machine | Failure)


@pytest.mark.parametrize(
    ("url", "advice"), [("http://h/", "; does the url end in /metrics?"), ("http://h/metrics?collect[]=x", "")]
)
def test_a_page_without_metrics_says_so(url: str, advice: str) -> None:
    wanted = f"no metrics of node_exporter or windows_exporter in the answer{advice}"
    for body in ("", "<html>node_exporter</html>", "go_goroutines 8\n"):
        assert last(body, url) == Failure(Reason.PAYLOAD, wanted)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (page("", status=200), None),
        (page("", status=401), Reason.UNAUTHORIZED),
        (page("", status=403), Reason.UNAUTHORIZED),
        (page("", status=429), Reason.RATE_LIMITED),
        (page("", status=500), Reason.STATUS),
        (page("", status=302), Reason.STATUS),
        (page("", unreadable="the body is encoded as br, which was not offered"), Reason.PAYLOAD),
        (page("x" * 2048, complete=False), Reason.TOO_LARGE),
    ],
)
def test_an_answer_that_cannot_be_metrics_is_refused(answer: Response, reason: Reason | None) -> None:
    refused = refusal(answer)
    assert (refused and refused.reason) == reason


MIB = 1024 * 1024
HOSTILE: list[Callable[[], bytes]] = [
    lambda: b"\n" * MIB,
    lambda: b"x" * 8 * MIB,
    lambda: b'node_cpu_seconds_total{cpu="0",mode="idle"} 1.5\n' * (MIB // 40),
    lambda: (b'node_filesystem_size_bytes{a="' + b'\\"' * 480 + b'"} 1\n') * 1100,
    lambda: (b"node_filesystem_size_bytes{" + b",".join(b'a%d="1"' % n for n in range(120)) + b"} 1\n") * 1100,
]


@pytest.mark.parametrize("body", HOSTILE)
def test_a_large_page_is_read_in_small_steps_and_not_to_any_length(
    body: Callable[[], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = [0]
    real = module.Samples._keep

    def counting(self: module.Samples, line: str) -> None:
        taken[-1] += len(line)
        real(self, line)

    monkeypatch.setattr(module.Samples, "_keep", counting)
    outcomes = []
    for outcome in read(page(body())):
        outcomes.append(outcome)
        taken.append(0)
    assert isinstance(outcomes[-1], Failure)
    assert max(taken) < 20 * 1024  # some 7 ms of work at most
    assert sum(taken) < 1.1 * MIB


def test_lines_that_nobody_asked_for_are_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed = []
    real = module.parser()

    def counting(lines: list[str]) -> object:
        parsed.extend(lines)
        return real(lines)

    monkeypatch.setattr(module, "parser", lambda: counting)
    machine('go_gc_duration_seconds{quantile="0"} 1\nnode_load1x 1\n# HELP node_load1 x\nnode_boot_time_seconds 1\n')
    assert parsed == ["node_boot_time_seconds 1\n"]
