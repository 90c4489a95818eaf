import { expect, test } from "@odoo/hoot";
import { animationFrame } from "@odoo/hoot-dom";
import { advanceTime, Deferred } from "@odoo/hoot-mock";
import { Component, xml } from "@odoo/owl";
import { useBoard } from "@cctv_sop/core/board/use_board";
import { makeServerError, mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";

defineMailModels();

class Board extends Component {
    static props = {};
    static template = xml`
        <div class="board" t-att-data-stale="String(board.state.stale)" t-att-data-age="board.state.age">
            <t t-out="board.state.data and board.state.data.value"/>
            <b t-if="board.state.error">failed</b>
        </div>`;
    setup() {
        this.String = String;
        this.board = useBoard("res.partner", "get_board", () => [[7]]);
    }
}

test("opens with one call and asks again each minute", async () => {
    let count = 0;
    onRpc("res.partner", "get_board", ({ args }) => {
        expect.step(`ask ${JSON.stringify(args)}`);
        return { value: `answer ${++count}` };
    });
    await mountWithCleanup(Board);
    await animationFrame();
    expect.verifySteps(["ask [[7]]"]);
    expect(".board").toHaveText("answer 1");
    await advanceTime(60_000);
    await animationFrame();
    expect.verifySteps(["ask [[7]]"]);
    expect(".board").toHaveText("answer 2");
});

test("a failed call keeps the last data, says so, and the data grows old", async () => {
    let broken = false;
    onRpc("res.partner", "get_board", () => {
        if (broken) {
            throw makeServerError({ message: "away" });
        }
        return { value: "first" };
    });
    await mountWithCleanup(Board);
    await animationFrame();
    expect(".board").toHaveAttribute("data-stale", "false");
    broken = true;
    await advanceTime(120_000);
    await animationFrame();
    expect(".board").toHaveText(/first\s*failed/);
    expect(".board").toHaveAttribute("data-stale", "true");
});

test("a late first answer does not overwrite a newer one", async () => {
    const slow = new Deferred();
    let count = 0;
    onRpc("res.partner", "get_board", () => {
        count++;
        return count === 1 ? slow : { value: "new" };
    });
    const board = await mountWithCleanup(Board);
    await board.board.reload();
    await animationFrame();
    expect(".board").toHaveText("new");
    slow.resolve({ value: "old" });
    await animationFrame();
    expect(".board").toHaveText("new");
});

test("nothing is asked after leaving", async () => {
    onRpc("res.partner", "get_board", () => {
        expect.step("ask");
        return { value: 1 };
    });
    class Parent extends Component {
        static components = { Board };
        static props = {};
        static template = xml`<Board t-if="show.value"/>`;
        show = { value: true };
    }
    const parent = await mountWithCleanup(Parent);
    await animationFrame();
    expect.verifySteps(["ask"]);
    parent.show.value = false;
    parent.render();
    await animationFrame();
    await advanceTime(300_000);
    expect.verifySteps([]);
});
