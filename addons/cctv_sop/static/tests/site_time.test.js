import { expect, test, describe } from "@odoo/hoot";
import { formatSiteTime, zoneWord } from "@cctv_sop/core/site_time/site_time";
import { makeMockEnv, patchWithCleanup } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { mockTimeZone } from "@odoo/hoot-mock";

const { Settings } = luxon;

describe.current.tags("headless");
defineMailModels();

test("the site's clock, whatever the viewer's zone", async () => {
    await makeMockEnv();
    for (const offset of [-8, 0, 7, 9]) {
        mockTimeZone(offset);
        expect(formatSiteTime("2026-11-22 18:14:07", "Asia/Makassar")).toBe("23 Nov 2026 02:14 WITA");
    }
    expect(formatSiteTime("2026-11-22 18:14:07", "Asia/Jakarta", { seconds: true })).toBe("23 Nov 2026 01:14:07 WIB");
    expect(formatSiteTime("2026-11-22 15:30:00", "Asia/Jayapura")).toBe("23 Nov 2026 00:30 WIT");
});

test("Indonesian writes the clock with a point", async () => {
    await makeMockEnv();
    patchWithCleanup(Settings, { defaultLocale: "id" });
    expect(formatSiteTime("2026-08-22 18:14:07", "Asia/Makassar", { seconds: true })).toMatch(
        /^23 \S+ 2026 02\.14\.07 WITA$/
    );
});

test("an unknown zone is named, never guessed", async () => {
    await makeMockEnv();
    expect(formatSiteTime("2026-11-22 18:14:07", false)).toBe("22 Nov 2026 18:14 UTC");
    expect(formatSiteTime("2026-11-22 18:14:07", "Mars/Base")).toBe("22 Nov 2026 18:14 UTC");
    expect(zoneWord("Asia/Kolkata")).toBe("UTC+5:30");
    expect(formatSiteTime(false, "Asia/Jakarta")).toBe("");
});
