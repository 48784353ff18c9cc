from __future__ import annotations

from collections.abc import Callable

import pytest

Complain = Callable[..., list[str]]

GOOD = '[services.a]\ninstances.production = ["http://h:80"]\n'


def service(line: str) -> str:
    return f'[services.a]\n{line}\ninstances.production = ["http://h:80"]\n'


def instance(url: str) -> str:
    return f'[services.a]\ninstances.production = ["{url}"]\n'


@pytest.mark.parametrize(
    ("text", "line"),
    [
        # keys
        ("[servces.a]\n" + GOOD, "1: servces: unknown section (did you mean services?)"),
        ("zzz = 1\n" + GOOD, "1: zzz: unknown section"),
        ("services = 3\n", "1: services: must be a table"),
        (service('heath = "/x"'), "2: services.a.heath: unknown key (did you mean health?)"),
        (service('url = "http://x"'), "2: services.a.url: unknown key (did you mean instances?)"),
        (service('health = { pth = "/x" }'), "2: services.a.health.pth: unknown key (did you mean path?)"),
        (service("health.expect.stats = 200"), "2: services.a.health.expect.stats: unknown key (did you mean status?)"),
        (service("health = 5"), "2: services.a.health: must be a path or a table, not an integer"),
        (service('verify = "no"'), "2: services.a.verify: must be true or false, not text"),
        (service("tags = 'x'"), "2: services.a.tags: must be a list, not text"),
        (service("title = 1979-05-27"), "2: services.a.title: must be text, not a date or time"),
        ("[services]\na = 1\n", "2: services.a: must be a table, not an integer"),
        # names
        ('[services.A]\ninstances.p = ["http://h"]', "1: services.A: \"A\" is not a name: names are lower-case letters, digits, '.', '_' and '-', at most 63, starting with a letter or digit (did you mean a?)"),
        ('[services."a\\u001bb"]\nexternal = true', "1: services.\"a\\u001bb\": \"a�b\" is not a name: names are lower-case letters, digits, '.', '_' and '-', at most 63, starting with a letter or digit"),
        (service('title = "a\\u001b[31m"'), "2: services.a.title: must not hold control characters"),
        (service('title = " "'), "2: services.a.title: must not be empty"),
        # values
        (service('interval = "15 sec"'), '2: services.a.interval: "15 sec" is not a duration: write it like "15s", "2m", "800ms" or "1h30m" (a bare number is seconds)'),
        (service("interval = nan"), "2: services.a.interval: must be a finite number of seconds"),
        (service("timeout = 0"), "2: services.a.timeout: must be at least 10ms"),
        (service("tier = 0"), "2: services.a.tier: must be from 1 to 9"),
        (service("tier = 1.5"), "2: services.a.tier: must be a whole number, not a fraction"),
        (service('min_up = "150%"'), '2: services.a.min_up: must be a number of instances such as 2, or a percentage such as "50%"'),
        (service('method = "GETT"'), '2: services.a.method: "GETT" is not one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS (did you mean GET?)'),
        (service("family = 5"), "2: services.a.family: must be 4 or 6"),
        (service("port = 70000"), "2: services.a.port: must be from 1 to 65535"),
        (service("certificate_days = inf"), "2: services.a.certificate_days: must be a finite number"),
        (service('dialect = "springboot"'), '2: services.a.dialect: "springboot" is not a known health dialect (did you mean spring-boot?)'),
        (service('runbook = "ftp://x"'), "2: services.a.runbook: must be an http or https URL"),
        (service('health = "/a b"'), "2: services.a.health: must hold neither white space, control characters nor others than ASCII: percent-encode them"),
        (service('health.expect.body = "(a"'), "2: services.a.health.expect.body: is not a regular expression (RE2 syntax): missing ): (a"),
        (service('health.expect = "(?=a)"'), "2: services.a.health.expect: is not a regular expression (RE2 syntax): invalid perl operator: (?="),
        (service("health.expect.status = 999"), '2: services.a.health.expect.status: must be a status code such as 200, a class such as "2xx" or a range such as "200-299"'),
        (service('health.expect.status = ["6xx"]'), '2: services.a.health.expect.status[0]: must be a status code such as 200, a class such as "2xx" or a range such as "200-299"'),
        (service("health.expect.json = { x = nan }"), "2: services.a.health.expect.json.x: must be a finite number"),
        (service("health.expect.json = { x = { y = 1 } }"), "2: services.a.health.expect.json.x: must be text, a number, true or false, or a list of these (any of)"),
        (service('headers = { "X Y" = "1" }'), '2: services.a.headers."X Y": "X Y" cannot be the name of a header'),
        (service('headers = { X = "a\\r\\nB: c" }'), "2: services.a.headers.X: must not hold control characters"),
        (service("auth = {}"), "2: services.a.auth: must be one of bearer, basic, username with password, or header with value"),
        (service('auth = { bearer = "x", basic = "a:b" }'), "2: services.a.auth: must be one of bearer, basic, username with password, or header with value"),
        (service('auth = { basic = "nocolon" }'), '2: services.a.auth: basic must be written "user:password"'),
        (service('auth = { bearer = "" }'), "2: services.a.auth: must not be empty"),
        (service('tls.minimum = "TLSv1.1"'), '2: services.a.tls.minimum: "TLSv1.1" is not one of TLSv1.2, TLSv1.3'),
        (service('tls.server_name = "a..b"'), '2: services.a.tls.server_name: "a..b" is not a host name'),
        (service('tls.server_name = ".x"'), '2: services.a.tls.server_name: ".x" is not a host name'),
        (service('tls.ca_file = "nothing.pem"'), '2: services.a.tls.ca_file: "nothing.pem" cannot be read: No such file or directory'),
        (service('tls.key_file = "platform.toml"'), "2: services.a.tls.key_file: needs certificate_file"),
        (service('version = { json = "a", header = "X-V" }'), "2: services.a.version: json and header exclude each other: the version is read in one place"),
        (service('version = { label = "v" }'), "2: services.a.version: label needs metric"),
        (service('max_latency = "3s"\ncritical_latency = "1s"'), "3: services.a.critical_latency: critical_latency (1s) must be longer than max_latency (3s)"),
        ('[platform]\ntimezone = "Asia/Shangai"\n' + GOOD, '2: platform.timezone: "Asia/Shangai" is not an IANA time zone (did you mean Asia/Shanghai?)'),
        ('[platform]\ntimezone = "berlin"\n' + GOOD, '2: platform.timezone: "berlin" is not an IANA time zone (did you mean Europe/Berlin?)'),
        ("[engine]\nconcurrency = 0\n" + GOOD, "2: engine.concurrency: must be from 1 to 10000"),
        ('[history]\nmax_size = "lots"\n' + GOOD, '2: history.max_size: "lots" is not a size: write it like "500MB" or "2GiB" (a bare number is bytes)'),
        ("[hosts.l]\nlimits = { cpu = [95, 80] }", "2: hosts.l.limits.cpu: must be [warning, critical], the warning not above the critical limit"),
        ("[hosts.l]\nlimits = { cpu = [80] }", "2: hosts.l.limits.cpu: must be [warning, critical], not a list"),
        ("[hosts.l]\nlimits = { cpu = [80, 101] }", "2: hosts.l.limits.cpu: must be from 0 to 100"),
        # instances
        (instance("10.0.0.1:8080"), "2: services.a.instances.production[0]: must be a URL with a scheme: dns, exec, grpc, grpcs, heartbeat, http, https, icmp, tcp, tls, ws or wss (did you mean http://10.0.0.1:8080?)"),
        (instance("htp://x"), '2: services.a.instances.production[0]: unknown scheme "htp": one of http, https, tcp, tls, dns, icmp, exec, ws, wss, grpc, grpcs, heartbeat (did you mean http?)'),
        (instance("http://x?a=1"), "2: services.a.instances.production[0]: an instance has no query: put it into the path of the check"),
        (instance("http://x#f"), "2: services.a.instances.production[0]: an instance has no fragment: put it into the path of the check"),
        (instance("http://x:99999"), '2: services.a.instances.production[0]: port "99999" is not a number from 1 to 65535'),
        (instance("http://"), "2: services.a.instances.production[0]: the URL names no host"),
        (instance("http://300.1.1.1"), '2: services.a.instances.production[0]: "300.1.1.1" is not a host name or an address'),
        (instance("http://[::1"), '2: services.a.instances.production[0]: is not a usable URL: "http://[::1"'),
        (instance("http://a b"), "2: services.a.instances.production[0]: a URL has no white space or control characters"),
        (instance("tcp://x"), "2: services.a.instances.production[0]: a tcp address needs a port, as in tcp://host:1234"),
        (instance("tcp://x:1/p"), "2: services.a.instances.production[0]: a tcp address has no path"),
        ('[services.a]\ninstances.production = ["http://h", "http://h"]', '2: services.a.instances.production[1]: "h" is listed twice: each instance is probed once'),
        ('[services.a]\ninstances.production = ["http://h:1", "tcp://h:1"]', '2: services.a.instances.production[1]: would be named "h:1" like another: give both a name, as in { web = …, tcp = … }'),
        (service('runbook = "https://u:p@h"'), "2: services.a.runbook: must not hold a user and a password (a check has auth for them)"),
        ("[services.a]\ninstances.production = [1]", "2: services.a.instances.production[0]: must be a URL, not an integer"),
        ("[services.a]\ninstances.production = 1", "2: services.a.instances.production: must be a list of URLs or a table of name to URL, not an integer"),
        ('[services.a]\ninstances = ["http://h"]', '2: services.a.instances: must be a table of environments, such as production = ["http://host:8080"], not a list'),
        ('[environments.p]\nurl = "http://{service}.x"\n[services.a-]', '3: services.a-: the url of "p" does not fit: "a-.x" is not a host name or an address'),
        ('[services."a.b"]\n', '1: services."a.b": has no instances: list them in [services."a.b".instances], or say external = true'),
        ("[services.a]\n", "1: services.a: has no instances: list them in [services.a.instances], or say external = true"),
        ('[services.a]\nhealth.send = "x"\n' + "instances.p = ['http://h']", "2: services.a.health.send: only tcp, ws and wss instances are sent a text; http ones have body"),
        ('[services.a]\nhealth = "/x"\n' + "instances.p = ['tcp://h:1']", "2: services.a.health: only grpc, grpcs, http, https, ws and wss instances are asked like this"),
        ("[services.a]\nhealth.http2 = true\n" + "instances.p = ['http://h']", "2: services.a.health.http2: only https instances are asked like this"),
        ('[services.a]\nhealth.expect = "x"\n' + "instances.p = ['grpc://h:1']", "2: services.a.health.expect: only dns, http, https, tcp, ws and wss instances answer like this"),
        ('[services.a]\nhealth.send = "x"\n' + "instances.p = ['grpcs://h:1']", "2: services.a.health.send: only tcp, ws and wss instances are sent a text; http ones have body"),
        (instance("grpc://h/x"), "2: services.a.instances.production[0]: a grpc address needs a port, as in grpc://host:1234"),
        ('[services.a]\nhealth.method = "GET"\n' + "instances.p = ['ws://h']", "2: services.a.health.method: only http and https instances are asked like this"),
        ("[services.a]\nhealth.expect.status = 200\n" + "instances.p = ['wss://h']", "2: services.a.health.expect.status: only http and https instances answer like this"),
        ('[services.a]\nversion = "/x"\n' + "instances.p = ['tcp://h:1']", "2: services.a.version: a version is read over http: no instance speaks it"),
        (instance("dns://shop.example"), "2: services.a.instances.production[0]: a dns address says what to ask: dns://server/name, or dns:///name for this system's resolvers (did you mean dns:///shop.example?)"),
        (instance("dns://10.0.0.53/a..b"), '2: services.a.instances.production[0]: "a..b" is not a name that can be asked for'),
        (instance("icmp://x:7"), "2: services.a.instances.production[0]: an icmp address is a host, without a port and a path"),
        ('[services.a]\nhealth.record = "MXX"\n' + "instances.p = ['dns:///x']", '2: services.a.health.record: "MXX" is not one of A, AAAA, CAA, CNAME, DNSKEY, DS, HTTPS, MX, NAPTR, NS, PTR, SOA, SRV, SVCB, TLSA, TXT (did you mean MX?)'),
        ('[services.a]\nhealth.record = "MX"\n' + "instances.p = ['http://h']", "2: services.a.health.record: only dns instances are asked for a record"),
        ('[services.a]\nhealth.expect.records = ["1.2.3.4"]\n' + "instances.p = ['icmp://h']", "2: services.a.health.expect.records: only dns instances answer with records"),
        ('[services.a]\nhealth.expect.body = "x"\n' + "instances.p = ['icmp://h', 'tls://h:1']", "2: services.a.health.expect.body: a tls or icmp instance is never read from"),
        ("[services.a]\nhealth.verify = false\n" + "instances.p = ['icmp://h', 'dns:///x']", "2: services.a.health.verify: dns, icmp, exec and heartbeat instances have no certificates"),
        ("[services.a]\nhealth.certificate_days = 3\n" + "instances.p = ['dns:///x']", "2: services.a.health.certificate_days: dns, icmp, exec and heartbeat instances have no certificates"),
        ("[services.a]\nhealth.port = 3\n" + "instances.p = ['icmp://h']", "2: services.a.health.port: icmp and heartbeat instances have no port"),
        ('[services.a]\nhealth.dialect = "none"\n' + "instances.p = ['dns:///x']", "2: services.a.health.dialect: only http and https instances are asked like this"),
        ('[services.a]\ninstances.p = ["dns:///x", "dns:///x"]', '2: services.a.instances.p[1]: "x" is listed twice: each instance is probed once'),
        (service('resolve = "all"\nproxy = "http://p:3128"'), '2: services.a.resolve: a proxy looks names up itself: resolve = "all" cannot hold'),
        (service('resolve = "every"'), '2: services.a.resolve: "every" is not one of any, all'),
        # references
        (service('depends_on = ["ledgr"]') + "[services.ledger]\nexternal = true", '2: services.a.depends_on[0]: unknown service "ledgr" (did you mean ledger?)'),
        (service('depends_on = ["a"]'), "2: services.a.depends_on: dependency cycle: a -> a"),
        (service('depends_on = ["b"]') + '[services.b]\nexternal = true\ndepends_on = ["c"]\n[services.c]\nexternal = true\ndepends_on = ["a"]\n', "2: services.a.depends_on: dependency cycle: a -> b -> c -> a"),
        (service('owner = "paymnets"') + "[teams.payments]", '2: services.a.owner: unknown team "paymnets" (did you mean payments?)'),
        (service('renamed_from = "b"') + "[services.b]\nexternal = true", '2: services.a.renamed_from: "b" still exists: its history is its own'),
        ("[environments.prodution]\n" + GOOD, '3: services.a.instances.production: unknown environment "production" (did you mean prodution?)'),
        ("[environments.production]\npromotes_from = 'stagng'\n[environments.staging]\n" + GOOD, '2: environments.production.promotes_from: unknown environment "stagng" (did you mean staging?)'),
        ("[environments.production]\npromotes_from = 'b'\n[environments.b]\npromotes_from = 'production'\n" + GOOD, "2: environments.production.promotes_from: promotion cycle: production -> b -> production"),
        ("[environments.production]\nurl = 'http://{svc}'\n" + GOOD, '2: environments.production.url: "{svc}" is not a host name or an address'),
        ("[hosts.l]\nverify = false", "2: hosts.l.verify: needs url: this machine is not asked over the network"),
        ("[hosts.l]\nauth = { bearer = 'x' }", "2: hosts.l.auth: needs url: this machine is not asked over the network"),
        ("[hosts.l]\nurl = 'tcp://h:9100'", "2: hosts.l.url: must be an http or https URL"),
        ("[hosts.l]\nurl = 'http://u:p@h/metrics'", "2: hosts.l.url: must not hold a user and a password (a check has auth for them)"),
        ("[hosts.l]\nurl = 'http://h/metrics'\ntls = { key_file = 'k' }", '3: hosts.l.tls.key_file: "k" cannot be read: No such file or directory'),
        ("[hosts.l]\nservices = ['b']\n" + GOOD, '2: hosts.l.services[0]: unknown service "b"'),
    ],
)  # fmt: skip
def test_each_mistake_is_one_clear_line(complaints: Complain, text: str, line: str) -> None:
    assert complaints(text) == [line]


