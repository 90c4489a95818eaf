from . import cctv_workflow_log
from . import cctv_workflow_mixin
from . import cctv_workflow_line_mixin
from . import res_company
from . import res_groups
from . import hr_employee
from . import cctv_home
