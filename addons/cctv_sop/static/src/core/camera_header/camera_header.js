import { Component, onWillUnmount, useEffect, useState } from "@odoo/owl";
import { deserializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { formatSpan } from "../format/format";
import { CctvSiteTime } from "../site_time/site_time";
import { CctvStatus } from "../status/status";
import { CctvStrip } from "../strip/strip";

const { DateTime } = luxon;
const TICK = 30_000;
const TONES = { warning: "text-warning", danger: "text-danger fw-bold" };

/**
 * Head of the camera form: picture, place, pills, facts, thirty days and cards, all
 * from one call of `cctv.camera.get_overview`. Without a recorder it says what is not
 * measured; an addon that records feeds it by extending that method.
 */
export class CctvCameraHeader extends Component {
    static template = "cctv_sop.CameraHeader";
    static components = { CctvSiteTime, CctvStatus, CctvStrip };
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ data: null, error: false, brokenPicture: false });
        this.turn = 0;
        this.clock = useState({ now: DateTime.now() });
        const timer = setInterval(() => this.follow(), TICK);
        const onVisibility = () => this.follow();
        document.addEventListener("visibilitychange", onVisibility);
        onWillUnmount(() => {
            clearInterval(timer);
            document.removeEventListener("visibilitychange", onVisibility);
        });
        useEffect(
            () => {
                this.load();
            },
            // the signature changes with each saved edit and each step
            () => [this.props.record.resId, this.signature]
        );
        onWillUnmount(() => this.turn++);
    }

    get signature() {
        const { state, write_date: written } = this.props.record.data;
        return `${state}/${written ? written.toMillis?.() : ""}`;
    }

    follow() {
        this.clock.now = DateTime.now();
        if (!document.hidden) {
            this.load();
        }
    }

    async load() {
        const id = this.props.record.resId;
        const turn = ++this.turn;
        if (!id) {
            this.state.data = null;
            return;
        }
        try {
            const data = await this.orm.silent.call("cctv.camera", "get_overview", [[id]]);
            if (turn === this.turn) {
                const same = data.picture?.url === this.data.picture?.url;
                Object.assign(this.state, { data, error: false, brokenPicture: same && this.state.brokenPicture });
            }
        } catch {
            if (turn === this.turn) {
                this.state.error = true;
            }
        }
    }

    get data() {
        return this.state.data || {};
    }

    get picture() {
        const picture = this.data.picture || {};
        const usable = picture.url && picture.state !== "no_right";
        return {
            ...picture,
            url: usable && !this.state.brokenPicture ? picture.url : false,
        };
    }

    get pictureAge() {
        const seconds = this.clock.now.diff(deserializeDateTime(this.picture.taken_at), "seconds").seconds;
        return _t("%s ago", formatSpan(seconds));
    }

    get strip() {
        const { measured = false, note = "", days = [] } = this.data.strip || {};
        const told = (this.data.facts || []).some((fact) => fact.text === note);
        return { measured, note: told ? "" : note || "", days };
    }

    toneClass(tone) {
        return TONES[tone] || "";
    }

    openCard(card) {
        return this.action.doActionButton({
            type: "object",
            name: card.method,
            resModel: "cctv.camera",
            resId: this.props.record.resId,
            // without it the server would answer in English
            context: user.context,
        });
    }
}

export const cctvCameraHeader = {
    component: CctvCameraHeader,
    fieldDependencies: [
        { name: "state", type: "selection" },
        { name: "write_date", type: "datetime" },
    ],
};

registry.category("view_widgets").add("cctv_camera_header", cctvCameraHeader);
