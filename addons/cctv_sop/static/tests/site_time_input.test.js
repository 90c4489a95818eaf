import { expect, test } from "@odoo/hoot";
import { animationFrame, click } from "@odoo/hoot-dom";
import { mockDate, mockTimeZone } from "@odoo/hoot-mock";
import { getPickerCell } from "@web/../tests/core/datetime/datetime_test_helpers";
import { clickSave, contains, defineModels, fields, models, mountView, onRpc } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";

class Hold extends models.Model {
    _name = "cctv.legal.hold";
    tz = fields.Char();
    start = fields.Datetime();
    _records = [
        { id: 1, tz: "Asia/Makassar", start: "2026-11-22 22:30:00" },
        { id: 2, tz: "Asia/Makassar", start: false },
        { id: 3, tz: false, start: "2026-11-22 22:30:00" },
    ];
}

defineMailModels();
defineModels([Hold]);

async function openHold(resId, { offset = 7, readonly = 0 } = {}) {
    mockDate("2026-11-23 01:00:00", offset);
    mockTimeZone(offset);
    onRpc("web_save", ({ args }) => expect.step(args[1].start));
    await mountView({
        type: "form",
        resModel: "cctv.legal.hold",
        resId,
        arch: `<form><field name="start" widget="cctv_site_time_input" readonly="${readonly}"/></form>`,
    });
}

test("shown on the site's clock, with its zone beside the box and the viewer's own clock below", async () => {
    await openHold(1);
    expect("[name=start] button.o_input").toHaveText(/23 Nov 2026 06:30/);
    expect("[name=start] .o_cctv_zone").toHaveText("WITA");
    expect("[name=start] .o_cctv_own_clock").toHaveText(/23 Nov 2026 05:30/);
});

test("a viewer on the site's clock is told nothing of his own", async () => {
    await openHold(1, { offset: 8 });
    expect("[name=start] button.o_input").toHaveText(/23 Nov 2026 06:30/);
    expect("[name=start] .o_cctv_own_clock").toHaveCount(0);
});

test("what is typed is site time", async () => {
    await openHold(1);
    await click("[name=start] button.o_input");
    await animationFrame();
    expect("[name=start] input").toHaveValue("11/23/2026 06:30:00");
    await contains("[name=start] input").edit("11/23/2026 08:15:00");
    expect("[name=start] button.o_input").toHaveText(/23 Nov 2026 08:15/);
    await clickSave();
    expect.verifySteps(["2026-11-23 00:15:00"]);
});

test("what is typed into an empty box is site time", async () => {
    await openHold(2);
    await contains("[name=start] input").click();
    await contains("[name=start] input").edit("11/21/2026 06:30:00");
    await clickSave();
    expect.verifySteps(["2026-11-20 22:30:00"]);
});

test("a day picked for an empty box is one of the site", async () => {
    await openHold(2, { offset: -3 });
    await contains("[name=start] input").click();
    await animationFrame();
    await click(getPickerCell("20"));
    await animationFrame();
    const typed = document.querySelector("[name=start] input").value;
    expect(typed).toMatch(/^11\/20\/2026 /);
    await click(".o_form_view_container");
    await animationFrame();
    expect("[name=start] button.o_input").toHaveText(/20 Nov 2026/);
    await clickSave();
    const [, hour] = typed.match(/ (\d\d):/);
    const saved = luxon.DateTime.fromObject(
        { year: 2026, month: 11, day: 20, hour: Number(hour) },
        { zone: "Asia/Makassar" }
    );
    expect.verifySteps([saved.toUTC().toFormat("yyyy-MM-dd HH:mm:ss")]);
});

test("without a site it is the viewer's own time, and says which", async () => {
    await openHold(3);
    expect("[name=start] button.o_input").toHaveText(/23 Nov 2026 05:30/);
    expect("[name=start] .o_cctv_zone").toHaveText("UTC+7");
});

test("readonly: site time in words", async () => {
    await openHold(1, { readonly: 1 });
    expect("[name=start] .o_cctv_site_time").toHaveText("23 Nov 2026 06:30 WITA");
    expect("[name=start] input, [name=start] button").toHaveCount(0);
});
