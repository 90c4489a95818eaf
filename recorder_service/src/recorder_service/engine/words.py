"""Sentences for people, one for each reason."""

from __future__ import annotations

from ..domain.gap import GapReason
from ..domain.said import Said, SaidCode, retold
from .hosts import hostless

SENTENCES: dict[GapReason, str] = {
    GapReason.SOURCE_LOST: "the camera's stream ended or broke off",
    GapReason.AUTH_FAILED: "the camera refuses the user name or password",
    GapReason.NOT_FOUND: "the camera does not give this stream; check the path in its address",
    GapReason.REFUSED: "nobody listens at the camera's address and port (connection refused)",
    GapReason.TIMEOUT: "the camera does not answer, or its name is not known in the network",
    GapReason.ENGINE_RESTART: "the recording engine was restarted",
    GapReason.DRIFT_RESET: "camera clock and recorder clock ran apart; the engine began anew",
    GapReason.WRITE_ERROR: "the engine could not write to the media disk",
    GapReason.DISK_FULL: "the media disk is full",
    GapReason.CONFIG_CHANGE: "the camera's configuration was changed",
    GapReason.QUOTA: "the node's quota is used up",
    GapReason.MISSING_FILE: "a recorded file is missing",
    GapReason.SUSPENDED: "recording of this camera is switched off",
    GapReason.UNKNOWN: "no cause is known",
}


def sentence(reason: GapReason, words: str = "") -> str:
    """The sentence, with the engine's own words behind it or what holds recording back."""
    if not words:
        return Said(SENTENCES[reason], SaidCode.BY_REASON)
    return retold(f"{SENTENCES[reason]} [{words}]", words)


def refuses(words: str, text: str = "") -> str:
    """Words with which the engine refuses an address, behind `text`."""
    words = hostless(words)
    return Said(text + words, SaidCode.ENGINE_REFUSES, words=words)


def logged(words: str) -> str:
    """Words of the engine's log, which nobody translates."""
    return Said(words, SaidCode.ENGINE_SAYS, words=words) if words else ""
