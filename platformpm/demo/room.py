"""Open files for the demo: it holds every port, and both ends of every connection, in one process."""

from __future__ import annotations

from platformpm.errors import PlatformpmError

_FILES_OF_A_PORT = 5
"""The port itself, and both ends of a health and of a version check."""

_SPARE_FILES = 64


def make_room(ports: int) -> None:
    """Raise this process's limit of open files to what `ports` served ports need.

    Raises `PlatformpmError` where the system does not allow it: a demo that runs out half-way would look broken.
    """
    try:
        import resource  # Windows has no such limit
    except ImportError:
        return
    wanted = ports * _FILES_OF_A_PORT + _SPARE_FILES
    given, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if given == resource.RLIM_INFINITY or given >= wanted:
        return
    if most == resource.RLIM_INFINITY or most >= wanted:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
        except (OSError, ValueError):
            most = given
        else:
            return
    raise PlatformpmError(
        f"the demo needs {wanted} open files, and only {most} are allowed here: "
        f"start it where `ulimit -n {wanted}` works, or raise the hard limit"
    )
