from __future__ import annotations

from pathlib import Path

from platformpm.inventory import load, show

PLATFORM = """\
include = ["more.toml"]
[platform]
name = "A \\"B\\" – 平台"
timezone = "Asia/Shanghai"
[defaults]
timeout = "3s"
headers = { A = "1", B = "2" }
health = "/healthz"
owner = "t"
[environments.staging]
url = "https://{service}.staging.example"
verify = false
headers = { B = "3" }
[environments.production]
promotes_from = "staging"
interval = "5s"
[teams.t]
[services.a]
tier = 1
version = { path = "/v", json = "build.version" }
instances.production = { eu = "http://1.2.3.4:80", us = "http://[::1]:80/x" }
target.production = "1.0"
[services.b]
health = { headers = { a = "9" }, expect = { status = 200, json = { "x.y" = ["a", 1, true] }, body = "a\\\\d" } }
[services.c]
instances.staging = []
instances.production = ["tcp://h:1"]
health.expect = "PONG"
[services.f]
instances.staging = []
instances.production = ["dns:///shop.example"]
health = { record = "MX", expect = { records = ["10 a.example"] } }
[services.g]
instances.staging = []
instances.production = ["icmp://h"]
[services.h]
instances.production = ["ws://h/live", "http://h:1"]
headers = { Origin = "https://app.example" }
[services.i]
instances.production = ["wss://h"]
health = { path = "?room=1", expect = { json = { type = "welcome" }, headers = { Server = "." } } }
[services.d]
external = true
depends_on = ["a"]
[hosts.local]
limits = { cpu = [80, 95], for = "2m" }
[history]
path = "x.db"
"""


def test_show_loads_again_and_means_the_same(tmp_path: Path) -> None:
    (tmp_path / "platform.toml").write_text(PLATFORM)
    (tmp_path / "more.toml").write_text("[services.e]\nmin_up = '50%'\ninstances.production = ['https://h/api']\n")
    first = load(tmp_path / "platform.toml", {}).inventory
    again = tmp_path / "again" / "shown.toml"
    again.parent.mkdir()
    again.write_text(show(tmp_path / "platform.toml", {})[1])
    second = load(again, {}).inventory
    for name in ("platform", "environments", "teams", "services", "hosts", "engine", "history"):
        assert getattr(first, name) == getattr(second, name), name
    assert show(again, {})[1] == again.read_text()
