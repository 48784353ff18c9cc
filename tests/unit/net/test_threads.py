"""Threads for calls that may hang: as many as needed, never more than the bound, and every job is run."""

from __future__ import annotations

import threading

import pytest

from platformpm.net.threads import DaemonThreads

_ENOUGH = 20.0


def test_an_idle_thread_is_used_again() -> None:
    threads = DaemonThreads(8)
    for _ in range(20):
        done = threading.Event()
        threads.submit(done.set)
        assert done.wait(_ENOUGH)
    assert threads.count <= 2  # the next job may come before the thread has said that it is free


def test_blocked_jobs_get_threads_of_their_own_up_to_the_bound() -> None:
    threads = DaemonThreads(3)
    release, started, finished = threading.Event(), threading.Semaphore(0), threading.Semaphore(0)

    def job() -> None:
        started.release()
        release.wait(_ENOUGH)
        finished.release()

    for _ in range(10):
        threads.submit(job)
    for _ in range(3):
        assert started.acquire(timeout=_ENOUGH)
    assert threads.count == 3
    assert not started.acquire(blocking=False)
    release.set()
    for _ in range(10):
        assert finished.acquire(timeout=_ENOUGH)
    assert threads.count == 3


def test_a_machine_without_threads_is_told_or_does_with_fewer(monkeypatch: pytest.MonkeyPatch) -> None:
    threads = DaemonThreads(3)
    release, done = threading.Event(), threading.Semaphore(0)

    def job() -> None:
        release.wait(_ENOUGH)
        done.release()

    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError):
            threads.submit(job)
    threads.submit(job)
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        threads.submit(job)
    release.set()
    assert done.acquire(timeout=_ENOUGH)
    assert done.acquire(timeout=_ENOUGH)
    assert threads.count == 1


def test_threads_do_not_keep_the_process_alive() -> None:
    threads = DaemonThreads(1)
    kinds: list[bool] = []
    done = threading.Event()

    def job() -> None:
        kinds.append(threading.current_thread().daemon)
        done.set()

    threads.submit(job)
    assert done.wait(_ENOUGH)
    assert kinds == [True]
