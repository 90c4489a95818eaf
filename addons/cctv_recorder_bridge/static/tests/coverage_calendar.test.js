import { expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { mockDate } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { defineModels, fields, models, mountView } from "@web/../tests/web_test_helpers";

class Coverage extends models.Model {
    _name = "cctv.coverage";
    name = fields.Char();
    day = fields.Date();
    percent = fields.Float();
    _records = [99.5, 12, 100, 0, 82].map((percent, index) => ({
        id: index + 1,
        name: `CAM-0${index + 1}`,
        day: "2026-11-24",
        percent,
    }));
    has_access() {
        return true;
    }
}

defineMailModels();
defineModels([Coverage]);

test("the least complete cameras of a day come first", async () => {
    mockDate("2026-11-24 05:00:00", 8);
    await mountView({
        type: "calendar",
        resModel: "cctv.coverage",
        arch: `<calendar js_class="cctv_coverage_calendar" date_start="day" mode="month" create="0" event_limit="9">
            <field name="name"/><field name="percent"/></calendar>`,
    });
    expect(queryAllTexts(".fc-event .o_event_title")).toEqual(["CAM-04", "CAM-02", "CAM-05", "CAM-01", "CAM-03"]);
});
