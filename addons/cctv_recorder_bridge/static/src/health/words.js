import { _t } from "@web/core/l10n/translation";

/**
 * What a node's alarm code means and what a person does about it (codes: the wire contract).
 * `stops` says that the node records nothing while the alarm stands, so that its cameras are
 * told under it and not one by one.
 */
export const ALARMS = {
    quota: {
        tone: "danger",
        stops: true,
        title: _t("Quota reached: recording has stopped"),
        todo: _t("Raise the quota on the recorder's form, or move cameras to another recorder."),
    },
    disk_low: {
        tone: "danger",
        stops: true,
        title: _t("The disk is full: recording has stopped"),
        todo: _t("Free the disk from files that are not footage, or add a disk."),
    },
    disk_missing: {
        tone: "danger",
        stops: true,
        title: _t("The footage disk is missing or is not this recorder's"),
        todo: _t("Mount the right disk on the machine, then run: recorder check"),
    },
    engine_down: {
        tone: "danger",
        stops: true,
        title: _t("The recording engine does not answer"),
        todo: _t("It is restarted by itself. If this stays, run on the machine: recorder check"),
    },
    gate_down: {
        tone: "warning",
        stops: false,
        title: _t("The viewing gate does not answer; recording goes on"),
        todo: _t("It is restarted by itself. If this stays, run on the machine: recorder check"),
    },
    clock: {
        tone: "warning",
        stops: false,
        title: _t("The recorder's clock is wrong"),
        todo: _t("Check the time source (NTP) of the machine. Times of recordings cannot be trusted."),
    },
    parked: {
        tone: "warning",
        stops: false,
        title: _t("Rows were refused and are kept on the recorder"),
        todo: _t("See which on the machine: recorder segments --parked, then: recorder retry"),
    },
    disk_tight: {
        tone: "warning",
        stops: false,
        title: _t("Room for footage gets tight; cameras of the lowest priority stop first"),
        todo: _t("Add a disk, raise the quota, shorten retention, or move cameras to another recorder."),
    },
    key_expiring: {
        tone: "warning",
        stops: false,
        title: _t("The recorder's key ends soon"),
        todo: _t("Open the recorder and choose Rotate Key."),
    },
    purge_parked: {
        tone: "warning",
        stops: false,
        title: _t("A deletion waits for a person"),
        todo: _t("Open Retention & Destruction, look at the run and allow or refuse it."),
    },
    purge_locked: {
        tone: "warning",
        stops: false,
        title: _t("Deleting is locked: this database looks restored or copied"),
        todo: _t("If it is the right one, open the recorder and choose Confirm Database."),
    },
    only_held: {
        tone: "danger",
        stops: true,
        title: _t("Only held footage is left: recording has stopped"),
        todo: _t("Have holds released that are no longer needed, or add a disk."),
    },
};

/** Odoo answers, but its scheduler does not: what the screen tells of states may be old. */
export const IDLE = {
    title: "Odoo",
    text: _t("Scheduled work stands still: nothing watches over recorders and cameras"),
    todo: _t("Restart Odoo, and see under Scheduled Actions that the watch over recorders runs."),
};

/** Whether what fits is enough for the days that must be kept. */
export function dutyText(enough, fit, need) {
    return enough
        ? _t("Enough for the duty: %(need)s days must be kept, %(fit)s fit", { fit, need })
        : _t("Not enough for the duty: %(need)s days must be kept, only %(fit)s fit", { fit, need });
}

/** What a node does at each level of its disk (codes: the wire contract). */
export const LEVELS = {
    normal: "",
    tight: _t("Nothing is stopped. Act before cameras are held back."),
    low: _t("Cameras of the lowest priority are not recorded until there is room."),
    full: _t("Nothing is recorded until there is room."),
};

