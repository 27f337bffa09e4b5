// Another tab leads within a second after the leading tab is closed, killed or hangs. Measured several
// times each; the median is compared, because a machine that stands still for a moment says nothing
// about the product.
import type { BrowserContext } from "@playwright/test";
import { ENDS, keepBusy, Tabs, withoutLocks } from "../harness/tabs";
import { expect, test } from "../harness/test";
import type { Widget } from "../harness/widget";

/** Milliseconds within which another tab polls, counted from before the browser is asked to end the tab. */
const TAKE_OVER_MS = 1000;
/** How often each is measured. */
const TIMES = Number(process.env.TAKE_OVERS ?? 3);
/** Milliseconds for which a tab hangs: longer than a take-over ever takes. */
const HANGS_FOR = 4000;

for (const by of ["lock", "lease"]) {
  for (const [end, act] of Object.entries(ENDS)) {
    test(`with a ${by}: how soon another tab leads after the leading tab is ${end}`, async ({ context, site, agent }) => {
      test.setTimeout(60_000 + TIMES * 15_000);
      const tabs = new Tabs(context, site.address("plain"));
      const first = await opened(context, by, tabs);
      await first.ask();
      await agent.acceptNext();
      await expect(first.message).toBeVisible();
      await tabs.open();
      const took: number[] = [];
      for (let n = 0; n < TIMES; n++) {
        const leader = await tabs.leader();
        took.push(await tabs.takeOver(leader, () => act(leader.page, context)));
        tabs.forget(leader.page);
        const next = await tabs.open();
        await expect(next.message).toBeVisible();
      }
      expectSoon(`${end}, by a ${by}`, took);
      expect(tabs.statuses).not.toContain(409);
    });
  }

  test(`with a ${by}: how soon another tab leads while the leading tab hangs`, async ({ context, endpoint, agent }) => {
    test.setTimeout(60_000 + TIMES * 15_000);
    // On the chat's own origin, where each tab has a process of its own, its frame included.
    const tabs = new Tabs(context, `${endpoint.url}/demo/`);
    const first = await opened(context, by, tabs);
    await first.ask();
    const chat = await agent.acceptNext();
    await tabs.open();
    const took: number[] = [];
    for (let n = 0; n < TIMES; n++) {
      const leader = await tabs.leader();
      let over: Promise<unknown> = Promise.resolve();
      const hang = async () => {
        over = keepBusy(leader.page, HANGS_FOR);
      };
      took.push(await tabs.takeOver(leader, hang));
      await over;
      // The two agree again.
      await agent.say(chat, `a${n} after it`);
      for (const widget of tabs.widgets) await widget.hears(`a${n} after it`);
    }
    expectSoon(`hangs, by a ${by}`, took);
    expect(tabs.statuses).not.toContain(409);
  });
}

async function opened(context: BrowserContext, by: string, tabs: Tabs): Promise<Widget> {
  if (by === "lease") await withoutLocks(context);
  return tabs.open();
}

function expectSoon(what: string, took: number[]): void {
  took.sort((one, other) => one - other);
  const median = took[Math.floor(took.length / 2)];
  console.log(`${what}: median ${median} ms, all ${took.join(", ")} ms`);
  expect(median, "milliseconds until another tab polls, in the median").toBeLessThan(TAKE_OVER_MS);
}
