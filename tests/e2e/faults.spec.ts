// A bad connection between the browser and the endpoint: messages arrive exactly once and in order on both
// sides, and a side that no longer receives says so.
import type { Agent } from "./harness/agent";
import type { Fault } from "./harness/proxy";
import { expect, test } from "./harness/test";
import type { Widget } from "./harness/widget";

/** Said by both, until both transcripts are the same, and what was meant. */
async function expectTheSame(widget: Widget, agent: Agent, chat: string): Promise<string[]> {
  const marks = (texts: string[]) => texts.map((text) => text.split(" ")[0] ?? "");
  const said = marks(await agent.said(chat));
  await expect.poll(() => widget.marks()).toEqual(said);
  return said;
}

test("every second answer to a message is lost: 200 messages arrive once and in order", async ({
  page,
  site,
  faultyProxy,
  widget,
  agent,
}) => {
  test.setTimeout(600_000);
  await page.goto(site.address("plain"));
  await widget.ask();
  const chat = await agent.acceptNext();
  await expect(widget.message).toBeVisible();

  faultyProxy.faults = ({ kind, nth }) =>
    kind === "ChatMessage" && nth % 2 === 0 ? { is: "answer lost" } : undefined;
  const meant: string[] = [];
  for (let n = 1; n <= 200; n++) {
    meant.push(`v${n}`);
    await widget.message.fill(`v${n} of two hundred`);
    await widget.send.click();
    // Fifty may wait, and no more.
    if (n % 40 !== 0) continue;
    await expect.poll(async () => (await agent.said(chat)).length, { timeout: 120_000 }).toBe(meant.length);
    await agent.say(chat, `a${n} so far`);
    await widget.hears(`a${n} so far`);
    meant.push(`a${n}`);
  }
  expect(await expectTheSame(widget, agent, chat)).toEqual(meant);
  expect(faultyProxy.befell.get("answer lost")).toBeGreaterThan(100);
});

const ONE_IN_THREE: Record<string, Fault> = {
  "503": { is: "answered", status: 503 },
  "500": { is: "answered", status: 500 },
  "requests lost": { is: "request lost" },
  "answers lost": { is: "answer lost" },
  "answers truncated": { is: "cut" },
  "answers a second late": { is: "delayed", ms: 1_000 },
};

for (const [name, fault] of Object.entries(ONE_IN_THREE)) {
  test(`every third call of each kind fails: ${name}`, async ({ page, site, faultyProxy, widget, agent }) => {
    // Hand-overs in a row are spaced, by up to eight seconds: what is said may wait for several.
    test.setTimeout(240_000);
    const patience = { timeout: 60_000 };
    // The first of each kind, the fourth…: the calls of a hand-over among them.
    faultyProxy.faults = ({ kind, nth }) => (kind && nth % 3 === 1 ? fault : undefined);
    await page.goto(site.address("plain"));
    await widget.ask();
    const chat = await agent.acceptNext();
    await expect(widget.message).toBeVisible();
    for (let turn = 1; turn <= 3; turn++) {
      await widget.say(`v${turn} over a bad connection`);
      await agent.hears(chat, `v${turn} over a bad connection`, patience);
      await agent.say(chat, `a${turn} over a bad connection`);
      await expect(widget.log.getByText(`a${turn} over a bad connection`, { exact: true })).toBeVisible(patience);
    }
    const said = await expectTheSame(widget, agent, chat);
    expect(said).toEqual(["v1", "a1", "v2", "a2", "v3", "a3"]);
    expect(faultyProxy.total()).toBeGreaterThan(5);
    faultyProxy.faults = () => undefined;
    await widget.end();
    await expect(widget.again).toBeVisible();
  });
}

