import { onMounted, onWillUnmount, useState } from "@odoo/owl";
import { useService } from "@web/core/utils/hooks";

const DEBOUNCE = 2_000;
const POLL = 60_000;
export const STALE_AFTER = 90_000;
const TICK = 5_000;

/**
 * One screen, one call: loads a board with a single RPC, again after a bus message
 * (debounced 2 s), at least each 60 s, and not at all while the page is hidden.
 *
 * The state tells its own age, so that a screen can say "data 40 s old" instead of
 * showing old figures as new ones; a failed load keeps the last data and sets `error`.
 *
 * @param {string} model
 * @param {string} method public method answering the whole board
 * @param {Array|() => Array} [args] positional arguments, or a function giving them
 * @param {{channel?: string, type?: string}} [options] bus channel and notification type
 * @returns {{state: {data, error, loading, age, stale}, reload: () => Promise<void>}}
 */
export function useBoard(model, method, args = [], { channel, type = "cctv_board" } = {}) {
    const orm = useService("orm");
    const bus = channel ? useService("bus_service") : null;
    const state = useState({
        data: null,
        error: null,
        loading: true,
        age: 0,
        stale: false,
    });
    let loadedAt = 0;
    let latest = 0;
    let debounce = null;
    let timers = [];

    async function reload() {
        const turn = ++latest;
        state.loading = true;
        try {
            const values = typeof args === "function" ? args() : args;
            const data = await orm.silent.call(model, method, values);
            if (turn === latest) {
                loadedAt = Date.now();
                Object.assign(state, { data, error: null, age: 0, stale: false });
            }
        } catch (error) {
            if (turn === latest) {
                state.error = error;
            }
        }
        if (turn === latest) {
            state.loading = false;
        }
    }

    function soon() {
        clearTimeout(debounce);
        debounce = setTimeout(() => !document.hidden && reload(), DEBOUNCE);
    }

    function tick() {
        state.age = loadedAt ? Math.floor((Date.now() - loadedAt) / 1000) : 0;
        state.stale = Boolean(loadedAt) && Date.now() - loadedAt > STALE_AFTER;
    }

    function onVisibility() {
        tick();
        if (!document.hidden && Date.now() - loadedAt > DEBOUNCE) {
            reload();
        }
    }

    onMounted(() => {
        bus?.subscribe(type, soon);
        bus?.addChannel(channel);
        document.addEventListener("visibilitychange", onVisibility);
        timers = [setInterval(() => !document.hidden && reload(), POLL), setInterval(tick, TICK)];
        reload();
    });
    onWillUnmount(() => {
        latest++;
        clearTimeout(debounce);
        timers.forEach((timer) => clearInterval(timer));
        document.removeEventListener("visibilitychange", onVisibility);
        bus?.unsubscribe(type, soon);
        bus?.deleteChannel(channel);
    });
    return { state, reload };
}
