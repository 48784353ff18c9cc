import pytest

from platformpm.formats.health import DIALECTS
from platformpm.report.version_hints import VERSION_PATHS, where_to_ask


@pytest.mark.parametrize("dialect", VERSION_PATHS)
def test_a_path_is_known_for_dialects_that_there_are(dialect: str) -> None:
    assert dialect in DIALECTS
    assert where_to_ask(dialect) == f'none in this answer; version = "{VERSION_PATHS[dialect]}" asks for it'


@pytest.mark.parametrize("dialect", [None, "generic"])
def test_elsewhere_nothing_is_promised(dialect: str | None) -> None:
    assert where_to_ask(dialect) == "none in this answer; a version check can ask another path"
