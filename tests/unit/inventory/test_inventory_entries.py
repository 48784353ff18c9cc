from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from platformpm.inventory import Loaded
from platformpm.model.check import Instance, TlsSettings
from platformpm.model.inventory import EngineSettings, HistorySettings, HostLimits, Inventory, Limit
from platformpm.model.secret import MASK
from platformpm.model.status import MinUp

Load = Callable[..., Loaded]


def only(inventory: Inventory) -> Instance:
    (instance,) = inventory.instances()
    return instance


def test_an_environment_gives_an_address_to_services_without_one(loaded: Load) -> None:
    text = """
[environments.staging]
url = "https://{service}.staging.example/{service}"
[environments.production]
promotes_from = "staging"
[services.a]
instances.production = ["http://a"]
[services.b]
[services.c]
instances.staging = []
instances.production = ["http://c"]
[services.d]
external = true
"""
    urls = {str(i.key): i.url for i in loaded(text).inventory.instances()}
    assert urls == {
        "a@staging/a.staging.example": "https://a.staging.example/a",
        "a@production/a": "http://a",
        "b@staging/b.staging.example": "https://b.staging.example/b",
        "c@production/c": "http://c",
    }


def test_environments_are_in_the_order_of_promotion(loaded: Load) -> None:
    text = """
[environments.production]
promotes_from = "staging"
[environments.lab]
[environments.staging]
promotes_from = "dev"
[environments.dev]
[services.a.instances]
production = ["http://p"]
dev = ["http://d"]
staging = ["http://s"]
"""
    inventory = loaded(text).inventory
    assert [e.name for e in inventory.environments] == ["dev", "staging", "production", "lab"]
    assert [e.place for e in inventory.environments] == [0, 1, 2, 3]
    assert [i.key.environment for i in inventory.instances()] == ["dev", "staging", "production"]


def test_without_a_table_environments_appear_as_instances_name_them(loaded: Load) -> None:
    text = "[services.a.instances]\nx = ['http://x']\n[services.b.instances]\ny = ['http://y']\nx = ['http://x']"
    inventory = loaded(text).inventory
    assert [e.name for e in inventory.environments] == ["x", "y"]
    assert [str(i.key) for i in inventory.services[1].instances] == ["b@x/x", "b@y/y"]


def test_what_people_are_told_about_a_service_is_kept(loaded: Load) -> None:
    text = """
[defaults]
owner = "t"
tags = ["all"]
links = { wiki = "https://w" }
[teams.t]
[services.a]
title = "A  service"
product = "P"
tier = 1
depends_on = ["b", "b"]
runbook = "https://r"
links = { dash = "https://d?x=1" }
min_up = "50%"
renamed_from = "z"
instances.p = ["http://h"]
target.p = "v1.2"
[services.b]
external = true
min_up = 2
"""
    a, b = loaded(text).inventory.services
    assert (a.title, a.owner, a.product, a.tier, a.depends_on, a.runbook) == (
        "A service",
        "t",
        "P",
        1,
        ("b",),
        "https://r",
    )
    assert dict(a.links) == {"wiki": "https://w", "dash": "https://d?x=1"}
    assert (a.tags, a.min_up, a.renamed_from, dict(a.target)) == (("all",), MinUp(50, percent=True), "z", {"p": "v1.2"})
    assert (b.external, b.min_up, b.instances) == (True, MinUp(2), ())


def test_hosts_engine_and_history_reach_the_model(loaded: Load, tmp_path: Path) -> None:
    text = """
[engine]
per_host = 3
[history]
path = "h.db"
raw = "1h"
max_size = "1GiB"
[hosts.local]
limits = { cpu = [80, 95], disk = { critical = 90 }, for = "2m" }
"""
    inventory = loaded(text).inventory
    assert inventory.engine == EngineSettings(per_host=3)
    assert inventory.history == HistorySettings(path=str(tmp_path / "h.db"), raw=3600, max_size=2**30)
    assert inventory.hosts[0].limits == HostLimits(cpu=Limit(80, 95), disk=Limit(None, 90), hold=120)


