from dataclasses import replace

import pytest
from hypothesis import given

from platformpm.model.inventory import Platform
from platformpm.model.secret import MASK, Masker
from platformpm.model.snapshot import PlatformSnapshot
from platformpm.model.text import safe_text
from platformpm.report.checkformats import BY_NAME, FORMATS, Format
from platformpm.report.checktext import Detail
from platformpm.report.told import Told
from tests.unit.report.hostile import SECRET, pictures
from tests.unit.report.pictures import picture, troubled

OURS = [one for one in FORMATS if one.file is not None]


def test_every_format_has_a_name_of_its_own_and_says_what_it_is_for() -> None:
    assert len(BY_NAME) == len(FORMATS)
    assert list(BY_NAME) == ["text", "json", "junit", "nagios", "prometheus", "github", "markdown"]
    assert all(one.purpose and one.purpose[0].islower() and not one.purpose.endswith(".") for one in FORMATS)


@pytest.mark.parametrize("one", OURS, ids=lambda one: one.name)
@pytest.mark.parametrize("snapshot", [picture(), troubled()], ids=["empty", "troubled"])
def test_every_format_ends_its_last_line(one: Format, snapshot: PlatformSnapshot) -> None:
    for everything in (False, True):
        text = one.load()(Told(snapshot, Detail(everything=everything)))
        assert text.endswith("\n")
        assert not text.endswith("\n\n")


@pytest.mark.parametrize("one", OURS, ids=lambda one: one.name)
def test_a_secret_is_masked_before_it_is_escaped(one: Format) -> None:
    inventory = replace(troubled().inventory, platform=Platform(f"Acme {SECRET}"), mask=Masker([SECRET]))
    text = one.load()(Told(replace(troubled(), inventory=inventory), Detail(everything=True)))
    assert "secret" not in text
    assert MASK in text or one.name == "prometheus"  # which does not name the platform


@pytest.mark.parametrize("one", OURS, ids=lambda one: one.name)
@given(snapshot=pictures())
def test_no_text_brings_a_control_or_an_invisible_character(one: Format, snapshot: PlatformSnapshot) -> None:
    text = one.load()(Told(snapshot, Detail(everything=True), 1.5))
    for line in text.splitlines():
        assert safe_text(line, len(line)) == " ".join(line.split())
    text.encode("utf-8")
