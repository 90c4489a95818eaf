import { registry } from "@web/core/registry";
import { ListRenderer } from "@web/views/list/list_renderer";
import { listView } from "@web/views/list/list_view";

/** Sorts by indexed columns alone: millions of rows stand behind this list. */
export class SegmentListRenderer extends ListRenderer {
    static INDEXED = ["start"];

    isSortable(column) {
        return SegmentListRenderer.INDEXED.includes(column.name) && super.isSortable(column);
    }
}

registry.category("views").add("cctv_segment_list", { ...listView, Renderer: SegmentListRenderer });
