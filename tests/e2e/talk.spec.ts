// A visitor on a customer's page and an agent at the console talk.
import { expect, test } from "./harness/test";
import { Widget } from "./harness/widget";

test("visitor and agent exchange messages", async ({ page, site, widget, agentConsole }) => {
  await agentConsole.signIn();
  await page.goto(site.address("plain"));
  await widget.ask();
  await expect(widget.start).toBeHidden();

  await agentConsole.acceptNext();
  await expect(agentConsole.waiting.getByRole("listitem")).toHaveCount(0);
  await expect(agentConsole.mine.getByRole("listitem")).toHaveCount(1);

  await agentConsole.say("a1 good morning");
  await widget.hears("a1 good morning");
  await widget.say("v1 good morning to you");
  await agentConsole.hears("v1 good morning to you");
  await widget.say("v2 is it open today?");
  await agentConsole.hears("v2 is it open today?");
  await agentConsole.say("a2 until six");
  await widget.hears("a2 until six");

  const order = ["a1", "v1", "v2", "a2"];
  expect(await widget.marks()).toEqual(order);
  expect(await agentConsole.marks()).toEqual(order);
});

test("the visitor ends the chat, both sides see it, and a new one can be started", async ({
  page,
  site,
  widget,
  agent,
}) => {
  await page.goto(site.address("plain"));
  await widget.ask();
  const chat = await agent.acceptNext();
  await widget.say("v1 that was all");
  await agent.hears(chat, "v1 that was all");
  await widget.end();
  await expect(widget.again).toBeVisible();
  await expect(widget.message).toBeHidden();

  await widget.again.click();
  await expect(widget.hello.or(widget.start)).toBeVisible();
});

test("the agent ends the chat, and the visitor sees it", async ({ page, site, widget, agentConsole }) => {
  await agentConsole.signIn();
  await page.goto(site.address("plain"));
  await widget.ask();
  await agentConsole.acceptNext();
  await agentConsole.say("a1 good bye");
  await widget.hears("a1 good bye");
  await agentConsole.endChat();
  await expect(widget.again).toBeVisible();
});

test("if an agent's image cannot be loaded, the initials are displayed", async ({ page, site, widget, agent }) => {
  // The agents who are present are shown before a conversation.
  expect(agent.id).toBeTruthy();
  await page.route("**/Visitor/Settings**", async (route) => {
    const answer = await route.fetch();
    const text = (await answer.text()).replace(/"name":"Maria"/g, '"name":"Maria","avatar":"/chat/nobody.png"');
    await route.fulfill({ response: answer, body: text });
  });
  await page.goto(site.address("plain"));
  await widget.open();
  await expect(widget.hello).toBeVisible();
  const picture = widget.frame.locator("img[src='/chat/nobody.png']");
  await expect(picture).toHaveCount(1);
  await expect.poll(async () => (await picture.boundingBox())?.width ?? 0).toBe(0);
  await expect(widget.frame.getByText("M", { exact: true })).toBeVisible();
});

test("the chat document works when it is opened by a link", async ({ page, endpoint, agent }) => {
  const { deploymentId, buttonId } = endpoint.installation;
  await page.goto(`${endpoint.url}/chat/?deployment=${deploymentId}&button=${buttonId}`);
  const widget = new Widget(page, page);
  await widget.hello.click();
  await widget.fillIn();
  await widget.start.click();
  const chat = await agent.acceptNext();
  await agent.say(chat, "a1 hello");
  await widget.hears("a1 hello");
  await widget.say("v1 hello");
  await agent.hears(chat, "v1 hello");
});

test("what a visitor writes while waiting reaches the agent", async ({ page, site, widget, agentConsole }) => {
  await agentConsole.signIn();
  await page.goto(site.address("plain"));
  await widget.ask();
  await expect(agentConsole.waiting.getByRole("listitem")).toHaveCount(1);
  await expect(widget.message).toBeVisible();
  await widget.say("v1 written while waiting");
  await agentConsole.acceptNext();
  await agentConsole.hears("v1 written while waiting");
  expect(await agentConsole.marks()).toEqual(["v1"]);
});

test("the visitor's place in the queue is updated live", async ({ browser, page, site, widget, agent }) => {
  const other = await browser.newContext();
  const ahead = new Widget(await other.newPage());
  await ahead.page.goto(site.address("plain"));
  await ahead.ask();
  await expect.poll(async () => (await agent.waiting()).length).toBe(1);
  await page.goto(site.address("plain"));
  await widget.ask();
  await expect(widget.frame.getByText("You are number 2 in line").first()).toBeVisible();

  const waiting = await agent.waiting();
  expect(waiting).toHaveLength(2);
  await ahead.end();
  await expect(widget.frame.getByText("You are next").first()).toBeVisible();
  await other.close();
});

test("typing is displayed on both sides, and the sneak peek in the console", async ({
  page,
  site,
  widget,
  agentConsole,
}) => {
  await agentConsole.signIn();
  await page.goto(site.address("plain"));
  await widget.ask();
  await agentConsole.acceptNext();
  await widget.message.pressSequentially("half a thou");
  await expect(agentConsole.page.getByText("half a thou")).toBeVisible();
  await agentConsole.reply.pressSequentially("I am lo");
  await expect(widget.frame.getByText("Maria is typing").first()).toBeVisible();
  await expect(widget.log.getByText("I am lo")).toHaveCount(0);
});

// A text, the link that both sides show in it, and the address that it leads to.
const LINKS: [text: string, link: string, href: string][] = [
  ["手順は https://example.com/docs（図あり）です。", "https://example.com/docs", "https://example.com/docs"],
  ["看https://example.com/a，谢谢", "https://example.com/a", "https://example.com/a"],
  ["邮箱ada@shop.example。", "ada@shop.example", "mailto:ada@shop.example"],
  [
    "（https://ja.wikipedia.org/wiki/猫_(曖昧さ回避)）",
    "https://ja.wikipedia.org/wiki/猫_(曖昧さ回避)",
    "https://ja.wikipedia.org/wiki/猫_(曖昧さ回避)",
  ],
  ["请看www.shop.example/cart。", "www.shop.example/cart", "https://www.shop.example/cart"],
];

test("visitor and agent see the same links", async ({ page, site, widget, agentConsole }) => {
  await agentConsole.signIn();
  await page.goto(site.address("plain"));
  await widget.ask();
  await agentConsole.acceptNext();
  for (const [text, link, href] of LINKS) {
    await widget.message.fill(text);
    await widget.send.click();
    for (const log of [widget.log, agentConsole.log]) {
      const shown = log.getByText(text, { exact: true }).getByRole("link");
      await expect(shown, text).toHaveText(link);
      await expect(shown, text).toHaveAttribute("href", href);
    }
  }
});
