import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

const openApp = () => [
    stepUtils.showAppsMenuItem(),
    {
        content: "Open the CCTV app",
        trigger: ".o_app[data-menu-xmlid='cctv_sop.menu_root']",
        run: "click",
    },
];

const openMenu = (section, entry) => [
    {
        content: `Open the menu ${section}`,
        trigger: `button[data-menu-xmlid='${section}']`,
        run: "click",
    },
    {
        content: `Choose ${entry}`,
        trigger: `.dropdown-item[data-menu-xmlid='${entry}']`,
        run: "click",
    },
];

const setting = (text, name) => text.match(new RegExp(`^${name} = "([^"]*)"`, "m"))[1];

const escaped = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
const param = (value) =>
    typeof value === "number"
        ? `<param><value><int>${value}</int></value></param>`
        : `<param><value><string>${escaped(value)}</string></value></param>`;
const array = (value) =>
    `<param><value><array><data><value><string>${value}</string></value></data></array></value></param>`;

async function xmlRpc(service, method, params) {
    const answer = await fetch(`/xmlrpc/2/${service}`, {
        method: "POST",
        headers: { "Content-Type": "text/xml" },
        body: `<?xml version="1.0"?><methodCall><methodName>${method}</methodName><params>${params}</params></methodCall>`,
    });
    const text = await answer.text();
    const value = new DOMParser().parseFromString(text, "text/xml").querySelector("params > param > value > *");
    if (!answer.ok || !value) {
        throw new Error(`${method}: ${answer.status} ${text}`);
    }
    return value.textContent;
}

/** What the recorder service would send first: a heartbeat under its own key, packed as on the wire. */
async function firstReport(text) {
    const message = {
        schema: 1,
        node: setting(text, "uuid"),
        epoch: crypto.randomUUID(),
        seq: "1",
        sent_us: `${Date.now()}000`,
        etag: "",
        heartbeat: {},
    };
    const packed = new Blob([JSON.stringify(message)]).stream().pipeThrough(new CompressionStream("gzip"));
    const bytes = new Uint8Array(await new Response(packed).arrayBuffer());
    const [db, login, key] = ["db", "login", "key"].map((name) => setting(text, name));
    const uid = await xmlRpc("common", "login", [db, login, key].map(param).join(""));
    const call = [db, Number(uid), key, "cctv.recorder", "sync"].map(param).join("");
    await xmlRpc("object", "execute_kw", call + array(btoa(String.fromCharCode(...bytes))));
}

registry.category("web_tour.tours").add("cctv_it_registers_recorder", {
    steps: () => [
        ...openApp(),
        { content: "IT lands on the recorders", trigger: ".o_breadcrumb:contains('Recorders & Storage')" },
        { content: "Nothing is there yet, and it says so", trigger: ".o_cctv_empty:contains('No recorder yet')" },
        { content: "Register", trigger: ".o_cctv_empty .o_cctv_register", run: "click" },
        { content: "Name it", trigger: ".modal .o_field_widget[name=name] input", run: "edit GDG-9" },
        { content: "Confirm", trigger: ".modal footer button[name=action_register]", run: "click" },
        {
            content: "The configuration is shown, nothing is green yet",
            trigger: ".modal .o_cctv_node_config:has(.o_cctv_wait[data-connected='0'])",
            async run() {
                const area = this.anchor.querySelector("textarea");
                // the box asks for the state before the first report once
                await new Promise((done) => setTimeout(done, 500));
                const body = this.anchor.closest(".modal-body");
                if (area.scrollTop || body.scrollTop) {
                    throw new Error(`not shown from its beginning: ${area.scrollTop}, ${body.scrollTop}`);
                }
                await firstReport(area.value);
            },
        },
        {
            content: "It turns green at the first report",
            trigger: ".modal .o_cctv_wait[data-connected='1']:contains('has reported')",
            timeout: 20000,
        },
        { content: "Close", trigger: ".modal footer button:contains('Close')", run: "click" },
        { content: "The card is there", trigger: ".o_cctv_node[data-node='GDG-9']" },
    ],
});

