from . import cctv_camera_copy
from . import cctv_step_reason
from . import cctv_camera_mount
from . import mail_compose_message
