from . import cctv_bench_segment
