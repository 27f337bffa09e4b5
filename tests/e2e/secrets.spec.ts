// What must not cross: notes between agents, and markup in anybody's message.
import { expect, test } from "./harness/test";
import { VISITOR } from "./harness/widget";

test("a private note never reaches the visitor", async ({ page, site, widget, agentConsole, agent }) => {
  const received: Promise<string>[] = [];
  page.on("response", (response) => {
    if (response.url().includes("/chat/rest/")) received.push(response.text().catch(() => ""));
  });
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
  expect((await Promise.all(received)).join("\n")).not.toContain("difficult");

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

test("a link in a message opens elsewhere and tells nobody where from", async ({
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

test("the log of the endpoint has no word of what was said", async ({ page, site, endpoint, widget, agentConsole }) => {
  await agentConsole.signIn();
  await page.goto(site.address("plain"));
  await widget.ask();
  await agentConsole.acceptNext();
  await widget.say("v1 my card is 4711");
  await agentConsole.hears("v1 my card is 4711");
  await endpoint.kill();
  for (const word of ["4711", ...Object.values(VISITOR), endpoint.email]) {
    expect(endpoint.log).not.toContain(word);
  }
});
