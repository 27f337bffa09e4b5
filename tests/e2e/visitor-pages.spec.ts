// The visitor goes from page to page, and the agent sees where they are.
import { expect, test } from "./harness/test";
import type { AgentConsole } from "./harness/console";
import { Widget } from "./harness/widget";

/** The titles of the pages in the console, newest first. */
const seen = (console: AgentConsole) =>
  console.page.getByRole("heading", { name: "Pages seen" }).locator("xpath=..").getByRole("listitem");

test("the agent sees each page and route, and no line is written for it", async ({ page, site, widget, agent, agentConsole }) => {
  const posted: unknown[] = [];
  page.on("request", (request) => {
    if (request.url().endsWith("/Visitor/Breadcrumb")) posted.push(request.postDataJSON());
  });
  await page.goto(site.address("spa"));
  await agentConsole.signIn();
  await widget.open();
  // A page before there is a conversation is part of the request, and is not posted.
  await page.getByRole("link", { name: "About" }).click();
  await widget.hello.click();
  await widget.fillIn();
  await widget.start.click();
  await agentConsole.waiting.getByRole("button").first().click();
  await expect(seen(agentConsole)).toHaveText([/^About/]);
  expect(posted).toEqual([]);

  // While the visitor waits, and while they chat.
  await page.getByRole("link", { name: "Prices" }).click();
  await expect(seen(agentConsole)).toHaveText([/^Prices/, /^About/]);
  await agentConsole.accept.click();
  await agentConsole.say("a1 hello");
  await page.getByRole("link", { name: "Home" }).click();
  await expect(seen(agentConsole)).toHaveText([/^Home/, /^Prices/, /^About/]);
  const link = seen(agentConsole).first().getByRole("link");
  await expect(link).toHaveAttribute("href", `${site.address("spa")}?page=home`);
  await agentConsole.page.screenshot({ path: "target/screenshots/console-pages.png" });

  // Another page of the site, and the same once more.
  await page.goto(site.address("plain"));
  await widget.hears("a1 hello");
  await expect(seen(agentConsole)).toHaveText([/^A shop/, /^Home/, /^Prices/, /^About/]);
  await page.reload();
  await widget.hears("a1 hello");
  await widget.say("v1 still here");
  await agentConsole.hears("v1 still here");
  await expect(seen(agentConsole)).toHaveText([/^A shop/, /^Home/, /^Prices/, /^About/]);

  const [chat] = (await agent.action<{ chats_summary: { id: string }[] }>("list_chats", {})).chats_summary;
  const events = await agent.events(chat?.id ?? "");
  const lines = events.filter((event) => event.type === "system_message").map((event) => event.system_message_type);
  expect(lines).not.toContain("customer_reconnected");
  expect(events.filter((event) => event.type === "message").map((event) => event.text)).toEqual([
    "a1 hello",
    "v1 still here",
  ]);
  await expect(agentConsole.log.getByText(/connected again/)).toHaveCount(0);

  // After the conversation nobody is told.
  const before = posted.length;
  await widget.end();
  await expect(widget.again).toBeVisible();
  await page.evaluate(() => history.pushState(null, "", "?page=about"));
  await page.reload();
  await expect(widget.launcher).toBeVisible();
  expect(posted.length).toBe(before);
});

test("of several tabs it is the page of the one that the visitor uses", async ({ page, context, site, widget, agentConsole }) => {
  await page.goto(site.address("spa"));
  await agentConsole.signIn();
  await widget.ask();
  await agentConsole.acceptNext();
  await expect(seen(agentConsole)).toHaveText([/^Home/]);
  const other = await context.newPage();
  await other.goto(site.address("plain"));
  await expect(new Widget(other).message).toBeVisible();
  await expect(seen(agentConsole)).toHaveText([/^A shop/, /^Home/]);
  await other.evaluate(() => {
    history.pushState(null, "", "?hats");
    document.title = "Hats";
  });
  await expect(seen(agentConsole)).toHaveText([/^Hats/, /^A shop/, /^Home/]);
  await page.getByRole("link", { name: "Prices" }).click();
  await expect(seen(agentConsole)).toHaveText([/^Prices/, /^Hats/, /^A shop/, /^Home/]);
});
