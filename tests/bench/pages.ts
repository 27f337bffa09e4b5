// The three pages that are compared: our released window, and two pages that show the same.
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Browser, CDPSession, Page } from "@playwright/test";
import type { Agent } from "../e2e/harness/agent";
import type { Endpoint } from "../e2e/harness/endpoint";
import { Widget } from "../e2e/harness/widget";
import type { Sent } from "./events";

const VIEWPORT = { width: 380, height: 640 };

/** Events that come at a time, as one poll brings them. */
const BATCH = 100;

export class MeasuredPage {
  private constructor(
    readonly page: Page,
    readonly devtools: CDPSession,
    /** Events as the page reads them from the answer to a poll. */
    private readonly told: (events: Sent[]) => string,
  ) {}

  static async at(page: Page, told: (events: Sent[]) => string = JSON.stringify): Promise<MeasuredPage> {
    // A pointer that rests on a page is looked for under whatever scrolls.
    await page.mouse.move(VIEWPORT.width / 2, VIEWPORT.height / 2);
    const devtools = await page.context().newCDPSession(page);
    await devtools.send("Performance.enable");
    return new MeasuredPage(page, devtools, told);
  }

  /** Shows one batch after the other, each painted before the next; returns milliseconds of the page's work. */
  async show(events: Sent[], batch = BATCH): Promise<number> {
    const texts: string[] = [];
    for (let at = 0; at < events.length; at += batch) texts.push(this.told(events.slice(at, at + batch)));
    const before = await this.worked();
    await this.page.evaluate(async (texts) => {
      const painted = () =>
        new Promise<void>((done) => requestAnimationFrame(() => setTimeout(done)));
      for (const text of texts) {
        await (globalThis as unknown as { deliver(text: string): unknown }).deliver(text);
        await painted();
      }
      await painted();
    }, texts);
    return (await this.worked()) - before;
  }

  /** Bytes that only this page's process has. */
  async memory(): Promise<number> {
    await this.devtools.send("HeapProfiler.collectGarbage");
    const { processInfo } = await (
      await this.page.context().browser()!.newBrowserCDPSession()
    ).send("SystemInfo.getProcessInfo");
    const pids = processInfo.filter((it) => it.type === "renderer").map((it) => it.id);
    const sizes = await Promise.all(pids.map(privateBytes));
    return Math.max(...sizes);
  }

  private async worked(): Promise<number> {
    const { metrics } = await this.devtools.send("Performance.getMetrics");
    return (metrics.find((it) => it.name === "TaskDuration")?.value ?? 0) * 1000;
  }
}

async function privateBytes(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, "utf8").catch(() => "");
  const kilobytes = /^Private_Dirty:\s+(\d+) kB$/m.exec(text)?.[1];
  return Number(kilobytes ?? 0) * 1024;
}

/** The pages that ours is compared with, with our own style sheet. */
export class Others {
  private constructor(
    private readonly server: Server,
    private readonly origin: string,
  ) {}

