"""Who is asked while another process reads: those it does not read, soon, and nobody twice."""

from platformpm.engine.following import Following
from platformpm.engine.looking import HostKey
from platformpm.model.check import InstanceKey

A, B = InstanceKey("a", "p", "1"), InstanceKey("b", "p", "1")


def test_who_follows_nobody_asks_all_and_is_not_attached() -> None:
    following = Following()
    assert not following.done_elsewhere(A, 15.0, 100.0)
    assert not following.attached(100.0)
    following.begin(100.0)
    following.end()
    assert not following.done_elsewhere(A, 15.0, 100.0)
    assert not following.attached(100.0)


def test_an_instance_that_is_read_elsewhere_is_not_asked_and_one_that_is_not_soon_is() -> None:
    following = Following()
    following.begin(100.0)
    following.hear(A, 120.0)
    assert [following.done_elsewhere(key, 15.0, 125.0) for key in (A, B)] == [True, True]
    assert [following.done_elsewhere(key, 15.0, 130.0) for key in (A, B)] == [True, False]
    assert [following.done_elsewhere(key, 60.0, 180.0) for key in (A, B)] == [True, True]
    assert not following.done_elsewhere(A, 15.0, 148.0)


def test_it_is_attached_as_long_as_anything_is_heard() -> None:
    following = Following()
    following.begin(100.0)
    assert following.attached(130.0)
    assert not following.attached(161.0)
    following.hear(B, 200.0)
    assert following.attached(201.0)


def test_who_reads_a_subject_tells_what_happens_to_it() -> None:
    following = Following()
    following.hear(A, 90.0)
    assert not following.tells("a@p")
    following.begin(100.0)
    assert not following.tells("a@p")
    following.hear(A, 110.0)
    following.hear(HostKey("db-1"), 110.0)
    told = [following.tells(subject) for subject in ("a@p", "a@p/1", "host:db-1", "b@p", "")]
    assert told == [True, True, True, False, False]
    assert not following.done_elsewhere(A, 15.0, 150.0)
    assert [following.tells(subject) for subject in ("a@p", "host:db-1")] == [False, True], "it is read from here now"
    following.end()
    assert not following.tells("host:db-1")


def test_beginning_anew_forgets_what_was_heard() -> None:
    following = Following()
    following.begin(100.0)
    following.hear(A, 300.0)
    following.begin(200.0)
    assert not following.done_elsewhere(A, 15.0, 300.0)


def test_who_is_followed_has_its_time_anew_after_a_pause_of_ours() -> None:
    following = Following()
    assert not following.resume(100.0)
    following.begin(100.0)
    following.hear(A, 110.0)
    assert following.resume(500.0)
    assert following.attached(501.0)
    assert following.done_elsewhere(A, 15.0, 501.0)
    following.end()
    assert not following.resume(600.0)
    assert not following.attached(600.0)
