from __future__ import annotations

import subprocess
import sys
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platformpm.engine.schedule import FIRST_PASS, Schedule, offset_of

STEP = 0.05


def simulate(schedule: Schedule[str], start: float, end: float) -> list[tuple[float, str]]:
    """Run the schedule from `start` to `end` in steps, as the engine's loop would."""
    runs = []
    steps = round((end - start) / STEP)
    for step in range(steps + 1):
        runs += [(at, key) for key, at in schedule.due(start + step * STEP)]
    return runs


def of(count: int, interval: float, epoch: float = 0.0) -> Schedule[str]:
    schedule: Schedule[str] = Schedule(epoch)
    for number in range(count):
        schedule.put(f"s{number}@prod/a#health", interval, epoch)
    return schedule


def test_an_offset_is_the_same_in_another_process() -> None:
    code = "from platformpm.engine.schedule import offset_of; print(offset_of('checkout@production/a#health'))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(out.stdout) == offset_of("checkout@production/a#health")


@given(st.text())
def test_an_offset_is_a_phase(key: str) -> None:
    assert 0 <= offset_of(key) < 1


@pytest.mark.parametrize("interval", [2.0, 15.0, 60.0, 3600.0])
def test_each_check_first_runs_at_its_offset_within_the_first_pass(interval: float) -> None:
    schedule = of(50, interval, epoch=100.0)
    first: dict[str, float] = {}
    for at, key in simulate(schedule, 100.0, 110.0):
        first.setdefault(key, at)
    assert len(first) == 50
    for key, at in first.items():
        assert at == pytest.approx(100 + offset_of(key) * min(interval, FIRST_PASS))


def test_after_the_first_run_a_check_keeps_its_full_phase_for_ten_minutes() -> None:
    schedule = of(40, 15.0)
    runs: dict[str, list[float]] = {}
    for at, key in simulate(schedule, 0.0, 600.0):
        runs.setdefault(key, []).append(at)
    for key, times in runs.items():
        phase = offset_of(key) * 15
        gaps = [later - earlier for earlier, later in pairwise(times[1:])]
        assert times[1] % 15 == pytest.approx(phase)
        assert 7.5 <= times[1] - times[0] < 22.5
        assert gaps == pytest.approx([15.0] * len(gaps))
        assert len(times) in {40, 41}


def test_a_thousand_first_runs_are_spread_evenly() -> None:
    starts = Counter(int(at) for at, _ in simulate(of(1000, 15.0), 0.0, 10.0))
    assert sum(starts.values()) == 1000
    assert max(starts) < 10
    assert max(starts.values()) <= 2 * 1000 / 8


def test_no_second_of_ten_minutes_has_twice_the_mean_of_starts() -> None:
    starts = Counter(int(at) for at, _ in simulate(of(1000, 15.0), 0.0, 600.0))
    steady = [count for second, count in starts.items() if 30 <= second < 600]
    assert max(steady) <= 2 * sum(steady) / len(steady)


def test_missed_slots_are_skipped_and_not_replayed_after_a_pause() -> None:
    schedule = of(200, 15.0)
    simulate(schedule, 0.0, 60.0)
    after = simulate(schedule, 3660.0, 3675.0)
    per_second = Counter(int(at) for at, _ in after)
    assert max(per_second.values()) <= 2 * 200 / 15 + 5
    assert all(count == 1 for count in Counter(key for _, key in after).values())
    assert all(at % 15 == pytest.approx(offset_of(key) * 15, abs=1e-6) for at, key in after)


def test_a_first_run_and_a_repeat_are_run_however_late() -> None:
    schedule = of(5, 3600.0)
    assert sorted(key for key, _ in schedule.due(60.0)) == [f"s{number}@prod/a#health" for number in range(5)]
    schedule.soon("s1@prod/a#health", 62.0)
    assert schedule.due(90.0) == [("s1@prod/a#health", 62.0)]
    assert schedule.due(90.0) == []


def test_a_late_run_is_not_followed_by_a_slot_that_has_passed() -> None:
    schedule = of(1, 2.0)
    assert len(schedule.due(60.0)) == 1
    due = schedule.next_due()
    assert due is not None
    assert due > 60.0


def test_a_slot_that_is_a_little_late_is_run() -> None:
    schedule: Schedule[str] = Schedule(0.0)
    schedule.put("a", 10.0, 0.0)
    at = offset_of("a") * 8
    ((key, due),) = schedule.due(at + 0.9)
    assert key == "a"
    assert due == pytest.approx(at)


def test_a_repeat_comes_once_and_leaves_the_phase_alone() -> None:
    schedule: Schedule[str] = Schedule(0.0)
    schedule.put("a", 60.0, 0.0)
    ((first, _),) = simulate(schedule, 0.0, 8.0)
    schedule.soon("a", first + 2)
    times = [at for at, _ in simulate(schedule, first, 200.0)]
    phase = offset_of("a") * 60
    assert times[0] == pytest.approx(first + 2)
    assert all(at % 60 == pytest.approx(phase) for at in times[1:])


def test_a_repeat_never_delays_what_is_due_before() -> None:
    schedule: Schedule[str] = Schedule(0.0)
    schedule.put("a", 1.0, 0.0)
    due = schedule.next_due()
    assert due is not None
    schedule.soon("a", 5.0)
    assert schedule.due(due) == [("a", due)]


def test_a_repeat_of_what_is_gone_is_nothing() -> None:
    schedule: Schedule[str] = Schedule(0.0)
    schedule.soon("a", 5.0)
    assert schedule.next_due() is None


def test_what_is_removed_never_runs_and_finds_its_phase_again() -> None:
    schedule = of(3, 15.0)
    key = "s1@prod/a#health"
    simulate(schedule, 0.0, 40.0)
    schedule.remove(key)
    assert key not in schedule
    assert key not in {name for _, name in simulate(schedule, 40.0, 100.0)}
    schedule.put(key, 15.0, 100.0)
    times = [at for at, name in simulate(schedule, 100.0, 160.0) if name == key]
    assert times[0] == pytest.approx(100 + offset_of(key) * 8)
    assert all(at % 15 == pytest.approx(offset_of(key) * 15) for at in times[1:])


def test_a_changed_interval_takes_effect_within_the_first_pass() -> None:
    schedule = of(1, 3600.0)
    key = "s0@prod/a#health"
    simulate(schedule, 0.0, 10.0)
    schedule.put(key, 5.0, 10.0)
    times = [at for at, _ in simulate(schedule, 10.0, 30.0)]
    assert times[0] <= 15
    assert len(times) in {3, 4}


def test_the_heap_does_not_grow_with_repeats_and_reloads() -> None:
    schedule = of(10, 3600.0)
    for number in range(1000):
        schedule.put(f"s{number % 10}@prod/a#health", 3600.0, 0.0)
    assert len(schedule._heap) <= 2 * 10 + 65
    assert len(schedule) == 10
    assert len(simulate(schedule, 0.0, 9.0)) == 10


@given(
    st.floats(0.05, 10_000),
    st.floats(0, 1e7),
    st.lists(st.floats(0.0, 1.0), min_size=1, max_size=40),
)
def test_no_slot_runs_twice_whatever_the_numbers(interval: float, epoch: float, steps: list[float]) -> None:
    schedule: Schedule[str] = Schedule(epoch)
    schedule.put("key", interval, epoch)
    now = epoch
    last = None
    for step in steps:
        now += step * interval
        for _, at in schedule.due(now):
            assert at <= now
            if last is not None:
                assert at - last > interval * 0.4
            last = at
        due = schedule.next_due()
        assert due is not None
        assert due > now
