import json
import re
import socket
import ssl
from base64 import b64encode

import pytest
import trustme
from dns.rcode import Rcode

from tests.cli.conftest import Answer, Platform, Program
from tests.faults.pages import http1, http2
from tests.faults.server import refusing
from tests.unit.net.connect_proxy import proxying
from tests.unit.net.loopback import serving
from tests.unit.probes.nameservers import naming, says

SPRING = Answer(
    503,
    '{"status": "DOWN", "components": {"db": {"status": "DOWN"}, "ping": {"status": "UP"}}}',
    {"Content-Type": "application/vnd.spring-boot.actuator.v3+json", "X-App-Version": "2.4.1"},
)


def test_everything_about_one_address_is_said_without_an_inventory(program: Program, platform: Platform) -> None:
    url = platform.on("/actuator/health", SPRING)
    done = program("probe", url)
    assert (done.code, done.err) == (2, "")
    facts = dict(re.findall(r"^  (\S[\w ]*?) {2,}(\S.*)$", done.out, re.MULTILINE))
    assert facts["status"] == "✖ down"
    assert facts["reason"].startswith("payload") or facts["reason"].startswith("status")
    assert facts["what to do"]
    assert facts["answer"] == "HTTP/1.1 503 Service Unavailable"
    assert facts["dialect"].startswith("spring-boot (by ")
    assert facts["failing"] == "db"
    assert facts["version"].startswith("2.4.1 (from ")
    assert "ms" in facts["connect"]
    assert "ms" in facts["in all"]


def test_json_says_the_same(program: Program, platform: Platform) -> None:
    url = platform.on("/actuator/health", SPRING)
    done = program("probe", url, "--format", "json")
    document = json.loads(done.out)
    assert document["schema"] == "platformpm.probe/1"
    assert (done.code, document["exit_code"], document["verdict"]) == (2, 2, "critical")
    assert (document["http_status"], document["dialect"], document["version"]) == (503, "spring-boot", "2.4.1")
    assert document["failing_components"] == ["db"]
    assert document["certificate"] is None
    assert document["phases_ms"]["connect"] > 0


def test_redirects_are_listed_in_order(program: Program, platform: Platform) -> None:
    platform.on("/end")
    platform.on("/two", Answer(302, "", {"Location": "/end"}))
    url = platform.on("/one", Answer(301, "", {"Location": "/two"}))
    done = program("probe", url)
    assert done.code == 0
    assert "1. from " + url in done.out
    assert f"2. from {platform.url}/two" in done.out
    assert f"to {platform.url}/end" in done.out


@pytest.mark.parametrize(
    ("answer", "reason", "hint"),
    [
        (Answer(401, "", {}), "unauthorized", "auth"),
        (Answer(429, "", {}), "rate_limited", "interval"),
    ],
)
def test_why_unknown_is_answered_with_what_to_do(
    program: Program, platform: Platform, answer: Answer, reason: str, hint: str
) -> None:
    done = program("probe", platform.on("/x", answer))
    assert done.code == 3
    assert f"  {reason}: " in done.out
    assert hint in done.out


def test_nobody_listening_is_refused(program: Program) -> None:
    with refusing() as port:
        for scheme in ("http", "tcp"):
            done = program("probe", f"{scheme}://127.0.0.1:{port}", "--format", "json")
            document = json.loads(done.out)
            assert (done.code, document["reason"]) == (2, "refused")
            assert "listens" in document["hint"]


def test_a_tcp_address_that_accepts_is_up(program: Program, platform: Platform) -> None:
    done = program("probe", platform.url.replace("http", "tcp"))
    assert done.code == 0
    assert "● up" in done.out
    assert "dialect" not in done.out


def test_what_a_name_server_says_stands_a_record_a_line(program: Program) -> None:
    with naming(says('@ TXT "v=spf1 \\027[31m-all"', '@ TXT "b"')) as server:
        url = server.url("shop.example")
        done = program("probe", url, "--record", "txt")
        document = json.loads(program("probe", url, "--record", "TXT", "--format", "json").out)
    assert (done.code, done.err) == (0, "")
    said = f"NOERROR from 127.0.0.1:{server.port}"
    assert done.out.startswith(f"{url}\n\n  status  ● up\n")
    assert f"  answer  {said}\n  TXT     b\n          v=spf1 \N{REPLACEMENT CHARACTER}[31m-all\n" in done.out
    assert "dialect" not in done.out
    assert document["facts"]["answer"] == [said]
    assert document["facts"]["TXT"] == ["b", "v=spf1 \N{REPLACEMENT CHARACTER}[31m-all"]
    assert document["phases_ms"]["first_byte"] > 0


