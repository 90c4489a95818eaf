import { Component } from "@odoo/owl";
import { CctvStatus } from "@cctv_sop/core/status/status";
import { _t } from "@web/core/l10n/translation";
import { formatBytes, formatDays, formatHoursLeft } from "../core/figures";

const WORDS = {
    used: _t("footage"),
    held: _t("on hold"),
    other: _t("other files"),
    free: _t("free"),
    reserve: _t("reserve"),
};

/** One bar of what the recorder may fill, and whether it is enough for the days that must be kept. */
export class DiskBar extends Component {
    static template = "cctv_recorder_bridge.DiskBar";
    static components = { CctvStatus };
    static props = {
        bar: { type: [Object, { value: null }], optional: true },
        disk: { type: [Object, { value: null }], optional: true },
        rate: { optional: true },
        forecast: Object,
    };

    get parts() {
        return this.props.bar.parts.map((part) => ({
            ...part,
            text: `${WORDS[part.key]} ${formatBytes(part.bytes)}`,
        }));
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
        const { hours_left: left, hours_left_without_purge: bare } = this.props.disk;
        if (left === null || left === undefined) {
            return _t("No forecast yet: it needs some minutes of recording.");
        }
        if (bare === null || bare === undefined || bare === left) {
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
            return _t("No forecast yet: it needs a full day of recording.");
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
        const values = { fit: formatDays(fitDays), need: needDays };
        return {
            enough,
            text: enough
                ? _t("Enough for the duty: %(need)s days must be kept, %(fit)s fit", values)
                : _t("Not enough for the duty: %(need)s days must be kept, only %(fit)s fit", values),
        };
    }
}
