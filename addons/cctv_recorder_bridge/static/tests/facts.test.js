import { describe, expect, test } from "@odoo/hoot";
import { cameraState, deriveHealth, diskBar, forecast, nodeState } from "@cctv_recorder_bridge/health/facts";
import { CHECKS, REASONS } from "@cctv_recorder_bridge/health/words";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { makeMockEnv } from "@web/../tests/web_test_helpers";
import { camera, health, node } from "./health_data";

describe.current.tags("headless");
defineMailModels();

const NOW = Date.UTC(2026, 10, 24, 5, 0, 0);

test("a silent node is never healthy and its cameras are unknown", () => {
    const silent = node({ fresh: false, last_sync: "2026-11-24 04:47:00" });
    expect(nodeState(silent)).toBe("silent");
    expect(cameraState(camera(), silent, NOW)).toBe("unknown");
});

test("a node that never reported is not online whatever its state field says", () => {
    expect(nodeState(node({ last_sync: false, state: "online" }))).toBe("new");
});

test("an alarm, a stopped engine or a refused report degrade a node", () => {
    expect(nodeState(node())).toBe("online");
    expect(nodeState(node({ alarms: ["clock"] }))).toBe("degraded");
    expect(nodeState(node({ engine: "down" }))).toBe("degraded");
    expect(nodeState(node({ engine: "" }))).toBe("degraded");
    expect(nodeState(node({ last_refusal: "unknown field x" }))).toBe("degraded");
});

test("holds that take much of a node's room are told, unless nothing else is left", () => {
    const told = (values) =>
        deriveHealth(health({ recorders: [node({ held_too_much: 62, ...values })] })).faults.map((fault) => fault.key);
    expect(told()).toEqual(["held-1"]);
    expect(told({ held_too_much: false })).toEqual([]);
    expect(told({ alarms: ["only_held"] })).toEqual(["only_held-1"]);
});

test("recording needs a closed segment of late", () => {
    expect(cameraState(camera(), node(), NOW)).toBe("recording");
    const old = camera({ last_recorded_at: "2026-11-24 04:50:00" });
    expect(cameraState(old, node(), NOW)).toBe("unknown");
    expect(cameraState(camera({ last_recorded_at: false }), node(), NOW)).toBe("unknown");
});

test("the passing of time alone takes recording back", () => {
    const data = health({ recorders: [node()], cameras: [camera()] });
    expect(deriveHealth(data, 0).cameras[0].shown).toBe("recording");
    expect(deriveHealth(data, 600).cameras[0].shown).toBe("unknown");
});

test("a camera whose first segment is being written is no fault", () => {
    const cameras = [camera({ recording_state: "waiting", detail: "the stream arrives" })];
    expect(deriveHealth(health({ recorders: [node()], cameras })).faults).toEqual([]);
});

test("suspended cameras are no fault", () => {
    const data = health({
        recorders: [node()],
        cameras: [camera({ state: "suspended", recording_state: "off" })],
    });
    expect(deriveHealth(data).faults).toEqual([]);
});

test("a camera in use whose recorder was taken from it is a fault of its own", () => {
    const cameras = [camera(), camera({ id: 2, recorder_id: false, recording_state: "not_recorded" })];
    cameras.push(camera({ id: 3, recorder_id: false, state: "suspended" }));
    const { faults } = deriveHealth(health({ recorders: [node()], cameras }));
    expect(faults.map((fault) => [fault.key, fault.tone, fault.title])).toEqual([["left-2", "danger", "CAM-02"]]);
});

test("a silent node is one fault, not one per camera", () => {
    const cameras = [1, 2, 3, 4].map((id) => camera({ id }));
    const data = health({ recorders: [node({ fresh: false })], cameras });
    const { faults } = deriveHealth(data);
    expect(faults.map((fault) => fault.key)).toEqual(["silent-1"]);
    expect(faults[0].covers).toEqual([1, 2, 3, 4]);
});

test("a stopped engine explains its cameras, another camera's password stays its own fault", () => {
    const offline = { recording_state: "offline", recording_reason: "source_lost" };
    const data = health({
        recorders: [node({ alarms: ["engine_down"] }), node({ id: 2, name: "GDG-2" })],
        cameras: [
            camera({ id: 1, ...offline }),
            camera({ id: 2, ...offline }),
            camera({ id: 3, recorder_id: 2, recording_state: "offline", recording_reason: "auth_failed" }),
        ],
    });
    expect(deriveHealth(data).faults.map((fault) => fault.key)).toEqual(["engine_down-1", "camera-3"]);
});

