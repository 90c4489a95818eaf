"""What a node tells of (docs/wire.md, "Up")."""

EVENT_KINDS = frozenset(
    (
        "source_lost",
        "source_back",
        "disk_low",
        "quota_reached",
        "clock_step",
        "integrity",
        "engine_down",
        "engine_up",
        "config_refused",
        "parked",
        "audio_refused",
    )
)
EVENT_FIELDS = frozenset(("seq", "at_us", "kind", "camera_id", "detail", "code", "args"))
