import { Component, onMounted, onWillUnmount, useState } from "@odoo/owl";
import { formatSiteTime } from "@cctv_sop/core/site_time/site_time";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { formatFloat } from "@web/core/utils/numbers";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { reasonTodo, reasonWord } from "../health/words";

const ASK_EVERY = 2000;
const PATIENCE = 120_000;

/**
 * What a stream test found, in words: what the stream is, or what the camera answered and what to do.
 *
 * @param {Object} job row of cctv.recorder.job: state, result, message, done_at, tz, recorder name
 * @returns {{tone: string, title: string, text: string}}
 */
export function testVerdict(job) {
    const result = job.result || {};
    if (job.state === "done" && result.ok) {
        return { tone: "success", title: _t("The stream opens."), text: describe(result) };
    }
    const at = formatSiteTime(job.done_at, job.tz, { seconds: true });
    const recorder = job.recorder_id?.[1] || "";
    if (job.state === "done") {
        const reason = result.reason !== "unknown" && reasonWord(result.reason);
        const answer = reason || job.message || _t("cause not known");
        return {
            tone: "danger",
            title: _t("The camera's stream does not open."),
            text: _t('%(recorder)s got the answer "%(answer)s" at %(at)s. %(todo)s Then test again.', {
                recorder,
                answer,
                at,
                todo: reasonTodo(result.reason),
            }),
        };
    }
    return {
        tone: "warning",
        title: _t("The test could not be made."),
        text: job.message || _t("%s gave no reason.", recorder),
    };
}

function describe(result) {
    const parts = [
        result.codec,
        result.width && result.height && `${result.width}×${result.height}`,
        result.fps && _t("%s frames/s", figure(result.fps)),
        result.kbps && _t("%s kbit/s", figure(result.kbps)),
        result.keyframe_seconds && _t("a key frame each %s s", figure(result.keyframe_seconds)),
        result.has_b_frames && _t("with B-frames (not for live view in a browser)"),
        result.audio && _t("with sound"),
    ];
    return parts.filter(Boolean).join(" · ");
}

/** At most three decimals, as the server writes them. */
function figure(value) {
    return formatFloat(Number(value), { digits: [16, 3], trailingZeros: false });
}

/** Button "Test Stream" with its waiting and its result beside it. */
export class StreamTest extends Component {
    static template = "cctv_recorder_bridge.StreamTest";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.test = useState({ waiting: false, jobId: null, verdict: null, since: 0 });
        let timer;
        onMounted(() => {
            timer = browser.setInterval(() => this.ask(), ASK_EVERY);
        });
        onWillUnmount(() => browser.clearInterval(timer));
    }

    get blocked() {
        const { record } = this.props;
        if (!record.resId) {
            return _t("Save first.");
        }
        return record.dirty ? _t("Save first: the test uses what is stored.") : "";
    }

    async start() {
        Object.assign(this.test, { waiting: true, verdict: null, since: Date.now() });
        try {
            this.test.jobId = await this.orm.call("cctv.camera.source", "queue_test", [[this.props.record.resId]]);
        } catch (error) {
            this.test.waiting = false;
            throw error;
        }
    }

    async ask() {
        if (!this.test.waiting || !this.test.jobId || document.hidden) {
            return;
        }
        const [job] = await this.orm.silent.read(
            "cctv.recorder.job",
            [this.test.jobId],
            ["state", "result", "message", "done_at", "tz", "recorder_id"]
        );
        if (["done", "failed", "cancelled"].includes(job.state)) {
            Object.assign(this.test, { waiting: false, verdict: testVerdict(job) });
        } else if (Date.now() - this.test.since > PATIENCE) {
            Object.assign(this.test, { waiting: false, verdict: this.noAnswer(job) });
        }
    }

    noAnswer(job) {
        return {
            tone: "warning",
            title: _t("No result yet."),
            text: _t("%s has not taken the test up. It stays queued; see Recorders & Storage.", job.recorder_id[1]),
        };
    }
}

export const streamTest = { component: StreamTest };

registry.category("view_widgets").add("cctv_stream_test", streamTest);
