"""Columns of the rows that a node sends, and the words in them."""

GAP_REASONS = (
    "source_lost",
    "auth_failed",
    "not_found",
    "refused",
    "timeout",
    "engine_restart",
    "drift_reset",
    "write_error",
    "disk_full",
    "config_change",
    "quota",
    "missing_file",
    "suspended",
    "unknown",
)
SEGMENT_STATUSES = frozenset(("ok", "recovered", "damaged", "missing", "deleted"))

SEGMENT_COLUMNS = ("camera_id", "start_us", "stop_us", "bytes", "sha256", "run", "number", "status", "test")
GAP_COLUMNS = ("camera_id", "start_us", "stop_us", "reason")
DELETION_COLUMNS = ("camera_id", "start_us", "at_us", "run", "freed")
