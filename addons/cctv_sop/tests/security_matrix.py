"""Who may do what, as the SOP's table says (roles to permissions): the one table that the code is held against.

``RIGHTS``: model -> role -> rights, ``r`` read, ``w`` write, ``c`` create. Nobody deletes. Roles that are not named
have none; the system administrator is one of those. ``STEPS``: model -> step -> roles that may take it.
"""

ROLES = ("officer", "supervisor", "it", "management", "auditor", "dpo")


def _rights(everyone, **special):
    return {**dict.fromkeys(ROLES, everyone), **special}


_INTERNAL = (*ROLES, "hr", "procurement", "employee", "admin")

RIGHTS = {
    "cctv.location": _rights("r", it="rwc", supervisor="rwc"),
    "cctv.camera": _rights("r", it="rwc"),
    "cctv.camera.mounting": _rights("r"),
    "cctv.image.level": _rights("r"),  # one table for all companies: written by IT of all of them alone
    "cctv.image.requirement": _rights("r", it="rwc"),  # of one's own company
    "cctv.legal.hold": _rights("r", officer="rwc", supervisor="rwc", dpo="rwc"),
    "cctv.deletion.run": _rights("r", officer=""),
    "cctv.deletion.run.line": _rights("r", officer=""),
    "cctv.workflow.log": {"management": "r", "auditor": "r", "dpo": "r"},
    "cctv.custody.entry": {"management": "r", "auditor": "r", "dpo": "r"},
    "cctv.camera.mount": {"it": "rwc"},
    "cctv.camera.copy": {"it": "rwc"},
    "cctv.step.reason": dict.fromkeys(_INTERNAL, "rwc"),
}

STEPS = {
    "cctv.location": {"action_lift_ban": {"dpo", "management"}},
    "cctv.camera": {
        "action_take_over": {"it"},
        "action_start_testing": {"it"},
        "action_activate": {"it"},
        "action_suspend": {"it"},
        "action_resume": {"it"},
        "action_decommission": {"it", "management"},
        "action_approve_audio": {"dpo", "management"},
        "action_withdraw_audio": {"dpo", "management", "it"},
        "action_mount": {"it"},
        "action_unmount": {"it"},
        "action_correct_device": {"it"},
    },
    "cctv.legal.hold": {
        "action_confirm": {"supervisor", "dpo"},
        "action_activate": {"supervisor", "dpo"},
        "action_renew": {"supervisor", "dpo"},
        "action_request_release": {"supervisor", "management", "dpo"},
        "action_keep": {"supervisor", "management", "dpo"},
        "action_release": {"management", "dpo"},
        "action_trust_clock": {"supervisor", "dpo"},
    },
    "cctv.deletion.run": {
        "action_release": {"management", "it"},
        "action_refuse": {"management", "it"},
    },
}
