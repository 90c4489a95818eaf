import { Component } from "@odoo/owl";
import { formatSpan } from "@cctv_sop/core/format/format";
import { formatSiteTime } from "@cctv_sop/core/site_time/site_time";
import { CctvStatus } from "@cctv_sop/core/status/status";
import { _t } from "@web/core/l10n/translation";
import { formatFloat } from "@web/core/utils/numbers";
import { formatBytes, formatOffset } from "../core/figures";
import { Checks } from "./checks";
import { DiskBar } from "./disk_bar";
import { openChecks } from "./facts";
import { ALARMS, PURGES } from "./words";

const SHOWN_AS = { new: "new", silent: "unknown", online: "online", degraded: "degraded" };

/** A recorder in one card: is it heard, does it record, will it fit, what is wrong. */
export class NodeCard extends Component {
    static template = "cctv_recorder_bridge.NodeCard";
    static components = { Checks, CctvStatus, DiskBar };
    static props = {
        node: Object,
        onOpen: Function,
        onCameras: Function,
        onMove: { type: Function, optional: true },
        moveRefusal: { type: String, optional: true },
    };

    get status() {
        return SHOWN_AS[this.props.node.shown];
    }

    get word() {
        return this.props.node.shown === "silent" ? _t("Silent") : "";
    }

    get heard() {
        const { node } = this.props;
        if (node.age === null) {
            return _t("never heard");
        }
        const age = formatSpan(node.age);
        return node.shown === "silent"
            ? _t("last heard %(time)s (%(age)s)", { time: formatSiteTime(node.last_sync, node.tz), age })
            : _t("synced %s ago", age);
    }

    get cameras() {
        const { node } = this.props;
        if (!node.expectedCount) {
            return _t("no camera records here");
        }
        if (node.unknownCount && ["silent", "new"].includes(node.shown)) {
            return node.unknownCount === 1 ? _t("1 camera unknown") : _t("%s cameras unknown", node.unknownCount);
        }
        const values = { good: node.recordingCount, total: node.expectedCount };
        return node.expectedCount === 1
            ? _t("%(good)s of 1 camera recording", values)
            : _t("%(good)s of %(total)s cameras recording", values);
    }

    get offset() {
        return formatOffset(this.props.node.clock_offset_ms);
    }

    get versions() {
        const { service, mediamtx } = this.props.node.versions || {};
        return [service && `v${service}`, mediamtx && `MediaMTX ${mediamtx}`].filter(Boolean).join(" · ");
    }

    get pending() {
        const { segments = 0, gaps = 0, parked = 0 } = this.props.node.pending || {};
        const parts = [];
        if (segments + gaps) {
            const waiting = segments + gaps;
            parts.push(waiting === 1 ? _t("1 row waiting to be sent") : _t("%s rows waiting to be sent", waiting));
        }
        if (parked) {
            parts.push(parked === 1 ? _t("1 row refused and kept") : _t("%s rows refused and kept", parked));
        }
        return parts.join(" · ");
    }

    /** What the node says of its deletions; empty from one that says nothing. */
    get purge() {
        const { purge } = this.props.node;
        if (!purge) {
            return "";
        }
        const parts = [PURGES[purge.state] || purge.state];
        if (purge.due_segments) {
            const values = { count: purge.due_segments, size: formatBytes(purge.due_bytes) };
            parts.push(_t("%(count)s segments due, %(size)s", values));
        }
        return [...parts, purge.reason].filter(Boolean).join(" · ");
    }

    /** What is written to the disk now; empty while nothing is known to be recorded. */
    get writes() {
        const { kbps } = this.props.node;
        return kbps ? _t("writes %s Mbit/s", formatFloat(kbps / 1000, { digits: [16, kbps < 10_000 ? 1 : 0] })) : "";
    }

    /** What the node's probes found and no alarm says already. */
    get checks() {
        return openChecks(this.props.node);
    }

    get alarms() {
        return this.props.node.alarms.map((code) => ({
            code,
            ...(ALARMS[code] || { tone: "warning", title: code, todo: "" }),
        }));
    }
}
