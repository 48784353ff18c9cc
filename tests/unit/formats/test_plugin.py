"""What plugins say: the examples of the guidelines, of Nagios' own pages, of real plugins, and hostile ones."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platformpm.formats.plugin import PluginText, plugin_fault, plugin_said, read_output, read_performance
from platformpm.model.plugin import Performance
from platformpm.model.status import Reason, Status

NAGIOS = b"""\
DISK OK - free space: / 3326 MB (56%); | /=2643MB;5948;5958;0;5968
/ 15272 MB (77%);
/boot 68 MB (69%);
/home 69357 MB (27%);
/var/log 819 MB (84%); | /boot=68MB;88;93;0;98
/home=69357MB;253404;253409;0;253414
/var/log=818MB;970;975;0;980
"""
"""The example of the plugin API of Nagios Core."""


def test_the_example_of_nagios_is_read_as_nagios_reads_it() -> None:
    text = read_output(NAGIOS)
    assert text.first == "DISK OK - free space: / 3326 MB (56%);"
    assert text.lines[1:] == (
        "/ 15272 MB (77%);", "/boot 68 MB (69%);", "/home 69357 MB (27%);", "/var/log 819 MB (84%);",
    )  # fmt: skip
    assert [(one.label, one.value) for one in text.performance] == [
        ("/", 2643), ("/boot", 68), ("/home", 69357), ("/var/log", 818),
    ]  # fmt: skip
    assert text.performance[0] == Performance("/", 2643, "MB", "5948", "5958", 0, 5968)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("time=0.012345s;;;0.000000;10.000000", [Performance("time", 0.012345, "s", minimum=0, maximum=10)]),
        ("'free space'=10%;@10:20;~:5", [Performance("free space", 10, "%", "@10:20", "~:5")]),
        ("'Bob''s disk'=1", [Performance("Bob's disk", 1)]),
        ("load1=0.010;5.000;10.000;0;", [Performance("load1", 0.01, "", "5.000", "10.000", 0)]),
        ("a=U b=1c", [Performance("a", None), Performance("b", 1, "c")]),
        ("a=-5.5 b=.5 c=5. d=1.5e-05s", [
            Performance("a", -5.5), Performance("b", 0.5), Performance("c", 5), Performance("d", 1.5e-05, "s")]),
        ("a=1;10:;20:30", [Performance("a", 1, "", "10:", "20:30")]),
        ("a=1;;;;;;;;", [Performance("a", 1)]),
        ("C:\\ %=5%", [Performance("%", 5, "%")]),
        ("a=1 rubbish b=2 c= =3 d=x e=1.2.3 f==1 'g=1 h=4", [Performance("a", 1), Performance("b", 2), Performance("h", 4)]),
        ("a=1e999 b=nan c=1;x;$(y) d=1;;;nan;inf", [Performance("a", None), Performance("c", 1), Performance("d", 1)]),
        (f"a={'1' * 5000}KB b=0.{'3' * 70}e-2 c={'1' * 61};{'1' * 61}", [
            Performance("a", None, "KB"), Performance("b", 1 / 300), Performance("c", float("1" * 61))]),
        ("a=1 b=12…", [Performance("a", 1)]),
        ("\x1b[31mred=1\x07", [Performance("�[31mred", 1, "�")]),
        ("", []),
    ],
)  # fmt: skip
def test_performance_data(text: str, found: list[Performance]) -> None:
    assert list(read_performance(text)) == found


def test_a_value_where_reading_stops_is_none() -> None:
    assert list(read_performance(f"'{'x' * 8000}'=1 c={'1' * 300}")) == [Performance("x" * 99 + "…", 1)]


def test_only_so_many_measurements_are_kept() -> None:
    assert len(list(read_performance("a=1 " * 5000))) == 100
    assert len(read_output(b"x\n" * 30_000).lines) == 50


@pytest.mark.parametrize(
    "text",
    ["'" * 60_000, "'' " * 20_000, "'''x " * 12_000, "=" * 60_000, "1" * 60_000, "a=" + "1" * 60_000 + ".", "a=1;" * 15_000,
     " " * 60_000, "a=" + "1e" * 30_000, "'a''" * 15_000],
)  # fmt: skip
def test_hostile_performance_data_takes_no_time(text: str) -> None:
    before = time.process_time()
    read_output(b"|" + text.encode())
    assert time.process_time() - before < 1.0


@given(st.binary(max_size=3000))
@settings(max_examples=150, deadline=None)
def test_whatever_comes_is_read(output: bytes) -> None:
    text = read_output(output)
    for line in (*text.lines, *(one.label + one.unit for one in text.performance)):
        assert line.isprintable()
    for code in range(-2, 5):
        fault = plugin_fault(code, text, PluginText())
        assert (fault is None) is (code == 0)
        assert fault is None or len(fault.detail) <= 200


@given(st.text(alphabet="'=;|a1.@~:U% \n-", max_size=200))
@settings(max_examples=300, deadline=None)
def test_every_measurement_is_a_finite_number_or_none(text: str) -> None:
    for one in read_performance(text):
        assert one.label
        assert all(abs(number) < 1e308 for number in (one.value, one.minimum, one.maximum) if number is not None)


SAID = read_output(b"\n\n  all of it \x1b[2J is well | a=1\n")
SILENT = PluginText()


@pytest.mark.parametrize(
    ("code", "text", "errors", "status", "detail"),
    [
        (1, SAID, SILENT, Status.DEGRADED, "all of it �[2J is well"),
        (2, SAID, SAID, Status.DOWN, "all of it �[2J is well"),
        (3, SILENT, SILENT, Status.UNKNOWN, "ended with 3"),
        (2, SILENT, read_output(b"no such host"), Status.DOWN, "nothing on standard output; on standard error: no such host"),
        (4, SAID, SILENT, Status.UNKNOWN, "ended with 4, which says nothing: all of it �[2J is well"),
        (127, SILENT, SILENT, Status.UNKNOWN, "ended with 127, which says nothing"),
        (-11, SILENT, SILENT, Status.UNKNOWN, "killed by SIGSEGV"),
        (-36, SAID, SILENT, Status.UNKNOWN, "killed by signal 36: all of it �[2J is well"),
    ],
)  # fmt: skip
def test_the_exit_code_decides(code: int, text: PluginText, errors: PluginText, status: Status, detail: str) -> None:
    fault = plugin_fault(code, text, errors)
    assert fault is not None
    assert (fault.status, fault.reason, fault.detail) == (status, Reason.EXIT_CODE, detail)


def test_a_good_end_is_no_fault_and_says_the_first_line() -> None:
    assert plugin_fault(0, SAID, SILENT) is None
    assert plugin_said(SAID, SILENT) == "all of it �[2J is well"
    assert plugin_said(SILENT, SILENT) == ""
