"""`platformpm init`: an inventory to start from: a commented example, or what answers at given addresses or here."""

from __future__ import annotations

import re
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from shlex import quote

from platformpm.cli.context import Context
from platformpm.errors import ExitCode, UsageError
from platformpm.model.check import SCHEMES

DESCRIPTION = """\
Write an inventory to start from. A file that is there already is never overwritten.

Alone it writes a commented example. With URLs it looks at each of them, finds out which of the
usual paths of that host tells its health, in which format, and which version is there, and writes
them down with what it found; those that do not answer too. --discover does so for the TCP ports
that are listened on here; only loopback is spoken with."""
EXAMPLES = (
    ("platformpm init", "./platform.toml, where it is found without being named"),
    ("platformpm init ops/shop.toml", "somewhere else"),
    ("platformpm init https://shop.example https://stock.stg.example:8443", "from what answers there"),
    ("platformpm init --discover here.toml", "from what listens on this machine"),
)
_USUAL = "platform.toml"
_PLATFORM = "My Platform"
_NAMELESS = f'name = "{_PLATFORM}"'
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._ -]{0,60}")
_SCHEMES = [f"{scheme}://" for scheme in SCHEMES if scheme not in ("exec", "heartbeat")]
"""What an address may begin with; of those two nothing can be found out by asking."""
_ADDRESS = re.compile(r"[\w.-]+:\d+(/.*)?")


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("path", nargs="?", metavar="PATH", help=f"the file (./{_USUAL})")
    parser.add_argument("urls", nargs="*", metavar="URL", help="address of a service, without a query")
    parser.add_argument("--discover", action="store_true", help="propose what listens on this machine")


def run(arguments: Namespace, context: Context) -> int:
    """Write the file and say what to do next."""
    from platformpm import inventory  # pydantic is slow to import, --help must not pay for it

    words = [word for word in (arguments.path, *arguments.urls) if word is not None]
    urls = [word for word in words if "://" in word]
    name = _name([word for word in words if "://" not in word])
    path, file_path = Path(name), _place(Path(name), context)
    if urls or arguments.discover:
        from platformpm.cli.proposing import propose  # --help must not load the network

        text = propose(urls, context, here=arguments.discover)
    else:
        text = inventory.STARTER
    _write(path, file_path, text.replace(_NAMELESS, f'name = "{_platform_of(file_path)}"', 1))
    context.diagnostics.note(f"{path} is written. {_next(found=text != inventory.STARTER)}, then:")
    option = "" if path == Path(_USUAL) else f" -i {quote(str(path))}"
    context.diagnostics.note(f"  platformpm{option}  # look at them")
    context.diagnostics.note(f"  platformpm check{option}  # ask them once")
    return ExitCode.OK


def _platform_of(path: Path) -> str:
    """Give a name for the platform: history and mutes are kept by it, so two files had better not share one."""
    word = path.stem if path.name != _USUAL else path.absolute().parent.name
    if not _WORD.fullmatch(word):
        return _PLATFORM
    return " ".join(part.capitalize() if part.islower() else part for part in re.split(r"[-_. ]+", word) if part)


def _next(*, found: bool) -> str:
    return "Correct its names and environments" if found else "Put your services into it"


def _name(paths: Sequence[str]) -> str:
    if not paths:
        return _USUAL
    for word in paths:
        if _ADDRESS.fullmatch(word):
            raise UsageError(f"{word} is no address: one begins with {', '.join(_SCHEMES[:-1])} or {_SCHEMES[-1]}")
    if len(paths) > 1:
        raise UsageError(f"{paths[1]} is no address, and the file is {paths[0]} already")
    if not paths[0].strip():
        raise UsageError(f"PATH is empty: name the file, as in platformpm init {_USUAL}")
    return paths[0]


def _place(path: Path, context: Context) -> Path:
    """Give where the file is to be. Raises UsageError where it cannot be, or where one is already."""
    file_path = context.folder / path
    if file_path.is_dir():
        raise UsageError(f"{path} is a folder: name a file in it, as in platformpm init {quote(str(path / _USUAL))}")
    if not path.is_absolute() and not context.folder.is_absolute():
        raise UsageError(f"{path} cannot be written: the folder you are in is gone")
    if file_path.parent.exists() and not file_path.parent.is_dir():
        raise UsageError(f"{path} cannot be written: {path.parent} is no folder")
    if file_path.exists():
        raise _taken(path)
    return file_path


def _write(path: Path, file_path: Path, text: str) -> None:
    begun = False
    try:
        file_path.parent.mkdir(parents=True, exist_ok=True)
        with file_path.open("x", encoding="utf-8", newline="\n") as file:
            begun = True
            file.write(text)
    except FileExistsError:
        raise _taken(path) from None
    except OSError as error:
        if begun:  # half a file would be in the way of the next try
            file_path.unlink(missing_ok=True)
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None


def _taken(path: Path) -> UsageError:
    return UsageError(f"{path} is there already and stays as it is; name another file")
