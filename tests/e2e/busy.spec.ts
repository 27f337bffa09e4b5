// An endpoint that asks to wait, by 429 or 503 with `Retry-After`: the window says so, asks again after that time and
// not before, and takes a 503 of this kind for no hand-over.
import { expect, test } from "./harness/test";

const WAIT_S = 3;
const SENTENCE = "Very busy right now. What you write is kept, and sent in a moment.";

for (const [call, status] of [["Chasitor/ChatMessage", 429], ["Chasitor/ChatMessage", 503], ["System/Messages", 503]] as const) {
  test(`${call} is answered ${status} with a time to wait`, async ({ page, site, widget, agent }) => {
    await page.goto(site.address("plain"));
    await widget.ask();
    const chat = await agent.acceptNext();
    await expect(widget.message).toBeVisible();

    let refusedAt = 0;
    let askedAgainAt = 0;
    await page.route(`**/${call}*`, async (route) => {
      if (refusedAt === 0) {
        refusedAt = Date.now();
        return route.fulfill({ status, headers: { "retry-after": String(WAIT_S) }, body: "too much at once" });
      }
      askedAgainAt ||= Date.now();
      return route.continue();
    });
    let handOvers = 0;
    await page.route("**/System/ReconnectSession*", (route) => {
      handOvers++;
      return route.continue();
    });

    await widget.message.fill("v1 kept");
    await widget.send.click();
    await expect(widget.frame.getByText(SENTENCE)).toBeVisible();
    await agent.say(chat, "a1 from meanwhile");
    await agent.hears(chat, "v1 kept");
    await widget.hears("a1 from meanwhile");
    await expect(widget.frame.getByText(SENTENCE)).toBeHidden();
    expect((await agent.said(chat)).toSorted()).toEqual(["a1 from meanwhile", "v1 kept"]);
    expect(askedAgainAt - refusedAt).toBeGreaterThanOrEqual(WAIT_S * 1_000);
    expect(handOvers).toBe(0);
    await page.unrouteAll({ behavior: "ignoreErrors" });
  });
}
