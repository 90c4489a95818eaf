import { expect, test, describe } from "@odoo/hoot";
import { formatLength, formatRatio, formatSpan } from "@cctv_sop/core/format/format";
import { patchWithCleanup, defineModels, makeMockEnv } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { localization } from "@web/core/l10n/localization";

describe.current.tags("headless");
defineMailModels();
defineModels([]);

test("a share is cut, never rounded up to whole", async () => {
    await makeMockEnv();
    patchWithCleanup(localization, { decimalPoint: "," });
    expect(formatRatio(0.99996)).toBe("99,99 %");
    expect(formatRatio(0.997)).toBe("99,7 %");
    expect(formatRatio(0.9871)).toBe("98,7 %");
    expect(formatRatio(1)).toBe("100 %");
    expect(formatRatio(0)).toBe("0 %");
    expect(formatRatio(null)).toBe("–");
});

test("a length of time in the units that matter", async () => {
    await makeMockEnv();
    expect(formatSpan(41.9)).toBe("41 sec");
    expect(formatSpan(15 * 60)).toBe("15 min");
    expect(formatSpan(84 * 60)).toBe("1 h 24 min");
    expect(formatSpan(7200)).toBe("2 h");
    expect(formatSpan(86400)).toBe("1 day");
    expect(formatSpan(3 * 86400)).toBe("3 days");
    expect(formatSpan(-5)).toBe("0 sec");
});

test("what was recorded or is missing is told to the second below one hour", async () => {
    await makeMockEnv();
    expect(formatLength(41.9)).toBe("41 sec");
    expect(formatLength(60)).toBe("1 min");
    expect(formatLength(109)).toBe("1 min 49 sec");
    expect(formatLength(59 * 60 + 59)).toBe("59 min 59 sec");
    expect(formatLength(3600)).toBe("1 h");
    expect(formatLength(84 * 60 + 31)).toBe("1 h 24 min");
    expect(formatLength(86400)).toBe("1 day");
    expect(formatLength(86400 + 5 * 3600 + 1800)).toBe("1 day 5 h");
    expect(formatLength(3 * 86400 + 60)).toBe("3 days");
});
