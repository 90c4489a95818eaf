import { Component } from "@odoo/owl";
import { formatRatio } from "@cctv_sop/core/format/format";
import { CctvStatus } from "@cctv_sop/core/status/status";
import { _t } from "@web/core/l10n/translation";
import { formatBytes, formatDays, formatHoursLeft } from "../core/figures";
import { ForecastGraph } from "./forecast_graph";
import { LEVELS, dutyText } from "./words";

/** Share of held footage from which on somebody should look at the holds, and from which on it presses. */
const HELD_MUCH = 0.2;
const HELD_TOO_MUCH = 0.4;
const WORDS = {
    used: _t("footage"),
    held: _t("of it on hold"),
    short: _t("in the quota, not on the disk"),
    other: _t("other files"),
    free: _t("free"),
    reserve: _t("reserve"),
};

/** One bar of what the recorder may fill, and whether it is enough for the days that must be kept. */
export class DiskBar extends Component {
    static template = "cctv_recorder_bridge.DiskBar";
    static components = { CctvStatus, ForecastGraph };
    static props = {
        bar: { type: [Object, { value: null }], optional: true },
        disk: { type: [Object, { value: false }], optional: true },
        rate: { optional: true },
        forecast: Object,
    };

    get parts() {
        const { parts, footage } = this.props.bar;
        return parts.map((part) => ({
            ...part,
            // held footage is a part of the footage, not beside it
            text: `${WORDS[part.key]} ${formatBytes(part.key === "used" ? footage : part.bytes)}`,
        }));
    }

    get held() {
        const share = this.props.bar.heldShare;
        if (share < HELD_MUCH) {
            return null;
        }
        return {
            tone: share < HELD_TOO_MUCH ? "text-warning" : "text-danger fw-bold",
            text: _t(
                "%s of the footage is on hold. A supervisor or the DPO asks for release, management releases.",
                formatRatio(share)
            ),
        };
    }

    get does() {
        return LEVELS[this.level] || "";
    }

    get total() {
        const { bar, disk } = this.props;
        return disk.quota
            ? _t("Quota %s", formatBytes(bar.capacity))
            : _t("Disk %s, no quota", formatBytes(bar.capacity));
    }

    get level() {
        return this.props.disk?.level || "";
    }

    get hoursText() {
        const { hours_left: left, hours_left_without_purge: bare } = this.props.disk || {};
        if (left === false || left === undefined) {
            return "";
        }
        if (bare === false || bare === undefined || bare === left) {
            return _t("Lasts for %s", formatHoursLeft(left));
        }
        return _t("Lasts for %(left)s; %(bare)s if nothing is deleted", {
            left: formatHoursLeft(left),
            bare: formatHoursLeft(bare),
        });
    }

    get rateText() {
        const { known, fullIn } = this.props.forecast;
        if (!known) {
            return this.hoursText
                ? ""
                : _t("No forecast yet: it needs ten minutes of recording in the last seven days.");
        }
        if (fullIn < 1) {
            return _t("Full within a day at the present %s a day", formatBytes(this.props.rate));
        }
        return _t("Full in %(days)s days at the present %(rate)s a day", {
            days: formatDays(fullIn),
            rate: formatBytes(this.props.rate),
        });
    }

    get duty() {
        const { known, enough, fitDays, needDays } = this.props.forecast;
        if (!known || enough === null) {
            return null;
        }
        return { enough, text: dutyText(enough, formatDays(fitDays), needDays) };
    }
}
