"""What to do about a reason: one sentence each, for a person who asks why."""

from __future__ import annotations

from platformpm.model.reading import Reading
from platformpm.model.status import Reason

HINTS: dict[Reason, str] = {
    Reason.DNS: "The name does not resolve from here: check its spelling, your DNS server or VPN.",
    Reason.REFUSED: "Nothing listens on that port: is the process running, and is it the right port?",
    Reason.UNREACHABLE: "There is no route to that address from here: check the network, VPN or firewall.",
    Reason.TIMEOUT_CONNECT: "Nobody answered the connection: a firewall that drops packets, or a machine that is off.",
    Reason.TIMEOUT_TLS: "It connected, but the TLS handshake never ended: does this port speak TLS at all?",
    Reason.TIMEOUT_RESPONSE: "It was asked and did not answer in time: raise `timeout` only if that is normal.",
    Reason.TIMEOUT_BODY: "It began to answer and did not finish: ask a smaller address, such as a health path.",
    Reason.RESET: "It closed the connection in the middle: look into the service's or its proxy's log.",
    Reason.TLS_UNTRUSTED: "The issuer is not trusted here: set `ca_file`, or `verify = false` if you accept the risk.",
    Reason.TLS_EXPIRED: "The certificate is outside its validity: renew it, and check the clocks of both machines.",
    Reason.TLS_HOSTNAME: "The certificate is for another name: use a name it lists, or set `server_name`.",
    Reason.TLS_PROTOCOL: "No common TLS version, or no TLS there: does the URL's scheme fit the port?",
    Reason.PROTOCOL: "The answer breaks the rules of its protocol: does another one, or a plain TLS port, answer here?",
    Reason.STATUS: "The status code is not the expected one: is the path right? For http `expect.status` says what is expected.",
    Reason.PROXY: "The proxy itself fails, which says nothing about the service: check `proxy`, and that it is running.",
    Reason.UNAUTHORIZED: "It wants credentials, which says nothing about its health: set `auth`, or use an open path.",
    Reason.RATE_LIMITED: "It asks us to come less often: raise `interval`, or use a path without a limit.",
    Reason.HEADER: "A header is missing or different from `expect.headers`.",
    Reason.BODY: "What it answers does not hold what `expect` asks for.",
    Reason.PAYLOAD: "The service itself says that something is wrong: look into what fails there.",
    Reason.SLOW: "It works, but slower than `max_latency` or `critical_latency` allows: the phases show where.",
    Reason.REDIRECT: (
        "It leads to another host (often a sign-in page) or round in circles, which is not health: "
        "ask the final address, or say what to expect."
    ),
    Reason.TOO_LARGE: "The answer is larger than is read: ask a smaller address, such as a health path.",
    Reason.CERTIFICATE_EXPIRING: "It works, but the certificate ends soon: renew it, or lower `certificate_days`.",
    Reason.EXIT_CODE: "The program that looks at it says so: run it by hand, as `platformpm probe` shows it.",
    Reason.LIMIT: "A measurement is over its limit: see `limits` of the host.",
    Reason.NOT_PERMITTED: "This machine may not do that kind of probe, or the address is never asked for safety.",
    Reason.SILENT: "The job did not report: did it run, and can it reach `watch --listen` or touch its file?",
    Reason.CONFIG: "The check cannot be made as it is written: correct the inventory.",
    Reason.INTERNAL: "A failure of platformpm itself: please report it with the output of -v.",
}

_REFUSED_REDIRECT = (
    "It redirects to an address that is never asked, for safety or because it is none: "
    "correct the redirect, or ask the final address itself."
)
_REFUSED = "redirect to "
"""How the detail of a redirect begins that was not followed."""
_ENDED = "The program did not end in time, so it was ended with all it started: raise `timeout` only if that is normal."
_OVERDUE = "did not end "
"""How the detail of a program begins that ran into its deadline."""


def hint(reading: Reading) -> str | None:
    """Give the sentence for the reason of a reading, None without one.

    A bad status code that a health format explains is what the service says of itself, not a wrong path.
    """
    if reading.reason is Reason.STATUS and reading.dialect is not None:
        return HINTS[Reason.PAYLOAD]
    if reading.reason is Reason.REDIRECT and reading.detail.startswith(_REFUSED):
        return _REFUSED_REDIRECT
    if reading.reason is Reason.TIMEOUT_RESPONSE and reading.detail.startswith(_OVERDUE):
        return _ENDED
    if reading.reason is Reason.UNAUTHORIZED and reading.detail.startswith("the proxy"):
        return HINTS[Reason.PROXY]
    return None if reading.reason is None else HINTS[reading.reason]
