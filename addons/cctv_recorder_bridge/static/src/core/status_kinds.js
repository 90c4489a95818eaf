import { STATUS, UNKNOWN } from "@cctv_sop/core/status/cctv_status";
import { _t } from "@web/core/l10n/translation";

STATUS.disk = {
    normal: { word: _t("Room for now"), icon: "fa-check", class: "text-muted" },
    tight: { word: _t("Room gets tight"), icon: "fa-exclamation-triangle", class: "text-warning" },
    low: { word: _t("Some cameras held back"), icon: "fa-minus-circle", class: "text-danger fw-bold" },
    full: { word: _t("Full"), icon: "fa-times-circle", class: "text-danger fw-bold" },
    unknown: UNKNOWN,
};

STATUS.gap = {
    open: { word: _t("Still Open"), icon: "fa-times-circle", class: "text-danger fw-bold" },
    unexplained: { word: _t("Not Explained"), icon: "fa-exclamation-triangle", class: "text-warning" },
    explained: { word: _t("Explained"), icon: "fa-check", class: "text-muted" },
    withdrawn: { word: _t("Withdrawn"), icon: "fa-undo", class: "text-muted" },
    unknown: UNKNOWN,
};