def test_all_problems_are_told_at_once_in_the_order_of_the_file(complaints: Complain) -> None:
    text = """\
[platform]
timezone = "Mars"
[services.one]
tier = "x"
health = { path = "/x", expect = { body = "(" } }
instances.production = ["nope", "http://ok:1"]
depends_on = ["two", "three"]
[services.two]
titel = "Two"
instances.production = ["http://two:99999"]
[hosts.x]
services = ["twoo"]
"""
    assert [line.partition(": ")[0] for line in complaints(text)] == ["2", "4", "5", "6", "7", "9", "10", "12"]


def test_a_wrong_key_does_not_hide_what_is_wrong_between_the_others(complaints: Complain) -> None:
    lines = complaints(service('auth = { bearer = "x", basic = "a:b", beaer = "y" }\ninterval = "x"'))
    keys = {line.split(": ")[1] for line in lines}
    assert keys == {"services.a.auth", "services.a.auth.beaer", "services.a.interval"}


@pytest.mark.parametrize("text", ["", "[platform]\nname = 'x'\n", "[services]\n"])
def test_an_empty_inventory_is_refused(complaints: Complain, text: str) -> None:
    (line,) = complaints(text)
    assert line.endswith("the inventory declares neither services nor hosts")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a = ", "1: is not valid TOML: invalid value (column 5)"),
        ("[a]\nb = 1\n[a]\n", "3: a: is set twice, first in line 1"),
        ("[a]\nb = 1\nb = 2\n", "3: a.b: is set twice, first in line 2"),
        ("[a]\nb = { c = 1,\n c = 2 }\n", "3: a.b.c: is set twice, first in line 2"),
        ("\n[a]\nb = [1,\n " + "[" * 600, "4: a.b: is nested too deep"),
        ("[a]\nb = " + "{ c = " * 600, f"2: a.b.{'.'.join('c' * 38)}: is nested too deep"),
        ('[a]\nb = "' + "9" * 5000 + '"\n[c]\nd = -' + "9" * 5000, "4: c.d: is a number with too many digits"),
        ('x = "' + "a\n", "1: is not valid TOML: illegal character '�' (column 7)"),
    ],
)
def test_bad_toml_is_told_with_its_line(complaints: Complain, text: str, line: str) -> None:
    lines = complaints(text)
    assert len(lines) == 1
    assert lines[0].replace("\\n", "�") == line


@pytest.mark.parametrize(
    "text",
    ["x = " + "[" * 500 + "]" * 500, "x = " + "1" * 5000, "x = " + "{a=" * 500 + "1" + "}" * 500, "x." * 500 + "y = 1", "x = 0x" + "f" * 5000],
)  # fmt: skip
def test_what_would_overflow_is_one_line(complaints: Complain, text: str) -> None:
    lines = complaints(f"[services.a]\n{text}\ninstances.p = ['http://h']")
    assert 1 <= len(lines) <= 2
    assert all(len(line) < 700 for line in lines)


def test_a_byte_order_mark_is_welcome(loaded: Callable[..., object]) -> None:
    assert loaded("\ufeff" + GOOD)