def test_a_name_that_is_not_there_is_told_with_what_to_do(program: Program) -> None:
    with naming(says(code=Rcode.NXDOMAIN)) as server:
        done = program("probe", server.url("shop.example"))
    assert done.code == 2
    assert "  dns: shop.example does not exist (NXDOMAIN from 127.0.0.1:" in done.out
    assert "what to do  The name does not resolve" in done.out


def test_headers_and_credentials_are_sent_and_never_shown(program: Program, platform: Platform) -> None:
    url = platform.on("/echo", Answer(500, '{"status": "DOWN", "error": "hunter2-header"}'))
    done = program(
        "probe",
        url.replace("//", "//user:hunter2-password@"),
        "--header",
        "X-Key: hunter2-header",
        "--header",
        "Host: shop",
    )
    (_, headers), *_ = platform.asked
    assert headers["X-Key"] == "hunter2-header"
    assert headers["Host"] == "shop"
    assert headers["Authorization"].startswith("Basic ")
    assert "hunter2" not in done.out + done.err


def test_a_header_takes_its_secret_from_a_file_or_the_environment(program: Program, platform: Platform) -> None:
    url = platform.on("/echo", Answer(500, '{"status": "DOWN", "error": "hunter2-file hunter2-env"}'))
    (program.folder / "token").write_text("hunter2-file\n", encoding="utf-8")
    words = ("--header", "Authorization: Bearer ${file:token}", "--header", "X-Key: ${env:KEY}")
    done = program("probe", url, *words, KEY="hunter2-env")
    (_, headers), *_ = platform.asked
    assert (headers["Authorization"], headers["X-Key"]) == ("Bearer hunter2-file", "hunter2-env")
    assert "hunter2" not in done.out + done.err


def test_an_echo_of_what_is_sent_of_a_password_is_masked(program: Program, platform: Platform) -> None:
    sent = b64encode(b"user:hunter2/pass").decode()
    body = {"status": "DOWN", "components": {f"got Basic {sent}": {"status": "DOWN"}}}
    url = platform.on("/echo", Answer(503, json.dumps(body))).replace("//", "//user:hunter2%2Fpass@")
    for words in ([], ["--format", "json"]):
        done = program("probe", url, *words)
        assert "got Basic" in done.out
        assert sent not in done.out


def test_secrets_of_the_query_are_masked_and_ordinary_words_are_not(program: Program, platform: Platform) -> None:
    url = platform.on("/echo", Answer(200, '{"status": "DOWN", "hunter2-token": {"status": "DOWN"}}'))
    done = program("probe", f"{url}?format=status&api_token=hunter2-token")
    assert "  status  " in done.out
    assert f"{url}?format=…&api_token=…" in done.out
    assert "hunter2" not in done.out


def test_a_header_that_is_echoed_in_html_is_masked(program: Program, platform: Platform) -> None:
    echo = Answer(503, '{"status": "DOWN", "components": {"got Val&quot;ue&amp;1": {"status": "DOWN"}}}')
    done = program("probe", platform.on("/health", echo), "--header", 'X-Api-Key: Val"ue&1')
    assert "got" in done.out
    assert "Val" not in done.out


def test_a_bearer_token_is_masked_without_its_scheme_too(program: Program, platform: Platform) -> None:
    url = platform.on("/echo", Answer(500, '{"status": "DOWN", "error": "bad hunter2-bearer"}'))
    done = program("probe", url, "--header", "Authorization: Bearer hunter2-bearer", "--format", "json")
    assert "hunter2" not in done.out


def test_the_timeout_counts_for_everything_together(program: Program, platform: Platform) -> None:
    done = program("probe", platform.hang("/hangs"), "--timeout", "300ms", "--format", "json")
    assert (done.code, json.loads(done.out)["reason"]) == (2, "timeout_response")


def test_a_dialect_can_be_chosen_or_switched_off(program: Program, platform: Platform) -> None:
    url = platform.on("/health", Answer(200, '{"status": "DOWN"}'))
    assert program("probe", url).code == 2
    done = program("probe", url, "--dialect", "none")
    assert done.code == 0
    assert "none recognised" in done.out


