// How fast the window is, as a ratio against the least that a browser needs for the same and against
// a list as everybody writes it with Leptos, all in one run: this machine's figures mean nothing by
// themselves. It prints the ratios. One above its limit fails the command, never a test of CI.
import type { Browser } from "@playwright/test";

import { test as base, expect } from "../e2e/harness/test";
import { event, type Sent, words } from "./events";
import { conversation, Others, ours, MeasuredPage } from "./pages";

const MANY = Number(process.env.PARLOR_BENCH_EVENTS ?? 10_000);
const ROUNDS = 3;
/** The slow device on which no task may be long: what a burst of 1,000 in plain DOM takes there. */
const SLOW_DEVICE_MS = 420;

const test = base.extend<{ others: Others }>({
  others: async ({ endpoint }, use) => {
    const others = await Others.open(endpoint);
    await use(others);
    await others.close();
  },
});

test.setTimeout(1_800_000);

function texts(from: number, count: number): Sent[] {
  return Array.from({ length: count }, (_, n) => ({ type: "message", text: words(from + n) }));
}

function median(of: number[]): number {
  return of.toSorted((a, b) => a - b)[Math.floor(of.length / 2)] ?? Number.NaN;
}

/** The factor by which to slow this machine down to the slow device; 1 if it is no faster itself. */
async function slowdown(browser: Browser, others: Others): Promise<number> {
  const bursts: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const plain = await others.open(browser, "plain");
    bursts.push(await plain.show(texts(0, 1_000)));
    await plain.page.context().close();
  }
  const rate = Math.max(1, SLOW_DEVICE_MS / median(bursts));
  console.log(`(a burst of 1,000 in plain DOM took ${median(bursts).toFixed(0)} ms: slowed down ${rate.toFixed(2)} times)`);
  return rate;
}

/** Says a figure beside what it is compared with, and whether it is within its limit. */
function tell(what: string, is: number, than: number, limit: number, unit = "ms"): void {
  const ratio = is / than;
  const within = ratio <= limit ? "within" : "ABOVE";
  const figures = `${is.toFixed(1)} ${unit} against ${than.toFixed(1)} ${unit}`;
  console.log(`${what}: ${figures}, ${ratio.toFixed(2)} times; ${within} ${limit}`);
  expect.soft(ratio, what).toBeLessThanOrEqual(limit);
}

test("one after the other, and many at once", async ({ browser, endpoint, agent, others }) => {
  const work = { append: { ours: [], plain: [], for: [] }, burst: { ours: [], plain: [], for: [] } } as Record<
    string,
    Record<string, number[]>
  >;
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of ["ours", "plain", "for"] as const) {
      const measured = name === "ours" ? await ours(browser, endpoint, agent) : await others.open(browser, name);
      work.burst![name]!.push(await measured.show(texts(0, 1_000)));
      await measured.show(texts(1_000, 5), 1);
      work.append![name]!.push((await measured.show(texts(2_000, 40), 1)) / 40);
      await measured.page.context().close();
    }
  }
  const of = (what: string, name: string) => median(work[what]![name]!);
  tell("a burst of 1,000 against plain DOM", of("burst", "ours"), of("burst", "plain"), 3);
  tell("one appended to 1,000 against plain DOM", of("append", "ours"), of("append", "plain"), 1.5);
  console.log(`(a keyed <For>: ${of("burst", "for").toFixed(1)} ms and ${of("append", "for").toFixed(1)} ms)`);
});

test("ten thousand in the window", async ({ browser, endpoint, agent, others }) => {
  const memory: Record<string, number> = {};
  const work: Record<string, number> = {};
  for (const name of ["ours", "plain", "for"] as const) {
    const measured = name === "ours" ? await ours(browser, endpoint, agent) : await others.open(browser, name);
    const before = await measured.memory();
    work[name] = await measured.show(texts(0, MANY));
    memory[name] = ((await measured.memory()) - before) / 1e6;
    await measured.page.context().close();
  }
  tell(`memory of ${MANY} against plain DOM`, memory.ours!, memory.plain!, 2, "MB");
  const all = Object.entries(work).map(([name, ms]) => `${name} ${ms.toFixed(0)} ms`);
  console.log(`(all ${MANY} by polls of 100: ${all.join(", ")})`);
});

