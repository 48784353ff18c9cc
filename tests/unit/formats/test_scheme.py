"""Order of versions: tables from the specifications, properties against the libraries that define them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version as Pep440
from semver import Version as SemVer

from platformpm.formats.scheme import order, scheme_of

ASCENDING = [
    # https://semver.org/spec/v2.0.0.html#spec-item-11
    "1.0.0-alpha < 1.0.0-alpha.1 < 1.0.0-alpha.beta < 1.0.0-beta < 1.0.0-beta.2 < 1.0.0-beta.11 < 1.0.0-rc.1 < 1.0.0",
    "1.0.0 < 2.0.0 < 2.1.0 < 2.1.1",
    "2.4.1 < v2.5.0-rc.1 < 2.5.0 < V2.10.0",
    "1.28.3-gke.100 < 1.28.3-gke.1203001 < 1.28.3",
    "16.4.0-ee < 16.4.1-ee",
    # https://git-scm.com/docs/git-describe
    "1.2.2 < v1.2.3-4-gabcdef0 < 1.2.4-rc.1",
    # https://packaging.python.org/en/latest/specifications/version-specifiers/
    "1.0.dev1 < 1.0a1 < 1.0b2 < 1.0rc1 < 1.0 < 1.0.post1 < 1.1",
    "10.2.0.77647 < 10.2.1.78527",
    "1.9 < 1.10 < 2",
    "41 < 42 < 128",
    "2.4 < 2.5.0-rc.1 < 2.5 < 2.5.1",
    "3.61.0-01 < 3.61.0-02",
    "3.72.0-04 < 3.72.1-10 < 3.73.0-04",
    "1.2 < 1.2.3-4",
    "1.2.2.post1 < 1.2.3-rc2 < 1.2.4rc1",
    # https://calver.org
    "24.04 < 24.10 < 25.04",
    "2026.11.21 < 2026.11.22 < 2026.11.22-1 < 2026.11.22-3 < 2026.11.23",
    "2026-11-09 < 2026-11-22 < 2026-11-22-2",
    "20261122 < 20261122.2 < 20261123",
    "20261122 < 2026.11.23",
    "20261122093000 < 20261122101500",
    "2023-11-20T22:40:07Z < 2023-11-20T22-41-07Z",
    "2026.11.22-rc.1 < 2026.11.22",
    "20261121-abcdef1 < 20261122-1a2b3c4 < 20261123",
    "2026.11.22-1a2b3c4 < 2026.11.22.2 < 2026.11.23-g0a2b3c4",
    "20261122.093000-abcdef1 < 20261122.101500-1a2b3c4",
    "2023.05.4 < 2023.11.1",
]

LEVEL = [
    ("1.2.3", "v1.2.3"),
    ("1.0", "1.0.0"),
    ("1.0.0rc1", "1.0.0-rc1"),
    ("1.0.0b2", "v1.0.0-beta2"),
    ("2.8.4", "v2.8.4+c279299"),
    ("2026.11.22", "2026-11-22"),
    ("a1b2c3d", "a1b2c3d"),
    ("a1b2c3d", "a1b2c3d4e5f60718293a4b5c6d7e8f9012345678"),
    ("A1B2C3D", "a1b2c3d"),
    ("1234567", "1234567a4e5f60718293a4b5c6d7e8f901234567"),
    ("20261122", "20261122-1a2b3c4"),
    ("", ""),
]

WITHOUT_ORDER = [
    ("a1b2c3d", "b1b2c3d"),
    ("12a4567", "12b4567"),
    ("1234567", "7654321"),
    ("1234567", "12345678"),
    ("a1b2c3", "a1b2c3d"),
    ("20261122-1a2b3c4", "20261122-2a2b3c4"),
    ("1.0.0+build.1", "1.0.0+build.2"),
    ("main", "2.4.1"),
    ("1.2.3", "1.2.3-4-gabcdef0"),
    ("1.2.3-9-gabcdef0", "1.2.3-10-gabcdef1-dirty"),
    ("main", "release"),
    ("1.2.3.Final", "1.2.4.Final"),
    ("2.7.18-SNAPSHOT", "2.7"),
    ("1.2.3-4", "1.2.3.post1"),
    ("1.2.3-4", "1.2.3.post4"),
    ("1.2.3-rc2", "1.2.3rc10"),
    ("9.8.7+meta+meta", "9.8.7"),
    ("2.4.1", ""),
    ("\u0662.0.0", "1.0.0"),
    ("1.0.0\n", "1.0.1"),
    ("1.0.0 ", "1.0.1"),
    ("9" * 101, "1"),
    ("1." + "9" * 5000 + ".0", "1.0.0"),
]


@pytest.mark.parametrize("chain", ASCENDING)
def test_every_earlier_version_of_a_chain_is_older_than_every_later_one(chain: str) -> None:
    versions = chain.split(" < ")
    for index, older in enumerate(versions):
        for newer in versions[index + 1 :]:
            assert (order(older, newer), order(newer, older)) == (-1, 1), (older, newer)


@pytest.mark.parametrize(("a", "b"), LEVEL)
def test_versions_that_differ_only_in_dress_are_level(a: str, b: str) -> None:
    assert order(a, b) == order(b, a) == 0


@pytest.mark.parametrize(("a", "b"), WITHOUT_ORDER)
def test_versions_without_a_common_scheme_have_no_order(a: str, b: str) -> None:
    assert order(a, b) is None
    assert order(b, a) is None


@pytest.mark.parametrize(
    ("version", "scheme"),
    [
        ("v2.4.1", "semver"),
        ("2.5.0-rc.1+build.7", "semver"),
        ("2026.11.22-hotfix", "semver"),
        ("24.04", "pep440"),
        ("10.2.1.78527", "pep440"),
        ("42", "pep440"),
        ("2026.11.22", "calver"),
        ("2026.11.22-3", "calver"),
        ("20261122", "calver"),
        ("2026.01", "calver"),
        ("202613", "pep440"),
        ("20261322", None),
        ("a1b2c3d", None),
        ("1234567", None),
        ("3c0ffee", None),
        ("release", None),
        ("go1.21.3", None),
        ("", None),
        ("v", None),
    ],
)
def test_the_scheme_of_a_version_is_named(version: str, scheme: str | None) -> None:
    assert scheme_of(version) == scheme


@given(st.text(max_size=300), st.text(max_size=300))
def test_no_text_raises(a: str, b: str) -> None:
    assert order(a, b) in {None, -1, 0, 1}


numbers = st.integers(0, 40).map(str)
words = st.sampled_from(
    ["alpha", "beta", "rc", "hotfix", "SNAPSHOT", "dev", "0", "7", "x-1", "4-gabcdef0", "9-gabcdef1"]
)
identifiers = st.lists(st.one_of(numbers, words), min_size=1, max_size=3).map(".".join)
semvers = st.builds(
    lambda core, pre, build: ".".join(core) + (f"-{pre}" if pre else "") + (f"+{build}" if build else ""),
    st.lists(st.integers(0, 3).map(str), min_size=3, max_size=3),
    st.none() | identifiers,
    st.none() | st.sampled_from(["a", "b.2"]),
)
pep440s = st.builds(
    lambda release, suffix: ".".join(release) + suffix,
    st.lists(st.integers(0, 3).map(str), min_size=1, max_size=4),
    st.sampled_from(["", "", "a1", "b2", "rc1", ".post1", ".dev3", "-2"]),
)
dates = st.builds(
    lambda day, mark, suffix: day.strftime(f"%Y{mark}%m{mark}%d") + suffix,
    st.dates(),
    st.sampled_from([".", "-", ""]),
    st.sampled_from(["", "-1", "-3", ".2", "-rc.1", "-hotfix"]),
)
versions = st.one_of(semvers, pep440s, dates, st.sampled_from(["2026.11.22", "2026.11.22-3", "2026.11.22-hotfix"]))


@given(versions)
def test_every_version_is_level_with_itself(version: str) -> None:
    assert order(version, version) == 0


@given(versions, versions)
def test_turning_the_question_round_turns_the_answer_round(a: str, b: str) -> None:
    there, back = order(a, b), order(b, a)
    assert (there is None) is (back is None)
    assert there is None or back is None or there == -back


@given(versions, versions, versions)
def test_older_than_older_is_never_newer(a: str, b: str, c: str) -> None:
    if order(a, b) == -1 and order(b, c) == -1:
        assert order(a, c) in {-1, None}


@given(semvers, semvers)
def test_semver_answers_are_those_of_the_library(a: str, b: str) -> None:
    if (answer := order(a, b)) is not None:
        assert answer == SemVer.parse(a).compare(b)
    else:
        assert ("+" in a and "+" in b) or "-gabcdef" in a + b


@given(pep440s, pep440s)
def test_other_numbers_are_ordered_as_the_library_orders_them(a: str, b: str) -> None:
    if scheme_of(a) == scheme_of(b) == "pep440":
        left, right = Pep440(a), Pep440(b)
        assert order(a, b) == (left > right) - (left < right)