def test_a_status_of_a_word_that_nobody_knows_is_told(program: Program, platform: Platform) -> None:
    done = program("probe", platform.on("/health", Answer(200, '{"status": "banana"}')))
    assert done.code == 0
    said = 'status "banana" is not a word platformpm knows: the status line decides'
    assert re.search(rf"^  seen +HTTP 200; {said}$", done.out, re.MULTILINE)
    assert re.search(rf"^  dialect +none recognised: {said}$", done.out, re.MULTILINE)


def test_a_version_that_is_not_believed_is_told_with_the_way_to_read_it(program: Program, platform: Platform) -> None:
    url = platform.on("/api/health", Answer(200, '{"status": "UP", "version": "1234"}'))
    said = '"1234" at version is not read: it may be the version of an API or a schema; version = { path = '
    assert f"  version  {said}'/api/health', json = 'version' }} reads it\n" in program("probe", url).out
    program.inventory(f'[services.shop]\nhealth = "/health"\ninstances.production = ["{platform.url}/api"]\n')
    assert f"{said}'/health', json = 'version' }} reads it\n" in program("probe", "shop").out
    document = json.loads(program("probe", url, "--format", "json").out)
    assert document["version"] is None
    assert document["version_detail"].startswith(said)


DECLARED = """
[environments.staging]
[environments.production]
[services.shop]
health = {{ path = "/health", auth = {{ bearer = "hunter2-token" }}, expect = {{ json = {{ mode = "primary" }} }} }}
version = {{ path = "/version", json = "build" }}
instances.staging = ["{url}"]
instances.production = {{ eu-1 = "{url}/eu", us-1 = "{url}/us" }}
[services.bare]
external = true
"""


def declare(program: Program, platform: Platform) -> None:
    program.inventory(DECLARED.format(url=platform.url))
    well = Answer(200, '{"mode": "primary", "hunter2-token": 1}')
    for path, answer in (("/eu", well), ("/us", Answer(200, '{"mode": "replica", "error": "hunter2-token"}'))):
        platform.on(f"{path}/health", answer)
    platform.on("/health", well)
    platform.on("/eu/version", Answer(200, '{"build": "1234"}'))


def test_what_is_declared_is_asked_with_its_whole_check(program: Program, platform: Platform) -> None:
    declare(program, platform)
    done = program("probe", "shop@production/EU-1")
    assert done.code == 0, done.out + done.err
    assert done.out.startswith(f"shop@production/eu-1  {platform.url}/eu/health\n\n  status ")
    assert re.search(r"^  version +1234 \(from json build\)$", done.out, re.MULTILINE)
    (_, headers), *_ = platform.asked
    assert headers["Authorization"] == "Bearer hunter2-token"
    assert "hunter2" not in done.out + done.err


def test_several_instances_are_asked_one_after_another(program: Program, platform: Platform) -> None:
    declare(program, platform)
    done = program("probe", "shop@production")
    assert done.code == 2
    assert re.findall(r"^(shop@\S+)  http", done.out, re.MULTILINE) == ["shop@production/eu-1", "shop@production/us-1"]
    assert re.search(r"^  version +not read: status: HTTP 404, expected 2xx$", done.out, re.MULTILINE)
    platform.on("/us/health", Answer(404, "", {}))
    assert "not read either, for the same reason" in program("probe", "shop@production/us-1").out
    platform.on("/us/health", Answer(200, "{}"))
    assert "hunter2" not in done.out
    everything = json.loads(program("probe", "env:*", "--format", "json").out)
    assert (everything["schema"], everything["verdict"], everything["exit_code"]) == (
        "platformpm.probes/1",
        "critical",
        2,
    )
    assert [one["verdict"] for one in everything["probes"]] == ["ok", "ok", "critical"]
    assert everything["probes"][0]["instance"] == f"shop@staging/{platform.url.removeprefix('http://')}"


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("shap", "did you mean shop?"),
        ("shop@prodction", "did you mean shop@production?"),
        ("shop@production/eu1", 'nothing is selected by "shop@production/eu1" (did you mean shop@production/eu-1?)'),
        ("bare", '"bare" has no instances to ask'),
        ("ownr:x", "did you mean"),
        ("user:hunter2@shop.example/health", "URL: must be a URL with a scheme"),
        ("localhost:8080", "http://localhost:8080"),
        ("shop.example", "an address begins with http://"),
        ("user@shop.example/health", "nothing is selected"),
    ],
)
def test_what_is_not_declared_is_told_as_ever(program: Program, platform: Platform, word: str, said: str) -> None:
    declare(program, platform)
    done = program("probe", word)
    assert (done.code, done.out) == (3, "")
    assert said in done.err
    assert "hunter2" not in done.err


