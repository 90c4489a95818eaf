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
        trigger: `button[data-menu-xmlid='cctv_sop.${section}']`,
        run: "click",
    },
    {
        content: `Choose ${entry}`,
        trigger: `.dropdown-item[data-menu-xmlid='cctv_sop.${entry}']`,
        run: "click",
    },
];

const choose = (field, text, label) => [
    {
        content: `Type in ${field}`,
        trigger: `.o_field_widget[name=${field}] input`,
        run: `edit ${text}`,
    },
    {
        content: `Choose ${label || text}`,
        trigger: `.o-autocomplete--dropdown-item:not(:has(.o_m2o_dropdown_option)) > a:contains(${label || text})`,
        run: "click",
    },
];

const select = (field, label) => [
    {
        content: `Open ${field}`,
        trigger: `.o_field_widget[name=${field}] input`,
        run: "click",
    },
    {
        content: `Choose ${label}`,
        trigger: `.o_select_menu_item:contains(${label})`,
        run: "click",
    },
];

const save = () => [
    {
        content: "Save",
        trigger: ".o_form_button_save:enabled",
        run: "click",
    },
    { content: "Saved", trigger: ".o_form_saved" },
];

// IT: location, camera, take over with a reason.
registry.category("web_tour.tours").add("cctv_it_takes_camera_over", {
    steps: () => [
        ...openApp(),
        ...openMenu("menu_cameras", "menu_cctv_location"),
        {
            content: "The locations are listed",
            trigger: ".o_breadcrumb:contains('Locations & Plans')",
        },
        { content: "New location", trigger: ".o_list_button_add", run: "click" },
        {
            content: "Name it",
            trigger: ".o_field_widget[name=name] input",
            run: "edit Tour Dock",
        },
        ...select("location_type", "Zone"),
        ...choose("parent_id", "Tour Site"),
        ...select("security_class", "Restricted"),
        ...select("area_type", "Warehouse"),
        ...save(),
        ...openMenu("menu_cameras", "menu_cctv_camera"),
        { content: "The cameras are listed", trigger: ".o_breadcrumb:contains('Camera List')" },
        { content: "New camera", trigger: ".o_list_button_add", run: "click" },
        {
            content: "Code, in capitals as on the label",
            trigger: ".o_field_widget[name=code] input",
            run: "edit TOUR-07",
        },
        {
            content: "Name",
            trigger: ".o_field_widget[name=name] input",
            run: "edit Dock 3",
        },
        ...choose("location_id", "Tour Dock"),
        {
            content: "Policy",
            trigger: ".o_notebook a[name=policy]",
            run: "click",
        },
        ...select("purpose", "Asset security"),
        ...select("lawful_basis", "Legitimate interest"),
        {
            content: "Why that basis",
            trigger: ".o_field_widget[name=lawful_basis_note] textarea, .o_field_widget[name=lawful_basis_note] input",
            run: "edit Theft at the dock, balanced on 1 November",
        },
        ...save(),
        {
            content: "The head of the form is honest without a recorder",
            trigger: ".o_cctv_header .o_cctv_strip_none",
        },
        {
            content: "Planned, not green",
            trigger: ".o_cctv_pill[data-state=planned]:not(:has(.text-success))",
        },
        {
            content: "Take over",
            trigger: ".o_form_statusbar button[name=action_take_over]",
            run: "click",
        },
        {
            content: "The reason is asked",
            trigger: ".modal .o_field_widget[name=note] textarea",
            run: "edit Hangs here since 2024",
        },
        {
            content: "Confirm",
            trigger: ".modal footer button.btn-primary",
            run: "click",
        },
        {
            content: "Active",
            trigger: ".o_statusbar_status button.o_arrow_button_current:contains(Active)",
        },
        {
            content: "The head follows the step",
            trigger: ".o_cctv_pills:not(:has([data-state=planned])) .o_cctv_pill",
        },
        {
            content: "The reason stands in the chatter",
            trigger: ".o-mail-Message:contains('Hangs here since 2024')",
        },
        {
            content: "No step but those that start here",
            trigger: ".o_form_statusbar:not(:has(button[name=action_take_over])) button[name=action_suspend]",
        },
    ],
});

// Officer: sees the camera, may change nothing, reports a fault.
registry.category("web_tour.tours").add("cctv_officer_only_reads", {
    steps: () => [
        ...openApp(),
        { content: "The role's page opens", trigger: ".o_breadcrumb:contains('Camera List')" },
        { content: "A row with a word, not only a colour", trigger: ".o_data_row .o_cctv_status:contains(Planned)" },
        { content: "No button New", trigger: ".o_control_panel:not(:has(.o_list_button_add))" },
        {
            content: "Open the camera",
            trigger: ".o_data_row td[name=name]:contains('Tour Gate')",
            run: "click",
        },
        { content: "The head is there", trigger: ".o_cctv_header .o_cctv_pill[data-state=planned]" },
        {
            content: "Nothing to edit",
            trigger: ".o_form_view .o_form_sheet:not(:has(.o_field_widget input:not([disabled])))",
        },
        {
            content: "No step to take",
            trigger: ".o_form_statusbar:not(:has(button[name^=action_]:not([name=action_report_fault])))",
        },
        {
            content: "A fault can be reported",
            trigger: ".o_form_statusbar button[name=action_report_fault]",
            run: "click",
        },
        {
            content: "Say what is wrong",
            trigger: ".o_field_widget[name=name] textarea, .o_field_widget[name=name] input",
            run: "edit No picture",
        },
        ...save(),
        {
            content: "Back to the camera",
            trigger: ".o_breadcrumb .o_back_button, .breadcrumb-item a:contains('TOUR-GATE')",
            run: "click",
        },
        {
            content: "The card counts it",
            trigger: ".o_cctv_card[data-key=faults] .o_cctv_card_value:contains(1)",
        },
        {
            content: "No configuration",
            trigger: ".o_main_navbar:not(:has([data-menu-xmlid='cctv_sop.menu_configuration']))",
        },
    ],
});

// Auditor: the whole time stands in its column, and the steps are grouped under words.
registry.category("web_tour.tours").add("cctv_auditor_reads_the_log", {
    steps: () => [
        {
            content: "Times are not cut",
            trigger: ".o_data_row td[name=at]:contains(UTC), .o_data_row td[name=at]:contains(WITA)",
            run({ anchor }) {
                const text = document.createRange();
                text.selectNodeContents(anchor);
                const [needed, given] = [text, anchor].map((thing) => thing.getBoundingClientRect());
                if (needed.right > given.right || needed.bottom > given.bottom) {
                    throw new Error(
                        `The time is cut: it ends at ${needed.right}, ${needed.bottom}, its column at ${given.right}, ${given.bottom}`
                    );
                }
            },
        },
        {
            content: "Open the search menu",
            trigger: ".o_searchview_dropdown_toggler",
            run: "click",
        },
        {
            content: "Group by step",
            trigger: ".o_group_by_menu .o_menu_item:contains(Step)",
            run: "click",
        },
        {
            content: "The group is headed by words",
            trigger: ".o_group_name:contains('Start testing')",
        },
    ],
});
