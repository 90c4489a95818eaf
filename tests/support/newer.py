"""A newer version of this checkout, made by changing a copy of it."""

import subprocess

from .system import ROOT

STEP = """def migrate(cr, version):
    cr.execute("INSERT INTO ir_config_parameter (key, value) VALUES ('cctv.test', %s)", [version])
"""
BROKEN_STEP = """def migrate(cr, version):
    raise ValueError("this step is broken")
"""


class Newer:
    """A checkout whose bridge and service have higher versions, and whose bridge has a migration step."""

    def __init__(self, folder):
        self.folder = folder
        self._copy()
        self.service = folder / "recorder_service/src/recorder_service"
        bridge = folder / "addons" / "cctv_recorder_bridge"
        text = (bridge / "__manifest__.py").read_text()
        (self.older,) = [line.split('"')[3] for line in text.splitlines() if '"version"' in line]
        self.version = self.older.rsplit(".", 1)[0] + ".99"
        replace(bridge / "__manifest__.py", f'"{self.older}"', f'"{self.version}"')
        self.step = bridge / "migrations" / self.version / "post-upgraded.py"
        self.step.parent.mkdir(parents=True)
        self.step.write_text(STEP)
        replace(self.service / "__init__.py", '__version__ = "', '__version__ = "99.')

    def _copy(self):
        self.folder.mkdir()
        list_files = 'git -C "$1" ls-files -z --cached --others --exclude-standard'
        command = f'{list_files} | tar -C "$1" --null -T - -cf - | tar -C "$2" -xf -'
        subprocess.run(["sh", "-c", command, "copy", ROOT, self.folder], check=True)

    def break_step(self):
        """Let the update of the addons fail."""
        self.step.write_text(BROKEN_STEP)

    def break_service(self):
        """Let the service change the index and then end at its start, each time."""
        (self.service / "store/migrations/9998_newer.sql").write_text("CREATE TABLE newer (a INTEGER) STRICT;\n")
        replace(self.service / "service.py", "self._parts = assembly.build(", "raise RuntimeError  # ")


def replace(file, old, new):
    """Replace a text that must be there."""
    text = file.read_text()
    assert old in text, f"{file} holds no {old!r}"
    file.write_text(text.replace(old, new))
