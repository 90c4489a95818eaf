"""Disk, node index and Odoo compared by what lies on the disk. Outsiders' tools only: no code of the service."""

from . import media


def on_disk(media_root, paths):
    """Walk the footage of these cameras.

    :return dict: (path, start in µs) → (bytes by stat, hash by sha256sum) of each closed file
    """
    found = {}
    for path in paths:
        for file in media.files(media_root, path):
            if not file.stat().st_mode & 0o222:
                found[path, media.start_us_of(file)] = (media.size(file), media.sha256sum(file))
    return found


def equal(disk, rows, where, to_us=2**62):
    """Each file has its row and each row that tells of footage its file, of the same bytes.

    :param set rows: as support.rows reads them
    :param to_us: what starts later is left out: it is being recorded
    :raises AssertionError: names the first that differs
    """
    told, gone = {}, set()
    for path, start_us, _stop_us, size, digest, status in rows:
        if start_us >= to_us:
            continue
        if status in ("deleted", "missing"):
            gone.add((path, start_us))
        else:
            assert (path, start_us) not in told, f"{where}: {path} {start_us} is told twice"
            told[path, start_us] = (size, digest)
    disk = {key: value for key, value in disk.items() if key[1] < to_us}
    for key in sorted(gone & set(disk)):
        raise AssertionError(f"{where} says that {key} is gone, it is on the disk")
    for key in sorted(set(disk) - set(told)):
        raise AssertionError(f"{key} is on the disk, {where} does not know it")
    for key in sorted(set(told) - set(disk)):
        raise AssertionError(f"{where} tells of {key}, it is not on the disk")
    for key, value in sorted(disk.items()):
        assert told[key] == value, f"{where} tells of {key} {told[key]}, on the disk is {value}"


def of_paths(rows, paths):
    """Only these cameras' rows."""
    return {row for row in rows if row[0] in paths}
