from __future__ import annotations

import asyncio
import threading
import time
from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from platformpm.hosts.disks import Disks, mounts_of
from platformpm.hosts.local import LocalReader
from platformpm.hosts.thread import in_thread
from platformpm.model.host import Disk, HostReading
from platformpm.model.inventory import Host
from platformpm.model.status import Reason

Times = namedtuple("Times", "user system idle iowait guest")  # noqa: PYI024  # psutil's own shape
Memory = namedtuple("Memory", "total percent")  # noqa: PYI024  # the same
Card = namedtuple("Card", "bytes_recv bytes_sent")  # noqa: PYI024  # the same
Part = namedtuple("Part", "device mountpoint fstype opts")  # noqa: PYI024  # the same
Usage = namedtuple("Usage", "total used percent")  # noqa: PYI024  # the same

HOST = Host("local", timeout=5.0)


class FakeClock:
    def __init__(self) -> None:
        self.now = 100.0

    def wall(self) -> float:
        return 1_000_000 + self.now

    def monotonic(self) -> float:
        return self.now


class FakeSensors:
    """Sensors set by hand, with the functions of psutil that are used."""

    def __init__(self, root: Path) -> None:
        self.times = Times(100.0, 50.0, 800.0, 50.0, 20.0)
        self.cards = {"lo": Card(999, 999), "eth0": Card(1000, 100), "eth1": Card(0, 0)}
        self.mounts = [Part("/dev/sda1", str(root), "ext4", "rw")]
        self.hanging: dict[str, threading.Event] = {}
        self.asked: list[str] = []

    def cpu_times(self) -> Any:
        return self.times

    def cpu_count(self) -> int | None:
        return 4

    def virtual_memory(self) -> Any:
        return Memory(8000, 40.5)

    def swap_memory(self) -> Any:
        return Memory(2000, 10.0)

    def getloadavg(self) -> tuple[float, float, float]:
        return (0.5, 0.25, 0.125)

    def boot_time(self) -> float:
        return 1_000_000.0

    def net_io_counters(self, pernic: bool) -> Mapping[str, Any]:
        return self.cards if pernic else {}

    def disk_partitions(self, all: bool) -> list[Any]:  # noqa: A002  # psutil's own signature
        return self.mounts

    def disk_usage(self, path: str) -> Any:
        self.asked.append(path)
        if path in self.hanging:
            self.hanging[path].wait(30)
        return Usage(1000, 610, 61.0)


@pytest.fixture
def sensors(tmp_path: Path) -> FakeSensors:
    return FakeSensors(tmp_path)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


async def look(reader: LocalReader, seconds: float = 10.0) -> HostReading:
    return await reader(HOST, asyncio.get_running_loop().time() + seconds)


async def test_a_first_look_has_everything_but_rates(sensors: FakeSensors, clock: FakeClock, tmp_path: Path) -> None:
    reading = await look(LocalReader(clock, sensors))
    assert reading == HostReading(
        at=1_000_100.0,
        cpu_count=4,
        memory_percent=40.5,
        memory_total=8000,
        swap_percent=10.0,
        load=(0.5, 0.25, 0.125),
        disks=(Disk(str(tmp_path), 61.0, 610, 1000),),
        uptime=100.0,
    )


async def test_a_second_look_has_rates_over_the_time_between(sensors: FakeSensors, clock: FakeClock) -> None:
    reader = LocalReader(clock, sensors)
    await look(reader)
    clock.now += 2.0
    # 10 s of CPU, of which 2 busy: guest time is part of user time, waiting for a disk is idle.
    sensors.times = Times(102.0, 50.0, 805.0, 53.0, 22.0)
    sensors.cards = {"lo": Card(5000, 5000), "eth0": Card(3000, 1100), "eth1": Card(0, 0)}
    reading = await look(reader)
    assert reading.cpu_percent == pytest.approx(20.0)
    assert (reading.received_rate, reading.sent_rate) == (1000.0, 500.0)


@pytest.mark.parametrize("name", ["Local Area Connection", "lowpan0", "eth0"])
async def test_a_card_that_only_begins_like_the_loopback_counts(
    sensors: FakeSensors, clock: FakeClock, name: str
) -> None:
    reader = LocalReader(clock, sensors)
    loops = {"lo": Card(0, 0), "lo0": Card(0, 0), "Loopback Pseudo-Interface 1": Card(0, 0)}
    sensors.cards = loops | {name: Card(0, 0)}
    await look(reader)
    clock.now += 2.0
    sensors.cards = dict.fromkeys(loops, Card(900, 900)) | {name: Card(20, 10)}
    reading = await look(reader)
    assert (reading.received_rate, reading.sent_rate) == (10.0, 5.0)


async def test_a_machine_without_a_card_has_no_rates(sensors: FakeSensors, clock: FakeClock) -> None:
    reader = LocalReader(clock, sensors)
    sensors.cards = {"lo": Card(1, 1)}
    await look(reader)
    clock.now += 2.0
    assert (await look(reader)).received_rate is None


