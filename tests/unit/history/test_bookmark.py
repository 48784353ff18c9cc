"""The mark of the last look."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from platformpm.history import FileBookmark


def test_it_outlives_the_process_and_is_for_its_owner_alone(tmp_path: Path) -> None:
    mark = FileBookmark(tmp_path / "history.db")
    assert mark.read() is None
    mark.put(1_795_330_931.25)
    assert FileBookmark(tmp_path / "history.db").read() == pytest.approx(1_795_330_931.25)
    mark.put(1_795_330_999.0)
    assert FileBookmark(tmp_path / "history.db").read() == 1_795_330_999.0
    (file,) = tmp_path.iterdir()
    assert (file.name, file.stat().st_mode & 0o777, file.stat().st_size) == ("history.db.looked", 0o600, 0)


def test_without_a_file_it_lasts_as_long_as_the_process() -> None:
    mark = FileBookmark(None)
    assert mark.read() is None
    mark.put(5.0)
    assert mark.read() == 5.0


def test_a_folder_that_is_not_there_is_borne(tmp_path: Path) -> None:
    mark = FileBookmark(tmp_path / "gone" / "history.db")
    mark.put(5.0)
    assert mark.read() == 5.0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
def test_a_pipe_in_its_place_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "history.db.looked")
    mark = FileBookmark(tmp_path / "history.db")
    mark.put(5.0)
    assert mark.read() is not None


@pytest.mark.skipif(not hasattr(os, "O_NOFOLLOW"), reason="links are followed here")
def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine", encoding="utf-8")
    os.utime(victim, (1.0, 1.0))
    (tmp_path / "history.db.looked").symlink_to(victim)
    FileBookmark(tmp_path / "history.db").put(5.0)
    assert victim.stat().st_mtime == 1.0
