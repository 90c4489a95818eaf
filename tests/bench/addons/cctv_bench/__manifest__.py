{
    "name": "CCTV bench",
    "summary": "A twin of the segment table made the ordinary way, for scripts/bench alone",
    "version": "19.0.1.0.0",
    "category": "Hidden",
    "license": "AGPL-3",
    "author": "CCTV SOP contributors",
    "depends": ["cctv_recorder_bridge"],
    "data": ["security/ir.model.access.csv"],
}