async def test_a_sensor_that_gives_something_else_is_an_absent_value(sensors: FakeSensors, clock: FakeClock) -> None:
    for name in ("virtual_memory", "swap_memory", "getloadavg", "boot_time", "cpu_times"):
        setattr(sensors, name, lambda: None)
    reading = await look(LocalReader(clock, sensors))
    assert reading.failure is None
    assert (reading.memory_percent, reading.swap_percent, reading.load, reading.uptime) == (None, None, None, None)
    assert reading.cpu_count == 4


@pytest.mark.parametrize("cards", [{"eth0": Card(1, 1)}, {}])
async def test_counters_that_begin_anew_give_no_rate(
    sensors: FakeSensors, clock: FakeClock, cards: dict[str, Card]
) -> None:
    reader = LocalReader(clock, sensors)
    await look(reader)
    clock.now += 2.0
    sensors.times = Times(1.0, 1.0, 1.0, 1.0, 0.0)
    sensors.cards = cards
    reading = await look(reader)
    assert (reading.cpu_percent, reading.received_rate, reading.sent_rate) == (None, None, None)


async def test_hosts_keep_their_counters_apart(sensors: FakeSensors, clock: FakeClock) -> None:
    reader = LocalReader(clock, sensors)
    await look(reader)
    clock.now += 1.0
    other = await reader(Host("other"), asyncio.get_running_loop().time() + 10)
    assert other.received_rate is None


MISSING: list[tuple[str, set[str]]] = [
    ("cpu_times", {"cpu_percent"}),
    ("cpu_count", {"cpu_count"}),
    ("virtual_memory", {"memory_percent", "memory_total"}),
    ("swap_memory", {"swap_percent"}),
    ("getloadavg", {"load"}),
    ("boot_time", {"uptime"}),
    ("net_io_counters", {"received_rate", "sent_rate"}),
    ("disk_partitions", {"disks"}),
    ("disk_usage", {"disks"}),
]


@pytest.mark.parametrize(("sensor", "absent"), MISSING)
@pytest.mark.parametrize("fault", [AttributeError(), OSError(), RuntimeError("x"), PermissionError(), KeyError("x")])
async def test_a_sensor_that_is_missing_is_an_absent_value(
    sensors: FakeSensors, clock: FakeClock, sensor: str, absent: set[str], fault: Exception
) -> None:
    def broken(*args: object, **more: object) -> object:
        raise fault

    setattr(sensors, sensor, broken)
    reader = LocalReader(clock, sensors)
    await look(reader)
    clock.now += 1.0
    sensors.times = Times(*(value + 1 for value in sensors.times))
    reading = await look(reader)
    assert reading.failure is None
    every = {"cpu_percent", "cpu_count", "memory_percent", "memory_total", "swap_percent", "load", "uptime"}
    every |= {"received_rate", "sent_rate", "disks"}
    assert {name for name in every if getattr(reading, name) in (None, ())} == absent


async def test_a_sensor_that_is_not_even_a_function_is_an_absent_value(clock: FakeClock) -> None:
    class Nothing:
        def __getattr__(self, name: str) -> Callable[..., object]:
            def absent(*args: object, **more: object) -> object:
                raise NotImplementedError(name)

            return absent

    nothing: Any = Nothing()
    assert await look(LocalReader(clock, nothing)) == HostReading(at=1_000_100.0)


async def test_a_library_that_lacks_a_function_gives_an_absent_value(clock: FakeClock) -> None:
    reading = await look(LocalReader(clock, cast("Any", object())))
    assert reading == HostReading(at=1_000_100.0)


async def test_a_machine_without_swap_has_no_swap(sensors: FakeSensors, clock: FakeClock) -> None:
    sensors.swap_memory = lambda: Memory(0, 0.0)  # type: ignore[method-assign]  # set by hand
    assert (await look(LocalReader(clock, sensors))).swap_percent is None


async def test_sensors_that_hang_are_a_failed_reading(sensors: FakeSensors, clock: FakeClock) -> None:
    let_go = threading.Event()
    sensors.virtual_memory = lambda: let_go.wait(30)  # type: ignore[method-assign]  # set by hand
    reading = await look(LocalReader(clock, sensors), seconds=0.1)
    let_go.set()
    assert (reading.failure, reading.detail) == (Reason.TIMEOUT_RESPONSE, "no answer within 5 s")


@pytest.fixture
def hung(sensors: FakeSensors, tmp_path: Path) -> Iterator[tuple[FakeSensors, list[str], threading.Event]]:
    """Three mounts, of which the second hangs."""
    mounts = [tmp_path / name for name in ("a", "b", "c")]
    for mount in mounts:
        mount.mkdir()
    sensors.mounts = [Part(f"/dev/{mount.name}", str(mount), "nfs4", "rw") for mount in mounts]
    let_go = threading.Event()
    sensors.hanging[str(mounts[1])] = let_go
    yield sensors, [str(mount) for mount in mounts], let_go
    let_go.set()


