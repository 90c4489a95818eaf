import { onWillRender } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { DateTimeField, dateTimeField } from "@web/views/fields/datetime/datetime_field";
import { CctvSiteTime, formatSiteClock, formatSiteTime, readZone, zoneDependencies, zoneWord } from "./site_time";

const { Settings } = luxon;

/** Typed and picked on the site's clock, with the zone's word beside the box; the viewer's own clock where it differs. */
export class CctvSiteTimeInput extends DateTimeField {
    static template = "cctv_sop.SiteTimeInput";
    static components = { CctvSiteTime };
    static props = { ...DateTimeField.props, tzField: { type: String, optional: true } };
    static defaultProps = { ...DateTimeField.defaultProps, tzField: "tz" };

    setup() {
        super.setup();
        const select = this.state.onSelect;
        this.state.onSelect = (value, unit) => select(this.onSiteClock(value), unit);
        onWillRender(() => {
            this.state.tz = this.tz;
        });
    }

    get tz() {
        return readZone(this.props.record, this.props.tzField) || Settings.defaultZone.name;
    }

    get value() {
        return this.props.record.data[this.props.name];
    }

    get zone() {
        return zoneWord(this.tz, this.value || undefined);
    }

    get ownTime() {
        const own = Settings.defaultZone.name;
        const { value } = this;
        if (!value || value.setZone(own).offset === value.setZone(this.tz).offset) {
            return "";
        }
        return _t("Your own clock: %s", formatSiteTime(value, own));
    }

    /** The picker builds a first value on the viewer's clock; the hour that was picked is meant on the site's. */
    onSiteClock(value) {
        return value && value.setZone(this.tz, { keepLocalTime: true });
    }

    getRecordValue() {
        return this.value && this.value.setZone(this.tz);
    }

    getFormattedValue(valueIndex) {
        return formatSiteClock(this.values[valueIndex], this.tz);
    }
}

registry.category("fields").add("cctv_site_time_input", {
    ...dateTimeField,
    component: CctvSiteTimeInput,
    displayName: _t("Site Time"),
    fieldDependencies: ({ options }) => zoneDependencies(options.tz_field || "tz"),
    extractProps: (fieldInfo, dynamicInfo) => ({
        ...dateTimeField.extractProps(fieldInfo, dynamicInfo),
        tzField: fieldInfo.options.tz_field || "tz",
    }),
});
