// Private notes reach no visitor, markup in messages does nothing, and what a visitor says stands in no
// URL and no log. Each search for a secret is also made for a word that must be found.
import { chatFrame } from "./harness/axe";
import { expect, test } from "./harness/test";
import { contains, Traffic } from "./harness/traffic";
import { VISITOR } from "./harness/widget";

test("a private note never reaches the visitor", async ({ page, site, faultyProxy, widget, agentConsole, agent }) => {
  const traffic = new Traffic(faultyProxy);
  await agentConsole.signIn();
  await page.goto(site.address("plain"));
  await widget.ask();
  await agentConsole.acceptNext();
  await agentConsole.say("a1 one moment");
  await widget.hears("a1 one moment");

  await agentConsole.note.click();
  await agentConsole.say("this one is difficult");
  await agentConsole.note.click();
  await agentConsole.say("a2 thank you for waiting");
  await widget.hears("a2 thank you for waiting");

  expect(await widget.marks()).toEqual(["a1", "a2"]);
  await page.reload();
  await widget.hears("a2 thank you for waiting");
  await expect(widget.frame.getByText("difficult")).toHaveCount(0);
  expect(traffic.places("difficult")).toEqual([]);
  expect(traffic.places("a2 thank you for waiting")).toContain("the answer of GET /chat/rest/System/Messages");

  const { chats_summary } = await agent.action<{ chats_summary: { id: string }[] }>("list_chats", {});
  const notes = (await agent.events(chats_summary[0]?.id ?? ""))
    .filter((event) => event.text === "this one is difficult")
    .map((event) => event.visibility);
  expect(notes).toEqual(["agents"]);
});

const MARKUP = [
  `<img src="x" onerror="window.broken = true">`,
  `<script>window.broken = true</script>`,
  `<svg onload="window.broken = true">`,
  `<a href="javascript:window.broken = true">press</a>`,
  `javascript:window.broken=true`,
  `&lt;b&gt;bold&lt;/b&gt; <b>bold</b>`,
];

test("markup in messages is shown as it was written, on both sides", async ({
  page,
  site,
  widget,
  agentConsole,
}) => {
  await agentConsole.signIn();
  await page.goto(site.address("plain"));
  await widget.ask();
  await agentConsole.acceptNext();
  for (const text of MARKUP) {
    await widget.say(text);
    await agentConsole.hears(text);
  }
  for (const text of MARKUP) {
    await agentConsole.say(`answer: ${text}`);
    await widget.hears(`answer: ${text}`);
  }
  for (const log of [widget.log, agentConsole.log]) {
    await expect(log.locator("img[src=x], script, svg[onload], b, a[href^=javascript]")).toHaveCount(0);
  }
  for (const frame of [...page.frames(), ...agentConsole.page.frames()]) {
    expect(await frame.evaluate(() => Reflect.get(window, "broken"))).toBeUndefined();
  }
});

test("a link in a message opens in a new tab, without a referrer and an opener", async ({
  page,
  site,
  widget,
  agent,
}) => {
  await page.goto(site.address("plain"));
  await widget.ask();
  const chat = await agent.acceptNext();
  await agent.say(chat, "a1 see https://example.com/prices?day=1, please");
  const link = widget.log.getByRole("link");
  await expect(link).toHaveAttribute("href", "https://example.com/prices?day=1");
  await expect(link).toHaveAttribute("target", "_blank");
  await expect(link).toHaveAttribute("rel", /noopener.*noreferrer|noreferrer.*noopener/);
});

test("the visitor's messages and the session's key are in no URL and no log", async ({
  page,
  site,
  endpoint,
  faultyProxy,
  widget,
  agentConsole,
}) => {
  const traffic = new Traffic(faultyProxy);
  await agentConsole.signIn();
  await page.goto(site.address("plain"));
  await widget.ask();
  await agentConsole.acceptNext();
  await widget.say("v1 my card is 4711");
  await agentConsole.hears("v1 my card is 4711");
  await page.reload();
  await widget.hears("v1 my card is 4711");
  await widget.end();
  await expect(widget.again).toBeVisible();
  await chatFrame(page).evaluate(() => fetch("/chat/?planted=a%20secret"));
  await endpoint.kill();

  const keys = traffic.sent("x-liveagent-session-key");
  expect(keys).not.toEqual([]);
  const secrets = ["v1 my card is 4711", ...Object.values(VISITOR), endpoint.email, ...keys];
  const urls = (places: string[]) => places.filter((place) => /^the (URL|referrer) /.test(place));
  for (const secret of secrets) {
    expect(urls(traffic.places(secret)), secret).toEqual([]);
    expect(contains(endpoint.log, secret), `the log holds ${secret}`).toBe(false);
  }
  // The same searches find what is there.
  expect(traffic.places("a secret")).toContain("the URL of GET /chat/");
  expect(traffic.places("v1 my card is 4711")).toContain("the request of POST /chat/rest/Chasitor/ChatMessage");
  expect(contains(endpoint.log, "/chat/rest/Chasitor/ChatMessage"), "requests are logged").toBe(true);
  for (const secret of secrets) {
    const log = `${endpoint.log}${JSON.stringify({ message: secret })}\n${endpoint.log}`;
    expect(contains(log, secret), `${secret}, planted in the log`).toBe(true);
  }
});

test("a body that cannot be read fails the search", async ({ page, site, faultyProxy, widget }) => {
  const traffic = new Traffic(faultyProxy);
  await page.goto(site.address("plain"));
  await widget.open();
  await expect(widget.hello).toBeVisible();
  expect(traffic.places("nothing of the kind")).toEqual([]);
  const { passed } = faultyProxy;
  const message = { headers: {}, body: Buffer.from("half of "), whole: true };
  const exchange = { method: "GET", url: "/chat/", request: message };
  passed({ ...exchange, response: { ...message, whole: false } });
  expect(() => traffic.places("a secret")).toThrow(/was cut/);

  const other = new Traffic(faultyProxy);
  faultyProxy.passed({ ...exchange, response: { ...message, headers: { "content-encoding": "zstd" } } });
  expect(() => other.places("a secret")).toThrow(/encoded as zstd/);
});