registry.category("web_tour.tours").add("cctv_it_edits_source", {
    steps: () => [
        ...openApp(),
        ...openMenu("cctv_sop.menu_cameras", "cctv_sop.menu_cctv_camera"),
        { content: "Open the camera", trigger: ".o_data_row td[name=name]:contains('Dock 3')", run: "click" },
        { content: "Tab Network", trigger: ".o_notebook a[name=network]", run: "click" },
        {
            content: "The password is not in the page",
            trigger: ".o_cctv_sources .o_kanban_record:contains('Password stored'):not(:contains('old-secret'))",
        },
        {
            content: "Open the stream",
            trigger: ".o_cctv_sources .o_kanban_record:contains('Main stream') .font-monospace",
            run: "click",
        },
        {
            content: "New address",
            trigger: ".modal .o_field_widget[name=url] input",
            run: "edit rtsp://192.0.2.7:554/other",
        },
        { content: "New password", trigger: ".modal .o_field_widget[name=password] input", run: "edit new-secret" },
        { content: "Take over", trigger: ".modal footer .o_form_button_save", run: "click" },
        { content: "Save", trigger: ".o_form_button_save:enabled", run: "click" },
        { content: "Saved", trigger: ".o_form_saved" },
        {
            content: "Open the stream again",
            trigger: ".o_cctv_sources .o_kanban_record:contains('rtsp://192.0.2.7:554/other') .font-monospace",
            run: "click",
        },
        {
            content: "The field reads back empty",
            trigger: ".modal .o_field_widget[name=password] input",
            run() {
                if (this.anchor.value) {
                    throw new Error("the password came back into the form");
                }
            },
        },
        { content: "Ask for the password", trigger: ".modal .o_cctv_reveal", run: "click" },
        {
            content: "It is said that this is logged",
            trigger: ".modal:contains('is logged') footer .btn-primary",
            run: "click",
        },
        { content: "Shown", trigger: ".modal .o_cctv_shown_password:contains('new-secret')" },
        { content: "Hide", trigger: ".modal .o_cctv_secret button:contains('Hide')", run: "click" },
        { content: "Gone", trigger: ".modal .o_cctv_secret:not(:contains('new-secret'))" },
        { content: "Close", trigger: ".modal footer .o_form_button_cancel", run: "click" },
        { content: "Back on the camera", trigger: "body:not(:has(.modal)) .o_form_view" },
    ],
});

const field = (name, text) => ({
    content: `Type in ${name}`,
    trigger: `.o_field_widget[name=${name}] input`,
    run: `edit ${text}`,
});

const choose = (name, text) => [
    field(name, text),
    {
        content: `Choose ${text}`,
        trigger: `.o-autocomplete--dropdown-item:not(:has(.o_m2o_dropdown_option)) > a:contains(${text})`,
        run: "click",
    },
];

registry.category("web_tour.tours").add("cctv_it_adds_camera_with_stream", {
    steps: () => [
        ...openApp(),
        ...openMenu("cctv_sop.menu_cameras", "cctv_sop.menu_cctv_camera"),
        { content: "New", trigger: ".o_list_button_add, .o-kanban-button-new", run: "click" },
        field("code", "tour-07"),
        field("name", "Gate 7"),
        ...choose("location_id", "Tour Site"),
        { content: "Tab Network", trigger: ".o_notebook a[name=network]", run: "click" },
        ...choose("recorder_id", "GDG-1"),
        { content: "Add a stream", trigger: ".o_field_widget[name=source_ids] .o-kanban-button-new", run: "click" },
        {
            content: "The stream asks for no camera: it is this one's",
            trigger: ".modal:not(:has(.o_field_widget[name=camera_id])) .o_field_widget[name=url] input",
            run: "edit rtsp://192.0.2.9:554/main",
        },
        { content: "Take over", trigger: ".modal footer .o_form_button_save", run: "click" },
        { content: "The dialogue is gone", trigger: "body:not(:has(.modal)) .o_cctv_sources .o_kanban_record" },
        { content: "Save", trigger: ".o_form_button_save:enabled", run: "click" },
        { content: "Saved", trigger: ".o_form_saved" },
        { content: "Add another", trigger: ".o_field_widget[name=source_ids] .o-kanban-button-new", run: "click" },
        {
            content: "It is the sub-stream",
            trigger: ".modal .o_field_widget[name=kind] .o_radio_input[data-value=sub]:checked",
        },
        { content: "Not needed", trigger: ".modal .o_form_button_cancel", run: "click" },
        { content: "That dialogue is gone", trigger: "body:not(:has(.modal)) .o_cctv_sources .o_kanban_record" },
    ],
});

