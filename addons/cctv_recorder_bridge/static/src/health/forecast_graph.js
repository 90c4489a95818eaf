import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { formatBytes, formatDays } from "../core/figures";

const WIDTH = 400;
const HEIGHT = 72;
/** So many days are drawn at least, at most. */
const SHORTEST = 7;
const LONGEST = 120;

/**
 * Footage as it grows at the present rate, against what the recorder may fill and against the day on which the
 * oldest footage may go. Drawn for the eye alone: the words above it say the same.
 */
export class ForecastGraph extends Component {
    static template = "cctv_recorder_bridge.ForecastGraph";
    static props = { forecast: Object, bar: Object };

    get shape() {
        const { fullIn, needDays, rate } = this.props.forecast;
        const { capacity, footage } = this.props.bar;
        const days = Math.min(LONGEST, Math.max(SHORTEST, fullIn * 1.15, (needDays || 0) * 1.1));
        const top = capacity * 1.1;
        const x = (day) => (day / days) * WIDTH;
        const y = (bytes) => HEIGHT - (Math.min(bytes, top) / top) * HEIGHT;
        const full = footage + fullIn * rate;
        const ends =
            fullIn < days
                ? [`${x(fullIn)},${y(full)}`, `${WIDTH},${y(full)}`]
                : [`${WIDTH},${y(footage + days * rate)}`];
        return {
            line: [`0,${y(footage)}`, ...ends].join(" "),
            capacity: y(capacity),
            duty: needDays && needDays < days ? x(needDays) : null,
            days,
        };
    }

    get caption() {
        return _t("Line: footage over the next %(days)s days; dashed: %(capacity)s; dotted: days that must be kept", {
            days: formatDays(this.shape.days),
            capacity: formatBytes(this.props.bar.capacity),
        });
    }
}
