import { Component, onMounted, onWillUnmount, useRef, useState } from "@odoo/owl";
import { formatSiteTime } from "@cctv_sop/core/site_time/site_time";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { downloadFile } from "@web/core/network/download";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const ASK_EVERY = 3000;

/**
 * The recorder's configuration, shown this one time: copy it, download it, then wait until the
 * node calls with it. Green only after a call that came later than this page.
 */
export class NodeConfig extends Component {
    static template = "cctv_recorder_bridge.NodeConfig";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.notification = useService("notification");
        this.text = useRef("text");
        this.wait = useState({ before: undefined, last: false, failed: false });
        let timer;
        onMounted(() => {
            // the dialog focuses the box, which then scrolls to its cursor: show the text from its beginning
            this.text.el.setSelectionRange(0, 0);
            this.ask();
            timer = browser.setInterval(() => !this.connected && this.ask(), ASK_EVERY);
        });
        onWillUnmount(() => browser.clearInterval(timer));
    }

    get config() {
        return this.props.record.data.config_text || "";
    }

    get recorderId() {
        return this.props.record.data.recorder_id?.id;
    }

    /** A running node goes on calling with its old key: its calls prove nothing about the new one. */
    get rotating() {
        return this.props.record.resModel === "cctv.recorder.rotate";
    }

    get connected() {
        const { before, last } = this.wait;
        return !this.rotating && before !== undefined && Boolean(last) && last !== before;
    }

    get connectedText() {
        return _t(
            "The recorder has reported with this configuration: %s",
            formatSiteTime(this.wait.last, this.wait.tz, { seconds: true })
        );
    }

    async ask() {
        if (!this.recorderId || this.rotating || document.hidden) {
            return;
        }
        try {
            const [node] = await this.orm.silent.read("cctv.recorder", [this.recorderId], ["last_sync", "tz"]);
            if (this.wait.before === undefined) {
                this.wait.before = node.last_sync;
            }
            Object.assign(this.wait, {
                last: node.last_sync,
                tz: node.tz,
                failed: false,
            });
        } catch {
            this.wait.failed = true;
        }
    }

    async copy() {
        const area = this.text.el;
        area.select();
        let done;
        try {
            // without https a browser offers no clipboard object
            await browser.navigator.clipboard.writeText(this.config);
            done = true;
        } catch {
            done = document.execCommand("copy");
        }
        this.notification.add(done ? _t("Copied.") : _t("The text is selected: copy it with Ctrl+C."), {
            type: done ? "success" : "warning",
        });
    }

    download() {
        const name = this.props.record.data.config_name || "recorder.toml";
        downloadFile(new Blob([this.config], { type: "text/plain" }), name, "text/plain");
    }
}

export const nodeConfig = {
    component: NodeConfig,
    fieldDependencies: [
        { name: "config_text", type: "text" },
        { name: "config_name", type: "char" },
        { name: "recorder_id", type: "many2one" },
    ],
};

registry.category("view_widgets").add("cctv_node_config", nodeConfig);
