import { expect, test } from "@odoo/hoot";
import { queryOne } from "@odoo/hoot-dom";
import { diskBar, forecast } from "@cctv_recorder_bridge/health/facts";
import { ForecastGraph } from "@cctv_recorder_bridge/health/forecast_graph";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { mountWithCleanup } from "@web/../tests/web_test_helpers";
import { node } from "./health_data";

defineMailModels();

const DISK = { total: 1100, free: 600, used: 100, quota: 1100, reserve: 0 };

async function draw(values) {
    const row = node({ disk: DISK, ...values });
    await mountWithCleanup(ForecastGraph, { props: { bar: diskBar(row.disk), forecast: forecast(row) } });
    const points = queryOne(".o_cctv_forecast_line")
        .getAttribute("points")
        .split(" ")
        .map((point) => point.split(",").map((number) => Math.round(Number(number))));
    return points;
}

const numberOf = (selector, name) => Math.round(Number(queryOne(selector).getAttribute(name)));

test("the line rises to what the disk has, then stays there; the duty stands at its day", async () => {
    // 600 left at 60 a day: full in 10 days; 33 days are drawn for the duty of 30
    const points = await draw({ rate: 60, obligation_days: 30 });
    expect(points.length).toBe(3);
    const [start, full, end] = points;
    expect(start[0]).toBe(0);
    expect(full[0]).toBe(Math.round((10 / 33) * 400));
    expect(end).toEqual([400, full[1]]);
    expect(full[1]).toBeLessThan(start[1]);
    expect(numberOf(".o_cctv_forecast_duty", "x1")).toBe(Math.round((30 / 33) * 400));
    // the disk ends before the quota: the line does not reach the dashed one
    expect(full[1]).toBeGreaterThan(numberOf(".o_cctv_forecast_capacity", "y1"));
    expect(".o_cctv_forecast figcaption").toHaveText(/next 33 days; dashed: 1.1 kB/);
});

test("what never fills within the drawn days rises to the edge; without a duty there is no line for it", async () => {
    const points = await draw({ rate: 0.001, obligation_days: null });
    expect(points.length).toBe(2);
    expect(points[1][0]).toBe(400);
    expect(".o_cctv_forecast_duty").toHaveCount(0);
    expect(".o_cctv_forecast figcaption").toHaveText(/next 120 days/);
});

test("a disk that is full today is a flat line", async () => {
    const points = await draw({ disk: { ...DISK, free: 0 }, rate: 60, obligation_days: 30 });
    expect(new Set(points.map(([, y]) => y)).size).toBe(1);
});
