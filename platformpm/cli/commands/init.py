"""`platformpm init`: a commented inventory to start from."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from shlex import quote

from platformpm.cli.context import Context
from platformpm.errors import ExitCode, UsageError

DESCRIPTION = """\
Write a commented inventory to start from. A file that is there already is never overwritten."""
EXAMPLES = (
    ("platformpm init", "./platform.toml, where it is found without being named"),
    ("platformpm init ops/shop.toml", "somewhere else"),
)
_USUAL = "platform.toml"


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("path", nargs="?", default=_USUAL, metavar="PATH", help=f"the file (./{_USUAL})")


def run(arguments: Namespace, context: Context) -> int:
    """Write the file and say what to do next."""
    from platformpm import inventory  # pydantic is slow to import, --help must not pay for it

    path = Path(arguments.path)
    if not arguments.path.strip():
        raise UsageError(f"PATH is empty: name the file, as in platformpm init {_USUAL}")
    if (context.folder / path).is_dir():
        raise UsageError(f"{path} is a folder: name a file in it, as in platformpm init {quote(str(path / _USUAL))}")
    file_path = context.folder / path
    if not path.is_absolute() and not context.folder.is_absolute():
        raise UsageError(f"{path} cannot be written: the folder you are in is gone")
    if file_path.parent.exists() and not file_path.parent.is_dir():
        raise UsageError(f"{path} cannot be written: {path.parent} is no folder")
    try:
        file_path.parent.mkdir(parents=True, exist_ok=True)
        with file_path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(inventory.STARTER)
    except FileExistsError:
        raise UsageError(f"{path} is there already and stays as it is; name another file") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None
    context.diagnostics.note(f"{path} is written. Put your services into it, then:")
    option = "" if path == Path(_USUAL) else f" -i {quote(str(path))}"
    context.diagnostics.note(f"  platformpm{option}  # look at them")
    context.diagnostics.note(f"  platformpm check{option}  # ask them once")
    return ExitCode.OK
