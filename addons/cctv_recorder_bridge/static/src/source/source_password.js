import { Component, onWillUnmount, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const SHOWN_MS = 60_000;

/** Shows the stored user and password of a stream for a minute, after a warning that this is logged. */
export class SourcePassword extends Component {
    static template = "cctv_recorder_bridge.SourcePassword";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.dialog = useService("dialog");
        this.secret = useState({ user: "", password: "", shown: false });
        onWillUnmount(() => this.hide());
    }

    get stored() {
        return Boolean(this.props.record.resId && this.props.record.data.has_credentials);
    }

    reveal() {
        this.dialog.add(ConfirmationDialog, {
            title: _t("Show Password"),
            body: _t(
                "The password is shown for one minute. That you looked at it is logged with your name and the time."
            ),
            confirmLabel: _t("Show Password"),
            confirm: () => this.show(),
            cancel: () => {},
        });
    }

    async show() {
        const { user, password } = await this.orm.call("cctv.camera.source", "reveal_credentials", [
            [this.props.record.resId],
        ]);
        Object.assign(this.secret, { user, password, shown: true });
        this.timer = browser.setTimeout(() => this.hide(), SHOWN_MS);
    }

    hide() {
        browser.clearTimeout(this.timer);
        Object.assign(this.secret, { user: "", password: "", shown: false });
    }
}

export const sourcePassword = {
    component: SourcePassword,
    fieldDependencies: [{ name: "has_credentials", type: "boolean" }],
};

registry.category("view_widgets").add("cctv_source_password", sourcePassword);
