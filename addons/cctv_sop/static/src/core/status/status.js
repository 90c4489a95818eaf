import { Component, useEffect, useState } from "@odoo/owl";
import { deserializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { STALE_AFTER } from "../board/use_board";
import { formatSpan } from "../format/format";
import { useAnswer } from "../live/live_answer";
import { useLiveFields } from "../live/live_fields";
import { formatSiteTime, readZone, zoneDependencies } from "../site_time/site_time";
import { getStatus } from "./cctv_status";

const { DateTime } = luxon;
const TICK = 30_000;

/** Icon, word, age: never colour alone. */
export class CctvStatus extends Component {
    static template = "cctv_sop.Status";
    static props = {
        kind: String,
        state: { optional: true },
        label: { type: String, optional: true },
        detail: { type: String, optional: true },
        since: { optional: true },
        readAt: { type: Number, optional: true },
        tz: { optional: true },
        pill: { type: Boolean, optional: true },
    };

    setup() {
        this.clock = useState({ now: DateTime.now() });
        useEffect(
            (moves) => {
                const timer = moves && setInterval(() => (this.clock.now = DateTime.now()), TICK);
                return () => clearInterval(timer);
            },
            () => [Boolean(this.props.since || this.props.readAt)]
        );
    }

    get look() {
        return getStatus(this.props.kind, this.props.state);
    }

    get word() {
        return this.props.label || this.look.word;
    }

    get since() {
        const value = this.props.since;
        return typeof value === "string" ? deserializeDateTime(value) : value || false;
    }

    get age() {
        const { readAt, tz } = this.props;
        if (this.clock.now.toMillis() - readAt > STALE_AFTER) {
            return _t("as of %s", formatSiteTime(DateTime.fromMillis(readAt), tz));
        }
        return this.since ? formatSpan(this.clock.now.diff(this.since, "seconds").seconds) : "";
    }

    get title() {
        const parts = [this.props.detail || ""];
        if (this.since) {
            parts.push(_t("since %s", formatSiteTime(this.since, this.props.tz)));
        }
        return parts.filter(Boolean).join(", ");
    }
}

export class CctvStatusField extends Component {
    static template = "cctv_sop.StatusField";
    static components = { CctvStatus };
    static props = {
        ...standardFieldProps,
        kind: { type: String, optional: true },
        sinceField: { type: String, optional: true },
        detailField: { type: String, optional: true },
        tzField: { type: String, optional: true },
        followedFields: { type: Array, optional: true },
        awaitedStates: { type: Array, optional: true },
    };
    static defaultProps = { kind: "camera", tzField: "tz", followedFields: [], awaitedStates: [] };

    setup() {
        const { name, sinceField, detailField, followedFields, awaitedStates } = this.props;
        const names = [name, sinceField, detailField, ...followedFields].filter(Boolean);
        this.live = useLiveFields(() => this.props.record, sinceField ? names : []);
        useAnswer(() => this.props.record, [name, detailField].filter(Boolean), awaitedStates);
    }

    read(name) {
        return name ? this.props.record.data[name] : false;
    }

    get statusProps() {
        const value = this.read(this.props.name);
        const options = this.props.record.fields[this.props.name].selection || [];
        const label = options.find(([key]) => key === value)?.[1];
        return {
            kind: this.props.kind,
            state: value,
            ...(label ? { label } : {}),
            detail: this.read(this.props.detailField) || "",
            since: this.read(this.props.sinceField),
            ...(this.props.sinceField ? { readAt: this.live.readAt } : {}),
            tz: this.props.sinceField && readZone(this.props.record, this.props.tzField),
        };
    }
}

export const cctvStatusField = {
    component: CctvStatusField,
    displayName: _t("CCTV Status"),
    supportedTypes: ["selection", "char"],
    fieldDependencies: ({ options }) => [
        ...(options.since_field
            ? [{ name: options.since_field, type: "datetime" }, ...zoneDependencies(options.tz_field || "tz")]
            : []),
        ...(options.detail_field ? [{ name: options.detail_field, type: "char" }] : []),
    ],
    extractProps: ({ options }) => ({
        kind: options.kind || "camera",
        sinceField: options.since_field,
        detailField: options.detail_field,
        tzField: options.tz_field || "tz",
        followedFields: options.followed_fields || [],
        awaitedStates: options.awaited_states || [],
    }),
};

registry.category("fields").add("cctv_status", cctvStatusField);
