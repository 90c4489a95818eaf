import { _t } from "@web/core/l10n/translation";

/**
 * The one table of states: state -> {word, icon, class}. Views and components
 * name a kind and a state and never pick a colour themselves. What is not known
 * is grey with a question mark, never green.
 *
 * Words are fall-backs: a selection field brings its own translated label.
 */
const quiet = (word, icon = "fa-circle-o") => ({ word, icon, class: "text-muted" });
const good = (word, icon = "fa-circle") => ({ word, icon, class: "text-success" });
const note = (word, icon = "fa-info-circle") => ({ word, icon, class: "text-info" });
const warn = (word, icon = "fa-exclamation-triangle") => ({ word, icon, class: "text-warning" });
const bad = (word, icon = "fa-times-circle") => ({
    word,
    icon,
    class: "text-danger fw-bold",
});

export const UNKNOWN = quiet(_t("Unknown"), "fa-question-circle");

export const STATUS = {
    camera: {
        planned: quiet(_t("Planned")),
        installing: quiet(_t("Installing")),
        testing: note(_t("Testing"), "fa-flask"),
        active: note(_t("Active"), "fa-check-circle-o"),
        suspended: quiet(_t("Suspended"), "fa-minus-circle"),
        decommissioned: quiet(_t("Decommissioned"), "fa-ban"),
        recording: good(_t("Recording")),
        waiting: quiet(_t("Waiting for the first segment"), "fa-hourglass-half"),
        stalled: warn(_t("Stalled"), "fa-adjust"),
        frozen: warn(_t("Frozen Picture"), "fa-pause-circle"),
        offline: bad(_t("Disconnected")),
        audio_refused: bad(_t("Sound Refused"), "fa-microphone-slash"),
        off: quiet(_t("Off"), "fa-minus-circle"),
        not_recording: bad(_t("Does Not Record")),
        not_recorded: quiet(_t("Not Recorded"), "fa-circle-thin"),
        maintenance: note(_t("Under Maintenance"), "fa-wrench"),
        unknown: UNKNOWN,
    },
    level: {
        met: good(_t("Meets the required level"), "fa-crosshairs"),
        missed: bad(_t("Below the required level"), "fa-crosshairs"),
        unknown: quiet(_t("Image level unknown"), "fa-crosshairs"),
    },
    clock: {
        synced: quiet(_t("Clock in step"), "fa-clock-o"),
        drifting: warn(_t("Clock drifting"), "fa-clock-o"),
        wrong: bad(_t("Clock wrong"), "fa-clock-o"),
        unknown: quiet(_t("Clock unknown"), "fa-clock-o"),
    },
    deletion: {
        asked: quiet(_t("Asked"), "fa-question-circle-o"),
        parked: warn(_t("Waiting for a Person"), "fa-pause-circle"),
        released: note(_t("Allowed"), "fa-check-circle-o"),
        confirmed: note(_t("Confirmed"), "fa-check-circle-o"),
        done: quiet(_t("Done"), "fa-check"),
        cancelled: quiet(_t("Cancelled"), "fa-ban"),
        refused: quiet(_t("Refused"), "fa-ban"),
        unknown: UNKNOWN,
    },
    hold: {
        requested: warn(_t("Hold requested"), "fa-unlock-alt"),
        active: note(_t("On hold"), "fa-lock"),
        empty: warn(_t("On hold, no footage")),
        lost: bad(_t("On hold, footage missing")),
        grace: quiet(_t("Released, still held"), "fa-hourglass-end"),
        released: quiet(_t("Hold ended"), "fa-history"),
        retired: quiet(_t("Recorder retired"), "fa-archive"),
        unknown: UNKNOWN,
    },
    node: {
        new: quiet(_t("Not Connected Yet"), "fa-hourglass-half"),
        online: good(_t("Online")),
        degraded: warn(_t("Degraded")),
        offline: bad(_t("Offline")),
        retired: quiet(_t("Retired"), "fa-ban"),
        unknown: UNKNOWN,
    },
    job: {
        queued: quiet(_t("Queued"), "fa-clock-o"),
        claimed: note(_t("In Progress"), "fa-cog"),
        done: quiet(_t("Done"), "fa-check"),
        failed: bad(_t("Failed")),
        cancelled: quiet(_t("Cancelled"), "fa-ban"),
        unknown: UNKNOWN,
    },
    approval: {
        draft: quiet(_t("Draft")),
        submitted: note(_t("Submitted"), "fa-paper-plane-o"),
        approved: good(_t("Approved"), "fa-check"),
        rejected: bad(_t("Rejected")),
        expired: quiet(_t("Expired"), "fa-history"),
        unknown: UNKNOWN,
    },
    check: {
        passed: good(_t("Passed"), "fa-check"),
        failed: bad(_t("Failed"), "fa-times"),
        unknown: quiet(_t("Cannot be judged yet"), "fa-adjust"),
        not_applicable: quiet(_t("Not applicable"), "fa-minus"),
    },
};

/**
 * Look a state up; what is missing in the table counts as unknown.
 *
 * @param {string} kind group of the table ("camera", "node", ...)
 * @param {string|false} state
 * @returns {{word: string, icon: string, class: string}}
 */
export function getStatus(kind, state) {
    const group = STATUS[kind] || {};
    return group[state] || group.unknown || UNKNOWN;
}
