"""The JUnit XML of `check`: a suite for each environment, a case for each instance.

The attributes are those that Jenkins (`junit-10.xsd` of its xUnit plugin) and Maven Surefire read. Times are seconds;
timestamps are UTC without a zone, as the schema of Ant's JUnit task wants them.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from platformpm.model.state import HostState, InstanceState, ServiceState
from platformpm.model.status import RANK, Status, worst
from platformpm.model.text import display_url
from platformpm.report.checktext import NOTHING_TO_ASK, answer_words, version_words, why_instance
from platformpm.report.rows import is_drifting
from platformpm.report.told import Told, why_not_up
from platformpm.report.words import rfc3339

_COUNTED = {"tests": "testcase", "failures": "testcase/failure", "errors": "testcase/error"}
_TROUBLE = {Status.DOWN: "failure", Status.UNKNOWN: "error"}
"""What is down failed; of what is unknown nobody could find out."""


def render(told: Told) -> str:
    """Give the document. What is degraded passes, with output that says why; what is unknown is an error.

    What is muted and not up is skipped. Each case of a service that is off target says so in its output.
    """
    root = Element("testsuites", name=told.platform)
    suites: dict[str, Element] = {}
    for name in _environments(told):
        suites[name] = SubElement(root, "testsuite", name=told.say(name))
    for state in told.snapshot.services:
        suites[state.environment.name].extend(_service(told, state))
    if told.snapshot.hosts:
        SubElement(root, "testsuite", name="hosts").extend(_host(told, state) for state in told.snapshot.hosts)
    if not len(root):
        case = _case("platformpm", "check", None)
        _say_trouble(case, Status.UNKNOWN, "config", NOTHING_TO_ASK)
        SubElement(root, "testsuite", name="platformpm").append(case)
    for number, suite in enumerate(root):
        _complete(told, suite, number)
    root.attrib |= {word: str(sum(int(suite.get(word, "0")) for suite in root)) for word in _COUNTED}
    root.set("time", _seconds(told.took))
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'


def _environments(told: Told) -> list[str]:
    """Give the environments that have a case, in promotion order."""
    order = [environment.name for environment in told.snapshot.inventory.environments]
    found = dict.fromkeys(state.environment.name for state in told.snapshot.services)
    return sorted(found, key=lambda name: order.index(name) if name in order else len(order))


def _service(told: Told, state: ServiceState) -> Iterator[Element]:
    """Give a case for each instance, and one for the service where it is worse than all of them."""
    group = told.say(f"{state.environment.name}.{state.service.name}")
    for one in state.instances:
        yield _instance(told, group, one, state)
    if RANK[state.status] > RANK[worst(one.status for one in state.instances)]:
        case = _case(group, told.say(state.service.name), None)
        _say_trouble(case, state.status, "min_up", told.say(why_not_up(state)), muted=told.muted(state))
        yield case


def _instance(told: Told, group: str, state: InstanceState, of: ServiceState) -> Element:
    reading = state.reading
    case = _case(group, told.say(f"{state.key.service}/{state.key.instance}"), reading.latency if reading else None)
    drift = told.say(f"off target: {version_words(of)}") if is_drifting(of) else ""
    if state.status is not Status.UP:
        facts = told.say(" · ".join(answer_words(state)))
        kind = str(reading.reason or state.status) if reading else str(state.status)
        more = "\n".join(filter(None, (told.say(display_url(state.instance.health_url)), facts, drift)))
        _say_trouble(case, state.status, kind, told.say(why_instance(state)), more, muted=told.muted(of))
    elif drift:
        SubElement(case, "system-out").text = drift
    return case


def _host(told: Told, state: HostState) -> Element:
    case = _case("hosts", told.say(state.host.name), None)
    if state.status is not Status.UP:
        kind, seen = str(state.reason or state.status), told.say(why_not_up(state))
        _say_trouble(case, state.status, kind, seen, muted=told.muted(state))
    return case


def _case(group: str, name: str, seconds: float | None) -> Element:
    return Element("testcase", classname=group, name=name, time=_seconds(seconds))


def _say_trouble(case: Element, status: Status, kind: str, message: str, more: str = "", *, muted: str = "") -> None:
    if muted:
        said, first = SubElement(case, "skipped", message=f"{status}, {muted}"), message
    elif (tag := _TROUBLE.get(status)) is not None:
        said, first = SubElement(case, tag, type=kind, message=message), message
    else:
        said, first = SubElement(case, "system-out"), f"{status}: {message}"
    said.text = "\n".join(text for text in (first, more) if text)


def _complete(told: Told, suite: Element, number: int) -> None:
    """Set the attributes of a suite that its cases decide, and where and when it ran."""
    suite.attrib |= {word: str(len(suite.findall(path))) for word, path in _COUNTED.items()}
    suite.attrib |= {
        "skipped": str(len(suite.findall("testcase/skipped"))),
        "time": _seconds(sum(float(case.get("time", "0")) for case in suite)),
        "timestamp": (rfc3339(told.snapshot.at) or "1970-01-01T00:00:00Z").removesuffix("Z"),
        "hostname": told.say(told.hostname) or "localhost",
        "id": str(number),
    }


def _seconds(value: float | None) -> str:
    return f"{value or 0.0:.3f}"
