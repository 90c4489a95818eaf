from . import cctv_home
from . import cctv_workflow_log
from . import res_users
