// People for whom the site vouches: one conversation on all their devices, and nothing of it for others
// at the same browser.
import { createHmac } from "node:crypto";
import type { Page } from "@playwright/test";
import { stored } from "./harness/stored";
import { expect, test } from "./harness/test";
import { Widget } from "./harness/widget";

const SECRET = "a secret of this test, 32 bytes and more";
process.env.PARLOR_E2E_SECRET = SECRET;
const SETTINGS = `
  [[deployment]]
  team_name = "Pots"

  [deployment.identity]
  secret_env = "PARLOR_E2E_SECRET"
`;

function token(sub: string, name: string): string {
  const encoded = (it: object) => Buffer.from(JSON.stringify(it)).toString("base64url");
  const claims = { sub, name, email: `${sub}@shop.example`, exp: Math.floor(Date.now() / 1000) + 600 };
  const unsigned = `${encoded({ alg: "HS256", typ: "JWT" })}.${encoded(claims)}`;
  return `${unsigned}.${createHmac("sha256", SECRET).update(unsigned).digest("base64url")}`;
}

/** What the page says of its visitor: a token, `null` for nobody, or nothing. */
async function visits(page: Page, address: string, identity?: string | null): Promise<Widget> {
  await page.goto(address);
  if (identity !== undefined) await identifies(page, identity);
  return new Widget(page);
}

async function identifies(page: Page, identity: string | null): Promise<void> {
  await page.evaluate((identity) => parlor("identify", identity), identity);
}

const ADA = () => token("ada", "Ada King");
const BOB = () => token("bob", "Bob Ross");

test.beforeEach(({ endpoint }) => endpoint.configure(SETTINGS));

test("a conversation goes on on the laptop, and stays on the phone", async ({ page, browser, site, agent }) => {
  const phone = await visits(page, site.address("plain"), ADA());
  await phone.ask();
  const chat = await agent.acceptNext();
  await phone.say("v1 from the phone");
  await agent.say(chat, "a1 hello");
  await phone.hears("a1 hello");

  const other = await browser.newContext();
  const laptop = await visits(await other.newPage(), site.address("plain"), ADA());
  await laptop.open();
  await laptop.hears("v1 from the phone");
  await laptop.hears("a1 hello");
  await laptop.say("v2 from the laptop");
  await phone.hears("v2 from the laptop");
  await phone.say("v3 from the phone");
  await laptop.hears("v3 from the phone");
  await agent.say(chat, "a2 to both");
  for (const widget of [phone, laptop]) {
    await widget.hears("a2 to both");
    expect(await widget.marks()).toEqual(["v1", "a1", "v2", "v3", "a2"]);
  }
  expect(await agent.said(chat)).toEqual([
    "v1 from the phone",
    "a1 hello",
    "v2 from the laptop",
    "v3 from the phone",
    "a2 to both",
  ]);
  await phone.end();
  for (const widget of [phone, laptop]) await expect(widget.again).toBeVisible();

  // What the agent begins is on both at once.
  const before = Date.now();
  await agent.action("resume_chat", {
    chat: { id: chat, thread: { events: [{ type: "message", text: "a3 one more thing", visibility: "all" }] } },
  });
  for (const widget of [phone, laptop]) await widget.hears("a3 one more thing");
  expect(Date.now() - before).toBeLessThan(5_000);
  await laptop.say("v4 yes?");
  await phone.hears("v4 yes?");
  await agent.hears(chat, "v4 yes?");
  await other.close();
});

test("people who share a browser never see each other's lines", async ({ page, site, agent }) => {
  let widget = await visits(page, site.address("plain"), ADA());
  await widget.ask();
  const chat = await agent.acceptNext();
  await widget.say("v1 of ada");
  await agent.say(chat, "a1 to ada");
  await widget.hears("a1 to ada");

  // A page that says nothing of its visitor, with its window open as on the page before.
  widget = await visits(page, site.address("spa"));
  await expect(widget.hello).toBeVisible();
  await expect(widget.frame.getByText("of ada")).toHaveCount(0);
  await expect(widget.frame.getByText("to ada")).toHaveCount(0);

  widget = await visits(page, site.address("plain"), BOB());
  await widget.open();
  await widget.hello.click();
  await expect(widget.frame.getByText("ada")).toHaveCount(0);
  await widget.fillIn({ name: "Bob", email: "bob@shop.example", question: "v2 of bob" });
  await widget.start.click();
  const bobs = await agent.acceptNext();
  expect(bobs).not.toBe(chat);
  await widget.say("v3 of bob");

  widget = await visits(page, site.address("plain"), ADA());
  await widget.hears("a1 to ada");
  await expect(widget.frame.getByText("of bob")).toHaveCount(0);
  await widget.say("v4 of ada");
  await agent.hears(chat, "v4 of ada");
  expect(await agent.said(chat)).toEqual(["v1 of ada", "a1 to ada", "v4 of ada"]);

  // Signing in as somebody else without another page.
  await identifies(page, BOB());
  await widget.hears("v3 of bob");
  await expect(widget.frame.getByText("of ada")).toHaveCount(0);
});

test("who signs out leaves nothing behind", async ({ page, context, site, agent }) => {
  let widget = await visits(page, site.address("plain"), ADA());
  await widget.ask();
  const chat = await agent.acceptNext();
  await widget.say("v1 of ada");
  const tab = await visits(await context.newPage(), site.address("plain"), ADA());
  await tab.hears("v1 of ada");
  await widget.message.fill("half a sent");
  const kept = async () => (await stored(page)).filter((name) => name.includes(":as:"));
  expect(await kept()).not.toEqual([]);

  await identifies(tab.page, null);
  await identifies(page, null);
  // A frame of another site gets no clicks in a page that is behind.
  await page.bringToFront();
  await expect(widget.hello).toBeVisible();
  await expect(tab.hello).toBeVisible();
  await expect(widget.frame.getByText("of ada")).toHaveCount(0);
  await expect.poll(kept).toEqual([]);
  await widget.hello.click();
  await expect(widget.field("name")).toHaveValue("");

  // The conversation itself goes on for who signs in again.
  widget = await visits(page, site.address("plain"), ADA());
  await widget.open();
  await widget.hears("v1 of ada");
  await expect(widget.message).toHaveValue("");
  await widget.say("v2 of ada");
  await agent.hears(chat, "v2 of ada");
});

test("who signs in during a conversation goes on in it under their name", async ({ page, site, agentConsole }) => {
  await agentConsole.signIn();
  let widget = await visits(page, site.address("plain"));
  await widget.ask();
  await agentConsole.acceptNext();
  await widget.say("v1 of nobody");
  await agentConsole.hears("v1 of nobody");
  const about = agentConsole.page.getByRole("complementary", { name: "About the visitor" });
  await expect(about.getByText("ada@shop.example")).toHaveCount(0);

  await identifies(page, ADA());
  await widget.hears("v1 of nobody");
  await expect(about.getByText("ada@shop.example").first()).toBeVisible();
  await widget.say("v2 of ada");
  await agentConsole.hears("v2 of ada");

  widget = await visits(page, site.address("plain"), ADA());
  await widget.hears("v2 of ada");
  widget = await visits(page, site.address("plain"), null);
  await expect(widget.hello).toBeVisible();
  await expect(widget.frame.getByText("of ada")).toHaveCount(0);
});
