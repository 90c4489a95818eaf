from . import cctv_legal_hold
from . import cctv_legal_hold_steps
from . import cctv_legal_hold_watch
from . import cctv_legal_hold_clock
from . import cctv_legal_hold_window
from . import cctv_camera
from . import cctv_deletion_run
from . import cctv_deletion_run_line