test("a conversation of ten thousand is opened and read", async ({ page, browser, endpoint, agent, others }) => {
  await endpoint.configure("[[deployment]]\nmarkdown = true\n");
  await page.setViewportSize({ width: 380, height: 640 });
  const { chat, widget, address } = await conversation(page, endpoint, agent);
  await page.goto("about:blank");
  const began = Date.now();
  for (let n = 0; n < MANY; n += 20) {
    await Promise.all(Array.from({ length: 20 }, (_, i) => agent.send(chat, event(n + i))));
  }
  console.log(`(${MANY} events sent by an agent in ${((Date.now() - began) / 1000).toFixed(0)} s)`);

  // Opened: from the answer that brings the lines until they are painted.
  await page.addInitScript(watch);
  const opened: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await page.goto(address);
    opened.push(await page.evaluate(() => (globalThis as unknown as Watch).painted()));
    await expect(widget.log.getByText(`${MANY - 1}: `)).toBeVisible();
    const below = await widget.log.evaluate((log) => log.scrollHeight - log.scrollTop - log.clientHeight);
    expect(below, "opened at its end").toBeLessThan(8);
  }
  const floor: Record<string, number[]> = { plain: [], for: [] };
  const mixed = JSON.stringify(Array.from({ length: MANY }, (_, n) => event(n)));
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of ["plain", "for"] as const) {
      const measured = await others.open(browser, name);
      floor[name]!.push(await measured.page.evaluate(async (text) => {
        const began = performance.now();
        (globalThis as unknown as { append(text: string): void }).append(text);
        await new Promise<void>((done) => requestAnimationFrame(() => setTimeout(done)));
        return performance.now() - began;
      }, mixed));
      await measured.page.context().close();
    }
  }
  const plain = median(floor.plain!);
  tell(`${MANY} painted, against groups of 50 in plain DOM`, median(opened), plain, 2);
  tell(`${MANY} painted, against a keyed <For>`, median(opened), median(floor.for!), 1 / 8);

  // The least that a browser needs to scroll through as many, on a slow device.
  const rate = await slowdown(browser, others);
  const slow = await others.open(browser, "plain");
  await slow.page.evaluate((text) => (globalThis as unknown as { append(text: string): void }).append(text), mixed);
  await slow.page.waitForTimeout(1_000);
  await slow.devtools.send("Emulation.setCPUThrottlingRate", { rate });
  await slow.page.evaluate(watch);
  await slow.page.waitForTimeout(500);
  await slow.page.evaluate(() => (globalThis as unknown as Watch).forget());
  for (let n = 0; n < 100; n++) {
    await slow.page.mouse.wheel(0, -4_000);
    await slow.page.waitForTimeout(30);
  }
  await slow.page.waitForTimeout(500);
  const least = await slow.page.evaluate(() => (globalThis as unknown as Watch).long());
  await slow.page.context().close();

  // Opened and read to its beginning on such a device. From an empty page: to take down ten thousand
  // lines is no part of it. What looks for a line in the page would be a long task of its own.
  const measured = await MeasuredPage.at(page);
  await measured.devtools.send("Emulation.setCPUThrottlingRate", { rate });
  const openings: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await page.goto("about:blank");
    await page.waitForTimeout(500);
    await page.goto(address);
    await page.evaluate(() => (globalThis as unknown as Watch).painted());
    await page.waitForTimeout(500);
    openings.push(...(await page.evaluate(() => (globalThis as unknown as Watch).long())));
  }
  await page.evaluate(() => (globalThis as unknown as Watch).forget());
  await widget.log.hover();
  let rows = 0;
  for (let before = -1; rows > before && rows < MANY; ) {
    before = rows;
    for (let n = 0; n < 40; n++) {
      await page.mouse.wheel(0, -4_000);
      await page.waitForTimeout(30);
    }
    rows = await page.evaluate(() => document.querySelectorAll(".message").length);
  }
  for (let n = 0; n < 100; n++) await page.mouse.wheel(0, 3_000);
  await page.waitForTimeout(500);
  const read = await page.evaluate(() => (globalThis as unknown as Watch).long());
  console.log(`(read upward to ${rows} lines)`);
  expect.soft(rows, "lines in the window").toBeGreaterThan(MANY * 0.95);
  tell("the longest task while it opens, on a slow device", Math.max(0, ...openings), 50, 1);
  // Where plain DOM takes longer than that, so may we: no list scrolls faster.
  const most = Math.max(50, ...least);
  tell("the longest task while it is read and scrolled, on a slow device", Math.max(0, ...read), most, 1);
  console.log(`(above 50 ms: ${many(read)}; while plain DOM is scrolled in 100 steps, ${many(least)})`);
});

function many(tasks: number[]): string {
  return tasks.length ? `${tasks.length} tasks, ${median(tasks)} ms in the median, ${Math.max(...tasks)} ms at most` : "none";
}

interface Watch {
  painted(): Promise<number>;
  /** The tasks of more than 50 ms, which is what browsers call long, in milliseconds. */
  long(): number[];
  /** Tasks until now do not count. */
  forget(): void;
}

/** In the page: when the lines came and when they were painted, and the tasks that were long. */
function watch(): void {
  // Lines that fill the window, and fewer than come with the answer that opens it.
  const OPENED = 20;
  let long: number[] = [];
  let came = 0;
  let painted = 0;
  new PerformanceObserver((list) => {
    long.push(...list.getEntries().map((task) => task.duration));
  }).observe({ type: "longtask", buffered: true });
  new PerformanceObserver((list) => {
    for (const answer of list.getEntries() as PerformanceResourceTiming[]) {
      if (!came && answer.name.includes("/System/Messages")) came = answer.responseEnd;
    }
  }).observe({ type: "resource", buffered: true });
  new MutationObserver(() => {
    if (painted || document.getElementsByClassName("message").length < OPENED) return;
    painted = -1;
    requestAnimationFrame(() => setTimeout(() => (painted = performance.now())));
  }).observe(document, { childList: true, subtree: true });
  const until = async (holds: () => boolean) => {
    while (!holds()) await new Promise((later) => setTimeout(later, 10));
  };
  Object.assign(globalThis, {
    painted: async () => {
      await until(() => painted > 0 && came > 0);
      return painted - came;
    },
    long: () => long,
    forget: () => (long = []),
  });
}
