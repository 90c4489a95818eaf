import { Component } from "@odoo/owl";
import { CctvStrip } from "@cctv_sop/core/strip/strip";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { url } from "@web/core/utils/urls";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** The camera form's strip of days, small: for lists. */
export class StripField extends Component {
    static template = "cctv_recorder_bridge.StripField";
    static components = { CctvStrip };
    static props = { ...standardFieldProps };

    get days() {
        return this.props.record.data[this.props.name] || [];
    }
}

/** A camera's last still as a thumbnail, made by the server; stands on the time at which the still was taken. */
export class StillField extends Component {
    static template = "cctv_recorder_bridge.StillField";
    static props = { ...standardFieldProps };

    get taken() {
        return this.props.record.data[this.props.name];
    }

    get source() {
        const { resId } = this.props.record;
        return this.taken && resId
            ? url(`/web/image/cctv.camera/${resId}/last_still/96x54`, { unique: this.taken.toMillis() })
            : "";
    }
}

registry.category("fields").add("cctv_strip", {
    component: StripField,
    displayName: _t("Strip of Days"),
    supportedTypes: ["json"],
});
registry.category("fields").add("cctv_still", {
    component: StillField,
    displayName: _t("Last Still"),
    supportedTypes: ["datetime"],
});
