import { formatSpan } from "@cctv_sop/core/format/format";
import { _t } from "@web/core/l10n/translation";
import { formatFloat } from "@web/core/utils/numbers";

const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];

/**
 * Decimal units, as storage is sold and as the installation plan counts.
 *
 * @param {number|null|undefined} bytes null or undefined when not known
 * @returns {string} for example "412 MB" or "3.2 TB"; "–" when not known
 */
export function formatBytes(bytes) {
    if (bytes === null || bytes === undefined || bytes === false) {
        return "–";
    }
    let value = Number(bytes);
    let unit = 0;
    while (Math.abs(value) >= 1000 && unit < UNITS.length - 1) {
        value /= 1000;
        unit += 1;
    }
    const decimals = unit === 0 || Math.abs(value) >= 100 ? 0 : 1;
    return `${formatFloat(value, { digits: [16, decimals] })} ${UNITS[unit]}`;
}

/**
 * @param {number|null} days
 * @returns {string} whole days, one decimal below ten
 */
export function formatDays(days) {
    return formatFloat(days, { digits: [16, days < 10 ? 1 : 0] });
}

/**
 * @param {number|null|undefined|false} hours null or negative when not known
 * @returns {string} in words, for example "2 days" or "5 h 12 min"; "–" when not known
 */
export function formatHoursLeft(hours) {
    if (hours === null || hours === undefined || hours === false || hours < 0) {
        return "–";
    }
    return formatSpan(hours * 3600);
}

/**
 * @param {number|null} milliseconds host clock against its time source
 * @returns {string} signed seconds, two decimals; "–" when the node could not tell
 */
export function formatOffset(milliseconds) {
    if (milliseconds === null || milliseconds === undefined || milliseconds === false) {
        return "–";
    }
    const sign = milliseconds > 0 ? "+" : milliseconds < 0 ? "−" : "";
    const seconds = formatFloat(Math.abs(milliseconds) / 1000, { digits: [16, 2] });
    return _t("%(sign)s%(seconds)s s", { sign, seconds });
}

/**
 * @param {string|false} value Odoo's UTC text "YYYY-MM-DD HH:MM:SS"
 * @returns {number|null} milliseconds since 1970
 */
export function utcMillis(value) {
    return value ? Date.parse(`${value.replace(" ", "T")}Z`) : null;
}