/** What a node's own probes look at (names: `recorder check`), and the alarm that says the same. */
export const CHECKS = {
    settings: { title: _t("Settings file"), todo: _t("Let only the service's user read the settings file.") },
    "media root": {
        title: _t("Footage folder"),
        todo: _t("Correct mount, owner or mode of the footage folder on the machine."),
        alarm: "disk_missing",
    },
    footage: {
        title: _t("Footage disk"),
        todo: _t("See the machine's kernel log; save what the disk still gives, then replace it."),
    },
    "lost files": {
        title: _t("Footage lost or damaged"),
        todo: _t("Open the recorder's events, and bring the files back from a copy if there is one."),
    },
    index: {
        title: _t("Index"),
        todo: _t("Free its disk, or mount it writable again; what is recorded meanwhile comes then."),
    },
    "free space": {
        title: _t("Free space"),
        todo: _t("Free the disk from other files, add a disk, or shorten retention."),
        alarm: "disk_low",
    },
    quota: {
        title: _t("Quota"),
        todo: _t("Raise the quota on the recorder's form, or add a recorder."),
        alarm: "quota",
    },
    "parked rows": {
        title: _t("Refused rows"),
        todo: _t("See which on the machine: recorder segments --parked, then: recorder retry"),
        alarm: "parked",
    },
    "odoo database": {
        title: _t("Database"),
        todo: _t("Make sure that the recorder talks to the right database."),
        alarm: "purge_locked",
    },
    ffmpeg: { title: "FFmpeg", todo: _t("Install it on the machine, or name its place in the settings.") },
    ffprobe: { title: "FFprobe", todo: _t("Install it on the machine, or name its place in the settings.") },
    clock: { title: _t("Clock"), todo: _t("Run a time service (NTP) on the machine."), alarm: "clock" },
};

/**
 * @param {{name: string, level: string, message: string, fix: string}} check as the node told it
 * @returns {{title: string, todo: string, alarm: string|undefined}}
 */
export function checkWords(check) {
    if (check.name.startsWith("worker ")) {
        return {
            title: _t("Part of the service: %s", check.name.slice("worker ".length)),
            todo: _t("See the service's log on the machine."),
        };
    }
    return CHECKS[check.name] || { title: check.name, todo: check.fix };
}

/** What a node does about footage whose time is over (codes: the wire contract). */
export const PURGES = {
    off: _t("Deletes nothing"),
    ready: _t("Deletion ready"),
    running: _t("Deleting"),
    parked: _t("Deletion waits for a person"),
    locked: _t("Deletion locked"),
};

/** Why a camera does not record (codes: the gap reasons of the wire contract). */
export const REASONS = {
    source_lost: [_t("connection lost"), _t("Check the camera's power and network.")],
    auth_failed: [_t("password refused"), _t("Correct the user and password on the camera, tab Network.")],
    not_found: [_t("stream address not found"), _t("Correct the stream address on the camera, tab Network.")],
    refused: [_t("connection refused"), _t("Check the address and port, and that the camera allows RTSP.")],
    timeout: [_t("no answer"), _t("Check the camera's power and network.")],
    engine_restart: [_t("recording engine restarted"), _t("It resumes by itself.")],
    drift_reset: [_t("camera clock jumped"), _t("Set the camera to the site's time source (NTP).")],
    write_error: [_t("disk write error"), _t("Check the disk of the recorder.")],
    disk_full: [_t("disk full"), _t("Free the disk of the recorder.")],
    config_change: [_t("settings changed"), _t("It resumes by itself.")],
    quota: [_t("quota reached"), _t("Raise the quota on the recorder's form.")],
    missing_file: [_t("file missing"), _t("Check the disk of the recorder.")],
    suspended: [_t("suspended"), _t("Resume the camera when it should record again.")],
    moved: [_t("recorder changed"), _t("It resumes by itself.")],
    unknown: [_t("cause not known"), _t("Test the stream to learn more.")],
};

/** @param {string} code @returns {string} */
export function reasonWord(code) {
    return code ? (REASONS[code] || [code])[0] : "";
}

/** @param {string} code @returns {string} */
export function reasonTodo(code) {
    return (REASONS[code] || REASONS.unknown)[1] || REASONS.unknown[1];
}