  static async open(chat: Endpoint): Promise<Others> {
    const style = await (await fetch(`${chat.url}/chat/style.css`)).text();
    const frame = (script: string) =>
      `<!doctype html><meta charset="utf-8"><title>bench</title><style>${style}
       body { margin: 0; height: 100vh } .transcript-scroll { height: 100vh }</style><body>${script}`;
    const files: Record<string, [string, string | Buffer]> = {
      "/plain": [
        "text/html",
        frame(`<div class="transcript-scroll"><div class="transcript-content"></div></div>
               <script src="/plain.js"></script>`),
      ],
      "/for": [
        "text/html",
        frame(`<script type="module">import start from "/for.js"; await start({ module_or_path: "/keyed_for_bg.wasm" }); </script>`),
      ],
      "/plain.js": ["text/javascript", await readFile(join("tests/bench", "plain.js"))],
      "/for.js": ["text/javascript", await readFile(join("target/bench/for", "keyed_for.js"))],
      "/keyed_for_bg.wasm": [
        "application/wasm",
        await readFile(join("target/bench/for", "keyed_for_bg.wasm")),
      ],
    };
    const server = createServer((request, response) => {
      const file = files[request.url ?? ""];
      if (file) response.writeHead(200, { "content-type": file[0] }).end(file[1]);
      else response.writeHead(404).end();
    });
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
    return new Others(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  }

  async open(browser: Browser, name: "plain" | "for"): Promise<MeasuredPage> {
    const page = await (await browser.newContext({ viewport: VIEWPORT })).newPage();
    await page.addInitScript(answerPolls);
    await page.goto(`${this.origin}/${name}`);
    await page.waitForFunction(() => "append" in globalThis);
    await page.evaluate(poll);
    return MeasuredPage.at(page);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }
}

/** Our window with a conversation in it, whose polls this file answers from then on. */
export async function ours(browser: Browser, endpoint: Endpoint, agent: Agent): Promise<MeasuredPage> {
  const page = await (await browser.newContext({ viewport: VIEWPORT })).newPage();
  await page.addInitScript(answerPolls);
  const { chat } = await conversation(page, endpoint, agent);
  const { last_thread_summary } = (await agent.action<{ chats_summary: { id: string; last_thread_summary: { id: string } }[] }>(
    "list_chats",
    { filters: { include_active: true }, limit: 100 },
  )).chats_summary.find((it) => it.id === chat)!;
  let number = 1000;
  let sequence = 1000;
  await page.evaluate(() => (globalThis as unknown as { hold(): void }).hold());
  return MeasuredPage.at(page, (events) =>
    JSON.stringify({
      sequence: ++sequence,
      offset: number + 1000,
      messages: events.map((event) => ({
        type: "ChatMessage",
        message: {
          name: "Maria",
          agentId: agent.id,
          text: event.text ?? "",
          eventId: `${last_thread_summary.id}_${++number}`,
          sequence: number,
          createdAt: "2026-01-01T12:00:00.000000Z",
        },
      })),
    }),
  );
}

/** Opens the chat document by itself and begins a conversation in it. */
export async function conversation(
  page: Page,
  endpoint: Endpoint,
  agent: Agent,
): Promise<{ chat: string; widget: Widget; address: string }> {
  const { deploymentId, buttonId } = endpoint.installation;
  const address = `${endpoint.url}/chat/?deployment=${deploymentId}&button=${buttonId}`;
  const widget = new Widget(page, page);
  await page.goto(address);
  await widget.hello.click();
  await widget.fillIn();
  await widget.start.click();
  const chat = await agent.acceptNext();
  await widget.message.waitFor();
  return { chat, widget, address };
}

/** In the page, before its own code: from `hold()` on polls are answered by `deliver(text)` alone. */
function answerPolls(): void {
  const real = globalThis.fetch.bind(globalThis);
  let holds = false;
  let answer: ((text: string) => void) | null = null;
  let asked: (() => void) | null = null;
  globalThis.fetch = (input, init) => {
    const address = input instanceof Request ? input.url : String(input);
    if (!holds || !address.includes("/System/Messages")) return real(input, init);
    const headers = { "content-type": "application/json" };
    return new Promise<Response>((done, failed) => {
      const signal = input instanceof Request ? input.signal : init?.signal;
      signal?.addEventListener("abort", () => failed(new DOMException("aborted", "AbortError")));
      answer = (text) => done(new Response(text, { status: 200, headers }));
      asked?.();
    });
  };
  Object.assign(globalThis, {
    hold: () => (holds = true),
    deliver: async (text: string) => {
      if (!answer) await new Promise<void>((done) => (asked = done));
      const now = answer;
      answer = null;
      const next = new Promise<void>((done) => (asked = done));
      now?.(text);
      await next;
    },
  });
}

/** In a page that is compared with ours, which gets its events by polls too. */
function poll(): void {
  const here = globalThis as unknown as { hold(): void; append(text: string): void };
  here.hold();
  void (async () => {
    for (;;) here.append(await (await fetch("/System/Messages")).text());
  })();
}
