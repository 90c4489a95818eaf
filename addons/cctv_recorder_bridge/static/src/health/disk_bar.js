import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { formatBytes, formatDays } from "../core/figures";

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
