import { formatLength } from "@cctv_sop/core/format/format";
import { _t } from "@web/core/l10n/translation";
import { formatDays, utcMillis } from "../core/figures";
import { ALARMS, IDLE, checkWords, dutyText, reasonTodo, reasonWord } from "./words";

/** A claim of "recording" older than this many seconds without a closed segment is not believed. */
export const PROOF_SECONDS = 300;
/** From this many cameras of one node with one reason on, it is one fault with one cause. */
export const COMMON_CAUSE = 3;
/** From this many gaps in the last hour on, a camera that records is not steady. */
const MANY_GAPS = 6;
const CLOCK_LIMIT_MS = 1000;
const REFUSAL_SECONDS = 900;
const QUIET = ["recording", "waiting", "not_recorded", "planned", "installing", "suspended", "decommissioned"];
const RECORDS_IN = ["testing", "active"];

/**
 * State of a node as the screen may claim it: what it said last counts only while it is fresh.
 *
 * @param {Object} node row of get_health
 * @returns {"new"|"silent"|"online"|"degraded"}
 */
export function nodeState(node) {
    if (!node.last_sync) {
        return "new";
    }
    if (!node.fresh) {
        return "silent";
    }
    const troubled = node.alarms.length || node.state !== "online" || node.engine !== "up" || node.last_refusal;
    return troubled ? "degraded" : "online";
}

/**
 * State of a camera as the screen may claim it. Never "recording" on the word of a silent node,
 * nor without a closed segment of late.
 *
 * @param {Object} camera row of get_health
 * @param {Object|undefined} node its recorder's row
 * @param {number} now milliseconds, server time
 * @returns {string} key of the status table
 */
export function cameraState(camera, node, now) {
    if (!node) {
        return "not_recorded";
    }
    if (!RECORDS_IN.includes(camera.state)) {
        return camera.state;
    }
    if (["new", "silent"].includes(nodeState(node))) {
        return "unknown";
    }
    if (camera.recording_state !== "recording") {
        return camera.recording_state || "unknown";
    }
    const proof = utcMillis(camera.last_recorded_at);
    return proof && now - proof <= PROOF_SECONDS * 1000 ? "recording" : "unknown";
}

function idleFaults(data) {
    if (!data.idle_since) {
        return [];
    }
    const covers = data.cameras.map((camera) => camera.id);
    return [{ key: "idle", tone: "danger", ...IDLE, since: data.idle_since, tz: data.recorders[0]?.tz, covers }];
}

function nodeFaults(node, cameras) {
    const base = { recorderId: node.id, tz: node.tz, title: node.name };
    const state = nodeState(node);
    if (state === "silent") {
        const count = cameras.length;
        return [
            {
                ...base,
                key: `silent-${node.id}`,
                tone: "danger",
                text: silentText(count),
                since: node.last_sync,
                todo: _t("Check the machine's power and network; on it run: recorder check"),
                covers: cameras.map((c) => c.id),
            },
        ];
    }
    if (state === "new") {
        return [
            {
                ...base,
                key: `new-${node.id}`,
                tone: "warning",
                text: _t("Has never reported"),
                since: false,
                todo: _t("Put the configuration on the machine and start the recorder service."),
                covers: cameras.map((c) => c.id),
            },
        ];
    }
    return [...alarmFaults(node, cameras, base), ...ownFaults(node, base), ...checkFaults(node, base)];
}

function silentText(count) {
    if (!count) {
        return _t("Silent");
    }
    return count === 1 ? _t("Silent; 1 camera unknown") : _t("Silent; %s cameras unknown", count);
}

