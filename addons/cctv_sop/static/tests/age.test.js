import { expect, test } from "@odoo/hoot";
import { queryAllTexts, queryFirst } from "@odoo/hoot-dom";
import { mockDate } from "@odoo/hoot-mock";
import { defineModels, fields, models, mountView } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";

class Camera extends models.Model {
    _name = "cctv.camera";
    tz = fields.Char();
    fault_since = fields.Datetime();
    _records = [
        { id: 1, tz: "Asia/Makassar", fault_since: "2026-11-22 18:14:07" },
        { id: 2, tz: "Asia/Jakarta", fault_since: "2026-11-20 18:00:00" },
        { id: 3, tz: "Asia/Jakarta", fault_since: false },
    ];
}

defineMailModels();
defineModels([Camera]);

test("how long ago, and the moment in the site's zone on top of it", async () => {
    mockDate("2026-11-22 19:38:10", 0);
    await mountView({
        type: "list",
        resModel: "cctv.camera",
        arch: `<list><field name="tz" column_invisible="1"/><field name="fault_since" widget="cctv_age"/></list>`,
    });
    expect(queryAllTexts(".o_data_cell")).toEqual(["1 h 24 min", "2 days", ""]);
    expect(queryFirst(".o_cctv_age").title).toBe("since 23 Nov 2026 02:14 WITA");
});
