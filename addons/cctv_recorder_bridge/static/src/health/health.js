import { Component, onWillUnmount, useState } from "@odoo/owl";
import { useBoard } from "@cctv_sop/core/board/use_board";
import { formatSpan } from "@cctv_sop/core/format/format";
import { formatSiteTime } from "@cctv_sop/core/site_time/site_time";
import { CctvStatus } from "@cctv_sop/core/status/status";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { CameraGrid } from "./camera_grid";
import { deriveHealth } from "./facts";
import { NodeCard } from "./node_card";

const PAGE = 60;
/** How often, and for how long, the outcome of tests is asked for. */
const ASK_EVERY = 3_000;
const PATIENCE = 120_000;
const OPEN_TESTS = ["queued", "claimed"];
const QUIET = ["recording", "waiting", "not_recorded", "planned", "installing", "suspended"];

/** Recorders & Storage: is it all there, will it fit; what is red comes first. */
export class RecorderHealth extends Component {
    static template = "cctv_recorder_bridge.RecorderHealth";
    static components = { CameraGrid, CctvStatus, Layout, NodeCard };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.display = { controlPanel: {} };
        this.ui = useState({
            filter: "all",
            shown: PAGE,
            selected: new Set(),
            testing: false,
            ...(this.props.state?.ui || {}),
        });
        this.board = useBoard("cctv.recorder", "get_health");
        this.testedAt = 0;
        const timer = setInterval(() => this.askTests(), ASK_EVERY);
        onWillUnmount(() => clearInterval(timer));
        useSetupAction({
            getLocalState: () => ({ ui: { filter: this.ui.filter, shown: this.ui.shown } }),
        });
    }

    get data() {
        return this.board.state.data;
    }

    /** Which right is missing, in the server's words; asking again does not help then. */
    get refusal() {
        const { error } = this.board.state;
        return error?.exceptionName === "odoo.exceptions.AccessError" ? error.data.message : "";
    }

    derive() {
        return deriveHealth(this.data, this.board.state.age);
    }

    get staleText() {
        return _t("Figures are %s old: the server does not answer.", formatSpan(this.board.state.age));
    }

    get asOf() {
        return _t("as of %s", formatSiteTime(this.data.server_now, this.tz, { seconds: true }));
    }

    get tz() {
        return this.data.recorders[0]?.tz || "UTC";
    }

    filtered(cameras) {
        const { filter } = this.ui;
        if (filter === "all") {
            return cameras;
        }
        if (filter === "attention") {
            return cameras.filter((camera) => !QUIET.includes(camera.shown));
        }
        return cameras.filter((camera) => camera.recorder_id === filter);
    }

    faultTime(fault) {
        return fault.since ? formatSiteTime(fault.since, fault.tz) : "";
    }

    faultAge(fault, now) {
        return fault.since ? formatSpan((now - Date.parse(`${fault.since.replace(" ", "T")}Z`)) / 1000) : "";
    }

    setFilter(filter) {
        this.ui.filter = filter;
        this.ui.shown = PAGE;
        this.ui.selected.clear();
    }

    toggle(id) {
        if (!this.ui.selected.delete(id)) {
            this.ui.selected.add(id);
        }
    }

    toggleAll(cameras, on) {
        this.ui.selected.clear();
        if (on) {
            cameras.forEach((camera) => this.ui.selected.add(camera.id));
        }
    }

    openFault(fault) {
        return fault.cameraId ? this.openCamera(fault.cameraId) : this.openRecorder(fault.recorderId);
    }

    /** Why no camera can be moved; empty when one can. */
    get moveRefusal() {
        return this.data.recorders.length > 1 ? "" : _t("Needs a second recorder: register it first.");
    }

    moveCameras(id) {
        return this.action.doActionButton({
            type: "object",
            name: "action_move_cameras",
            resModel: "cctv.recorder",
            resId: id,
            context: user.context,
            onClose: () => this.board.reload(),
        });
    }

    openRecorder(id) {
        return this.open("cctv.recorder", id);
    }

    openCamera(id) {
        return this.open("cctv.camera", id);
    }

    openTest(id) {
        return this.open("cctv.recorder.job", id);
    }

    open(model, id) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: id,
            views: [[false, "form"]],
        });
    }

    register() {
        return this.action.doAction("cctv_recorder_bridge.action_cctv_recorder_register", {
            onClose: () => this.board.reload(),
        });
    }

    async testStreams() {
        const ids = [...this.ui.selected];
        this.ui.testing = true;
        try {
            await this.action.doAction(await this.orm.call("cctv.camera", "action_test_streams", [ids]));
            this.ui.selected.clear();
            this.testedAt = Date.now();
            this.board.reload();
        } finally {
            this.ui.testing = false;
        }
    }

    async askTests() {
        const open = this.data?.cameras.some((camera) => OPEN_TESTS.includes(camera.test?.state));
        if (open && !document.hidden && !this.board.state.loading && Date.now() - this.testedAt < PATIENCE) {
            await this.board.reload();
        }
    }
}

registry.category("actions").add("cctv_recorder_health", RecorderHealth);
