import { useEffect } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { useBus } from "@web/core/utils/hooks";

const ASK_EVERY = 3000;

/**
 * While a record waits for an answer from elsewhere, asks for it again and again, and not while the page is hidden.
 * The answer reads the record anew, or, while somebody edits it, only these fields.
 *
 * @param {() => Object} getRecord record of the web client's model
 * @param {string[]} names fields without relation; the first one tells whether the record waits
 * @param {string[]} awaited values of the first field that wait
 */
export function useAnswer(getRecord, names, awaited) {
    if (!awaited.length) {
        return;
    }
    const isWaiting = (data) => awaited.includes(data[names[0]]);
    let typing = false;
    useBus(getRecord().model.bus, "FIELD_IS_DIRTY", ({ detail }) => (typing = detail));

    async function ask() {
        const { resId, resModel, context, model, activeFields } = getRecord();
        if (document.hidden) {
            return;
        }
        const known = names.filter((name) => name in activeFields);
        const specification = Object.fromEntries(known.map((name) => [name, {}]));
        let row;
        try {
            [row] = await model.orm.silent.webRead(resModel, [resId], { context, specification });
        } catch {
            // asked again soon
            return;
        }
        const record = getRecord();
        if (!row || record.resId !== resId || !isWaiting(record.data)) {
            return;
        }
        if (isWaiting(row) || record.dirty || typing) {
            record._applyValues(row);
        } else {
            await record.load();
        }
    }

    useEffect(
        (resId, waits) => {
            const timer = resId && waits && browser.setInterval(ask, ASK_EVERY);
            return () => browser.clearInterval(timer);
        },
        () => [getRecord().resId, isWaiting(getRecord().data)]
    );
}
