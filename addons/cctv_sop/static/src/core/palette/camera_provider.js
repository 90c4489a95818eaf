import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

const LIMIT = 8;
/** What is typed to find a camera carries a number, as on its label: "CAM-07", "cam 7". */
const LIKE_A_CODE = /\d/;

/**
 * Ctrl+K, then a camera's code: opens the camera from any app.
 * Who may not read cameras gets no answer, and no question is asked without a number.
 */
export const cameraProvider = {
    async provide(env, { searchValue = "" } = {}) {
        const code = searchValue.trim().toLowerCase().replace(/\s+/g, "-");
        if (!LIKE_A_CODE.test(code)) {
            return [];
        }
        const { orm, action } = env.services;
        let cameras = [];
        try {
            cameras = await orm.silent.searchRead("cctv.camera", [["code", "ilike", code]], ["display_name"], {
                limit: LIMIT,
            });
        } catch {
            return [];
        }
        return cameras.map(({ id, display_name: name }) => ({
            category: "default",
            name: _t("Camera %s", name),
            action: () =>
                action.doAction("cctv_sop.action_cctv_camera", {
                    viewType: "form",
                    props: { resId: id },
                }),
        }));
    },
};

registry.category("command_provider").add("cctv_camera", cameraProvider);
