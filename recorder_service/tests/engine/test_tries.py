"""A configuration file that is refused is tried again with patience, and told once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from recorder_service.domain.secret import Secret
from recorder_service.engine import reconcile
from recorder_service.engine.options import EngineOptions
from recorder_service.engine.paths import PathPlan
from recorder_service.engine.reconcile import Reconciler
from recorder_service.engine.tries import Tries

SECRET = Secret("x" * 32)


class Engine:
    """An engine without paths that takes everything."""

    def users(self) -> list[dict[str, Any]]:
        return []

    def set_users(self, users: list[dict[str, Any]]) -> None:
        pass

    def configured_paths(self) -> dict[str, dict[str, Any]]:
        return {}

    def replace(self, name: str, body: Mapping[str, Any]) -> None:
        pass


class Rig:
    """A reconciler whose folder for engine.yml is not there; a tick is half a second."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        self.tried: list[float] = []
        self.folder = folder / "node"
        options = EngineOptions(folder, self.folder / "engine.yml", folder / "engine.log", folder / "node.secret")
        self.reconciler = Reconciler(Engine(), options, SECRET, Tries(lambda: self.now))  # type: ignore[arg-type]
        self.seconds = 60
        real = reconcile.put_in_place

        def put(*args: Any) -> bool:
            self.tried.append(self.now)
            return real(*args)

        monkeypatch.setattr(reconcile, "put_in_place", put)

    def ticks(self, seconds: float) -> list[reconcile.Outcome]:
        """Outcomes of what the engine's thread does in that time: it applies what changed and what was disturbed."""
        out = []
        for _tick in range(round(seconds * 2)):
            if self.reconciler.disturbed():
                out.append(self.apply())
            self.now += 0.5
        return out

    def apply(self, **paths: PathPlan) -> reconcile.Outcome:
        return self.reconciler.apply(paths, self.seconds, SECRET)


@pytest.fixture
def rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rig:
    return Rig(tmp_path, monkeypatch)


def test_a_refused_file_is_tried_again_with_patience_and_told_once(rig: Rig) -> None:
    with capture_logs() as log:
        outcomes = [rig.apply(), *rig.ticks(300)]
    waits = [after - before for before, after in zip(rig.tried, rig.tried[1:], strict=False)]
    assert waits[:7] == [0.5, 1, 2, 4, 8, 16, 30]
    assert set(waits[7:]) == {30}
    assert len([line for line in log if line["event"] == "engine.yml is kept as it was"]) == 1
    assert [outcome.file_news for outcome in outcomes] == [True] + [False] * (len(outcomes) - 1)
    assert all("No such file" in outcome.file_refused for outcome in outcomes), "it stays so"
    rig.folder.mkdir()
    assert rig.ticks(31)[-1].file_refused == ""
    assert (rig.folder / "engine.yml").exists()
    assert not rig.reconciler.disturbed()


def test_another_configuration_is_tried_at_once(rig: Rig) -> None:
    rig.apply()
    rig.ticks(100)
    tried = len(rig.tried)
    rig.apply()
    assert len(rig.tried) == tried, "the same one rests"
    rig.seconds = 10
    assert rig.apply().file_news
    assert len(rig.tried) == tried + 1
    rig.ticks(1)
    assert rig.tried[-1] - rig.tried[-2] == 0.5


def test_another_error_is_told_as_well_but_none_twice() -> None:
    tries = Tries(lambda: 5.0)
    assert [tries.failed({"a": 1}, words) for words in ("x", "y", "x", "y")] == [True, True, False, False]
    tries.over()
    assert (tries.words, tries.due, tries.rests({"a": 1})) == ("", False, False)
    assert tries.failed({"a": 1}, "x")


def test_the_words_of_an_engine_are_the_same_each_time(tmp_path: Path) -> None:
    fake = tmp_path / "mediamtx"
    fake.write_text(
        '#!/bin/sh\necho "{\\"timestamp\\":\\"$(date -u +%Y-%m-%dT%H:%M:%S.%NZ)\\",\\"level\\":\\"ERR\\",'
        '\\"message\\":\\"listen tcp: no\\"}"\n'
        "echo \"$(date '+%Y/%m/%d %H:%M:%S') INF waiting for running hooks\"; exit 1\n"
    )
    fake.chmod(0o755)
    with pytest.raises(reconcile.yml.ConfigRefusedError, match=r"^MediaMTX refuses it: listen tcp: no$"):
        reconcile.start_test(fake, {"paths": {}}, tmp_path)
