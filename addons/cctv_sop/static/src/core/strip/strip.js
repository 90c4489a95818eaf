import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { formatLength, formatRatio } from "../format/format";

const { DateTime } = luxon;
/** A share this close to one still counts as a whole day: half a second in a day. */
const WHOLE = 1 - 0.5 / 86400;

/**
 * Thirty days of recorded time as thin bars, oldest first.
 *
 * A row: `{day, ratio, gaps, gap_seconds, explained, held}`; `ratio` null means that
 * nothing is known about the day, which is drawn as such and never as good.
 */
export class CctvStrip extends Component {
    static template = "cctv_sop.Strip";
    static props = {
        days: { type: Array, optional: true },
        measured: { type: Boolean, optional: true },
        note: { type: String, optional: true },
        onPick: { type: Function, optional: true },
    };
    static defaultProps = { days: [], measured: true, note: "" };

    get bars() {
        return this.props.days.map((row) => ({
            ...row,
            kind: this.kindOf(row),
            height: this.heightOf(row),
            gapShare: this.gapShareOf(row),
            text: this.describe(row),
        }));
    }

    kindOf(row) {
        if (row.ratio === null || row.ratio === undefined || row.ratio === false) {
            return "unknown";
        }
        if (row.gaps) {
            return row.explained ? "explained" : "gap";
        }
        return row.ratio >= WHOLE ? "whole" : "part";
    }

    /** @returns {number} percent of the day that its gaps take; less than a pixel is drawn as one */
    gapShareOf(row) {
        return row.gaps ? Math.min(100, ((row.gap_seconds || 0) / 86400) * 100) : 0;
    }

    heightOf(row) {
        if (row.gaps) {
            return Math.min(100 - this.gapShareOf(row), (row.ratio || 0) * 100);
        }
        // a day with almost nothing stays visible as a stub
        return row.ratio ? Math.max(8, Math.round(row.ratio * 100)) : 8;
    }

    describe(row) {
        const day = DateTime.fromISO(row.day).toFormat("dd LLL yyyy");
        if (this.kindOf(row) === "unknown") {
            return _t("%s: unknown", day);
        }
        const parts = [`${day}: ${formatRatio(row.ratio)}`];
        if (row.gaps) {
            const values = { count: row.gaps, span: formatLength(row.gap_seconds || 0) };
            parts.push(
                row.explained
                    ? _t("%(count)s gap(s), %(span)s, explained", values)
                    : _t("%(count)s gap(s), %(span)s", values)
            );
        }
        if (row.held) {
            parts.push(_t("on hold"));
        }
        return parts.join(" · ");
    }

    get summary() {
        const known = this.props.days.filter((row) => this.kindOf(row) !== "unknown");
        const open = known.filter((row) => row.gaps && !row.explained);
        return _t("%(known)s of %(total)s days known, %(gaps)s with unexplained gaps", {
            known: known.length,
            total: this.props.days.length,
            gaps: open.length,
        });
    }
}
