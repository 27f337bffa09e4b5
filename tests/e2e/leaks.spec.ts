// What is opened and closed many times leaves no element and no listener behind, and little memory
// of the WebAssembly, of which a page gives nothing back before it goes.
import type { CDPSession, Page } from "@playwright/test";
import type { Endpoint } from "./harness/endpoint";
import { expect, test } from "./harness/test";
import { Widget } from "./harness/widget";

const LONG = Boolean(process.env.PARLOR_LONG);
/** `PARLOR_LONG=1` has the thousand; as many as fit into CI otherwise. */
const ROUNDS = LONG ? 1_000 : 200;
/** Conversations are begun and ended with the endpoint, which takes longer. */
const CONVERSATIONS = LONG ? 200 : 50;
/** Rounds before the first count: caches fill, and the allocator takes what it needs for one. */
const WARM_UP = 50;
/** Elements and listeners that a scene may have more than before, for reasons of its own. */
const SPARE = 20;
/** WebAssembly's memory grows by pages of this many bytes. */
const PAGE_BYTES = 65_536;
/**
 * Bytes that a round may leave. reactive_graph 0.2 keeps a dropped effect in the lists of the signals that it read
 * until they change; a conversation that has ended stays in the list of earlier ones.
 */
const ROUND_BYTES = 4_096;

interface Count {
  nodes: number;
  listeners: number;
  wasmBytes: number;
}

/** The functions that a round uses, in the page. */
interface Rounds {
  memories: WebAssembly.Memory[];
  /** Waits until the page shows what is looked for, and gives it. */
  until<Found>(look: () => Found | null | undefined | false): Promise<Found>;
  button(name: string): HTMLElement | undefined;
  settled(): Promise<void>;
}

declare const rounds: Rounds;

/** Before the page's own code: keeps hold of its WebAssembly's memory. */
function prepare(): void {
  const memories: WebAssembly.Memory[] = [];
  const keep = <Loaded extends object>(loaded: Loaded): Loaded => {
    const instance = "instance" in loaded ? (loaded.instance as WebAssembly.Instance) : (loaded as unknown as WebAssembly.Instance);
    for (const exported of Object.values(instance.exports)) {
      if (exported instanceof WebAssembly.Memory) memories.push(exported);
    }
    return loaded;
  };
  for (const name of ["instantiate", "instantiateStreaming"] as const) {
    const real = WebAssembly[name].bind(WebAssembly) as (...args: unknown[]) => Promise<object>;
    Object.assign(WebAssembly, { [name]: async (...args: unknown[]) => keep(await real(...args)) });
  }
  // Sooner than a timer, and other tasks come in between.
  const later = () =>
    new Promise<void>((done) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        done();
      };
      port2.postMessage(null);
    });
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const tools: Rounds = {
    memories,
    until: async (look) => {
      const late = performance.now() + 15_000;
      for (;;) {
        const found = look();
        if (found) return found;
        if (performance.now() > late) throw new Error(`it did not come: ${look}`);
        await later();
      }
    },
    button: (name) =>
      [...document.querySelectorAll<HTMLElement>("button, [role=menuitem]")].find(
        (it) => (it.getAttribute("aria-label") ?? it.textContent)?.trim() === name && it.checkVisibility(),
      ),
    settled: async () => {
      for (let n = 0; n < 3; n++) await frame();
    },
  };
  Object.assign(window, { rounds: tools });
}

async function count(page: Page, devtools: CDPSession): Promise<Count> {
  await page.evaluate(() => rounds.settled());
  // What a first collection lets go of may have held other things.
  for (let n = 0; n < 3; n++) await devtools.send("HeapProfiler.collectGarbage");
  const { metrics } = await devtools.send("Performance.getMetrics");
  const metric = (name: string) => metrics.find((it) => it.name === name)?.value ?? Number.NaN;
  const wasmBytes = await page.evaluate(() => rounds.memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0));
  return { nodes: metric("Nodes"), listeners: metric("JSEventListeners"), wasmBytes };
}

