from __future__ import annotations

from collections.abc import Callable

import pytest

from platformpm.inventory import Loaded, show
from platformpm.model.check import HeartbeatRule
from platformpm.model.heartbeat import is_awaited
from platformpm.model.secret import MASK, Secret

Load = Callable[..., Loaded]
Complain = Callable[..., list[str]]
_WHERE = "heartbeat://JOB or heartbeat:///path/of/a/file"


def job(health: str, *addresses: str) -> str:
    return f"[services.a]\nhealth = {{ {health} }}\ninstances.p = {list(addresses or ['heartbeat://nightly'])}\n"


def test_a_job_is_named_or_has_a_file(loaded: Load) -> None:
    text = job('every = "24h"', "heartbeat://nightly", "heartbeat:///var/lib/all%20done", "heartbeat:///b")
    first, second, third = loaded(text).inventory.services[0].instances
    assert [str(one.key) for one in (first, second)] == ["a@p/nightly", "a@p//var/lib/all%20done"]
    assert [one.health_url for one in (first, third)] == ["heartbeat://nightly", "heartbeat:///b"]
    assert [is_awaited(one) for one in (first, second, third)] == [True, False, False]


@pytest.mark.parametrize(
    ("keys", "rule"),
    [
        ('every = "1h"', HeartbeatRule(3600.0, 360.0)),
        ('every = "1h", grace = 0', HeartbeatRule(3600.0, 0.0)),
        ('every = "1h", grace = "2h", token = "abc-def"', HeartbeatRule(3600.0, 7200.0, Secret("abc-def"))),
    ],
)
def test_without_a_grace_a_tenth_of_the_time_is_one(loaded: Load, keys: str, rule: HeartbeatRule) -> None:
    assert loaded(job(keys)).inventory.services[0].instances[0].health.heartbeat == rule


@pytest.mark.parametrize(("every", "interval"), [("24h", 15.0), ("1m", 15.0), ("20s", 5.0), ("10ms", 1.0)])
def test_who_is_awaited_more_often_is_looked_after_more_often(loaded: Load, every: str, interval: float) -> None:
    one = loaded(job(f'every = "{every}"'))
    assert one.inventory.services[0].instances[0].health.interval == interval
    assert f'interval = "{interval:g}s"' in show(one.files[0], {})[1]


def test_outer_tables_count_as_for_every_key(loaded: Load) -> None:
    text = '[defaults]\nport = 81\nevery = "1h"\n[environments.p]\ntoken = "of-p-all"\n' + job("grace = 1")
    instance = loaded(text).inventory.services[0].instances[0]
    assert instance.health.heartbeat == HeartbeatRule(3600.0, 1.0, Secret("of-p-all"))
    assert instance.health_url == "heartbeat://nightly"


def test_what_is_shown_of_a_heartbeat_loads_again(loaded: Load) -> None:
    asked = (
        '[defaults]\ncertificate_days = 9\nfamily = 4\nmax_latency = "1s"\nverify = false\nexpect = "x"\nport = 81\n'
    )
    asked += 'path = "/x"\nevery = "2h"\n'
    text = asked + job('token = "t0ken-of-a"') + '[services.web]\ninstances.p = ["http://h"]\n'
    one = loaded(text)
    shown = show(one.files[0], {})[1].replace(MASK, "t0ken-of-a")
    assert loaded(shown).inventory.services == one.inventory.services
    assert "every" not in shown.partition("[services.web")[2]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (job("down_after = 1"), '2: services.a.health.every: is missing: when is a heartbeat due? As in health = { every = "24h" }'),
        ("[services.a]\ninstances.p = 'heartbeat://nightly'\n", '1: services.a.health.every: is missing: when is a heartbeat due? As in health = { every = "24h" }'),
        (job('every = "soon"'), '2: services.a.health.every: "soon" is not a duration: write it like "15s", "2m", "800ms" or "1h30m" (a bare number is seconds)'),
        (job('every = "1h", token = ""'), "2: services.a.health.token: must be a token: ASCII without white space, and not empty"),
        (job('every = "1h", token = "a b"'), "2: services.a.health.token: must be a token: ASCII without white space, and not empty"),
        (job('every = "1h", path = "/x"'), "2: services.a.health.path: only grpc, grpcs, http, https, ws and wss instances are asked like this"),
        (job('every = "1h", expect = "x"'), "2: services.a.health.expect: only dns, http, https, tcp, ws and wss instances answer like this"),
        (job('every = "1h", family = 4'), "2: services.a.health.family: a heartbeat is never asked"),
        (job('every = "1h"', "http://h"), "2: services.a.health.every: only heartbeats have it"),
        (job('token = "x"', "tcp://h:1"), "2: services.a.health.token: only heartbeats have it; to sign in there is auth.bearer"),
        (job('every = "1h"', "heartbeat://Nightly"), '3: services.a.instances.p[0]: "Nightly" is not the name of a job: lower-case letters, digits, \'.\', \'_\' and \'-\''),
        (job('every = "1h"', "heartbeat://var/lib/done"), f"3: services.a.instances.p[0]: a heartbeat is {_WHERE} (did you mean heartbeat:///var/lib/done?)"),
        (job('every = "1h"', "heartbeat:///"), f"3: services.a.instances.p[0]: names neither a job nor a file: {_WHERE}"),
        (job('every = "1h"', "heartbeat://a:80"), f"3: services.a.instances.p[0]: a heartbeat has neither user nor port: {_WHERE}"),
        (job('every = "1h"', "heartbeat:///a", "heartbeat:///a"), '3: services.a.instances.p[1]: "/a" is listed twice: each instance is probed once'),
        (job('every = "1h"', "heartbeat://a?b=c"), "3: services.a.instances.p[0]: an instance has no query: put it into the path of the check"),
        ("[watch]\ntoken = 5\n" + job('every = "1h"'), "2: watch.token: must be text, not an integer"),
        ("[watch]\nlisten = 5\n" + job('every = "1h"'), "2: watch.listen: unknown key"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_once(complaints: Complain, text: str, line: str) -> None:
    assert complaints(text) == [line]


def test_tokens_are_masked_where_they_show(loaded: Load) -> None:
    text = '[watch]\ntoken = "canary-one"\n' + job('every = "1h", token = "${env:T}"')
    environ = {"T": "canary-two"}
    inventory = loaded(text, environ).inventory
    assert inventory.watch.token == Secret("canary-one")
    assert inventory.mask("canary-one canary-two") == f"{MASK} {MASK}"
    _, shown = show(loaded(text, environ).files[0], environ)
    assert "canary" not in shown
    assert shown.count(MASK) == 2
