"""Commands of ``recorder``; each works while the service runs and when it is down."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, NoReturn, ParamSpec

import typer

from .. import __version__
from ..erp.errors import ErpError
from ..lock import AlreadyRunningError
from ..logs import configure
from ..ops.backup import BackupError
from ..settings import Settings, SettingsError, load, settings_file
from ..store import MediaRootError
from ..store.database import DatabaseError
from . import check as checking
from . import configuration, keeping, listings, rebuilding, retention, status, verify
from .output import complain, say, show_json

P = ParamSpec("P")

# EX_CONFIG of sysexits.h: the settings are wrong; 1: the answer is "no"; 2: wrong usage (typer).
EXIT_CONFIG = 78

app = typer.Typer(
    help="Records cameras through MediaMTX and reports to Odoo.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

Config = Annotated[
    Path | None, typer.Option("--config", "-c", help="Settings file; else $RECORDER_CONFIG, else the system's.")
]
Json = Annotated[bool, typer.Option("--json", help="JSON instead of text.")]
PathOption = Annotated[str | None, typer.Option("--path", help="One camera's path, such as acme-cam-07.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=100_000, help="At most so many rows.")]


def _fail(text: str, code: int = 1) -> NoReturn:
    complain(text)
    raise typer.Exit(code)


def _settings(file: Path | None) -> Settings:
    try:
        return load(file)
    except SettingsError as error:
        _fail("The settings are wrong:\n" + "\n".join(f"  {line}" for line in error.problems), EXIT_CONFIG)


def _plainly(command: Callable[P, None]) -> Callable[P, None]:
    """Known troubles as one sentence instead of a traceback."""

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except (DatabaseError, AlreadyRunningError, BackupError, ErpError, MediaRootError) as error:
            _fail(str(error))

    return wrapped


@app.command()
@_plainly
def run(config: Config = None, json: Json = False) -> None:
    """Run the service until SIGTERM (logs as JSON with --json)."""
    # Only this command needs all parts of the service.
    from ..service import Service  # noqa: PLC0415

    settings = _settings(config)
    configure("json" if json else settings.log.format, settings.log.level)
    raise typer.Exit(Service(settings).run())


@app.command()
@_plainly
def check(
    config: Config = None,
    json: Json = False,
    adopt_media: Annotated[
        bool, typer.Option("--adopt-media", help="Write the identity file into a new media root, once.")
    ] = False,
) -> None:
    """Look at everything the service needs; says what to do where something is wrong. Exit status 1 on failures."""
    try:
        settings = load(config)
    except SettingsError as error:
        checking.show(checking.settings_failed(error), json)
        raise typer.Exit(1) from None
    results = checking.run(settings, adopt_media=adopt_media)
    checking.show(results, json)
    if any(result.failed for result in results):
        raise typer.Exit(1)


@app.command("status")
@_plainly
def status_command(config: Config = None, json: Json = False) -> None:
    """What the service does now; from its index when it is down. Exit status 1 when it is down."""
    found = status.collect(_settings(config))
    status.show(found, json)
    if not found["running"]:
        raise typer.Exit(1)


@app.command("config")
@_plainly
def config_command(
    config: Config = None,
    json: Json = False,
    write: Annotated[
        bool, typer.Option("--write", help="Write engine.yml and gate.yml of the stored configuration.")
    ] = False,
) -> None:
    """Show the settings and the configuration that Odoo gave, without secrets."""
    settings = _settings(config)
    if write:
        _report_written(configuration.write(settings), json)
        return
    configuration.show(settings, json)


def _report_written(lines: list[str], json: bool) -> None:
    if json:
        show_json({"written": lines})
    for line in () if json else lines:
        say(line)


@app.command()
@_plainly
def segments(
    config: Config = None,
    json: Json = False,
    path: PathOption = None,
    limit: Limit = 50,
    parked: Annotated[bool, typer.Option("--parked", help="Rows that Odoo refused, and why.")] = False,
) -> None:
    """The newest segments, or the parked rows."""
    listings.parked(_settings(config), json) if parked else listings.segments(_settings(config), path, limit, json)


@app.command()
@_plainly
def gaps(config: Config = None, json: Json = False, path: PathOption = None, limit: Limit = 50) -> None:
    """The newest gaps; open ones have no end."""
    listings.gaps(_settings(config), path, limit, json)


@app.command()
@_plainly
def holds(config: Config = None, json: Json = False) -> None:
    """Legal holds stored here: footage that stays whatever its age."""
    retention.holds(_settings(config), json)


@app.command()
@_plainly
def purges(config: Config = None, json: Json = False, limit: Limit = 50) -> None:
    """The newest purges: what was deleted, and what waits for a person."""
    retention.purges(_settings(config), limit, json)


@app.command()
@_plainly
def retry(
    ids: Annotated[list[int] | None, typer.Argument(help="Ids of `recorder segments --parked`; none = all.")] = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Send parked rows again, after their cause was corrected."""
    count = listings.retry(_settings(config), ids or None)
    if json:
        show_json({"sent_again": count})
    else:
        say(f"{count} rows are sent again at the next sync" if count else "no such row waits: nothing is sent again")


@app.command("verify")
@_plainly
def verify_command(config: Config = None, json: Json = False) -> None:
    """Check Odoo's custody ledger against its rule and this node's own anchors.

    Exit status 0 intact, 1 not checked to the end, 2 changed.
    """
    code, found = verify.run(_settings(config))
    verify.show(found, json)
    raise typer.Exit(code)


@app.command()
@_plainly
def backup(
    folder: Annotated[Path, typer.Argument(help="New folder for the copy.")], config: Config = None, json: Json = False
) -> None:
    """Keep index, settings and keys in a new folder, with a manifest; the service may run. Footage is not in it."""
    keeping.backup(_settings(config), folder, json)


@app.command()
@_plainly
def restore(
    folder: Annotated[Path, typer.Argument(help="Folder that `recorder backup` has made.")],
    config: Config = None,
    json: Json = False,
) -> None:
    """Put a backup in place where no recorder is yet; the index gets a new epoch."""
    keeping.restore(folder, settings_file(config), json)


class Source(StrEnum):
    """Where an index is made anew from."""

    ERP = "erp"
    BACKUP = "backup"
    DISK = "disk"


@app.command()
@_plainly
def rebuild(
    source: Annotated[Source, typer.Option("--from", help="Odoo's rows, a backup's index, or the disk alone.")],
    folder: Annotated[Path | None, typer.Option("--folder", help="Folder that `recorder backup` has made.")] = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Make the index anew while the service is stopped; the old one is kept beside it. Names what the disk lacks."""
    if (source is Source.BACKUP) != (folder is not None):
        _fail("--from backup needs --folder, and only it does", 2)
    raise typer.Exit(rebuilding.rebuild(_settings(config), source.value, folder, json))


@app.command()
@_plainly
def compare(config: Config = None, json: Json = False) -> None:
    """Compare the index with Odoo's rows by a digest for each camera and day. Exit status 1 when they differ."""
    raise typer.Exit(rebuilding.compare(_settings(config), json))


@app.command()
def version(json: Json = False) -> None:
    """The service's version."""
    if json:
        show_json({"version": __version__})
    else:
        say(__version__)


def main() -> Any:
    """Entry point."""
    configure("console", "warning")
    return app()