def test_another_machine_is_asked_as_a_service_is(loaded: Load, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("x")
    text = """
[services.ledger]
instances.p = ["http://h"]
[hosts.db-1]
url = "https://db-1:9100/metrics"
interval = "30s"
auth = { basic = "scraper:s3cret-word" }
headers = { X-Scope = "acme" }
tls = { ca_file = "ca.pem" }
verify = false
redirects = 0
family = 4
proxy = "http://u:pr0xy-word@10.0.0.1:3128"
services = ["ledger"]
limits = { disk = [85, 95] }
[hosts.local]
"""
    db, local = loaded(text).inventory.hosts
    assert (db.url, db.interval, db.timeout, db.services) == ("https://db-1:9100/metrics", 30.0, 5.0, ("ledger",))
    assert (db.check.interval, db.check.timeout, db.check.redirects, db.check.family) == (30.0, 5.0, 0, 4)
    assert db.check.tls == TlsSettings(verify=False, ca_file=str(tmp_path / "ca.pem"))
    assert [(name, value.reveal()) for name, value in db.check.headers] == [("X-Scope", "acme")]
    assert db.check.auth is not None
    assert db.check.auth.reveal().startswith("Basic ")
    assert db.check.proxy is not None
    assert loaded(text).inventory.mask("pr0xy-word") == MASK
    assert db.limits.disk == Limit(85, 95)
    assert (local.url, local.interval, local.timeout) == (None, 5.0, 5.0)


def test_another_machine_is_looked_at_less_often_than_this_one(loaded: Load) -> None:
    text = "[hosts.a]\nurl = 'http://a/metrics'\n[hosts.b]\nurl = 'http://b/metrics'\ninterval = '2s'\n"
    hosts = loaded(text).inventory.hosts
    assert [(host.interval, host.timeout) for host in hosts] == [(15.0, 5.0), (2.0, 2.0)]


@pytest.mark.parametrize(
    ("line", "warning"),
    [
        ("target.q = '1'", '3: warning: services.a.target.q: nothing runs in "q": this service has no instances there'),
        ("min_up = 5", "3: warning: services.a.min_up: 5 instances must serve, but p has 1: it will always be down"),
        ("timeout = '20s'", "3: warning: services.a.timeout: the timeout (20s) is longer than the interval (15s)"),
        ("max_latency = '6s'", "3: warning: services.a.max_latency: never reached: the timeout ends a reading after 5s"),
        ("[hosts.h]\nurl = 'http://h:9100/metrics'\ntimeout = '20s'", "5: warning: hosts.h.timeout: the timeout (20s) is longer than the interval (15s)"),
    ],
)  # fmt: skip
def test_what_is_allowed_but_hardly_meant_is_a_warning(loaded: Load, line: str, warning: str) -> None:
    (found,) = loaded("[services.a]\ninstances.p = ['http://h']\n" + line).warnings
    assert str(found).rpartition("platform.toml:")[2] == warning
    assert found.warning


def test_a_warning_about_what_all_services_share_is_told_once(loaded: Load) -> None:
    text = "[defaults]\ntimeout = '20s'\n" + "".join(
        f"[services.s{i}]\nhealth = {{ path = '/', method = 'HEAD' }}\ninstances.p = ['http://h{i}']\ninstances.q = ['http://q{i}']\n"
        for i in range(5)
    )
    (warning,) = loaded(text).warnings
    assert warning.key == "defaults.timeout"


def test_each_environment_with_too_few_instances_is_named(loaded: Load) -> None:
    text = """
[defaults]
min_up = 2
[services.a]
instances = { p = ["http://h", "http://i"], q = ["http://j"], r = [] }
[services.b]
min_up = "100%"
instances.p = ["http://h"]
[services.c]
external = true
[services.d]
resolve = "all"
instances.p = ["http://h"]
[services.e]
health = { resolve = "all" }
instances.p = ["http://h"]
"""
    assert [f"{found.key}: {found.message}" for found in loaded(text).warnings] == [
        "services.a.min_up: 2 instances must serve, but q has 1: it will always be down"
    ]


def test_a_short_interval_shortens_the_default_timeout_without_a_word(loaded: Load) -> None:
    result = loaded("[services.a]\ninterval = '1s'\ninstances.p = ['http://h']")
    assert (only(result.inventory).health.timeout, result.warnings) == (1, ())


def test_services_that_say_the_same_share_one_check(loaded: Load) -> None:
    text = "".join(
        f"[services.s{i}]\nhealth = '/h{i}'\nversion = {{ path = '/v', json = 'x' }}\ninstances.p = ['http://h{i}']\ninstances.q = ['http://q{i}']\n"
        for i in range(20)
    )
    instances = list(loaded(text).inventory.instances())
    assert len({id(instance.health) for instance in instances}) == 2
    assert len({id(instance.version) for instance in instances}) == 2
    assert len({instance.health_url for instance in instances}) == 40
