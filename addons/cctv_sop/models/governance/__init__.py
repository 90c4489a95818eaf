from . import cctv_custody_entry
from . import cctv_custody_verify
