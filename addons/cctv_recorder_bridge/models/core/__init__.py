from . import cctv_home
