"""Proofs by content. Each raises AssertionError; each has a mutation in test_proofs.py that turns it red."""

from . import media

US = 10**6
# One frame at 10 fps, and the rounding of segment ends.
SEAM_US = 150_000


def rows_match_files(media_root, path, rows):
    """Each row's file exists, and sha256sum and stat give the row's hash and size."""
    for row in rows:
        file = media.file_of(media_root, path, row["start_us"])
        assert file.exists(), f"row {row['start_us']} of {path} has no file {file}"
        assert media.sha256sum(file) == row["sha256"], f"{file}: sha256sum differs from the row"
        assert media.size(file) == int(row["bytes"]), f"{file}: stat differs from the row"


def files_have_rows(media_root, path, rows, from_us, to_us):
    """Each closed file that starts in the window has exactly one row."""
    starts = [int(row["start_us"]) for row in rows]
    for file in media.files(media_root, path, from_us):
        start = media.start_us_of(file)
        if start < to_us and media.size(file):
            assert starts.count(start) == 1, f"{file} has {starts.count(start)} rows"


def gap_free(rows):
    """Each row begins where the one before ended."""
    assert len(rows) > 1, "fewer than two segments prove nothing"
    for before, after in zip(rows, rows[1:], strict=False):
        hole = int(after["start_us"]) - int(before["stop_us"])
        assert abs(hole) <= SEAM_US, f"{hole / US:.3f} s between {before['start_us']} and {after['start_us']}"


def holes(rows):
    """Return the stretches without footage between rows as ``(from_us, to_us)``."""
    pairs = zip(rows, rows[1:], strict=False)
    return [
        (int(before["stop_us"]), int(after["start_us"]))
        for before, after in pairs
        if int(after["start_us"]) - int(before["stop_us"]) > SEAM_US
    ]


def lost_frames(numbers, length):
    """Count the frames missing in a run of burnt-in numbers that counts ``0 … length-1`` and begins again.

    :raises AssertionError: unreadable frames, a doubled frame, or frames out of order
    """
    assert numbers, "no frames were decoded"
    unreadable = sum(number is None for number in numbers)
    assert not unreadable, f"{unreadable} of {len(numbers)} frames carry no number"
    lost = 0
    for before, after in zip(numbers, numbers[1:], strict=False):
        step = (after - before) % length
        assert step, f"frame {before} is there twice"
        lost += step - 1
    return lost


def numbers_of(media_root, path, rows):
    """Return the burnt-in numbers of all these rows' files, in order."""
    found = []
    for row in rows:
        found += media.frame_numbers(media.file_of(media_root, path, row["start_us"]))
    return found
