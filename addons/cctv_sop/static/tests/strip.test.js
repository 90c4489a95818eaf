import { expect, test } from "@odoo/hoot";
import { click, queryAll, queryAllAttributes } from "@odoo/hoot-dom";
import { CctvStrip } from "@cctv_sop/core/strip/strip";
import { mountWithCleanup } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";

defineMailModels();

const DAYS = [
    { day: "2026-11-19", ratio: 1, gaps: 0, held: true },
    { day: "2026-11-20", ratio: 0.99996, gaps: 1, gap_seconds: 4, explained: false },
    { day: "2026-11-21", ratio: 0.9, gaps: 2, gap_seconds: 8640, explained: true },
    { day: "2026-11-22", ratio: 0.5, gaps: 0 },
    { day: "2026-11-23", ratio: null, gaps: 0 },
    { day: "2026-11-24", ratio: 0, gaps: 0 },
];

test("each kind of day is told apart without colour", async () => {
    await mountWithCleanup(CctvStrip, { props: { days: DAYS } });
    expect(queryAllAttributes(".o_cctv_bar", "data-kind")).toEqual([
        "whole",
        "gap",
        "explained",
        "part",
        "unknown",
        "part",
    ]);
    expect(queryAll(".o_cctv_bar_mark").map((el) => el.textContent)).toEqual(["", "▼", "", "", "", ""]);
    expect(".o_held").toHaveCount(1);
});

test("a gap is hatched by its share of the day", async () => {
    await mountWithCleanup(CctvStrip, { props: { days: DAYS } });
    expect(".o_cctv_bar_gap").toHaveCount(2);
    const heights = queryAll(".o_cctv_bar_gap").map((el) => parseFloat(el.style.height));
    expect(heights[0]).toBeLessThan(0.01);
    expect(heights[1]).toBe(10);
    expect(getComputedStyle(queryAll(".o_cctv_bar_gap")[0]).minHeight).toBe("1px");
    expect(".o_cctv_bar:eq(1) .o_cctv_bar_fill").toHaveClass("o_whole");
});

test("a tiny gap is never shown as a whole day and the text says so", async () => {
    await mountWithCleanup(CctvStrip, { props: { days: DAYS } });
    const titles = queryAllAttributes(".o_cctv_bar", "title");
    expect(titles[0]).toBe("19 Nov 2026: 100 % · on hold");
    expect(titles[1]).toBe("20 Nov 2026: 99.99 % · 1 gap(s), 4 sec");
    expect(titles[2]).toBe("21 Nov 2026: 90 % · 2 gap(s), 2 h 24 min, explained");
    expect(titles[4]).toBe("23 Nov 2026: unknown");
    expect(".o_cctv_strip_bars").toHaveAttribute("aria-label", "5 of 6 days known, 1 with unexplained gaps");
});

test("not measured says so and draws no bar", async () => {
    await mountWithCleanup(CctvStrip, {
        props: { measured: false, note: "Another recorder keeps it." },
    });
    expect(".o_cctv_bar").toHaveCount(0);
    expect(".o_cctv_strip_none").toHaveText("Another recorder keeps it.");
});

test("a click on a day gives that day", async () => {
    await mountWithCleanup(CctvStrip, {
        props: { days: DAYS, onPick: (day) => expect.step(day) },
    });
    await click(".o_cctv_bar:eq(1)");
    expect.verifySteps(["2026-11-20"]);
});