@pytest.mark.parametrize(
    "option",
    [
        ["--insecure"],
        ["--timeout", "1s"],
        ["--header", "A: b"],
        ["--dialect", "none"],
        ["--record", "MX"],
        ["--http2"],
        ["--proxy", "http://p:1"],
    ],
)
def test_options_of_a_question_do_not_change_a_declared_check(program: Program, option: list[str]) -> None:
    done = program("probe", "shop", *option)
    assert (done.code, done.out) == (3, "")
    assert f"{option[0]} is for a URL" in done.err


def test_a_url_is_asked_through_a_proxy_whose_password_is_not_shown(program: Program, platform: Platform) -> None:
    url = platform.on("/health", Answer(200, '{"status": "UP", "said": "hunter2"}'))
    with proxying(b"Basic " + b64encode(b"u:hunter2")) as proxy:
        done = program("probe", url, "--proxy", f"http://u:hunter2@127.0.0.1:{proxy.port}", "-vv")
        refused = program("probe", url, "--proxy", f"http://u:hunter3@127.0.0.1:{proxy.port}")
    assert done.code == 0
    assert proxy.requests[0].startswith(b"GET http://127.0.0.1:")
    assert "hunter2" not in done.out + done.err
    assert (refused.code, "hunter3" in refused.out + refused.err) == (3, False)
    assert "the proxy" in refused.out


def test_http2_is_offered_where_it_is_asked_for(program: Program) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    context.set_alpn_protocols(["h2"])

    def script(line: socket.socket) -> None:
        assert isinstance(line, ssl.SSLSocket)
        (http2 if line.selected_alpn_protocol() == "h2" else http1)(line)

    with serving(script, context) as server:
        url = f"https://127.0.0.1:{server.port}/small"
        plain, offered = program("probe", url, "--insecure"), program("probe", url, "--insecure", "--http2")
    assert re.search(r"^  answer +HTTP/1\.1 200", plain.out, re.MULTILINE), plain.out
    assert re.search(r"^  answer +HTTP/2 200", offered.out, re.MULTILINE), offered.out


MISTAKES = [
    (["shop.example/health"], "http://shop.example/health"),
    (["http://shop.example/a b"], "platformpm: URL: a URL has no white space"),
    (["ftp://shop.example"], "ftp"),
    (["tcp://shop.example"], "port"),
    (["dns://shop.example"], "did you mean dns:///shop.example?"),
    (["dns:///shop.example", "--record", "MXX"], "MXX"),
    (["dns:///shop.example?type=MX"], "only a web address has a query"),
    (["icmp://shop.example:7"], "an icmp address is a host"),
    (["http://"], "host"),
    (["http://127.0.0.1", "--dialect", "sprng-boot"], "did you mean spring-boot?"),
    (["http://127.0.0.1", "--timeout", "never"], "not a duration"),
    (["http://127.0.0.1", "--http2"], "--http2 is for an https URL"),
    (["tcp://127.0.0.1:1", "--proxy", "http://p:3128"], "--proxy is for a URL of grpc, grpcs, http, https, ws, wss"),
    (["http://127.0.0.1", "--proxy", "https://u:hunter2@p:3128"], "--proxy: must be an http URL"),
    (["http://127.0.0.1", "--proxy", "p:3128"], "--proxy: "),
    (["http://127.0.0.1", "--header", "hunter2-no-colon"], "'NAME: VALUE'"),
    (["http://127.0.0.1", "--header", "X: hunter2\r\nY: z"], "neither line breaks nor control characters"),
    (["http://127.0.0.1", "--header", "X: ${file:nowhere}"], '--header X: cannot read "nowhere": No such file'),
    (
        ["http://127.0.0.1", "--header", "X: ${env:BROKEN}"],
        "--header X: the value of a header holds neither line breaks",
    ),
    (["http://127.0.0.1", "--header", "X: ${hunter2}"], "--header X: is not ${env:NAME} or ${file:PATH}"),
    (["http://user:hunter2-pw@127.0.0.1:99999999/"], "port"),
]


@pytest.mark.parametrize(("words", "message"), MISTAKES, ids=lambda value: value[0] if isinstance(value, list) else "")
def test_mistakes_exit_3_and_say_what_is_meant(program: Program, words: list[str], message: str) -> None:
    done = program("probe", *words, BROKEN="hunter2\nX-Other: 1")
    assert (done.code, done.out) == (3, "")
    assert message in done.err
    assert "hunter2" not in done.err