function alarmFaults(node, cameras, base) {
    const codes = new Set(node.alarms);
    if (node.engine === "down") {
        codes.add("engine_down");
    }
    return [...codes].map((code) => {
        const words = ALARMS[code] || { tone: "warning", stops: false, title: code, todo: "" };
        const covers = words.stops ? cameras.map((c) => c.id) : [];
        return {
            ...base,
            key: `${code}-${node.id}`,
            tone: words.tone,
            text: covers.length
                ? _t("%(what)s (cameras: %(count)s)", { what: words.title, count: covers.length })
                : words.title,
            since: false,
            todo: words.todo,
            covers,
        };
    });
}

function ownFaults(node, base) {
    const faults = [];
    if (clockOff(node) && !node.alarms.includes("clock")) {
        faults.push({ ...base, key: `clock-${node.id}`, ...pick(ALARMS.clock), since: false, covers: [] });
    }
    if (node.last_refusal) {
        faults.push({
            ...base,
            key: `refusal-${node.id}`,
            tone: "warning",
            text: _t("A report was refused: %s", node.last_refusal),
            since: false,
            todo: _t("See the recorder's log; the rows are kept there and sent again."),
            covers: [],
        });
    }
    if (node.held_too_much && !node.alarms.includes("only_held")) {
        faults.push({
            ...base,
            key: `held-${node.id}`,
            tone: "warning",
            text: _t("Footage on hold takes %s of its room", `${node.held_too_much}%`),
            since: false,
            todo: ALARMS.only_held.todo,
            covers: [],
        });
    }
    const { enough, fitDays, needDays } = forecast(node);
    if (enough === false && !["disk_tight", "quota", "disk_low"].some((code) => node.alarms.includes(code))) {
        faults.push({
            ...base,
            ...pick(ALARMS.disk_tight),
            key: `duty-${node.id}`,
            text: dutyText(false, formatDays(fitDays), needDays),
            since: false,
            covers: [],
        });
    }
    return faults;
}

function clockOff(node) {
    return Math.abs(node.clock_offset_ms || 0) > CLOCK_LIMIT_MS;
}

/**
 * What the node's probes found and no alarm says already.
 *
 * @param {Object} node row of get_health
 * @returns {Object[]}
 */
export function openChecks(node) {
    return (node.checks || []).filter((check) => !node.alarms.includes(checkWords(check).alarm));
}

function checkFaults(node, base) {
    return openChecks(node)
        .filter((check) => check.name !== "clock" || !clockOff(node))
        .map((check) => {
            const { title, todo } = checkWords(check);
            return {
                ...base,
                key: `check-${check.name}-${node.id}`,
                tone: check.level === "fail" ? "danger" : "warning",
                text: title,
                detail: check.message,
                since: false,
                todo,
                covers: [],
            };
        });
}

function pick(alarm) {
    return { tone: alarm.tone, text: alarm.title, todo: alarm.todo };
}

function cameraFault(camera, node) {
    const reason = reasonWord(camera.recording_reason);
    return {
        key: `camera-${camera.id}`,
        recorderId: node.id,
        cameraId: camera.id,
        tz: camera.tz,
        tone: camera.shown === "unknown" ? "warning" : "danger",
        title: camera.code,
        place: camera.location,
        shown: camera.shown,
        text: reason || camera.detail,
        detail: reason ? camera.detail : "",
        since: camera.recording_since || camera.last_recorded_at,
        todo: reasonTodo(camera.recording_reason),
        covers: [camera.id],
    };
}

/** Its recorder was retired or taken from it: no node speaks for it. */
function leftFault(camera) {
    return {
        key: `left-${camera.id}`,
        cameraId: camera.id,
        tz: camera.tz,
        tone: "danger",
        title: camera.code,
        place: camera.location,
        text: _t("It has no recorder any more"),
        since: camera.recording_since,
        todo: _t("Choose a recorder on the camera's form, or suspend the camera."),
        covers: [camera.id],
    };
}

