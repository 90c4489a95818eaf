from . import cctv_camera
from . import cctv_camera_overview
from . import cctv_camera_source
from . import cctv_camera_main_stream
from . import cctv_camera_recordable
from . import cctv_camera_import
from . import cctv_camera_health
from . import cctv_camera_list
