import { expect, test } from "@odoo/hoot";
import { animationFrame } from "@odoo/hoot-dom";
import { advanceTime, mockDate } from "@odoo/hoot-mock";
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

class Camera extends models.Model {
    _name = "cctv.camera";
    name = fields.Char();
    tz = fields.Char();
    recording_since = fields.Datetime();
    recording_shown = fields.Selection({
        selection: [
            ["recording", "Recording"],
            ["offline", "Offline"],
        ],
    });
    last_recorded_at = fields.Datetime();
    _records = [1, 2].map((id) => ({
        id,
        name: `Dock ${id}`,
        tz: "Asia/Makassar",
        recording_shown: "recording",
        recording_since: "2026-11-22 18:00:00",
        last_recorded_at: "2026-11-22 18:09:00",
    }));
}

defineMailModels();
defineModels([Camera]);

const LIVE = (more = "") => `
    <field name="recording_shown" widget="cctv_status" readonly="1"
        options="{'since_field': 'recording_since', 'tz_field': 'tz'${more}}"/>`;
const FORM = `<form><field name="name"/>${LIVE(", 'followed_fields': ['last_recorded_at']")}
    <field name="last_recorded_at" widget="cctv_site_time" readonly="1"/></form>`;
const LIST = `<list editable="top"><field name="name"/><field name="tz" column_invisible="1"/>
    <field name="recording_since" column_invisible="1"/>${LIVE()}</list>`;
const KANBAN = `<kanban><templates><t t-name="card"><field name="name"/>${LIVE()}</t></templates></kanban>`;

function pull(id) {
    MockServer.env["cctv.camera"].write([id], {
        recording_shown: "offline",
        recording_since: "2026-11-22 18:10:20",
        last_recorded_at: "2026-11-22 18:10:10",
    });
}

async function wait(milliseconds) {
    await advanceTime(milliseconds);
    await animationFrame();
}

test("an open form follows the live state and keeps what is being typed", async () => {
    mockDate("2026-11-22 18:10:00", 0);
    await mountView({ type: "form", resModel: "cctv.camera", resId: 1, arch: FORM });
    await animationFrame();
    expect(".o_cctv_status").toHaveText(/Recording\s*10 min/);
    await contains("[name=name] input").edit("Gate", { confirm: false });
    pull(1);
    await wait(60_000);
    expect(".o_cctv_status").toHaveText(/Offline\s*40 sec/);
    expect("[name=last_recorded_at]").toHaveText(/02:10/);
    expect("[name=name] input").toHaveValue("Gate");
    await contains("[name=name] input").edit("Gate 7");
    pull(1);
    await wait(30_000);
    expect("[name=name] input").toHaveValue("Gate 7");
    onRpc("web_save", ({ args }) => expect.step(args[1]));
    await contains(".o_form_button_save").click();
    expect.verifySteps([{ name: "Gate 7" }]);
});

test("a list asks once for all its rows and keeps the row that is being edited", async () => {
    mockDate("2026-11-22 18:10:00", 0);
    onRpc("web_read", ({ args }) => {
        expect.step([...args[0]].sort());
    });
    await mountView({ type: "list", resModel: "cctv.camera", arch: LIST });
    expect.verifySteps([]);
    await contains(".o_data_row:eq(0) [name=name]").click();
    await contains(".o_data_row:eq(0) [name=name] input").edit("Gate", { confirm: false });
    pull(2);
    await wait(30_000);
    expect.verifySteps([[1, 2]]);
    expect(".o_data_row:eq(0) .o_cctv_status").toHaveText(/Recording/);
    expect(".o_data_row:eq(1) .o_cctv_status").toHaveText(/Offline/);
    expect(".o_data_row:eq(0) [name=name] input").toHaveValue("Gate");
});

test("a list that was sorted follows the live state with its new rows", async () => {
    mockDate("2026-11-22 18:10:00", 0);
    await mountView({ type: "list", resModel: "cctv.camera", arch: LIST });
    await contains(".o_column_sortable[data-name=name]").click();
    await contains(".o_column_sortable[data-name=name]").click();
    expect(".o_data_row:eq(0) [name=name]").toHaveText("Dock 2");
    pull(2);
    await wait(30_000);
    expect(".o_data_row:eq(0) .o_cctv_status").toHaveText(/Offline/);
});

test("a kanban follows the live state", async () => {
    await mountView({ type: "kanban", resModel: "cctv.camera", arch: KANBAN });
    pull(2);
    await wait(30_000);
    expect(".o_kanban_record:eq(1) .o_cctv_status").toHaveText(/Offline/);
});

test("what cannot be read again says as of when it is instead of growing older", async () => {
    mockDate("2026-11-22 18:10:00", 0);
    await mountView({ type: "form", resModel: "cctv.camera", resId: 1, arch: FORM });
    await animationFrame();
    onRpc("web_read", () => {
        throw makeServerError({ message: "away" });
    });
    await wait(120_000);
    expect(".o_cctv_status").toHaveText(/Recording\s*as of 23 Nov 2026 02:10 WITA/);
});