function commonFault(cameras, node, reason = cameras[0].recording_reason) {
    return {
        key: `common-${node.id}-${reason}`,
        recorderId: node.id,
        tz: node.tz,
        tone: "danger",
        title: node.name,
        text: _t("%(count)s cameras: %(reason)s", {
            count: cameras.length,
            reason: reasonWord(reason),
        }),
        since:
            cameras
                .map((c) => c.recording_since)
                .filter(Boolean)
                .sort()[0] || false,
        todo: ["timeout", "source_lost", "refused"].includes(reason)
            ? _t("They share a cause: check the network switch between them and the recorder.")
            : reasonTodo(reason),
        covers: cameras.map((c) => c.id),
    };
}

function cameraFaults(node, cameras) {
    return byCause(cameras, (camera) => camera.recording_reason, node, cameraFault, commonFault);
}

/** A fault per camera, or one for those of a node that share their reason. */
function byCause(cameras, reasonOf, node, oneFault, sharedFault) {
    const groups = new Map();
    for (const camera of cameras) {
        const key = reasonOf(camera) || `camera-${camera.id}`;
        groups.set(key, [...(groups.get(key) || []), camera]);
    }
    return [...groups.entries()].flatMap(([key, group]) =>
        group.length >= COMMON_CAUSE && !key.startsWith("camera-")
            ? [sharedFault(group, node)]
            : group.map((camera) => oneFault(camera, node))
    );
}

function unsteadyFault(camera, node) {
    const { count, seconds, reason } = camera.gaps;
    return {
        key: `gaps-${camera.id}`,
        recorderId: node.id,
        cameraId: camera.id,
        tz: camera.tz,
        tone: "warning",
        title: camera.code,
        place: camera.location,
        text: _t("%(count)s gaps in the last hour, %(length)s lost", { count, length: formatLength(seconds) }),
        detail: reasonWord(reason),
        since: false,
        todo: reasonTodo(reason),
        covers: [camera.id],
    };
}

function commonUnsteadyFault(cameras, node) {
    const { reason } = cameras[0].gaps;
    return {
        ...commonFault(cameras, node, reason),
        key: `common-gaps-${node.id}-${reason}`,
        tone: "warning",
        text: _t("%s cameras with many gaps in the last hour", cameras.length),
        detail: reasonWord(reason),
        since: false,
    };
}

function unsteadyFaults(node, cameras) {
    const unsteady = cameras.filter((camera) => camera.gaps && camera.gaps.count >= MANY_GAPS);
    return byCause(unsteady, (camera) => camera.gaps.reason, node, unsteadyFault, commonUnsteadyFault);
}

/**
 * Everything the screen says, worked out from one answer of `cctv.recorder.get_health`.
 * Faults are grouped by cause: what a node's fault explains is not told again per camera.
 *
 * @param {Object} data answer of get_health
 * @param {number} ageSeconds since that answer was made
 * @returns {{nodes: Object[], cameras: Object[], faults: Object[], now: number}}
 */
export function deriveHealth(data, ageSeconds = 0) {
    const now = utcMillis(data.server_now) + ageSeconds * 1000;
    const recorders = data.recorders.map((node) => ({ ...node, last_refusal: freshRefusal(node, now) }));
    const byId = new Map(recorders.map((node) => [node.id, node]));
    const cameras = data.cameras.map((camera) => ({
        ...camera,
        shown: cameraState(camera, byId.get(camera.recorder_id), now),
    }));
    const ofNodes = recorders.flatMap((node) => {
        const own = cameras.filter((c) => c.recorder_id === node.id);
        const bad = own.filter((c) => !QUIET.includes(c.shown));
        const causes = nodeFaults(node, bad);
        const told = new Set(causes.flatMap((fault) => fault.covers));
        return [
            ...causes,
            ...cameraFaults(
                node,
                bad.filter((c) => !told.has(c.id))
            ),
            ...unsteadyFaults(
                node,
                own.filter((c) => c.shown === "recording")
            ),
        ];
    });
    const faults = [...idleFaults(data), ...ofNodes];
    faults.push(...cameras.filter((c) => !byId.has(c.recorder_id) && RECORDS_IN.includes(c.state)).map(leftFault));
    const rank = { danger: 0, warning: 1 };
    faults.sort((a, b) => rank[a.tone] - rank[b.tone] || b.covers.length - a.covers.length);
    const nodes = recorders.map((node) => nodeCard(node, cameras, now));
    return { nodes, cameras, faults, now };
}

