import itertools

from hypothesis import given
from hypothesis import strategies as st

from platformpm.demo.script import INCIDENTS, PERIOD, Actor, Mood, Script

CANARY = Actor("checkout", "production", "eu-1")
LATE = Actor("checkout", "production", "us-2")
DATABASE = Actor("postgres", "production", "primary")


@given(st.floats(0, 10_000), st.integers(0, 5))
def test_the_same_seed_gives_the_same_platform_second_for_second(seconds: float, seed: int) -> None:
    assert Script(seed).at(CANARY, seconds) == Script(seed).at(CANARY, seconds)


def test_another_seed_gives_other_latencies() -> None:
    moments = range(60)
    assert [Script(1).at(LATE, t).latency for t in moments] != [Script(2).at(LATE, t).latency for t in moments]


def test_a_canary_goes_out_slow_is_fixed_and_finished() -> None:
    script = Script()
    assert (script.at(CANARY, 0).version, script.at(LATE, 0).version) == ("2.4.1", "2.4.1")
    assert (script.at(CANARY, 30).version, script.at(LATE, 30).version) == ("2.5.0", "2.4.1")
    assert script.at(CANARY, 30).latency > 0.5 > script.at(LATE, 30).latency
    assert script.at(CANARY, 59).latency < 0.1
    assert {script.at(actor, 120).version for actor in (CANARY, LATE)} == {"2.5.0"}


def test_a_dependency_takes_others_with_it_and_all_recover() -> None:
    script = Script()
    followers = [
        Actor("ledger", "production", "eu-1"),
        Actor("payments-gateway", "production", "eu-1"),
        Actor("payouts", "production", "eu-1"),
    ]
    assert script.at(DATABASE, 80).mood is Mood.RESET
    assert all(script.at(actor, 80).mood is Mood.FAILING for actor in followers)
    assert all(script.at(actor, 99).mood is Mood.FINE for actor in (DATABASE, *followers))


def test_only_production_has_incidents() -> None:
    script = Script()
    assert all(script.at(Actor("postgres", "staging", "s1"), t).mood is Mood.FINE for t in range(150))


def test_one_service_flaps() -> None:
    moods = [Script().at(Actor("recommendations", "production", "eu-2"), t).mood for t in range(int(PERIOD))]
    changes = sum(a is not b for a, b in itertools.pairwise(moods))
    assert changes >= 8


def test_the_story_is_told_within_its_period_and_begins_anew() -> None:
    assert all(0 <= incident.start < incident.end <= PERIOD for incident in INCIDENTS)
    assert Script().at(CANARY, 30).version == Script().at(CANARY, 30 + PERIOD).version