async def test_a_mount_that_hangs_takes_nothing_else_with_it(
    hung: tuple[FakeSensors, list[str], threading.Event], clock: FakeClock
) -> None:
    sensors, mounts, let_go = hung
    reader = LocalReader(clock, sensors)
    reading = await look(reader, seconds=0.5)
    assert reading.failure is None
    assert reading.memory_percent == 40.5
    assert [disk.mount for disk in reading.disks] == mounts[:1]
    for _ in range(3):
        reading = await look(reader)
        assert [disk.mount for disk in reading.disks] == [mounts[0], mounts[2]]
    assert sensors.asked.count(mounts[1]) == 1
    let_go.set()
    ends = time.monotonic() + 20
    while len((await look(reader)).disks) != 3:
        assert time.monotonic() < ends


async def test_a_list_of_mounts_that_hangs_is_asked_for_once(sensors: FakeSensors) -> None:
    let_go, asked = threading.Event(), []

    def partitions(all: bool) -> list[Any]:  # noqa: A002  # psutil's own signature
        asked.append(all)
        let_go.wait(30)
        return []

    sensors.disk_partitions = partitions  # type: ignore[method-assign]  # set by hand
    disks = Disks(sensors)
    for _ in range(3):
        assert await disks.read(0.05) == ()
    let_go.set()
    assert len(asked) == 1


ROOT = Part("/dev/sda1", "/", "ext4", "rw")


@pytest.mark.parametrize(
    ("partitions", "mounts"),
    [
        ([], []),
        ([ROOT, Part("/dev/sda2", "/var", "xfs", "rw")], ["/", "/var"]),
        ([Part("proc", "/proc", "proc", ""), Part("tmpfs", "/run", "tmpfs", ""), ROOT], ["/"]),
        ([ROOT, Part("/dev/loop1", "/snap/core/1", "squashfs", "ro"), Part("/dev/sr0", "/cd", "iso9660", "ro")], ["/"]),
        # a container: the root is an overlay, and files of the host's disk are mounted over some of its own
        (
            [Part("overlay", "/", "overlay", "rw"), Part("/dev/vda1", "/data", "ext4", "rw")]
            + [Part("/dev/vda1", f"/etc/{name}", "ext4", "rw") for name in ("resolv.conf", "hostname", "hosts")],
            ["/", "/data"],
        ),
        ([ROOT, Part("overlay", "/var/lib/docker/overlay2/x/merged", "overlay", "rw")], ["/"]),
        # the same device twice: a bind mount, a btrfs subvolume
        ([Part("/dev/sdb", "/long/way", "btrfs", ""), Part("/dev/sdb", "/b", "btrfs", ""), ROOT], ["/", "/b"]),
        ([ROOT, Part("/dev/sda1", "/again", "ext4", "rw")], ["/"]),
        ([Part("/dev/sda1", "/again", "ext4", "rw"), ROOT], ["/"]),
        ([ROOT, Part("server:/export", "/mnt/nfs", "nfs4", "rw")], ["/", "/mnt/nfs"]),
        (
            [
                Part("C:\\", "C:\\", "NTFS", "rw,fixed"),
                Part("D:\\", "D:\\", "", "cdrom"),
                Part("E:\\", "E:\\", "CDFS", "ro,cdrom"),
            ],
            ["C:\\"],
        ),
    ],
)
def test_only_mounts_with_room_of_their_own_are_shown(partitions: list[Part], mounts: list[str]) -> None:
    assert mounts_of(partitions) == mounts


def test_a_machine_with_hundreds_of_mounts_shows_the_first() -> None:
    shown = mounts_of([ROOT, *(Part(f"/dev/{n}", f"/m{n:03}", "ext4", "") for n in range(500))])
    assert len(shown) == 64
    assert shown[0] == "/"


async def test_a_mounted_file_and_a_hostile_name_do_no_harm(sensors: FakeSensors, tmp_path: Path) -> None:
    file, folder = tmp_path / "hosts", tmp_path / "a\x1b[31mb"
    file.write_text("")
    folder.mkdir()
    sensors.mounts = [Part("/dev/x", str(file), "ext4", ""), Part("/dev/y", str(folder), "ext4", "")]
    (disk,) = await Disks(sensors).read(10)
    assert disk.mount.endswith("a\N{REPLACEMENT CHARACTER}[31mb")


async def test_a_thread_gives_what_was_done_or_raised() -> None:
    assert await in_thread(lambda: 41 + 1) == 42
    with pytest.raises(ZeroDivisionError):
        await in_thread(lambda: 1 // 0)


def test_a_thread_that_ends_after_its_loop_does_no_harm() -> None:
    let_go = threading.Event()
    before = set(threading.enumerate())

    async def leave() -> None:
        task = asyncio.create_task(in_thread(lambda: let_go.wait(30)))
        await asyncio.sleep(0)
        task.cancel()

    asyncio.run(leave())
    (left,) = set(threading.enumerate()) - before
    let_go.set()
    left.join(20)
    assert not left.is_alive()


async def test_this_very_machine_can_be_read() -> None:
    class Real:
        wall = staticmethod(time.time)
        monotonic = staticmethod(time.monotonic)

    reading = await look(LocalReader(Real()))
    assert reading.failure is None
    assert reading.memory_total
    assert reading.cpu_count