function freshRefusal(node, now) {
    const at = utcMillis(node.last_refusal_at);
    return at && now - at <= REFUSAL_SECONDS * 1000 ? node.last_refusal : "";
}

function nodeCard(node, cameras, now) {
    const own = cameras.filter((camera) => camera.recorder_id === node.id);
    return {
        ...node,
        shown: nodeState(node),
        age: node.last_sync ? Math.max(0, (now - utcMillis(node.last_sync)) / 1000) : null,
        recordingCount: own.filter((camera) => camera.shown === "recording").length,
        unknownCount: own.filter((camera) => camera.shown === "unknown").length,
        expectedCount: own.filter((camera) => RECORDS_IN.includes(camera.state)).length,
        bar: diskBar(node.disk, node),
        forecast: forecast(node),
        kbps: own.filter((c) => c.shown === "recording").reduce((sum, c) => sum + (c.kbps || 0), 0),
    };
}

/**
 * Parts of the disk bar in per cent of what the recorder may fill: its quota when it has one, else the disk.
 * They add up to it: held footage is a part of the footage, `short` is what the quota allows and the disk has not.
 *
 * @param {Object|false} disk of get_health
 * @param {{held: number|false}} node
 * @returns {{capacity: number, footage: number, heldShare: number, parts: {key: string, bytes: number, percent: number}[]}|null} null when not known
 */
export function diskBar(disk, { held = false } = {}) {
    if (!disk || !disk.total) {
        return null;
    }
    const kept = Math.min(held || 0, disk.used);
    const parts = [{ key: "used", bytes: disk.used - kept }];
    if (kept) {
        parts.push({ key: "held", bytes: kept });
    }
    if (disk.quota) {
        const free = room(disk);
        parts.push({ key: "free", bytes: free });
        const short = Math.max(0, disk.quota - disk.used - free);
        if (short) {
            parts.push({ key: "short", bytes: short });
        }
    } else {
        const other = Math.max(0, disk.total - disk.free - disk.used);
        parts.push({ key: "other", bytes: other });
        parts.push({ key: "free", bytes: room(disk) });
        parts.push({ key: "reserve", bytes: Math.min(disk.reserve, disk.free) });
    }
    const sum = parts.reduce((total, part) => total + part.bytes, 0) || 1;
    return {
        capacity: disk.quota || disk.total,
        footage: disk.used,
        heldShare: disk.used ? kept / disk.used : 0,
        parts: parts.map((part) => ({ ...part, percent: (100 * part.bytes) / sum })),
    };
}

function room(disk) {
    const free = Math.max(0, disk.free - disk.reserve);
    return disk.quota ? Math.max(0, Math.min(disk.quota - disk.used, free)) : free;
}

/**
 * Will it fit? Compares what the disk can keep at the present rate with the days that must be kept.
 *
 * @param {Object} node row of get_health
 * @returns {{known: boolean, rate: number|null, fitDays: number, fullIn: number, needDays: number|null, enough: boolean|null}}
 */
export function forecast(node) {
    if (!node.disk || !node.rate) {
        return { known: false, rate: null, fitDays: null, fullIn: null, needDays: node.obligation_days, enough: null };
    }
    const left = room(node.disk);
    const fitDays = (node.disk.used + left) / node.rate;
    return {
        known: true,
        rate: node.rate,
        fitDays,
        fullIn: left / node.rate,
        needDays: node.obligation_days,
        enough: node.obligation_days ? fitDays >= node.obligation_days : null,
    };
}
