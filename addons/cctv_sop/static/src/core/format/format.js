import { localization } from "@web/core/l10n/localization";
import { _t } from "@web/core/l10n/translation";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * A share as text: one decimal, two above 99 %, cut and never rounded up, so that
 * an almost complete day is not shown as complete. Unknown is a dash, zero is "0 %".
 *
 * @param {number|null|undefined|false} ratio 0..1
 * @returns {string}
 */
export function formatRatio(ratio) {
    if (ratio === null || ratio === undefined || ratio === false) {
        return "–";
    }
    const digits = ratio > 0.99 ? 2 : 1;
    const scale = 10 ** digits;
    // the small term heals 0.997 * 100 = 99.69999…
    const value = Math.floor(ratio * 100 * scale + 1e-6) / scale;
    return `${String(value).replace(".", localization.decimalPoint)} %`;
}

/**
 * A length of time in the two largest units that matter: "41 sec", "15 min",
 * "1 h 24 min", "2 days".
 *
 * @param {number} seconds
 * @returns {string}
 */
export function formatSpan(seconds) {
    const total = Math.max(0, Math.floor(seconds));
    if (total < MINUTE) {
        return _t("%s sec", total);
    }
    if (total < HOUR) {
        return _t("%s min", Math.floor(total / MINUTE));
    }
    if (total < DAY) {
        const minutes = Math.floor((total % HOUR) / MINUTE);
        const hours = Math.floor(total / HOUR);
        return minutes ? _t("%(hours)s h %(minutes)s min", { hours, minutes }) : _t("%s h", hours);
    }
    const days = Math.floor(total / DAY);
    return days === 1 ? _t("1 day") : _t("%s days", days);
}

/**
 * How long something was, to the second below one hour: "1 min 49 sec", "1 h 24 min", "2 days 5 h". Where the length
 * is the matter (footage, gaps), not an age.
 *
 * @param {number} seconds
 * @returns {string}
 */
export function formatLength(seconds) {
    const total = Math.max(0, Math.floor(seconds));
    const rest = total % (total < HOUR ? MINUTE : DAY);
    const tells = total < HOUR ? rest > 0 : rest >= HOUR;
    const large = total - rest;
    if (!large || !tells) {
        return formatSpan(total);
    }
    return `${formatSpan(large)} ${formatSpan(total < HOUR ? rest : rest - (rest % HOUR))}`;
}
