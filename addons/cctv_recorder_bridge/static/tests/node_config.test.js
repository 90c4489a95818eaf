import { expect, test } from "@odoo/hoot";
import { advanceTime, animationFrame } from "@odoo/hoot-dom";
import { NodeConfig } from "@cctv_recorder_bridge/wizard/node_config";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { makeMockServer, mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";

defineMailModels();

const wizard = (resModel) => ({
    resModel,
    data: { config_text: 'key = "abc"', config_name: "recorder.toml", recorder_id: { id: 1 } },
});

async function open(resModel, answer) {
    onRpc("cctv.recorder", "read", () => [{ id: 1, tz: "Asia/Makassar", ...answer() }]);
    await makeMockServer();
    await mountWithCleanup(NodeConfig, { props: { record: wizard(resModel) } });
    await animationFrame();
}

async function nextAsk() {
    await advanceTime(3100);
    await animationFrame();
}

test("registration turns green at the first report, not before", async () => {
    let node = { last_sync: false };
    await open("cctv.recorder.register", () => node);
    expect("textarea").toHaveValue('key = "abc"');
    await nextAsk();
    expect(".o_cctv_wait").toHaveAttribute("data-connected", "0");
    node = { last_sync: "2026-11-24 05:00:00" };
    await nextAsk();
    expect(".o_cctv_wait").toHaveAttribute("data-connected", "1");
    expect(".o_cctv_wait").toHaveText(/24 Nov 2026 13[:.]00[:.]00 WITA/);
});

test("rotation is never green: the recorder still calls with its old key", async () => {
    let node = { last_sync: "2026-11-24 05:00:00" };
    await open("cctv.recorder.rotate", () => node);
    node = { last_sync: "2026-11-24 05:00:02" };
    await nextAsk();
    expect(".o_cctv_wait").toHaveAttribute("data-connected", "0");
    expect(".o_cctv_wait").toHaveText(/old key works until/);
});

test("a server that does not answer is told", async () => {
    await open("cctv.recorder.register", () => {
        throw new Error("away");
    });
    await animationFrame();
    expect(".o_cctv_wait").toHaveText(/does not answer/);
    expect(".o_cctv_wait").toHaveAttribute("data-connected", "0");
});
