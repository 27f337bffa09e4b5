// The endpoint is killed and started again every few seconds under fifty conversations: the
// transcripts of both sides are equal, message for message.
import { setTimeout as pause } from "node:timers/promises";
import type { Agent } from "./harness/agent";
import { printSeed, random } from "./harness/random";
import { insist, SteadyCaller } from "./harness/steady";
import { expect, test } from "./harness/test";
import { VISITOR, Widget } from "./harness/widget";

/** `PARLOR_LONG=1` has the two minutes; as many as fit into CI otherwise. */
const LONG = Boolean(process.env.PARLOR_LONG);
const LASTS_MS = LONG ? 120_000 : 25_000;
const PROGRAMS = 48;
const BROWSERS = 2;

test("the endpoint is killed every few seconds during fifty conversations", async ({ browser, site, endpoint, agent }) => {
  test.setTimeout(LASTS_MS + 240_000);
  printSeed();
  const callers = Array.from({ length: PROGRAMS }, () => new SteadyCaller(endpoint));
  const widgets: Widget[] = [];
  for (let index = 0; index < BROWSERS; index++) {
    const widget = new Widget(await (await browser.newContext()).newPage());
    await widget.page.goto(site.address("plain"));
    await widget.open();
    await widget.hello.click();
    await widget.fillIn({ ...VISITOR, name: `browser ${index}` });
    await widget.start.click();
    await expect(widget.message).toBeVisible();
    widgets.push(widget);
  }
  await Promise.all(callers.map((caller, index) => caller.ask(`caller ${index}`)));
  const chats = await takeAll(agent, BROWSERS + PROGRAMS);
  const chatOf = (name: string) => chats.get(name) ?? "";

  const until = Date.now() + LASTS_MS;
  let kills = 0;
  const outages = (async () => {
    const chance = random("outages");
    while (Date.now() < until) {
      await pause(2_000 + 2_000 * chance());
      await endpoint.kill();
      await endpoint.start();
      kills++;
    }
  })();
  const talk = async (name: string, say: (text: string) => Promise<void>, every: number) => {
    const chat = chatOf(name);
    const chance = random(name);
    for (let n = 1; Date.now() < until; n++) {
      await say(`v${n} said`);
      const event = { type: "message", text: `a${n} said`, custom_id: `${chat}-${n}` };
      await insist(() => agent.send(chat, event));
      await pause(every * (0.5 + chance()));
    }
  };
  await Promise.all([
    outages,
    ...callers.map((caller, index) =>
      talk(`caller ${index}`, (text) => caller.say(text), 1_000),
    ),
    ...widgets.map((widget, index) =>
      talk(`browser ${index}`, (text) => widget.say(text), 1_500),
    ),
  ]);

  let messages = 0;
  const compare = async (name: string, transcript: () => string[] | Promise<string[]>) => {
    const said = await agent.said(chatOf(name));
    const message = `transcript of ${name}`;
    await expect.poll(transcript, { timeout: 45_000, message }).toEqual(said.map(mark));
    expectEachOnce(said);
    messages += said.length;
  };
  for (const [index, caller] of callers.entries()) {
    await compare(`caller ${index}`, () => caller.said().map(mark));
    await caller.hangUp();
  }
  for (const [index, widget] of widgets.entries()) {
    await compare(`browser ${index}`, () => widget.marks());
    await widget.page.context().close();
  }
  const handOvers = callers.reduce((sum, caller) => sum + caller.handOvers, 0);
  console.log(`${kills} kills, ${handOvers} hand-overs by programs, ${messages} messages`);
  expect(kills).toBeGreaterThan(3);
});

/** Each side's own, from the first to the last, once and in order. */
function expectEachOnce(said: string[]): void {
  for (const side of ["v", "a"]) {
    const numbers = said.filter((text) => text.startsWith(side)).map((text) => Number.parseInt(text.slice(1)));
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  }
}

/** Takes everybody; gives the chats by the visitors' names. */
async function takeAll(agent: Agent, count: number): Promise<Map<string, string>> {
  await expect.poll(async () => (await agent.waiting()).length).toBe(count);
  const chats = new Map<string, string>();
  for (const chat of await agent.waiting()) {
    await agent.accept(chat.id);
    chats.set(chat.users.find((user) => user.type === "customer")?.name ?? "", chat.id);
  }
  return chats;
}

function mark(text: string): string {
  return text.split(" ")[0] ?? "";
}