test("three cameras of a node with one reason are one fault", () => {
    const lost = (id) => camera({ id, recording_state: "offline", recording_reason: "timeout" });
    const two = health({ recorders: [node()], cameras: [lost(1), lost(2)] });
    expect(deriveHealth(two).faults.map((fault) => fault.key)).toEqual(["camera-1", "camera-2"]);
    const three = health({ recorders: [node()], cameras: [lost(1), lost(2), lost(3)] });
    expect(deriveHealth(three).faults.map((fault) => fault.key)).toEqual(["common-1-timeout"]);
});

test("a camera that records with many gaps in an hour needs a hand", async () => {
    await makeMockEnv();
    const gaps = { count: 17, seconds: 378, reason: "source_lost" };
    const told = (values) => deriveHealth(health({ recorders: [node()], cameras: [camera(values)] })).faults;
    expect(told({ gaps: { ...gaps, count: 5 } })).toEqual([]);
    expect(told({ gaps: false })).toEqual([]);
    const [fault] = told({ gaps });
    expect([fault.key, fault.tone, fault.title, fault.cameraId]).toEqual(["gaps-1", "warning", "CAM-01", 1]);
    expect(fault.text).toMatch(/^17 gaps in the last hour, 6 min 18 sec lost/);
    expect([fault.detail, fault.todo]).toEqual(REASONS.source_lost);
    const offline = { recording_state: "offline", recording_reason: "timeout" };
    expect(told({ gaps, ...offline }).map(({ key }) => key)).toEqual(["camera-1"]);
});

test("three cameras of a node with many gaps for one reason are one fault", () => {
    const unsteady = (id) => camera({ id, gaps: { count: 6, seconds: 60 * id, reason: "source_lost" } });
    const keys = (cameras) =>
        deriveHealth(health({ recorders: [node()], cameras })).faults.map(({ key, tone }) => [key, tone]);
    expect(keys([unsteady(1), unsteady(2)])).toEqual([
        ["gaps-1", "warning"],
        ["gaps-2", "warning"],
    ]);
    expect(keys([unsteady(1), unsteady(2), unsteady(3)])).toEqual([["common-gaps-1-source_lost", "warning"]]);
    const three = health({ recorders: [node({ fresh: false })], cameras: [1, 2, 3].map(unsteady) });
    expect(deriveHealth(three).faults.map(({ key }) => key)).toEqual(["silent-1"]);
});

test("a fault tells the reason's word first and the node's sentence after it", () => {
    const lost = { recording_state: "offline", recording_reason: "auth_failed", detail: "401 from 192.0.2.7" };
    const told = (values) => {
        const data = health({ recorders: [node()], cameras: [camera({ ...lost, ...values })] });
        const { text, detail } = deriveHealth(data).faults[0];
        return [text, detail];
    };
    const [word] = REASONS.auth_failed;
    expect(told({})).toEqual([word, "401 from 192.0.2.7"]);
    expect(told({ detail: "" })).toEqual([word, ""]);
    expect(told({ recording_reason: "" })).toEqual(["401 from 192.0.2.7", ""]);
});

test("a full disk stops the node and is told once", () => {
    const off = { recording_state: "not_recording", recording_reason: "disk_full" };
    const cameras = [camera(off), camera({ id: 2, ...off })];
    const { faults } = deriveHealth(health({ recorders: [node({ alarms: ["disk_low"] })], cameras }));
    expect(faults.map((fault) => [fault.key, fault.tone])).toEqual([["disk_low-1", "danger"]]);
});

test("cameras held back for want of room are told one by one: the others record", () => {
    const off = { recording_state: "not_recording", recording_reason: "disk_full" };
    const cameras = [camera(), camera({ id: 2, ...off })];
    const { faults } = deriveHealth(health({ recorders: [node({ alarms: ["disk_tight"] })], cameras }));
    expect(faults.map((fault) => [fault.key, fault.tone])).toEqual([
        ["camera-2", "danger"],
        ["disk_tight-1", "warning"],
    ]);
});

test("what the node's checks found needs a hand, unless an alarm says it or the node is silent", () => {
    const check = (name, level) => ({ name, level, message: "as found", fix: "" });
    const checks = [check("ffmpeg", "fail"), check("clock", "warn"), check("parked rows", "warn")];
    const keys = (values) =>
        deriveHealth(health({ recorders: [node({ checks, ...values })] })).faults.map(({ key, tone }) => [key, tone]);
    expect(keys({ alarms: ["parked"] })).toEqual([
        ["check-ffmpeg-1", "danger"],
        ["parked-1", "warning"],
        ["check-clock-1", "warning"],
    ]);
    expect(keys({ checks: [checks[1]] })).toEqual([["check-clock-1", "warning"]]);
    expect(keys({ checks: [checks[1]], clock_offset_ms: 5000 })).toEqual([["clock-1", "warning"]]);
    expect(keys({ fresh: false })).toEqual([["silent-1", "danger"]]);
    const [fault] = deriveHealth(health({ recorders: [node({ checks: [checks[1]] })] })).faults;
    expect([fault.title, fault.text, fault.detail]).toEqual(["GDG-1", CHECKS.clock.title, "as found"]);
});

