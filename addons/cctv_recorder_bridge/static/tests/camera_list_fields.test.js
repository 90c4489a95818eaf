import { describe, expect, test } from "@odoo/hoot";
import { queryAllAttributes, queryFirst } from "@odoo/hoot-dom";
import { StillField, StripField } from "@cctv_recorder_bridge/fields/camera_list_fields";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { mountWithCleanup } from "@web/../tests/web_test_helpers";

const { DateTime } = luxon;

defineMailModels();
describe.current.tags("desktop");

const record = (data) => ({ resId: 7, data });

test("a camera's last days are drawn in the list; one that is not measured says so", async () => {
    const days = [
        { day: "2026-11-22", ratio: 1, gaps: 0 },
        { day: "2026-11-23", ratio: 0, gaps: 1, gap_seconds: 86400, explained: false },
    ];
    await mountWithCleanup(StripField, { props: { name: "week_strip", record: record({ week_strip: days }) } });
    expect(queryAllAttributes(".o_cctv_bar", "data-kind")).toEqual(["whole", "gap"]);
    await mountWithCleanup(StripField, { props: { name: "week_strip", record: record({ week_strip: false }) } });
    expect(".o_cctv_strip_none").toHaveText("Not measured");
});

test("the thumbnail is the still that was taken then, never the whole picture", async () => {
    const taken = DateTime.fromISO("2026-11-23T01:02:03Z");
    await mountWithCleanup(StillField, { props: { name: "last_still_at", record: record({ last_still_at: taken }) } });
    const source = queryFirst(".o_cctv_thumbnail").getAttribute("data-src"); // the runner fetches no pictures
    expect(source).toMatch(/\/web\/image\/cctv\.camera\/7\/last_still\/96x54\?unique=1795395723000$/);
    await mountWithCleanup(StillField, { props: { name: "last_still_at", record: record({ last_still_at: false }) } });
    expect(".fa-video-camera").toHaveCount(1);
});
