import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { checkWords } from "./words";

/** What the recorder's own probes found wrong, each with what to do; the node's sentence after it. */
export class Checks extends Component {
    static template = "cctv_recorder_bridge.Checks";
    static props = { checks: Array };

    get lines() {
        return this.props.checks.map((check) => ({ ...check, ...checkWords(check) }));
    }
}

export class ChecksField extends Component {
    static template = "cctv_recorder_bridge.ChecksField";
    static components = { Checks };
    static props = { ...standardFieldProps };

    get checks() {
        return this.props.record.data[this.props.name] || [];
    }
}

registry.category("fields").add("cctv_checks", { component: ChecksField, supportedTypes: ["json"] });
