import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { formatSpan } from "../format/format";
import { formatSiteTime, readZone, zoneDependencies } from "./site_time";

const { DateTime } = luxon;

/** How long ago a moment was; the moment itself in the site's zone on top of it. */
export class CctvAgeField extends Component {
    static template = "cctv_sop.AgeField";
    static props = { ...standardFieldProps, tzField: { type: String, optional: true } };
    static defaultProps = { tzField: "tz" };

    get value() {
        return this.props.record.data[this.props.name];
    }

    get age() {
        return this.value ? formatSpan(DateTime.now().diff(this.value, "seconds").seconds) : "";
    }

    get since() {
        return _t("since %s", formatSiteTime(this.value, readZone(this.props.record, this.props.tzField)));
    }
}

registry.category("fields").add("cctv_age", {
    component: CctvAgeField,
    displayName: _t("Age"),
    supportedTypes: ["datetime"],
    isEmpty: (record, name) => !record.data[name],
    fieldDependencies: ({ options }) => zoneDependencies(options.tz_field || "tz"),
    extractProps: ({ options }) => ({ tzField: options.tz_field || "tz" }),
});
