import { expect, test, describe } from "@odoo/hoot";
import { cameraProvider } from "@cctv_sop/core/palette/camera_provider";
import {
    defineModels,
    fields,
    makeMockEnv,
    makeServerError,
    mockService,
    models,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";

describe.current.tags("headless");

class Camera extends models.Model {
    _name = "cctv.camera";
    code = fields.Char();
    display_name = fields.Char();
    _records = [
        { id: 1, code: "cam-07", display_name: "CAM-07 Dock 3" },
        { id: 2, code: "cam-70", display_name: "CAM-70 Gate" },
    ];
}

defineMailModels();
defineModels([Camera]);

test("a code finds its camera and opens it", async () => {
    mockService("action", {
        doAction: (name, options) => expect.step(`${name} ${options.props.resId}`),
    });
    const env = await makeMockEnv();
    const found = await cameraProvider.provide(env, { searchValue: "CAM 07" });
    expect(found.map((command) => command.name)).toEqual(["Camera CAM-07 Dock 3"]);
    found[0].action();
    expect.verifySteps(["cctv_sop.action_cctv_camera 1"]);
});

test("nothing is asked without a number, and no right means no answer", async () => {
    onRpc("cctv.camera", "search_read", () => {
        expect.step("asked");
        throw makeServerError({ message: "no right" });
    });
    const env = await makeMockEnv();
    expect(await cameraProvider.provide(env, { searchValue: "invoice" })).toEqual([]);
    expect.verifySteps([]);
    expect(await cameraProvider.provide(env, { searchValue: "cam-07" })).toEqual([]);
    expect.verifySteps(["asked"]);
});