const openCard = (label, title) => [
    {
        content: `The card ${label}`,
        trigger: `.o_cctv_card:contains('${label}')`,
        run: "click",
    },
    {
        content: `opens ${title}`,
        trigger: `.o_breadcrumb .o_last_breadcrumb_item:contains('${title}')`,
    },
    { content: "Back", trigger: ".o_back_button a", run: "click" },
    { content: "On the camera", trigger: ".o_cctv_card" },
];

registry.category("web_tour.tours").add("cctv_cards_open", {
    steps: () => [
        ...openApp(),
        ...openMenu("cctv_sop.menu_cameras", "cctv_sop.menu_cctv_camera"),
        { content: "Open the camera", trigger: ".o_data_row td[name=name]:contains('Dock 3')", run: "click" },
        ...openCard("Open faults", "aults"),
        ...openCard("Legal holds", "Legal Holds on"),
        ...openCard("Unexplained gaps", "Gaps of"),
        ...openCard("Days recorded", "Coverage of"),
    ],
});

registry.category("web_tour.tours").add("cctv_it_moves_cameras", {
    steps: () => [
        ...openApp(),
        { content: "Move", trigger: ".o_cctv_node[data-node='GDG-1'] .o_cctv_move:enabled", run: "click" },
        { content: "The dialogue asks where to", trigger: ".modal .o_field_widget[name=target_id]" },
        { content: "Close", trigger: ".modal footer button.btn-secondary", run: "click" },
        { content: "Closed", trigger: "body:not(:has(.modal)) .o_cctv_node[data-node='GDG-1']" },
    ],
});

registry.category("web_tour.tours").add("cctv_gap_explained", {
    steps: () => [
        ...openApp(),
        ...openMenu("cctv_sop.menu_recordings", "cctv_recorder_bridge.menu_cctv_gap"),
        {
            content: "The gap is listed in site time",
            trigger: ".o_data_row:contains('Camera connection lost') .o_cctv_site_time:contains('WITA')",
            run: "click",
        },
        { content: "Explain", trigger: ".o_form_statusbar button[name=action_explain]", run: "click" },
        {
            content: "Say why",
            trigger: ".modal .o_field_widget[name=note] textarea",
            run: "edit Power cut, generator came two minutes late",
        },
        { content: "Confirm", trigger: ".modal footer button.btn-primary", run: "click" },
        {
            content: "Explained",
            trigger: ".o_statusbar_status button.o_arrow_button_current:contains('Explained')",
        },
        { content: "The words stay", trigger: ".o_field_widget[name=explanation]:contains('Power cut')" },
    ],
});

const isWhole = (trigger) => ({
    content: `${trigger} is not cut`,
    trigger,
    run({ anchor }) {
        const text = document.createRange();
        text.selectNodeContents(anchor);
        const [needed, given] = [text, anchor].map((thing) => thing.getBoundingClientRect().width);
        // what fits to a fraction of a pixel is cut on some screens
        if (needed + 1 > given || anchor.scrollWidth > anchor.clientWidth) {
            throw new Error(`"${anchor.innerText}" needs ${needed}, has ${given}`);
        }
    },
});

// Camera and recorder are whole beside a long outcome.
registry.category("web_tour.tours").add("cctv_jobs_are_readable", {
    steps: () => [
        { content: "The job is listed", trigger: ".o_data_row td[name=message]:contains('Broken pipe')" },
        isWhole(".o_data_row td[name=camera_id]"),
        isWhole(".o_data_row td[name=recorder_id]"),
    ],
});

// Narrow columns keep their heading and their times whole beside wide ones.
registry.category("web_tour.tours").add("cctv_holds_are_readable", {
    steps: () => [
        { content: "The hold is listed", trigger: ".o_data_row td[name=case_ref]:contains(SPKT)" },
        isWhole("th[data-name=hold_state] .text-truncate:contains('Di Perekam')"),
        isWhole(".o_data_row td[name=stop]"),
    ],
});
