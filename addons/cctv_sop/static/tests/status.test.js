import { expect, test } from "@odoo/hoot";
import { animationFrame, queryOne } from "@odoo/hoot-dom";
import { advanceTime, mockDate } from "@odoo/hoot-mock";
import { Component, useState, xml } from "@odoo/owl";
import { getStatus, STATUS } from "@cctv_sop/core/status/cctv_status";
import { CctvStatus } from "@cctv_sop/core/status/status";
import { makeMockEnv, mountWithCleanup } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";

defineMailModels();

test("what the table does not know is unknown, and unknown is never green", () => {
    for (const [kind, state] of [
        ["camera", "nonsense"],
        ["camera", false],
        ["nonsense", "recording"],
        ["node", undefined],
    ]) {
        expect(getStatus(kind, state).class).toBe("text-muted");
    }
    expect(getStatus("camera", "recording").class).toBe("text-success");
    expect(getStatus("camera", "offline").class).toInclude("text-danger");
});

test("each state has an icon and a word, so that colour is never alone", async () => {
    await makeMockEnv();
    for (const group of Object.values(STATUS)) {
        for (const look of Object.values(group)) {
            expect(look.icon).toMatch(/^fa-/);
            expect(String(look.word)).not.toBe("");
        }
    }
});

test("word, age and the absolute time in the site's zone", async () => {
    mockDate("2026-11-22 18:26:00");
    await mountWithCleanup(CctvStatus, {
        props: {
            kind: "camera",
            state: "offline",
            since: "2026-11-22 18:14:00",
            detail: "timeout",
            tz: "Asia/Makassar",
        },
    });
    expect(".o_cctv_status").toHaveText(/Disconnected\s*12 min/);
    expect(".o_cctv_status").toHaveAttribute("title", "timeout, since 23 Nov 2026 02:14 WITA");
    expect(".o_cctv_status i.fa-times-circle").toHaveCount(1);
    await advanceTime(61_000);
    await animationFrame();
    expect(".o_cctv_age").toHaveText("13 min");
});

test("a new state replaces the old look", async () => {
    class Parent extends Component {
        static components = { CctvStatus };
        static props = {};
        static template = xml`<CctvStatus kind="'camera'" state="state.value" />`;
        setup() {
            this.state = useState({ value: "recording" });
        }
    }
    const parent = await mountWithCleanup(Parent);
    expect(queryOne(".o_cctv_status").dataset.state).toBe("recording");
    parent.state.value = "stalled";
    await animationFrame();
    expect(".o_cctv_status i.text-warning").toHaveCount(1);
    expect(".text-success").toHaveCount(0);
});
