import { registry } from "@web/core/registry";
import { CalendarCommonRenderer } from "@web/views/calendar/calendar_common/calendar_common_renderer";
import { CalendarRenderer } from "@web/views/calendar/calendar_renderer";
import { calendarView } from "@web/views/calendar/calendar_view";

/** The least complete cameras of a day first: what has no room stands behind "+2 more". */
class CoverageCommonRenderer extends CalendarCommonRenderer {
    get options() {
        return { ...super.options, eventOrder: (one, other) => this.percent(one) - this.percent(other) };
    }

    percent(event) {
        return this.props.model.records[event.id]?.rawRecord.percent || 0;
    }
}

class CoverageCalendarRenderer extends CalendarRenderer {
    static components = {
        ...CalendarRenderer.components,
        day: CoverageCommonRenderer,
        week: CoverageCommonRenderer,
        month: CoverageCommonRenderer,
    };
}

registry.category("views").add("cctv_coverage_calendar", { ...calendarView, Renderer: CoverageCalendarRenderer });
