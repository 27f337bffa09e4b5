// The pages of customers: whatever a page is like, the chat in it works, and the page stays as it was.
import type { Page } from "@playwright/test";
import type { Agent } from "./harness/agent";
import { Site } from "./harness/site";
import { expect, test } from "./harness/test";
import { Widget } from "./harness/widget";

interface Complaint {
  directive: string;
  blocked: string;
}

/** Collects what the page's policy forbade, and what went wrong aloud. */
async function listen(page: Page): Promise<{ complaints(): Promise<Complaint[]>; errors: string[] }> {
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  await page.addInitScript(() => {
    const seen: Complaint[] = [];
    document.addEventListener("securitypolicyviolation", (event) => {
      seen.push({ directive: event.violatedDirective, blocked: event.blockedURI });
    });
    Object.assign(window, { complaints: seen });
  });
  const complaints = async () => {
    const all = await Promise.all(
      page.frames().map((frame) => frame.evaluate(() => Reflect.get(window, "complaints"))),
    );
    return all.flat() as Complaint[];
  };
  return { complaints, errors };
}

async function converse(widget: Widget, agent: Agent): Promise<void> {
  await widget.ask();
  const chat = await agent.acceptNext();
  await agent.say(chat, "a1 hello");
  await widget.hears("a1 hello");
  await widget.say("v1 hello");
  await agent.hears(chat, "v1 hello");
}

test("on a page with a strict Content-Security-Policy, a conversation causes no violation", async ({ page, site, widget, agent }) => {
  const heard = await listen(page);
  await page.goto(site.address("strict-csp"));
  await converse(widget, agent);
  expect(await heard.complaints()).toEqual([]);
  expect(heard.errors).toEqual([]);
});

test("on a page that requires Trusted Types, a conversation causes no violation", async ({ page, site, widget, agent }) => {
  const heard = await listen(page);
  await page.goto(site.address("trusted-types"));
  await converse(widget, agent);
  expect(await heard.complaints()).toEqual([]);
  expect(heard.errors).toEqual([]);
});

test("the styles of the page do not change the launcher", async ({ page, site, widget, agent }) => {
  await page.goto(site.address("hostile-css"));
  await expect(widget.launcher).toBeVisible();
  const box = await widget.launcher.boundingBox();
  const viewport = page.viewportSize();
  expect(box).toEqual({
    x: (viewport?.width ?? 0) - 76,
    y: (viewport?.height ?? 0) - 76,
    width: 56,
    height: 56,
  });
  await converse(widget, agent);
});

test("the chat works on a page in quirks mode", async ({ page, site, widget, agent }) => {
  await page.goto(site.address("quirks"));
  expect(await page.evaluate(() => document.compatMode)).toBe("BackCompat");
  await converse(widget, agent);
});

test("if the snippet is on the page twice, there is one launcher and one frame", async ({ page, site, widget, agent }) => {
  await page.goto(site.address("twice"));
  await converse(widget, agent);
  await expect(page.getByRole("button", { name: /chat/i })).toHaveCount(1);
  await expect(page.locator("iframe")).toHaveCount(1);
});

test("a page that swaps its body and its address keeps the conversation", async ({
  page,
  site,
  widget,
  agent,
}) => {
  await page.goto(site.address("spa"));
  await converse(widget, agent);
  await page.getByRole("link", { name: "Prices" }).click();
  await expect(page.getByRole("heading", { name: "Prices" })).toBeVisible();
  await widget.hears("a1 hello");
  await widget.say("v2 still here");
  expect(await widget.marks()).toEqual(["a1", "v1", "v2"]);

  // And one that throws out everything that is not its own.
  await page.evaluate("sweep()");
  await widget.hears("v2 still here");
  await widget.say("v3 even now");
  expect(await widget.marks()).toEqual(["a1", "v1", "v2", "v3"]);
});

test("a page controls the chat by the API", async ({ page, site, widget, agent }) => {
  await page.goto(site.address("api"));
  await expect(widget.launcher).toBeHidden();
  await page.getByRole("button", { name: "Talk to us" }).click();
  await widget.hello.click();
  await widget.fillIn();
  await widget.start.click();
  const chat = await agent.acceptNext();
  await agent.say(chat, "a1 hello");
  await widget.hears("a1 hello");
  const heard = () => page.evaluate("heard.map(([name]) => name)");
  await expect.poll(heard).toEqual(expect.arrayContaining(["ready", "open", "conversation:started"]));

  expect(await page.evaluate("parlor('state')")).toMatchObject({
    open: true,
    ready: true,
    conversation: true,
    unread: 0,
  });
  await page.evaluate("parlor('close')");
  await expect(widget.message).toBeHidden();
  await expect.poll(heard).toContain("close");
  await page.evaluate("parlor('open')");
  await expect(widget.message).toBeVisible();
  await agent.end(chat);
  await expect.poll(heard).toContain("conversation:ended");
  await page.evaluate("parlor('destroy')");
  await expect(page.locator("iframe")).toHaveCount(0);
  expect(await page.evaluate("parlor('state')")).toBeNull();
});

test("before the visitor opens the chat, the page stores nothing and loads only the launcher", async ({
  page,
  context,
  site,
  endpoint,
  widget,
}) => {
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await page.goto(site.address("plain"));
  await expect(widget.launcher).toBeVisible();
  await page.waitForLoadState("networkidle");
  expect(asked).toEqual(["/plain/", "/parlor.js"]);
  const { cookies, origins } = await context.storageState();
  expect({ cookies, origins }).toEqual({ cookies: [], origins: [] });
  expect(endpoint.log).not.toContain("ERROR");
});

test("a site that is not allowed gets no chat", async ({ page, endpoint }) => {
  const stranger = await Site.open();
  stranger.carries(endpoint);
  const answered = page.waitForResponse((response) => new URL(response.url()).pathname === "/chat/");
  await page.goto(stranger.address("plain"));
  const widget = new Widget(page);
  await widget.open();
  expect((await answered).status()).toBe(403);
  await expect(widget.hello).toBeHidden();
  await stranger.close();
});

test("the chat works on the demo page as on any other site", async ({ page, endpoint, widget, agent }) => {
  const heard = await listen(page);
  await page.goto(`${endpoint.url}/demo/`);
  await converse(widget, agent);
  expect(await heard.complaints()).toEqual([]);
  expect(heard.errors).toEqual([]);
});
