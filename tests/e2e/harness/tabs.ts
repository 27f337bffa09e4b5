// Several tabs of one visitor. The browser's requests show which of them polls.
import { type BrowserContext, expect, type Page, type Request } from "@playwright/test";
import { Widget } from "./widget";

/** How the tab that leads comes to its end. */
export const ENDS: Record<string, (page: Page, context: BrowserContext) => Promise<unknown>> = {
  closed: (page) => page.close(),
  // Its process is gone, without a word; Playwright waits for an answer that never comes.
  killed: async (page, context) => {
    const session = await context.newCDPSession(page);
    session.send("Page.crash").catch(() => {});
  },
};

/** As on pages without TLS, which have no locks. */
export async function withoutLocks(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    Object.defineProperty(Navigator.prototype, "locks", { get: () => undefined });
  });
}

/** Runs script in the page for this many milliseconds, so that nothing else runs in it. Browsers freeze only hidden pages. */
export function keepBusy(page: Page, ms: number): Promise<void> {
  return page.evaluate((ms) => {
    const until = performance.now() + ms;
    while (performance.now() < until);
  }, ms);
}

export class Tabs {
  readonly all: { page: Page; widget: Widget }[] = [];
  /** The status of every answer of the visitor API. */
  readonly statuses: number[] = [];
  private readonly polls = new Map<Request, Page>();
  private listener: ((page: Page) => void) | null = null;

  constructor(
    private readonly context: BrowserContext,
    private readonly address: string,
  ) {
    context.on("request", (request) => {
      // A worker's requests have no frame; the chat has no worker.
      if (!request.url().includes("/System/Messages?")) return;
      const page = request.frame().page();
      this.polls.set(request, page);
      this.listener?.(page);
    });
    const over = (request: Request) => this.polls.delete(request);
    context.on("requestfinished", over);
    context.on("requestfailed", over);
    context.on("response", (response) => {
      if (response.url().includes("/rest/")) this.statuses.push(response.status());
    });
  }

  async open(): Promise<Widget> {
    const page = await this.context.newPage();
    const widget = new Widget(page);
    this.all.push({ page, widget });
    await page.goto(this.address);
    return widget;
  }

  /** The widgets of the open tabs, in the order in which they were opened. */
  get widgets(): Widget[] {
    return this.all.map(({ widget }) => widget);
  }

  /** Forgets a tab that is closed or killed. */
  forget(page: Page): void {
    this.all.splice(this.all.findIndex((tab) => tab.page === page), 1);
    for (const [request, of] of this.polls) if (of === page) this.polls.delete(request);
  }

  /** Waits until exactly one tab polls, and returns its widget. */
  async leader(): Promise<Widget> {
    const polling = () => new Set(this.polls.values());
    await expect.poll(() => polling().size, { message: "tabs that poll" }).toBe(1);
    const [page] = polling();
    const leader = this.all.find((tab) => tab.page === page);
    if (!leader) throw new Error("a tab that is gone polls");
    return leader.widget;
  }

  async followers(): Promise<Widget[]> {
    const leader = await this.leader();
    return this.widgets.filter((widget) => widget !== leader);
  }

  /** Does something to the tab that leads; gives the milliseconds until another one polls. */
  async takeOver(from: Widget, act: () => Promise<unknown>): Promise<number> {
    const before = Date.now();
    const next = new Promise<number>((polls) => {
      this.listener = (page) => page !== from.page && polls(Date.now() - before);
    });
    const acted = act();
    const took = await next;
    this.listener = null;
    await acted;
    return took;
  }

  /** Waits until all tabs show these markers, in this order. */
  async show(marks: string[]): Promise<void> {
    for (const widget of this.widgets) {
      await expect.poll(() => widget.marks(), { message: "what a tab shows" }).toEqual(marks);
    }
  }
}