/** Runs the rounds in the page, and compares what there is before and after them. */
async function expectNothingLeft(page: Page, what: string, many: number, round: () => Promise<void>): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Performance.enable");
  const run = (many: number) =>
    page.evaluate(`(async () => { const round = ${round}; for (let n = 0; n < ${many}; n++) await round(); })()`);
  await run(WARM_UP);
  const before = await count(page, devtools);
  await run(many);
  const after = await count(page, devtools);
  const figures = (["nodes", "listeners", "wasmBytes"] as const).map((it) => `${it} ${before[it]} to ${after[it]}`);
  console.log(`${what}, ${many} times: ${figures.join(", ")}`);
  expect(before.wasmBytes, "the memory of the WebAssembly is seen").toBeGreaterThan(PAGE_BYTES);
  expect.soft(after.nodes - before.nodes, `${what}: elements left`).toBeLessThanOrEqual(SPARE);
  expect.soft(after.listeners - before.listeners, `${what}: listeners left`).toBeLessThanOrEqual(SPARE);
  expect.soft(after.wasmBytes - before.wasmBytes, `${what}: bytes of WebAssembly left`).toBeLessThanOrEqual(PAGE_BYTES + many * ROUND_BYTES);
}

/** The chat document by itself: a frame's elements would be counted with those of its page. */
async function openChat(page: Page, endpoint: Endpoint, settings: string): Promise<Widget> {
  test.setTimeout(300_000);
  await endpoint.configure(settings);
  await page.addInitScript(prepare);
  const { deploymentId, buttonId } = endpoint.installation;
  await page.goto(`${endpoint.url}/chat/?deployment=${deploymentId}&button=${buttonId}`);
  const widget = new Widget(page, page);
  await widget.hello.click();
  return widget;
}

const SETTINGS = `
[[deployment]]
history_days = 0
[deployment.files]
max_bytes = 1000000
types = ["text/plain"]
`;

test("the menu, opened and closed", async ({ page, endpoint, agent }) => {
  const widget = await openChat(page, endpoint, SETTINGS);
  await widget.fillIn();
  await widget.start.click();
  await agent.acceptNext();
  await expect(widget.menu).toBeVisible();
  await expectNothingLeft(page, "the menu", ROUNDS, async () => {
    rounds.button("Menu")?.click();
    await rounds.until(() => document.querySelector("[role=menuitem]"));
    rounds.button("Menu")?.click();
    await rounds.until(() => !document.querySelector("[role=menuitem]"));
  });
});

test("an earlier conversation with a carousel, opened and left", async ({ page, endpoint, agent }) => {
  const widget = await openChat(page, endpoint, SETTINGS.replace("history_days = 0", ""));
  await widget.fillIn();
  await widget.start.click();
  const chat = await agent.acceptNext();
  await agent.say(chat, "a1 here they are, at https://example.com/hats");
  const buttons = [{ type: "message", text: "I take it", value: "take", postback_id: "take", user_ids: [] }];
  await agent.send(chat, {
    type: "rich_message",
    template_id: "cards",
    elements: [
      { title: "The blue hat", subtitle: "Felt", buttons },
      { title: "The green hat", subtitle: "Straw", buttons: [] },
    ],
  });
  await expect(widget.log.getByText("The green hat")).toBeVisible();
  await agent.end(chat);
  await expect(widget.again).toBeVisible();
  await page.reload();
  await expect(page.getByRole("heading", { name: "Earlier conversations" })).toBeVisible();
  await expectNothingLeft(page, "a conversation with a carousel", ROUNDS, async () => {
    const heading = () => [...document.querySelectorAll("h2")].find((it) => it.textContent === "Earlier conversations");
    const earlier = await rounds.until(() => heading()?.parentElement?.querySelector("button"));
    earlier.click();
    await rounds.until(() => [...document.querySelectorAll("[role=log] [role=group]")].length);
    (await rounds.until(() => rounds.button("Back"))).click();
    await rounds.until(() => !document.querySelector("[role=log]"));
  });
});

test("a conversation, begun and ended", async ({ page, endpoint }) => {
  const widget = await openChat(page, endpoint, SETTINGS);
  await widget.fillIn();
  await widget.start.click();
  await expect(widget.message).toBeVisible();
  await widget.end();
  await expect(widget.again).toBeVisible();
  await expectNothingLeft(page, "a conversation begun and ended", CONVERSATIONS, async () => {
    (await rounds.until(() => rounds.button("Start again"))).click();
    (await rounds.until(() => rounds.button("Start chat") ?? rounds.button("Start a conversation"))).click();
    const waits = () => document.querySelector("textarea")?.checkVisibility() && rounds.button("Menu");
    await rounds.until(() => waits() || (rounds.button("Start chat")?.click(), false));
    rounds.button("Menu")?.click();
    (await rounds.until(() => rounds.button("End chat"))).click();
    // What is counted afterwards is the view of a conversation that has ended.
    await rounds.until(() => rounds.button("Start again"));
  });
});
