// The archive and the reports: an agent finds what is over, reads it whole, deals with it, exports it and
// opens it again; with the mouse, and with the keyboard alone.
import { readFile } from "node:fs/promises";
import type { Download, Locator, Page } from "@playwright/test";
import { bringAxe, expectNoViolations } from "./harness/axe";
import type { AgentConsole } from "./harness/console";
import type { Endpoint } from "./harness/endpoint";
import { expectNoOverflow } from "./harness/overflow";
import type { Site } from "./harness/site";
import { expect, test } from "./harness/test";
import { VISITOR, type Widget } from "./harness/widget";

const RATES = `
[[deployment]]
asks_rating = true
`;

interface Seed {
  message: string;
  name?: string;
  /** Days before today. */
  age?: number;
}

/** Messages that were left, by the API for programs: the last one first, for the list begins with the newest. */
async function leave(endpoint: Endpoint, seeds: Seed[], atOnce = 1): Promise<void> {
  const today = Date.now();
  let next = seeds.length;
  const work = async () => {
    while (next > 0) {
      const at = --next;
      const { message, name = "Ben", age = 1 } = seeds[at] as Seed;
      const response = await fetch(`${endpoint.url}/api/v2/chat/chats`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${endpoint.installation.apiToken}`,
          "content-type": "application/json",
        },
        body: JSON.stringify({
          message,
          visitor: { name, email: "ben@example.com" },
          timestamp: new Date(today - age * 86_400_000).toISOString(),
        }),
      });
      expect(response.status, await response.clone().text()).toBe(201);
      await response.body?.cancel();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}

/** A visitor asks about chocolate, is answered, ends the chat and rates it. */
async function rated(page: Page, site: Site, widget: Widget, agentConsole: AgentConsole): Promise<void> {
  await page.goto(site.address("plain"));
  await widget.ask();
  await agentConsole.acceptNext();
  await widget.say("Do you have dark chocolate?");
  await agentConsole.say("We do, with 80 % cocoa.");
  await widget.hears("We do, with 80 % cocoa.");
  await widget.end();
  await widget.frame.getByRole("button", { name: "Good" }).click();
  await widget.frame.getByRole("textbox", { name: "Would you like to add something?" }).fill("So quick!");
  await widget.frame.getByRole("button", { name: "Send", exact: true }).click();
  // The live chat shows it at once.
  await expect(agentConsole.log).toContainText("The visitor commented on the chat: So quick!");
  await expect(agentConsole.page.getByRole("complementary")).toContainText("So quick!");
}

class Archive {
  readonly search: Locator;
  readonly rows: Locator;
  readonly log: Locator;
  readonly found: Locator;

  constructor(readonly page: Page) {
    this.search = page.getByRole("combobox", { name: "Search conversations" });
    this.rows = page.getByRole("list", { name: "Archive" }).getByRole("listitem");
    this.log = page.getByRole("log", { name: "Conversation" });
    this.found = page.getByRole("region", { name: "Search the archive" }).getByRole("status");
  }

  async open(): Promise<void> {
    await this.page.getByRole("button", { name: "Archive", exact: true }).click();
    await expect(this.search).toBeFocused();
  }

  async find(query: string): Promise<void> {
    await this.search.fill(query);
    await this.search.press("Enter");
  }

  async exports(kind: string): Promise<Download> {
    await this.page.getByRole("button", { name: "Export", exact: true }).click();
    const download = this.page.waitForEvent("download");
    await this.page.getByRole("button", { name: kind }).click();
    return download;
  }
}

async function text(download: Download): Promise<string> {
  return readFile(await download.path(), "utf8");
}

test("an agent finds a conversation, deals with it, exports it and opens it again", async ({
  page,
  site,
  endpoint,
  widget,
  agentConsole,
}) => {
  const console = agentConsole.page;
  await bringAxe(console.context());
  await endpoint.configure(RATES);
  await leave(endpoint, [
    { message: "Is milk chocolate back?", name: "Ben" },
    { message: "Where is my order?", name: "Cem", age: 40 },
  ]);
  await agentConsole.signIn();
  await rated(page, site, widget, agentConsole);
  const archive = new Archive(console);
  await archive.open();
  await expect(archive.found).toHaveText("3 conversations");
  await expectNoViolations(console, "the archive");

  // What was searched for is marked, in the newest conversation first.
  await archive.find("chocolate");
  await expect(archive.found).toHaveText("2 conversations");
  await expect(archive.rows.locator("mark")).toHaveText(["chocolate", "chocolate"]);
  await expect(archive.rows.first()).toContainText(VISITOR.name);

  // A query that cannot be read says where.
  await archive.find("rating:goood");
  await expect(console.getByText("Column 8, at “goood”: expected good or bad.")).toBeVisible();
  await expect(archive.search).toHaveAttribute("aria-invalid", "true");

  // Filters are written into the query.
  await archive.find("");
  await console.getByRole("button", { name: "Filters" }).click();
  await console.getByRole("combobox", { name: "Rating" }).selectOption("Good");
  await expect(archive.search).toHaveValue("rating:good");
  await expect(archive.found).toHaveText("1 conversation");
  await console.getByRole("combobox", { name: "Kind" }).selectOption("Messages that were left");
  await expect(archive.found).toHaveText("Nothing was found");
  await console.getByRole("combobox", { name: "Rating" }).selectOption("Any or none");
  await console.getByRole("combobox", { name: "Time" }).selectOption("Last 30 days");
  await expect(archive.rows).toHaveCount(1);
  await expect(archive.rows).toContainText("Ben");
  await console.getByRole("button", { name: "Clear the search" }).click();
  await console.getByRole("combobox", { name: "Agent" }).selectOption("Maria");
  await expect(archive.rows).toHaveCount(1);

  // The whole conversation, with what the visitor says about it.
  await archive.rows.getByRole("button", { name: VISITOR.name }).click();
  await agentConsole.hears("Do you have dark chocolate?");
  await agentConsole.hears("We do, with 80 % cocoa.");
  await expect(agentConsole.log).toContainText("The visitor ended the chat");
  const about = console.getByRole("complementary", { name: "About the conversation" });
  await expect(about).toContainText("So quick!");
  await expect(about).toContainText(VISITOR.question);
  await expectNoViolations(console, "a conversation of the archive");

  await about.getByRole("textbox", { name: "Add a tag" }).fill("sweets");
  await console.keyboard.press("Enter");
  await expect(archive.rows).toContainText("sweets");
  await archive.find("tags:sweets");
  await expect(archive.found).toHaveText("1 conversation");

  const file = await archive.exports("As text");
  expect(file.suggestedFilename()).toMatch(/^conversation-.*\.txt$/);
  const written = await text(file);
  for (const line of ["Ada Lovelace: Do you have dark chocolate?", "Maria: We do, with 80 % cocoa.", "Comment: So quick!", "Tags: sweets"]) {
    expect(written).toContain(line);
  }
  const json = JSON.parse(await text(await archive.exports("As JSON")));
  expect(json.thread.tags).toEqual(["sweets"]);
  expect(json.thread.events.map((event: { text?: string }) => event.text)).toContain("Do you have dark chocolate?");
  await console.emulateMedia({ media: "print" });
  await expect(archive.log).toBeVisible();
  await expect(archive.search).toBeHidden();
  await console.emulateMedia({ media: null });

  // Read, and unread again, for all agents.
  await archive.find("unread:true");
  await expect(archive.found).toHaveText("2 conversations");
  await archive.rows.getByRole("button", { name: "Ben" }).click();
  await agentConsole.hears("Is milk chocolate back?");
  await console.getByRole("button", { name: "Mark as read" }).click();
  await expect(console.getByRole("button", { name: "Mark as unread" })).toBeVisible();
  await archive.find("unread:true");
  await expect(archive.found).toHaveText("1 conversation");

  // Opened again: the visitor, whose window is open, has it at once.
  await archive.find("dark");
  await archive.rows.getByRole("button", { name: VISITOR.name }).click();
  await agentConsole.hears("Do you have dark chocolate?");
  await console.getByRole("button", { name: "Reopen" }).click();
  await expect(agentConsole.reply).toBeFocused();
  await expect(agentConsole.mine.getByRole("listitem")).toHaveCount(1);
  await agentConsole.say("There is a new one");
  await widget.hears("There is a new one");
});

test("the archive is used with the keyboard alone", async ({ endpoint, agentConsole }) => {
  const console = agentConsole.page;
  const keyboard = console.keyboard;
  await leave(endpoint, [
    { message: "Is the blue pot back?", name: "Ben" },
    { message: "Is the red pot back?", name: "Cem", age: 2 },
  ]);
  await agentConsole.signIn();
  const archive = new Archive(console);
  await expect(console.getByRole("list", { name: "Messages" }).getByRole("listitem")).toHaveCount(2);
  await console.locator("body").press("/");
  await expect(archive.search).toBeFocused();
  await expect(archive.rows).toHaveCount(2);

  // A field, and one of its values.
  await keyboard.type("pot ty");
  const suggestions = console.getByRole("listbox", { name: "What can come next" });
  await expect(suggestions.getByRole("option")).toHaveCount(1);
  await keyboard.press("ArrowDown");
  await expect(suggestions.getByRole("option", { selected: true })).toContainText("type:");
  await expectNoActiveOptionMissing(console);
  await keyboard.press("Enter");
  await expect(archive.search).toHaveValue("pot type:");
  await keyboard.press("ArrowDown");
  await keyboard.press("ArrowDown");
  await keyboard.press("Enter");
  await expect(archive.search).toHaveValue("pot type:offline_msg ");
  await keyboard.press("Enter");
  await expect(archive.found).toHaveText("2 conversations");

  const button = (name: string) => archive.rows.getByRole("button", { name });
  await keyboard.press("ArrowDown");
  await expect(button("Ben")).toBeFocused();
  await keyboard.press("ArrowDown");
  await expect(button("Cem")).toBeFocused();
  await keyboard.press("Enter");
  await agentConsole.hears("Is the red pot back?");
  await expect(console.getByRole("region", { name: "Conversation from the archive" })).toBeFocused();
  await keyboard.press("Escape");
  await expect(button("Cem")).toBeFocused();
  await keyboard.press("Escape");
  await expect(archive.search).toBeFocused();
  await keyboard.press("Escape");
  await expect(archive.search).toHaveValue("");
});

/** The highlighted line exists: its id is what the box names. */
async function expectNoActiveOptionMissing(page: Page): Promise<void> {
  const named = await page.evaluate(() => {
    const id = document.activeElement?.getAttribute("aria-activedescendant");
    return id ? document.getElementById(id)?.getAttribute("role") : null;
  });
  expect(named).toBe("option");
}

test("thousands of results scroll smoothly", async ({ endpoint, agentConsole }) => {
  test.setTimeout(180_000);
  const COUNT = 2_000;
  const console = agentConsole.page;
  await leave(
    endpoint,
    Array.from({ length: COUNT }, (_, n) => ({ message: `Where is order ${n}?`, name: `Visitor ${n}`, age: 1 + n / 100 })),
    4,
  );
  await agentConsole.signIn();
  const archive = new Archive(console);
  await archive.open();
  await expect(archive.found).toHaveText("2,000 conversations");
  const seen = await console.evaluate(async (count) => {
    const list = document.getElementById("archive-results") as HTMLElement;
    const long: number[] = [];
    new PerformanceObserver((entries) => long.push(...entries.getEntries().map((it) => it.duration))).observe({ type: "longtask" });
    const frames: number[] = [];
    let [last, rows] = [performance.now(), 0];
    const end = last + 90_000;
    // As by a wheel that turns fast, until all have been loaded.
    while (performance.now() < end) {
      list.scrollBy(0, 600);
      await new Promise(requestAnimationFrame);
      const now = performance.now();
      frames.push(now - last);
      last = now;
      rows = Math.max(rows, list.querySelectorAll("[role=listitem]").length);
      const loaded = [...list.querySelectorAll("[aria-posinset]")].at(-1)?.getAttribute("aria-posinset");
      if (Number(loaded) === count && list.scrollTop + list.clientHeight >= list.scrollHeight - 1) break;
    }
    frames.sort((a, b) => a - b);
    return { rows, long, p50: frames[frames.length >> 1], p99: frames[Math.floor(frames.length * 0.99)], frames: frames.length };
  }, COUNT);
  test.info().annotations.push({ type: "measured", description: JSON.stringify(seen) });
  globalThis.console.log(`scrolling through ${COUNT} results: ${JSON.stringify(seen)}`);
  expect(seen.rows, "rows in the document").toBeLessThan(300);
  // Most frames come in time, however busy the machine is; p99 is printed above.
  expect(seen.p50, "milliseconds between frames").toBeLessThan(50);
  await expect(archive.rows.last()).toContainText(/Where is order 199\d\?/);
  // The last one by the keyboard, and the first one again.
  await archive.rows.last().getByRole("button").focus();
  await console.keyboard.press("Home");
  await expect(archive.rows.first().getByRole("button")).toBeFocused();
});

test("the reports are read by eye, by keyboard, as a table and as CSV", async ({ page, site, endpoint, widget, agentConsole }) => {
  const console = agentConsole.page;
  await bringAxe(console.context());
  await endpoint.configure(RATES);
  await leave(endpoint, [{ message: "Is milk chocolate back?" }]);
  await agentConsole.signIn();
  await rated(page, site, widget, agentConsole);
  await console.getByRole("button", { name: "Reports", exact: true }).click();
  const reports = console.getByRole("region", { name: "Reports" });
  await expect(reports.getByRole("definition").first()).toHaveText("1");
  await expectNoViolations(console, "the reports");

  const chart = console.getByRole("slider", { name: "Conversations, by day" });
  await chart.focus();
  await console.keyboard.press("End");
  await expect(chart).toHaveAttribute("aria-valuetext", /: answered 1, missed 0, messages left 0$/);
  await console.keyboard.press("ArrowLeft");
  await expect(chart).toHaveAttribute("aria-valuetext", /: answered 0, missed 0, messages left 1$/);

  await console.getByText("Table: Conversations, by day").press("Enter");
  const table = console.getByRole("table", { name: "Conversations, by day" });
  await expect(table.getByRole("row").last()).toContainText(/1\s*0\s*0$/);
  await expect(console.getByRole("region", { name: "By agent" }).getByRole("row", { name: /Maria/ })).toBeVisible();
  await expectNoViolations(console, "the reports with a table");

  await console.getByRole("combobox", { name: "Time" }).selectOption("Last 12 months");
  await expect(console.getByRole("heading", { name: "Conversations, by month" })).toBeVisible();
  await console.getByRole("combobox", { name: "Time" }).selectOption("Last year");
  await expect(reports.getByText("Nothing in this time.").first()).toBeVisible();
  await console.getByLabel("To", { exact: true }).fill("1999-01-01");
  await expect(reports.getByText("Choose two days, the earlier one first.")).toBeVisible();
  await console.getByRole("combobox", { name: "Time" }).selectOption("Last 7 days");
  await expect(table).toBeHidden();
  await expect(chart).toBeVisible();

  const download = console.waitForEvent("download");
  await console.getByRole("button", { name: "CSV" }).click();
  const file = await download;
  expect(file.suggestedFilename()).toMatch(/^report-.*\.csv$/);
  const lines = (await text(file)).trim().split("\r\n");
  expect(lines[0]).toBe("part,name,chats,messages,missed,good,bad,first_response_s,response_s,duration_s");
  expect(lines[1]).toMatch(/^total,,1,1,0,1,0,/);
  expect(lines.filter((line) => line.startsWith("time,"))).toHaveLength(7);
  expect(lines.some((line) => line.startsWith("agent,Maria,1,"))).toBe(true);
});

const DEVICES = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };

for (const [device, viewport] of Object.entries(DEVICES)) {
  test(`archive and reports look as they should, ${device}`, async ({ browser, page, site, endpoint, widget, agentConsole, agent }) => {
    await endpoint.configure(RATES);
    await leave(
      endpoint,
      Array.from({ length: 24 }, (_, n) => ({
        message: `Where is order ${4711 + n}? I have been waiting for it since last week, and the chocolate melts in this weather, I am afraid.`,
        name: ["Ben Okri", "Cem Özdemir", "Dora Maar"][n % 3] as string,
        age: 1 + n,
      })),
    );
    await agentConsole.signIn();
    await rated(page, site, widget, agentConsole);
    const { chats_summary } = await agent.action<{ chats_summary: { id: string }[] }>("list_chats", { filters: { include_active: false } });
    const { id } = chats_summary[0] as { id: string };
    for (let n = 0; n < 6; n++) {
      await agent.action("resume_chat", { chat: { id } });
      await agent.say(id, "A word about chocolate");
      await agent.end(id);
    }
    for (const colorScheme of ["light", "dark"] as const) {
      const context = await browser.newContext({ viewport, colorScheme, storageState: await agentConsole.page.context().storageState() });
      const console = await context.newPage();
      await bringAxe(context);
      const shoot = async (stage: string) => {
        await expectNoOverflow(console, stage);
        await expectNoViolations(console, `${stage}, ${colorScheme}`);
        await console.screenshot({ path: `target/screenshots/${stage}-${device}-${colorScheme}.png`, animations: "disabled" });
      };
      await console.goto(`${endpoint.url}/agent/`);
      const archive = new Archive(console);
      await archive.open();
      await archive.find("chocolate");
      await expect(archive.rows.first()).toBeVisible();
      await shoot("archive-results");
      await archive.search.fill("chocolate ");
      await archive.search.press("Alt+ArrowDown");
      await archive.search.press("ArrowDown");
      await shoot("archive-suggestions");
      await archive.search.press("Escape");
      await console.getByRole("button", { name: "Filters" }).click();
      await shoot("archive-filters");
      await archive.find("rating:good");
      await archive.rows.getByRole("button").first().click();
      await expect(archive.log.getByText("We do, with 80 % cocoa.", { exact: true })).toBeVisible();
      await shoot("archive-conversation");
      if (device === "phone") await console.getByRole("button", { name: "Back to the results" }).click();
      await console.getByRole("button", { name: "Reports", exact: true }).click();
      await expect(console.getByRole("slider").first()).toBeVisible();
      await shoot("reports");
      await console.getByRole("slider").first().press("End");
      await console.getByText("By agent").scrollIntoViewIfNeeded();
      await shoot("reports-end");
      await context.close();
    }
  });
}
