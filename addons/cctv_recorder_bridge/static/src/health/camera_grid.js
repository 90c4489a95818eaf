import { Component } from "@odoo/owl";
import { formatSpan } from "@cctv_sop/core/format/format";
import { formatSiteTime } from "@cctv_sop/core/site_time/site_time";
import { CctvStatus } from "@cctv_sop/core/status/status";
import { _t } from "@web/core/l10n/translation";
import { utcMillis } from "../core/figures";
import { reasonWord } from "./words";

const OLD_STILL_SECONDS = 600;

/** Every camera in one line: still, state, reason, last closed segment, bit rate. */
export class CameraGrid extends Component {
    static template = "cctv_recorder_bridge.CameraGrid";
    static components = { CctvStatus };
    static props = {
        cameras: Array,
        nodes: Array,
        now: Number,
        selected: Set,
        canTest: Boolean,
        onToggle: Function,
        onToggleAll: Function,
        onOpen: Function,
        onOpenTest: Function,
    };

    get names() {
        return Object.fromEntries(this.props.nodes.map((node) => [node.id, node.name]));
    }

    get allSelected() {
        return (
            this.props.cameras.length > 0 && this.props.cameras.every((camera) => this.props.selected.has(camera.id))
        );
    }

    age(value) {
        return value ? formatSpan((this.props.now - utcMillis(value)) / 1000) : "";
    }

    stillAge(camera) {
        return camera.still_at ? _t("%s ago", this.age(camera.still_at)) : _t("no picture yet");
    }

    isOldStill(camera) {
        const taken = utcMillis(camera.still_at);
        return !taken || (this.props.now - taken) / 1000 > OLD_STILL_SECONDS;
    }

    recorded(camera) {
        return camera.last_recorded_at ? formatSiteTime(camera.last_recorded_at, camera.tz) : _t("never");
    }

    why(camera) {
        if (camera.shown === "recording") {
            return "";
        }
        if (camera.shown === "unknown" && !camera.recording_reason) {
            return _t("recorder silent or no closed segment of late");
        }
        return [reasonWord(camera.recording_reason), camera.detail].filter(Boolean).join(": ");
    }

    testTime(test, tz) {
        return formatSiteTime(test.at, tz, { seconds: true });
    }

    rate(camera) {
        return camera.shown === "recording" && camera.kbps ? _t("%s kbit/s", camera.kbps) : "–";
    }
}
