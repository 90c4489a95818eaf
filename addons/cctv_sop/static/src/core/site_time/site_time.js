import { Component } from "@odoo/owl";
import { deserializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const { DateTime, Settings } = luxon;

/** Indonesia's three zones; the browser's own short names are not dependable. */
const ZONE_WORDS = {
    "Asia/Jakarta": "WIB",
    "Asia/Pontianak": "WIB",
    "Asia/Makassar": "WITA",
    "Asia/Ujung_Pandang": "WITA",
    "Asia/Jayapura": "WIT",
    UTC: "UTC",
};

/**
 * @param {string|false} tz IANA name of a site's zone
 * @param {luxon.DateTime} [at] moment that decides the offset where no word exists
 * @returns {string} "WIB", "WITA", "WIT", "UTC" or "UTC+5:30"
 */
export function zoneWord(tz, at) {
    if (ZONE_WORDS[tz]) {
        return ZONE_WORDS[tz];
    }
    const moment = (at || DateTime.utc()).setZone(tz || "UTC");
    return moment.isValid ? `UTC${moment.toFormat("Z")}` : "UTC";
}

/** Indonesian writes 02.14, others 02:14. */
function clockPattern(seconds) {
    const mark = (Settings.defaultLocale || "").startsWith("id") ? "." : ":";
    return ["HH", "mm", ...(seconds ? ["ss"] : [])].join(`'${mark}'`);
}

/** @returns {{local: luxon.DateTime, zone: string}} a moment on the clock of a zone; UTC (and named so) when unknown */
function inZone(value, tz) {
    const moment = typeof value === "string" ? deserializeDateTime(value) : value;
    const local = moment.setZone(tz || "UTC");
    return local.isValid ? { local, zone: tz || "UTC" } : { local: moment.setZone("UTC"), zone: "UTC" };
}

function writeClock(local, seconds) {
    return local.toFormat(`dd LLL yyyy ${clockPattern(seconds)}`);
}

/**
 * Write a moment in the zone of its site, with the zone's word and always with the
 * year: "23 Nov 2026 02.14 WITA". Never the viewer's zone.
 *
 * @param {luxon.DateTime|string|false} value moment, or the server's UTC text
 * @param {string|false} tz IANA zone of the site; UTC (and named so) when unknown
 * @param {{seconds?: boolean}} [options]
 * @returns {string} "" for no value
 */
export function formatSiteTime(value, tz, { seconds = false } = {}) {
    if (!value) {
        return "";
    }
    const { local, zone } = inZone(value, tz);
    return `${writeClock(local, seconds)} ${zoneWord(zone, local)}`;
}

/** The same without the zone's word, for where that stands beside it. */
export function formatSiteClock(value, tz) {
    return value ? writeClock(inZone(value, tz).local) : "";
}

/**
 * @param {Object} record of the web client's model
 * @param {string} name field that holds the zone; "parent.tz" reads the form around a list
 * @returns {string|false}
 */
export function readZone(record, name) {
    if (name.startsWith("parent.")) {
        return record.evalContext.parent?.[name.slice("parent.".length)] || false;
    }
    return record.data[name] || false;
}

/** Field that the zone is read from, so that views need not list it. */
export function zoneDependencies(name) {
    return name.startsWith("parent.") ? [] : [{ name, type: "char" }];
}

export class CctvSiteTime extends Component {
    static template = "cctv_sop.SiteTime";
    static props = {
        value: { optional: true },
        tz: { optional: true },
        seconds: { type: Boolean, optional: true },
    };

    get text() {
        return formatSiteTime(this.props.value, this.props.tz, {
            seconds: this.props.seconds,
        });
    }

    get ownTime() {
        if (!this.props.value) {
            return "";
        }
        const own = Settings.defaultZone.name;
        return _t("Your own clock: %s", formatSiteTime(this.props.value, own));
    }
}

export class CctvSiteTimeField extends Component {
    static template = "cctv_sop.SiteTimeField";
    static components = { CctvSiteTime };
    static props = {
        ...standardFieldProps,
        tzField: { type: String, optional: true },
        seconds: { type: Boolean, optional: true },
    };
    static defaultProps = { tzField: "tz", seconds: false };

    get value() {
        return this.props.record.data[this.props.name];
    }

    get tz() {
        return readZone(this.props.record, this.props.tzField);
    }
}

export const cctvSiteTimeField = {
    component: CctvSiteTimeField,
    displayName: _t("Site Time"),
    supportedTypes: ["datetime"],
    isEmpty: (record, name) => !record.data[name],
    fieldDependencies: ({ options }) => zoneDependencies(options.tz_field || "tz"),
    extractProps: ({ options }) => ({
        tzField: options.tz_field || "tz",
        seconds: Boolean(options.seconds),
    }),
};

registry.category("fields").add("cctv_site_time", cctvSiteTimeField);
