import { beforeEach, describe, expect, test } from "@odoo/hoot";
import { queryAll, queryAllTexts } from "@odoo/hoot-dom";
import { Checks } from "@cctv_recorder_bridge/health/checks";
import { ALARMS, CHECKS, checkWords } from "@cctv_recorder_bridge/health/words";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { defineModels, fields, models, mountView, mountWithCleanup } from "@web/../tests/web_test_helpers";

const CLOCK = { name: "clock", level: "warn", message: "the kernel says unsynchronised", fix: "run chrony" };
const WORKER = { name: "worker intake", level: "fail", message: "fails again and again: no file", fix: "see the log" };

class Recorder extends models.Model {
    _name = "cctv.recorder";
    checks = fields.Json();
    _records = [
        { id: 1, checks: [CLOCK, WORKER] },
        { id: 2, checks: false },
    ];
}

defineMailModels();
defineModels([Recorder]);

test("each check: our word, what to do, and the recorder's own sentence", async () => {
    await mountWithCleanup(Checks, { props: { checks: [WORKER, CLOCK] } });
    expect(queryAll("[data-check]").map((line) => line.dataset.check)).toEqual(["worker intake", "clock"]);
    expect("[data-check='worker intake'] i.fa-times-circle.text-danger").toHaveCount(1);
    expect("[data-check='clock'] i.fa-exclamation-triangle.text-warning").toHaveCount(1);
    expect(queryAllTexts("[data-check] strong")).toEqual(["Part of the service: intake", "Clock"]);
    expect("[data-check='clock']").toHaveText(/Run a time service/);
    expect(queryAllTexts(".o_cctv_check_said")).toEqual([WORKER.message, CLOCK.message]);
});

test("on the recorder's form; nothing there when all is well", async () => {
    const arch = `<form><field name="checks" widget="cctv_checks"/></form>`;
    await mountView({ type: "form", resModel: "cctv.recorder", resId: 1, arch });
    expect("[data-check]").toHaveCount(2);
    await mountView({ type: "form", resModel: "cctv.recorder", resId: 2, arch });
    expect(".o_form_view:last [data-check]").toHaveCount(0);
});

describe("words", () => {
    beforeEach(() => mountWithCleanup(Checks, { props: { checks: [] } }));

    test("a check that is not known here is told as the recorder told it", () => {
        const check = { name: "fan", level: "fail", message: "stands still", fix: "clean it" };
        expect(checkWords(check)).toEqual({ title: "fan", todo: "clean it" });
    });

    test("each known check says what to do, and its alarm exists", () => {
        for (const [name, words] of Object.entries(CHECKS)) {
            expect(String(words.title)).not.toBe("", { message: name });
            expect(String(words.todo)).not.toBe("", { message: name });
            expect(!words.alarm || words.alarm in ALARMS).toBe(true, { message: name });
        }
    });
});
