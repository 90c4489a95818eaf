import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { reasonTodo, reasonWord } from "../health/words";

/** The node's reason code in words, with what to do about it. */
export class ReasonField extends Component {
    static template = "cctv_recorder_bridge.Reason";
    static props = { ...standardFieldProps };

    get code() {
        return this.props.record.data[this.props.name];
    }

    get word() {
        return reasonWord(this.code);
    }

    get todo() {
        return this.code ? reasonTodo(this.code) : "";
    }
}

registry.category("fields").add("cctv_reason", { component: ReasonField, supportedTypes: ["char"] });
