"""The proofs themselves: each mutation must turn its proof red. On copies of the running system's real footage."""

import shutil

import pytest
from support import media, proofs


@pytest.fixture
def footage(system, it, tmp_path):
    """Copy three closed segments of the counter camera with their rows; return ``(root, path, rows)``."""
    camera = it.camera("cam-02")
    rows = [row for row in it.segments(camera["id"]) if row["status"] == "ok"][-3:]
    assert len(rows) == 3
    for row in rows:
        source = media.file_of(system.media_root, camera["path"], row["start_us"])
        target = media.file_of(tmp_path, camera["path"], row["start_us"])
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    return tmp_path, camera["path"], rows


def test_untouched_footage_is_green(footage):
    root, path, rows = footage
    proofs.rows_match_files(root, path, rows)
    proofs.files_have_rows(root, path, rows, 0, 2**62)
    proofs.gap_free(rows)
    assert proofs.lost_frames(proofs.numbers_of(root, path, rows), 595) == 0


def test_flipped_byte_is_red(footage, draw):
    root, path, rows = footage
    file = media.file_of(root, path, draw.choice(rows)["start_us"])
    content = bytearray(file.read_bytes())
    content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
    file.write_bytes(content)
    with pytest.raises(AssertionError, match="sha256sum differs"):
        proofs.rows_match_files(root, path, rows)


def test_removed_file_is_red(footage, draw):
    root, path, rows = footage
    media.file_of(root, path, draw.choice(rows)["start_us"]).unlink()
    with pytest.raises(AssertionError, match="has no file"):
        proofs.rows_match_files(root, path, rows)


def test_removed_row_is_red(footage, draw):
    root, path, rows = footage
    rows.pop(draw.randrange(len(rows)))
    with pytest.raises(AssertionError, match="has 0 rows"):
        proofs.files_have_rows(root, path, rows, 0, 2**62)


def test_doubled_row_is_red(footage, draw):
    root, path, rows = footage
    rows.append(draw.choice(rows))
    with pytest.raises(AssertionError, match="has 2 rows"):
        proofs.files_have_rows(root, path, rows, 0, 2**62)


def test_missing_segment_is_red(footage):
    _root, _path, rows = footage
    del rows[1]
    with pytest.raises(AssertionError, match="s between"):
        proofs.gap_free(rows)


def test_missing_frames_are_counted(footage):
    root, path, rows = footage
    numbers = proofs.numbers_of(root, path, rows)
    assert proofs.lost_frames(numbers[:10] + numbers[13:], 595) == 3
    with pytest.raises(AssertionError, match="twice"):
        proofs.lost_frames([*numbers[:10], numbers[9], *numbers[10:]], 595)
