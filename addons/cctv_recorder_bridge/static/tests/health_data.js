/** Answers of cctv.recorder.get_health for tests, at 2026-11-24 05:00:00 UTC. */
export const SERVER_NOW = "2026-11-24 05:00:00";

export function node(values = {}) {
    return {
        id: 1,
        name: "GDG-1",
        company: "PT Contoh",
        site: "Gudang Makassar",
        tz: "Asia/Makassar",
        state: "online",
        last_sync: "2026-11-24 04:59:58",
        fresh: true,
        interval: 2,
        versions: { service: "1.0.0", mediamtx: "v1.20.1", ffmpeg: "5.1" },
        clock_offset_ms: 10,
        recording: true,
        engine: "up",
        gate: "up",
        alarms: [],
        pending: { segments: 0, gaps: 0, parked: 0 },
        disk: { path: "/srv/media", total: 32e12, free: 8e12, used: 23.7e12, quota: 0, reserve: 1.6e12 },
        obligation: false,
        held: false,
        held_too_much: false,
        rate: 0.7e12,
        obligation_days: 30,
        key_expires: "2027-11-24 00:00:00",
        last_refusal: "",
        camera_count: 1,
        ...values,
    };
}

export function camera(values = {}) {
    const id = values.id || 1;
    return {
        id,
        code: `CAM-${String(id).padStart(2, "0")}`,
        name: "Dock 3",
        location: "Gudang Makassar / Gedung A / Lantai 1 / Dock",
        recorder_id: 1,
        tz: "Asia/Makassar",
        state: "active",
        recording_state: "recording",
        recording_reason: "",
        recording_since: "2026-11-24 01:00:00",
        last_recorded_at: "2026-11-24 04:59:20",
        kbps: 4012,
        detail: "",
        still: false,
        still_at: false,
        test: false,
        ...values,
    };
}

export function health(values = {}) {
    return { server_now: SERVER_NOW, idle_since: false, can_manage: true, recorders: [], cameras: [], ...values };
}