test("danger comes before warning", () => {
    const data = health({
        recorders: [node({ alarms: ["gate_down", "quota"] })],
        cameras: [],
    });
    expect(deriveHealth(data).faults.map((fault) => fault.tone)).toEqual(["danger", "warning"]);
});

test("the bar's parts fill it and stay within the quota", () => {
    const bar = diskBar({ total: 1000, free: 600, used: 100, quota: 500, reserve: 50 }, { held: 20 });
    expect(bar.capacity).toBe(500);
    expect(bar.parts.map((part) => [part.key, part.bytes])).toEqual([
        ["used", 80],
        ["held", 20],
        ["free", 400],
    ]);
    expect(Math.round(bar.parts.reduce((sum, part) => sum + part.percent, 0))).toBe(100);
    expect(diskBar(null)).toBe(null);
});

test("the bar's parts add up to what the recorder may fill, and held footage is a part of the footage", () => {
    const disk = { total: 1000, free: 600, used: 100, quota: 0, reserve: 50 };
    for (const [values, held] of [
        [{}, null],
        [{}, 30],
        [{}, 5000],
        [{ quota: 500 }, 20],
        [{ quota: 900 }, null],
        [{ quota: 5000 }, 100],
        [{ free: 0 }, 0],
        [{ free: 30, reserve: 50 }, 10],
        [{ quota: 400, free: 10, reserve: 50 }, 99],
        [{ used: 0, free: 1000 }, 40],
    ]) {
        const bar = diskBar({ ...disk, ...values }, { held });
        const bytes = Object.fromEntries(bar.parts.map((part) => [part.key, part.bytes]));
        const sum = bar.parts.reduce((total, part) => total + part.bytes, 0);
        expect(sum).toBe(bar.capacity, { message: JSON.stringify(values) });
        expect(bytes.used + (bytes.held || 0)).toBe(bar.footage);
        expect(bar.parts.every((part) => part.bytes >= 0)).toBe(true);
        expect(Math.round(bar.parts.reduce((total, part) => total + part.percent, 0))).toBe(100);
    }
});

test("what the quota allows and the disk has not is not called free", () => {
    const bar = diskBar({ total: 1000, free: 200, used: 100, quota: 900, reserve: 50 });
    expect(bar.parts.map((part) => [part.key, part.bytes])).toEqual([
        ["used", 100],
        ["free", 150],
        ["short", 650],
    ]);
});

test("share of held footage", () => {
    const disk = { total: 1000, free: 600, used: 200, quota: 0, reserve: 0 };
    expect(diskBar(disk, { held: 50 }).heldShare).toBe(0.25);
    expect(diskBar(disk, { held: 900 }).heldShare).toBe(1);
    expect(diskBar(disk).heldShare).toBe(0);
    expect(diskBar({ ...disk, used: 0 }, { held: 5 }).heldShare).toBe(0);
});

test("what is written now is summed over the cameras that record", () => {
    const cameras = [
        camera({ id: 1, kbps: 4000 }),
        camera({ id: 2, kbps: null }),
        camera({ id: 3, kbps: 9000, recording_state: "offline" }),
    ];
    const [card] = deriveHealth(health({ recorders: [node()], cameras })).nodes;
    expect(card.kbps).toBe(4000);
});

test("free within the quota is never more than the disk has", () => {
    const bar = diskBar({ total: 1000, free: 60, used: 100, quota: 500, reserve: 50 });
    expect(bar.parts.find((part) => part.key === "free").bytes).toBe(10);
});

test("forecast compares what fits with what must be kept", () => {
    const disk = { total: 1000, free: 600, used: 100, quota: 500, reserve: 50 };
    expect(forecast(node({ disk, rate: 50, obligation_days: 30 }))).toEqual({
        known: true,
        rate: 50,
        fitDays: 10,
        fullIn: 8,
        needDays: 30,
        enough: false,
    });
    expect(forecast(node({ disk, rate: 10, obligation_days: 30 })).enough).toBe(true);
    expect(forecast(node({ disk, rate: null })).known).toBe(false);
});
