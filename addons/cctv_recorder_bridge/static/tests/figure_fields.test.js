import { describe, expect, test } from "@odoo/hoot";
import { SecondsField } from "@cctv_recorder_bridge/fields/figure_fields";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { mountWithCleanup } from "@web/../tests/web_test_helpers";

defineMailModels();
describe.current.tags("desktop");

for (const [length, stop, short, text] of [
    [0, false, false, "ongoing"],
    [125, false, false, "2 min 5 sec, ongoing"],
    [0, false, true, "ongoing"],
    [125, false, true, "2 min 5 sec"],
    [2, true, true, "2 sec"],
    [109, true, false, "1 min 49 sec"],
]) {
    test(`a gap of ${length} s that has ${stop ? "an" : "no"} end${short ? ", in short" : ""}`, async () => {
        const record = { data: { duration_s: length, stop } };
        await mountWithCleanup(SecondsField, { props: { name: "duration_s", record, endField: "stop", short } });
        expect(".o_cctv_figure").toHaveText(text);
    });
}
