import { after, expect, test } from "@odoo/hoot";
import { advanceTime, animationFrame, click, queryAll, queryAllTexts } from "@odoo/hoot-dom";
import { mockDate } from "@odoo/hoot-mock";
import {
    contains,
    defineModels,
    fields,
    makeServerError,
    mockService,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";

class Camera extends models.Model {
    _name = "cctv.camera";
    name = fields.Char();
    state = fields.Selection({
        selection: [
            ["planned", "Planned"],
            ["active", "Active"],
        ],
    });
    _records = [{ id: 1, name: "Dock 3", state: "active" }];
}

defineMailModels();
defineModels([Camera]);

const ARCH = `<form><sheet><widget name="cctv_camera_header"/><field name="name"/></sheet></form>`;
const OVERVIEW = {
    picture: { state: "none", note: "No picture: recording is not measured." },
    place: "Makassar / Hall A",
    security_class: "Restricted",
    tz: "Asia/Makassar",
    pills: [
        { kind: "camera", state: "active", label: "Active" },
        { kind: "level", state: "missed", detail: "98 px/m" },
    ],
    facts: [
        { key: "recording", text: "Recording is not measured.", tone: "" },
        { key: "basis", text: "Lawful basis missing", tone: "danger" },
    ],
    strip: { measured: false, note: "Recorded by another system.", days: [] },
    cards: [
        { key: "faults", label: "Faults", value: 2, method: "action_view_faults" },
        { key: "age", label: "Days", value: 5, method: false },
    ],
};

const open = () => mountView({ type: "form", resModel: "cctv.camera", resId: 1, arch: ARCH });

test("one call fills the head of the form", async () => {
    onRpc("cctv.camera", "get_overview", ({ args }) => {
        expect.step(`overview ${JSON.stringify(args)}`);
        return OVERVIEW;
    });
    await open();
    await animationFrame();
    expect.verifySteps(["overview [[1]]"]);
    expect(".o_cctv_place").toHaveText("Makassar / Hall A · Restricted");
    expect(".o_cctv_no_picture").toHaveText("No picture: recording is not measured.");
    const pills = queryAllTexts(".o_cctv_pill").map((text) => text.replace(/\s+/g, " "));
    expect(pills).toEqual(["Active", "Below the required level 98 px/m"]);
    expect(".o_cctv_fact.text-danger").toHaveText("Lawful basis missing");
    expect(".o_cctv_strip_none").toHaveText("Recorded by another system.");
    expect(".text-success").toHaveCount(0);
});

test("a card opens what it counts", async () => {
    onRpc("cctv.camera", "get_overview", () => OVERVIEW);
    mockService("action", {
        doActionButton: ({ name, resModel, resId, context }) =>
            expect.step(`${name} of ${resModel} ${resId} in ${context.lang}`),
    });
    await open();
    await animationFrame();
    expect("button.o_cctv_card").toHaveCount(1);
    await click("button.o_cctv_card");
    await animationFrame();
    expect.verifySteps(["action_view_faults of cctv.camera 1 in en"]);
});

/** Open a camera at a server that answers, or not, as long as it is said to be broken. */
async function openWhile(broken) {
    const server = { broken };
    onRpc("cctv.camera", "get_overview", () => {
        if (server.broken) {
            throw makeServerError({ message: "away" });
        }
        return OVERVIEW;
    });
    await open();
    await animationFrame();
    return server;
}

test("a failed call leaves the form usable and can be repeated", async () => {
    const server = await openWhile(true);
    expect(".o_cctv_header .alert").toHaveCount(1);
    expect(".o_field_widget[name=name]").toHaveCount(1);
    server.broken = false;
    await click(".o_cctv_retry");
    await animationFrame();
    expect(".o_cctv_header .alert").toHaveCount(0);
    expect(".o_cctv_place").toHaveCount(1);
});

test("a picture that is old is dimmed and dated in the site's zone", async () => {
    const picture = {
        url: "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==",
        taken_at: "2026-11-22 18:14:07",
        state: "old",
    };
    onRpc("cctv.camera", "get_overview", () => ({ ...OVERVIEW, picture }));
    await open();
    await animationFrame();
    expect(".o_cctv_picture.o_old img").toHaveCount(1);
    expect(".o_cctv_picture_age .o_cctv_site_time").toHaveText("23 Nov 2026 02:14:07 WITA");
    expect(".o_cctv_picture_age .o_cctv_age").toHaveText(/ ago$/);
});

test("a picture says how old it is, and ages while it is looked at", async () => {
    mockDate("2026-11-22 18:14:48", 0);
    const picture = { url: "data:image/gif;base64,R0lGODlhAQABAAAAACw=", taken_at: "2026-11-22 18:14:07", state: "ok" };
    onRpc("cctv.camera", "get_overview", () => ({ ...OVERVIEW, picture }));
    await open();
    await animationFrame();
    expect(".o_cctv_picture_age .o_cctv_age").toHaveText("41 sec ago");
    await advanceTime(60_000);
    await animationFrame();
    expect(".o_cctv_picture_age .o_cctv_age").toHaveText("1 min ago");
});

function setHidden(hidden) {
    Object.defineProperty(document, "hidden", { configurable: true, value: hidden });
    document.dispatchEvent(new Event("visibilitychange"));
}

test("what is shown as present is asked again while the form stays open, and not while nobody looks", async () => {
    let pills = OVERVIEW.pills;
    onRpc("cctv.camera", "get_overview", () => {
        expect.step("overview");
        return { ...OVERVIEW, pills };
    });
    await open();
    await animationFrame();
    expect.verifySteps(["overview"]);
    pills = [{ kind: "camera", state: "offline" }];
    await contains("[name=name] input").edit("Dock", { confirm: false });
    await advanceTime(30_000);
    await animationFrame();
    expect.verifySteps(["overview"]);
    expect(".o_cctv_pill").toHaveText("Disconnected");
    expect("[name=name] input").toHaveValue("Dock");
    after(() => delete document.hidden);
    setHidden(true);
    await advanceTime(120_000);
    expect.verifySteps([]);
    setHidden(false);
    await animationFrame();
    expect.verifySteps(["overview"]);
});

test("an overview that cannot be asked again is not shown on as if it were present", async () => {
    const server = await openWhile(false);
    server.broken = true;
    await advanceTime(30_000);
    await animationFrame();
    expect(".o_cctv_header .alert").toHaveCount(1);
    expect(".o_cctv_pill").toHaveCount(0);
    server.broken = false;
    await advanceTime(30_000);
    await animationFrame();
    expect(".o_cctv_header .alert").toHaveCount(0);
});

test("clock and holds are pills; an unknown clock claims nothing", async () => {
    const pills = [
        { kind: "camera", state: "active", label: "Active" },
        { kind: "clock", state: "drifting", label: "Clock off by 0.8 s", detail: "GDG-1" },
        { kind: "hold", state: "active", label: "2 holds" },
    ];
    let clock = pills[1];
    onRpc("cctv.camera", "get_overview", () => ({ ...OVERVIEW, pills: [pills[0], clock, pills[2]] }));
    await open();
    await animationFrame();
    const told = () => queryAllTexts(".o_cctv_pill").map((text) => text.replace(/\s+/g, " "));
    expect(told()).toEqual(["Active", "Clock off by 0.8 s GDG-1", "2 holds"]);
    expect(queryAll(".o_cctv_pill i.text-warning").length).toBe(1);
    clock = { kind: "clock", state: "unknown", label: "", detail: "GDG-1" };
    await open();
    await animationFrame();
    expect(".o_cctv_pill .text-success").toHaveCount(0);
});

test("no right to pictures shows the rule, not the picture", async () => {
    const picture = { url: "/web/image/1", state: "no_right", note: "You need the live right." };
    onRpc("cctv.camera", "get_overview", () => ({ ...OVERVIEW, picture }));
    await open();
    await animationFrame();
    expect(".o_cctv_picture img").toHaveCount(0);
    expect(".o_cctv_no_picture").toHaveText("You need the live right.");
});
