from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platformpm.inventory.addresses import Address, AddressError, join, origin, parse_address, parse_link
from platformpm.model.check import Check
from platformpm.net import endpoint, prepare


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("http://h", Address("http", "h", None, "")),
        ("https://H.example.:443/a/b", Address("https", "H.example.", 443, "/a/b")),
        ("http://[2001:db8::1]:80/", Address("http", "[2001:db8::1]", 80, "/")),
        ("http://[fe80::1%25eth0]:1", Address("http", "[fe80::1%25eth0]", 1, "")),
        ("http://[fe80::1%eth0]", Address("http", "[fe80::1%eth0]", None, "")),
        ("tls://under_score.example:443", Address("tls", "under_score.example", 443, "")),
        ("http://u:p%40w@h", Address("http", "h", None, "", "u:p@w")),
        ("http://u:p@w@h", Address("http", "h", None, "", "u:p@w")),
        ("http://bücher.example", Address("http", "bücher.example", None, "")),
        ("tcp://10.0.0.1:1/", Address("tcp", "10.0.0.1", 1, "")),
        ("dns://10.0.0.53/shop.example", Address("dns", "10.0.0.53", None, "/shop.example")),
        ("dns://[::1]:5353/bücher.example", Address("dns", "[::1]", 5353, "/bücher.example")),
        ("DNS:///_srv._tcp.shop.example.", Address("dns", "", None, "/_srv._tcp.shop.example.")),
        ("dns:///2001:db8::1", Address("dns", "", None, "/2001:db8::1")),
        ("dns://ns.example/.", Address("dns", "ns.example", None, "/.")),
        ("icmp://10.0.0.1/", Address("icmp", "10.0.0.1", None, "")),
        ("icmp://[fe80::1%25eth0]", Address("icmp", "[fe80::1%25eth0]", None, "")),
        ("wss://u:p@gw.example/live/", Address("wss", "gw.example", None, "/live/", "u:p")),
    ],
)
def test_addresses_are_taken_apart(text: str, address: Address) -> None:
    assert parse_address(text) == address


@pytest.mark.parametrize(
    "text",
    ["", "h", "//h", "http:/h", "http://", "http://:80", "http://h:", "http://h:0", "http://h:65536", "http://h:+1", "http://h:٣",
     "http://-h", "http://h..x", "http://256.1.1.1", "http://1.2.3", "http://01.2.3.4", "http://[::g]", "http://[1.2.3.4]", "http://[]", "http://[::1%]", "http://[::1%é]", "http://[::1%a%b]", "http://a]b",
     "dns://", "dns:///", "dns://h/", "dns://h/a/b", "dns://h/a..b", "dns://:53/a", "dns://u@h/a", "dns:///a b", "dns:///[::1]", "icmp://", "icmp://h:1", "icmp://h/x", "icmp://u:p@h",
     "http://" + "a" * 64, "http://" + "a." * 130, "http://h/\x7f", "http://h/\u202e", "file:///etc", "javascript://x", "http://h\\x"],
)  # fmt: skip
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(AddressError):
        parse_address(text)


@pytest.mark.parametrize(
    ("text", "meant"),
    [("h", "http://h"), ("localhost:8080/x?y", "http://localhost:8080/x?y"), ("10.0.0.1:80", "http://10.0.0.1:80"), ("http:h", "http://h"), ("https:/h/x", "https://h/x"), ("tcp:h:1", "tcp://h:1"),
     ("javascript:alert(1)", None), ("data:text/html,x", None), ("about:blank", None), ("mailto:a@b", None), ("file:/etc", None), ("/x", None), ("", None)],
)  # fmt: skip
def test_a_text_without_a_scheme_is_guessed_only_where_the_guess_is_usable(text: str, meant: str | None) -> None:
    for parse in (parse_address, parse_link):
        with pytest.raises(AddressError) as caught:
            parse(text)
        assert caught.value.suggestion == meant


@pytest.mark.parametrize(
    ("host", "instead"),
    [("☃.net", "xn--n3h.net"), ("①.example", "1.example"), ("ＡＢＣ.example", "abc.example"), ("é_x.y", "xn--_x-9ia.y"), ("é..x", None)],
)  # fmt: skip
def test_a_name_that_cannot_be_asked_is_refused_with_the_form_that_can(host: str, instead: str | None) -> None:
    with pytest.raises(AddressError) as caught:
        parse_address(f"http://{host}")
    assert caught.value.suggestion == instead


@given(st.text("aßéσς日☃①Ａ_-.1\u200d\u0301", min_size=1, max_size=6))
def test_every_host_that_is_accepted_can_be_asked(host: str) -> None:
    for scheme in ("http", "tcp"):
        try:
            address = parse_address(f"{scheme}://{host}:80")
        except AddressError:
            continue
        target = (
            endpoint(address.url, Check(), secure=False) if scheme == "tcp" else prepare(address.url, Check()).target
        )
        assert target.host.isascii()


URLISH = st.lists(
    st.sampled_from(
        [
            "http",
            "tcp",
            "dns",
            "icmp",
            "://",
            ":",
            "/",
            "@",
            "[",
            "]",
            "?",
            "#",
            "h",
            "1",
            "80",
            ".",
            "é",
            " ",
            "%",
            "\x00",
        ]
    ),
    max_size=10,
).map("".join)


WITH_PASSWORD = URLISH.flatmap(
    lambda tail: st.sampled_from(
        [f"http://user:c4n4ry@{tail}", f"http://user:c4n4ry{tail}@host", f"http://{tail}c4n4ry@h"]
    )
)


@given(st.one_of(st.text(), URLISH, WITH_PASSWORD))
def test_any_text_is_an_address_or_a_refusal_that_tells_no_password(text: str) -> None:
    try:
        address = parse_address(text)
    except AddressError as error:
        told = f"{error}{error.suggestion}"
        assert told.isprintable()
        assert "c4n4ry" not in told
    else:
        assert "c4n4ry" not in address.url
        assert parse_address(address.url) == Address(address.scheme, address.host, address.port, address.path)
    with suppress(AddressError):
        parse_link(text)


def test_a_dns_address_that_names_no_server_may_be_meant_as_the_name_to_ask() -> None:
    with pytest.raises(AddressError) as caught:
        parse_address("dns://shop.example")
    assert caught.value.suggestion == "dns:///shop.example"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("http://h/a", "http://H:80/b", True),
        ("https://h", "https://h:443", True),
        ("http://h", "https://h", False),
        ("http://h:1", "http://h:2", False),
        ("http://h", "http://i", False),
    ],
)
def test_an_origin_is_scheme_host_and_port(one: str, other: str, *, same: bool) -> None:
    assert (origin(one) == origin(other)) is same


@given(
    st.sampled_from(["", "/", "/a", "/a/"]),
    st.sampled_from([None, "", "x", "/x", "/x?y=1", "?y"]),
    st.sampled_from([None, 81]),
)
def test_joining_keeps_scheme_and_host_and_gives_an_address_of_its_own(
    path: str, asked: str | None, port: int | None
) -> None:
    url = join(Address("http", "h", 80, path), asked, port)
    assert origin(url) == ("http", "h", port or 80)
    assert "//" not in url.removeprefix("http://")
