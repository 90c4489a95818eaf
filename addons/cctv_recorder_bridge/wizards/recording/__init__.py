from . import cctv_recorder_register
from . import cctv_recorder_rotate
