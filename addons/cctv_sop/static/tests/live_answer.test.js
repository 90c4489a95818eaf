import { after, expect, test } from "@odoo/hoot";
import { animationFrame } from "@odoo/hoot-dom";
import { advanceTime } from "@odoo/hoot-mock";
import {
    contains,
    defineModels,
    fields,
    makeServerError,
    models,
    mountView,
    MockServer,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";

class Hold extends models.Model {
    _name = "cctv.legal.hold";
    reason = fields.Char();
    kept = fields.Integer();
    hold_detail = fields.Char();
    hold_state = fields.Selection({
        selection: [
            ["requested", "Asked for"],
            ["active", "Held"],
        ],
    });
    _records = [{ id: 1, reason: "Theft", kept: 0, hold_state: "requested", hold_detail: "Not yet stored by GDG-1." }];
}

defineMailModels();
defineModels([Hold]);

const FORM = `<form><field name="reason"/><field name="kept" readonly="1"/>
    <field name="hold_state" widget="cctv_status" readonly="1"
        options="{'kind': 'hold', 'detail_field': 'hold_detail', 'awaited_states': ['requested']}"/>
    <field name="hold_detail" readonly="1"/></form>`;

async function open() {
    onRpc("web_read", ({ kwargs }) => {
        expect.step(Object.keys(kwargs.specification).includes("kept") ? "whole" : "status");
    });
    await mountView({ type: "form", resModel: "cctv.legal.hold", resId: 1, arch: FORM });
    expect.verifySteps(["whole"]);
}

function store() {
    MockServer.env["cctv.legal.hold"].write([1], { kept: 44, hold_state: "active", hold_detail: "44 segments kept." });
}

async function nextAsk() {
    await advanceTime(3100);
    await animationFrame();
}

test("a form shows by itself that what it asked for is done, and then asks no more", async () => {
    await open();
    await nextAsk();
    expect.verifySteps(["status"]);
    expect(".o_cctv_status").toHaveText("Asked for");
    store();
    await nextAsk();
    expect.verifySteps(["status", "whole"]);
    expect(".o_cctv_status").toHaveText("Held");
    expect("[name=hold_detail]").toHaveText("44 segments kept.");
    expect("[name=kept]").toHaveText("44");
    await advanceTime(60_000);
    expect.verifySteps([]);
});

for (const confirm of [false, "blur"]) {
    test(`the answer keeps what is being edited (${confirm || "typing"})`, async () => {
        await open();
        await contains("[name=reason] input").edit("Burglary", { confirm });
        store();
        await nextAsk();
        expect.verifySteps(["status"]);
        expect(".o_cctv_status").toHaveText("Held");
        expect("[name=hold_detail]").toHaveText("44 segments kept.");
        expect("[name=reason] input").toHaveValue("Burglary");
        onRpc("web_save", ({ args }) => expect.step(args[1]));
        await contains(".o_form_button_save").click();
        expect.verifySteps([{ reason: "Burglary" }]);
        expect("[name=kept]").toHaveText("44");
    });
}

test("nothing is asked while nobody looks", async () => {
    await open();
    Object.defineProperty(document, "hidden", { configurable: true, value: true });
    after(() => delete document.hidden);
    await advanceTime(60_000);
    expect.verifySteps([]);
    delete document.hidden;
    await nextAsk();
    expect.verifySteps(["status"]);
});

test("a server that does not answer is asked again", async () => {
    await open();
    let away = true;
    onRpc("web_read", () => {
        if (away) {
            throw makeServerError({ message: "away" });
        }
    });
    await nextAsk();
    away = false;
    store();
    await nextAsk();
    expect(".o_cctv_status").toHaveText("Held");
    expect.verifySteps(["status", "whole"]);
});
