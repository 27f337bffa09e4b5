// The visitor reloads the page, or goes to another page of the same site.
import { expect, test } from "./harness/test";

test("the conversation continues after a reload", async ({ page, site, widget, agent }) => {
  await page.goto(site.address("plain"));
  await widget.ask();
  const chat = await agent.acceptNext();
  await agent.say(chat, "a1 before");
  await widget.hears("a1 before");
  await widget.say("v1 before");
  await agent.hears(chat, "v1 before");

  await page.reload();
  await widget.hears("a1 before");
  await widget.hears("v1 before");
  await agent.say(chat, "a2 after");
  await widget.hears("a2 after");
  await widget.say("v2 after");
  await agent.hears(chat, "v2 after");
  expect(await widget.marks()).toEqual(["a1", "v1", "a2", "v2"]);
  expect(await agent.said(chat)).toEqual(["a1 before", "v1 before", "a2 after", "v2 after"]);
});

test("the conversation continues on the next page of the site", async ({ page, site, widget, agent }) => {
  await page.goto(site.address("plain"));
  await widget.ask();
  const chat = await agent.acceptNext();
  await agent.say(chat, "a1 on the first page");
  await widget.hears("a1 on the first page");
  await page.goto(site.address("quirks"));
  await widget.hears("a1 on the first page");
  await widget.say("v1 on the second page");
  await agent.hears(chat, "v1 on the second page");
  expect(await agent.waiting()).toEqual([]);
});

test("a reload while waiting keeps the place in the queue", async ({ page, site, widget, agent }) => {
  await page.goto(site.address("plain"));
  await widget.ask();
  await expect.poll(async () => (await agent.waiting()).length).toBe(1);
  await page.reload();
  const chat = await agent.acceptNext();
  await agent.say(chat, "a1 still you");
  await widget.hears("a1 still you");
  expect(await agent.waiting()).toEqual([]);
});

test("after a reload, the agent is signed in and sees the chats and the conversation", async ({
  page,
  site,
  widget,
  agentConsole,
}) => {
  await agentConsole.signIn();
  await page.goto(site.address("plain"));
  await widget.ask();
  await agentConsole.acceptNext();
  await agentConsole.say("a1 before");
  await widget.hears("a1 before");
  await agentConsole.page.reload();
  await agentConsole.mine.getByRole("button").first().click();
  await agentConsole.hears("a1 before");
  await agentConsole.say("a2 after");
  await widget.hears("a2 after");
  expect(await agentConsole.marks()).toEqual(["a1", "a2"]);
});
