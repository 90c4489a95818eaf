import { expect, test } from "@odoo/hoot";
import { advanceTime, animationFrame, click, queryAll, queryAllTexts, queryOne, waitFor } from "@odoo/hoot-dom";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { getService, makeMockServer, makeServerError, mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";
import { WebClient } from "@web/webclient/webclient";
import { camera, health, node } from "./health_data";

defineMailModels();

async function openHealth(answer) {
    onRpc("cctv.recorder", "get_health", () => (typeof answer === "function" ? answer() : answer));
    await makeMockServer();
    await mountWithCleanup(WebClient);
    await getService("action").doAction({ type: "ir.actions.client", tag: "cctv_recorder_health" });
    await animationFrame();
    await animationFrame();
}

test("empty: says so and offers to register to those who may", async () => {
    await openHealth(health());
    expect(".o_cctv_empty").toHaveCount(1);
    expect(".o_cctv_register").toHaveCount(1);
    expect(".o_cctv_node").toHaveCount(0);
});

test("empty: no button for others", async () => {
    await openHealth(health({ can_manage: false }));
    expect(".o_cctv_register").toHaveCount(0);
});

test("one: a healthy node and its recording camera", async () => {
    await openHealth(health({ recorders: [node()], cameras: [camera()] }));
    expect(".o_cctv_node").toHaveAttribute("data-state", "online");
    expect(".o_cctv_fault").toHaveCount(0);
    expect(".o_cctv_node").toHaveText(/1 of 1 camera recording/);
    expect(".o_cctv_grid tbody tr .o_cctv_status").toHaveAttribute("data-state", "recording");
    expect(".o_cctv_grid_last").toHaveText(/24 Nov 2026 12[:.]59 WITA/);
});

test("level of the disk: icon, word and hours; nothing is claimed before it is known", async () => {
    const disk = { ...node().disk, level: "low", hours_left: 5.2, hours_left_without_purge: 1.5 };
    const alarms = ["disk_tight"];
    await openHealth(health({ recorders: [node({ disk, alarms }), node({ id: 2, name: "GDG-2" })] }));
    expect(".o_cctv_disk_level").toHaveCount(1);
    expect(".o_cctv_disk_level .o_cctv_status").toHaveAttribute("data-state", "low");
    expect(".o_cctv_disk_level .o_cctv_status i.fa-minus-circle").toHaveCount(1);
    expect(".o_cctv_disk_level").toHaveText(/Some cameras held back\s*Lasts for 5 h 12 min; 1 h 30 min if nothing/);
    expect(".o_cctv_fault").toHaveText(/lowest priority stop first/);
});

test("too little room for the days that must be kept needs a hand before it gets tight", async () => {
    const disk = { total: 1000, free: 900, used: 100, quota: 500, reserve: 0 };
    const small = node({ disk, rate: 50 });
    const tight = node({ id: 2, name: "GDG-2", disk, rate: 50, alarms: ["disk_tight"] });
    const enough = node({ id: 3, name: "GDG-3", disk, rate: 10 });
    await openHealth(health({ recorders: [small, tight, enough] }));
    expect(queryAllTexts(".o_cctv_fault .btn-link")).toEqual(["GDG-1", "GDG-2"]);
    expect(".o_cctv_fault:first").toHaveText(/Not enough for the duty: 30 days must be kept, only 10 fit/);
    expect(".o_cctv_fault:last").toHaveText(/lowest priority stop first/);
});

test("scheduled work that stands still needs a hand first", async () => {
    const cameras = [camera({ recording_state: "offline", recording_reason: "auth_failed" })];
    await openHealth(health({ recorders: [node()], cameras, idle_since: "2026-11-24 04:47:00" }));
    expect(".o_cctv_fault").toHaveCount(2);
    expect(".o_cctv_fault:first").toHaveAttribute("data-fault", "idle");
    expect(".o_cctv_fault:first").toHaveClass("o_cctv_fault_danger");
    expect(".o_cctv_fault:first").toHaveText(
        /stands still.*since 24 Nov 2026 12[:.]47 WITA \(13 min\)\s*Restart Odoo/s
    );
    expect(".o_cctv_fault:first button").toHaveCount(0);
});

test("a camera in use without a recorder is told by a button that leads to it", async () => {
    const left = camera({ id: 2, recorder_id: false, recording_state: "not_recorded" });
    await openHealth(health({ recorders: [node()], cameras: [camera(), left] }));
    expect(queryAllTexts(".o_cctv_fault button.btn-link")).toEqual(["CAM-02"]);
});

test("a node that has not measured yet has no forecast in hours", async () => {
    const disk = { ...node().disk, level: "normal", hours_left: false, hours_left_without_purge: false };
    await openHealth(health({ recorders: [node({ disk }), node({ id: 2, name: "GDG-2", disk, rate: false })] }));
    expect(queryAllTexts(".o_cctv_disk_level")).toEqual(["Room for now", "Room for now"]);
    expect(".o_cctv_node[data-node=GDG-1] .o_cctv_disk").toHaveText(/Full in [\d.]+ days at the present 700 GB a day/);
    expect(".o_cctv_node[data-node=GDG-2] .o_cctv_disk").toHaveText(/No forecast yet/);
    expect(".o_cctv_node[data-node=GDG-2] .o_cctv_forecast").toHaveCount(0);
});

test("many: faults first, filters and paging", async () => {
    const cameras = Array.from({ length: 130 }, (_, i) => camera({ id: i + 1 }));
    Object.assign(cameras[7], { recording_state: "offline", recording_reason: "auth_failed" });
    await openHealth(health({ recorders: [node(), node({ id: 2, name: "GDG-2" })], cameras }));
    expect(".o_cctv_grid tbody tr").toHaveCount(60);
    expect(queryAllTexts(".o_cctv_fault .btn-link")).toEqual(["CAM-08"]);
    expect(".o_cctv_fault").toHaveText(/password refused/);
    await click(".o_cctv_chips button:eq(1)");
    await animationFrame();
    expect(".o_cctv_grid tbody tr").toHaveCount(1);
});

test("silent: nothing green is left", async () => {
    const silent = node({ fresh: false, last_sync: "2026-11-24 04:47:00" });
    await openHealth(health({ recorders: [silent], cameras: [camera(), camera({ id: 2 })] }));
    expect(".o_cctv_node").toHaveAttribute("data-state", "silent");
    expect(".o_cctv_node").toHaveClass("o_cctv_silent");
    const states = queryAll(".o_cctv_grid .o_cctv_status").map((el) => el.dataset.state);
    expect(states).toEqual(["unknown", "unknown"]);
    expect(".o_cctv_health_page .o_cctv_status .text-success").toHaveCount(0);
});

test("stale: an unreachable server greys the page and tells the age", async () => {
    let up = true;
    await openHealth(() => {
        if (!up) {
            throw new Error("away");
        }
        return health({ recorders: [node()], cameras: [camera()] });
    });
    expect(".o_cctv_stale").toHaveCount(0);
    up = false;
    await advanceTime(130_000);
    await animationFrame();
    expect(".o_cctv_stale").toHaveCount(1);
    expect(".alert").toHaveText(/2 min old/);
});

test("who may not see recorders is told which role may, and is not asked to try again", async () => {
    const message = "Recorders are shown to IT.";
    await openHealth(() => {
        throw makeServerError({ type: "AccessError", message });
    });
    expect(".o_cctv_health_page .alert").toHaveText(message);
    expect(".o_cctv_health_page button").toHaveCount(0);
});

test("what cannot be loaded can be tried again", async () => {
    await openHealth(() => {
        throw makeServerError({ message: "away" });
    });
    expect(".o_cctv_health_page .alert").toHaveText(/could not be loaded/);
    expect(".o_cctv_health_page .alert button").toHaveCount(1);
});

test("ticked cameras are tested in one call, which names those that cannot be", async () => {
    onRpc("cctv.camera", "action_test_streams", ({ args }) => {
        expect.step(args[0]);
        return {
            type: "ir.actions.client",
            tag: "display_notification",
            params: { message: "CAM-02 has no such stream.", type: "warning" },
        };
    });
    await openHealth(health({ recorders: [node()], cameras: [camera(), camera({ id: 2 })] }));
    expect(".o_cctv_test").not.toBeEnabled();
    await click(".o_cctv_grid thead input");
    await animationFrame();
    await click(".o_cctv_test");
    await animationFrame();
    expect.verifySteps([[1, 2]]);
    await waitFor(".o_notification:contains(CAM-02 has no such stream.)");
    expect(queryOne(".o_cctv_test").disabled).toBe(true);
});

test("how a test of streams went stands in the camera's row, soon and with its time", async () => {
    const asked = { job: 5, state: "queued", message: "Waiting for the recorder to call.", at: "2026-11-24 04:59:58" };
    let told = false;
    onRpc("cctv.camera", "action_test_streams", () => {
        told = asked;
        return { type: "ir.actions.act_window_close" };
    });
    await openHealth(() => health({ recorders: [node()], cameras: [camera({ test: told }), camera({ id: 2 })] }));
    expect(".o_cctv_grid_test").toHaveCount(0);
    await click(".o_cctv_grid tbody input");
    await animationFrame();
    await click(".o_cctv_test");
    await animationFrame();
    await animationFrame();
    expect(".o_cctv_grid tr[data-camera=CAM-01] .o_cctv_grid_test").toHaveText(/Queued\s*Waiting for the recorder/);
    told = { ...asked, state: "failed", message: "Camera did not answer", at: "2026-11-24 05:00:01" };
    await advanceTime(3_000);
    await animationFrame();
    expect(".o_cctv_grid_test").toHaveCount(1);
    expect(".o_cctv_grid_test").toHaveText(/Failed\s*Camera did not answer\s*24 Nov 2026 13[:.]00[:.]01 WITA/);
});

test("what the recorder's checks found stands on its card, but not what an alarm says already", async () => {
    const checks = [
        { name: "clock", level: "fail", message: "1500 ms off", fix: "correct it" },
        { name: "ffprobe", level: "fail", message: "ffprobe is not found", fix: "install it" },
    ];
    const told = node({ id: 2, name: "GDG-2", checks, alarms: ["clock"] });
    await openHealth(health({ recorders: [node({ checks }), told] }));
    const names = (id) => queryAll(`.o_cctv_node[data-node=GDG-${id}] [data-check]`).map((line) => line.dataset.check);
    expect(names(1)).toEqual(["clock", "ffprobe"]);
    expect(names(2)).toEqual(["ffprobe"]);
});

test("held footage: amber from a fifth, red from two fifths, and who decides", async () => {
    const disk = { ...node().disk, total: 1000, free: 500, used: 100, reserve: 0 };
    const nodes = [19, 20, 40].map((held, id) => node({ id: id + 1, name: `GDG-${id + 1}`, disk, held }));
    await openHealth(health({ recorders: nodes }));
    const held = (id) => `.o_cctv_node[data-node=GDG-${id}] .o_cctv_disk`;
    expect(`${held(1)}:contains(of the footage is on hold)`).toHaveCount(0);
    expect(`${held(2)} .text-warning:contains(20 % of the footage is on hold)`).toHaveCount(1);
    expect(`${held(3)} .text-danger:contains(management releases)`).toHaveCount(1);
    expect(`${held(3)}`).toHaveText(/footage 100 B\s*of it on hold 40 B/);
});

test("with one recorder the button to move cameras says what is missing", async () => {
    await openHealth(health({ recorders: [node()] }));
    expect(".o_cctv_move").not.toBeEnabled();
    expect(".o_cctv_node").toHaveText(/Needs a second recorder/);
});

test("cameras are moved from the card of their recorder", async () => {
    onRpc("cctv.recorder", "action_move_cameras", ({ args }) => {
        expect.step(args[0]);
        return { type: "ir.actions.act_window_close" };
    });
    await openHealth(health({ recorders: [node(), node({ id: 2, name: "GDG-2" })] }));
    await click(".o_cctv_node[data-node=GDG-2] .o_cctv_move");
    await animationFrame();
    expect.verifySteps([[2]]);
});

test("who may not manage sees no button to move cameras", async () => {
    await openHealth(health({ can_manage: false, recorders: [node(), node({ id: 2 })] }));
    expect(".o_cctv_move").toHaveCount(0);
});
