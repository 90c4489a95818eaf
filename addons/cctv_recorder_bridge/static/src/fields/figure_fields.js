import { Component } from "@odoo/owl";
import { formatLength } from "@cctv_sop/core/format/format";
import { localization } from "@web/core/l10n/localization";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatFloat } from "@web/core/utils/numbers";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { formatBytes, formatHoursLeft } from "../core/figures";

const isNumber = (value) => typeof value === "number";

/** @param {number|false} seconds @returns {string} in its largest two units */
export function formatSeconds(seconds) {
    if (!isNumber(seconds)) {
        return "–";
    }
    return formatLength(seconds);
}

/** @param {number|false} percent 0..100 @returns {string} cut, never rounded up to 100 */
export function formatPercent(percent) {
    if (!isNumber(percent)) {
        return "–";
    }
    const scale = percent > 99 ? 100 : 10;
    const cut = Math.floor(percent * scale + 1e-6) / scale;
    return `${String(cut).replace(".", localization.decimalPoint)} %`;
}

/** @param {number|false} seconds @returns {string} hours, for tables with sums over many days */
export function formatHours(seconds) {
    return isNumber(seconds) ? formatFloat(seconds / 3600, { digits: [16, 2] }) : "–";
}

class FigureField extends Component {
    static template = "cctv_recorder_bridge.Figure";
    static props = {
        ...standardFieldProps,
        exact: { type: Boolean, optional: true },
        endField: { type: String, optional: true },
        short: { type: Boolean, optional: true },
    };

    get value() {
        return this.props.record.data[this.props.name];
    }
}

export class BytesField extends FigureField {
    get text() {
        const exact = this.props.exact ? ` (${formatFloat(this.value, { digits: [20, 0] })} B)` : "";
        return formatBytes(this.value) + exact;
    }
}

/**
 * With the option `end_field`, what has no end yet is told as going on: its length is only known up to a while ago.
 * With `short` too, only while that length says nothing.
 */
export class SecondsField extends FigureField {
    get text() {
        const { endField, record } = this.props;
        if (!endField || record.data[endField]) {
            return formatSeconds(this.value);
        }
        if (this.value < 60) {
            return _t("ongoing");
        }
        const length = formatSeconds(this.value);
        return this.props.short ? length : _t("%s, ongoing", length);
    }
}

export class HoursField extends FigureField {
    get text() {
        return formatHours(this.value);
    }
}

export class HoursLeftField extends FigureField {
    get text() {
        return formatHoursLeft(this.value);
    }
}

export class PercentField extends FigureField {
    get text() {
        return formatPercent(this.value);
    }
}

const NUMBERS = ["float", "integer"];

function add(name, component, formatter) {
    registry.category("fields").add(name, {
        component,
        supportedTypes: NUMBERS,
        extractProps: ({ options }) => ({
            exact: Boolean(options.exact),
            endField: options.end_field,
            short: Boolean(options.short),
        }),
    });
    registry.category("formatters").add(name, formatter);
}

add("cctv_bytes", BytesField, formatBytes);
add("cctv_seconds", SecondsField, formatSeconds);
add("cctv_hours", HoursField, formatHours);
add("cctv_hours_left", HoursLeftField, formatHoursLeft);
add("cctv_percent", PercentField, formatPercent);
