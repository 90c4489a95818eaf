import { toRaw, useEffect, useState } from "@odoo/owl";
import { groupBy } from "@web/core/utils/arrays";

const TICK = 30_000;

/** Reads again, together, what the records of one view show as present. */
class LiveReader {
    /** @param {Object} model of the view, which outlives its rows */
    constructor(model) {
        this.model = model;
        this.followers = new Set();
        this.onVisibility = () => this.readAll();
    }

    add(follower) {
        if (!this.followers.size) {
            this.timer = setInterval(() => this.readAll(), TICK);
            document.addEventListener("visibilitychange", this.onVisibility);
        }
        this.followers.add(follower);
    }

    remove(follower) {
        this.followers.delete(follower);
        if (!this.followers.size) {
            clearInterval(this.timer);
            document.removeEventListener("visibilitychange", this.onVisibility);
        }
    }

    async readAll() {
        const groups = groupBy(this.followers, (follower) => follower.record.resModel);
        await Promise.all(Object.entries(groups).map(([model, followers]) => this.read(model, followers)));
    }

    async read(model, followers) {
        const stored = followers.filter((follower) => follower.record.resId);
        if (document.hidden || !stored.length) {
            return;
        }
        const ids = [...new Set(stored.map((follower) => follower.record.resId))];
        const names = stored.flatMap(({ record, names }) => names.filter((name) => name in record.activeFields));
        const specification = Object.fromEntries(names.map((name) => [name, {}]));
        const { context } = stored[0].record;
        const askedAt = Date.now();
        let rows = [];
        try {
            rows = await this.model.orm.silent.webRead(model, ids, { context, specification });
        } catch {
            // what could not be read again tells its own age
            return;
        }
        const byId = new Map(rows.map((row) => [row.id, row]));
        for (const follower of stored) {
            follower.take(byId.get(follower.record.resId), askedAt);
        }
    }
}

const readers = new WeakMap();

/**
 * Keeps fields of a record as they are on the server while a view stays open. Only these fields are set anew: what a
 * user is typing elsewhere in the record stays.
 *
 * @param {() => Object} getRecord record of the web client's model
 * @param {string[]} names fields without relation; none means that nothing is read again
 * @returns {{readAt: number}} milliseconds; when the fields were last read
 */
export function useLiveFields(getRecord, names) {
    const live = useState({ readAt: Date.now() });
    if (!names.length) {
        return live;
    }
    const model = toRaw(getRecord().model);
    const reader = readers.get(model) || new LiveReader(model);
    readers.set(model, reader);
    const follower = {
        names,
        get record() {
            return getRecord();
        },
        take(row, askedAt) {
            if (!row || askedAt < live.readAt) {
                return;
            }
            const known = names.filter((name) => name in row && name in this.record.activeFields);
            // not load(): it would drop what is being typed, and what is open or ticked
            this.record._applyValues(Object.fromEntries(known.map((name) => [name, row[name]])));
            live.readAt = askedAt;
        },
    };
    useEffect(
        () => {
            const { resId, resModel } = getRecord();
            reader.add(follower);
            // the page of a form may be opened long after its record was read; a list's rows were read just now
            if (model.root.resId === resId && model.root.resModel === resModel) {
                reader.read(resModel, [follower]);
            }
            return () => reader.remove(follower);
        },
        () => [getRecord().resId]
    );
    return live;
}
