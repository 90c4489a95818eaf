from . import cctv_recorder_register
from . import cctv_recorder_rotate
from . import cctv_recorder_move
