import { beforeEach, describe, expect, test } from "@odoo/hoot";
import { formatBytes, formatHoursLeft, formatOffset } from "@cctv_recorder_bridge/core/figures";
import { formatPercent } from "@cctv_recorder_bridge/fields/figure_fields";
import { testVerdict } from "@cctv_recorder_bridge/source/stream_test";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { makeMockEnv, patchWithCleanup } from "@web/../tests/web_test_helpers";
import { localization } from "@web/core/l10n/localization";

defineMailModels();
describe.current.tags("headless");
beforeEach(() => makeMockEnv());

test("bytes in decimal units, unknown is a dash", () => {
    expect(formatBytes(0)).toBe("0 B");
    expect(formatBytes(412_000_000)).toBe("412 MB");
    expect(formatBytes(3_210_000_000_000)).toBe("3.2 TB");
    expect(formatBytes(null)).toBe("–");
});

test("hours left in words, unknown is a dash", () => {
    expect(formatHoursLeft(51.6)).toBe("2 days");
    expect(formatHoursLeft(5.2)).toBe("5 h 12 min");
    expect(formatHoursLeft(0)).toBe("0 sec");
    expect(formatHoursLeft(null)).toBe("–");
    expect(formatHoursLeft(-1)).toBe("–");
});

test("offset keeps its sign, unknown is a dash", () => {
    expect(formatOffset(-41_000)).toBe("−41.00 s");
    expect(formatOffset(10)).toBe("+0.01 s");
    expect(formatOffset(null)).toBe("–");
});

test("almost complete is never shown as complete", () => {
    expect(formatPercent(99.996)).toBe("99.99 %");
    expect(formatPercent(100)).toBe("100 %");
    expect(formatPercent(98.26)).toBe("98.2 %");
});

test("figures of a stream are written as the language does", () => {
    patchWithCleanup(localization, { decimalPoint: ",", thousandsSep: "." });
    const result = { ok: true, codec: "H264", width: 768, height: 576, fps: 12.5, kbps: 1812, keyframe_seconds: 2 };
    const { text } = testVerdict({ state: "done", result });
    expect(text).toBe("H264 · 768×576 · 12,5 frames/s · 1.812 kbit/s · a key frame each 2 s");
});

test("a refused password is told with what to do", () => {
    const verdict = testVerdict({
        state: "done",
        result: { ok: false, reason: "auth_failed", message: "401" },
        done_at: "2026-11-24 05:00:00",
        tz: "Asia/Jakarta",
        recorder_id: [1, "GDG-1"],
    });
    expect(verdict.tone).toBe("danger");
    expect(verdict.text).toMatch(/^GDG-1 got .*password refused.*24 Nov 2026 12[:.]00[:.]00 WIB/);
});

test("without a known reason the recorder's sentence is the answer, as the server tells it", () => {
    const result = { ok: false, reason: "unknown", message: "the stream sends no pictures" };
    const job = { state: "done", result, message: "Aliran tidak mengirim gambar." };
    expect(testVerdict(job).text).toMatch(/Aliran tidak mengirim gambar/);
});

test("a failed job is no verdict on the camera", () => {
    expect(testVerdict({ state: "failed", message: "ffprobe is missing" })).toEqual({
        tone: "warning",
        title: "The test could not be made.",
        text: "ffprobe is missing",
    });
});
