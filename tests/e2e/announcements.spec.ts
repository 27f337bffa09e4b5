// The live region holds each new message once. Of many that come at once it holds the newest.
import type { Agent } from "./harness/agent";
import { expect, test } from "./harness/test";
import type { Widget } from "./harness/widget";

/** The texts that are put into the live region from now on. */
async function listen(widget: Widget): Promise<() => Promise<string[]>> {
  const region = widget.frame.locator(".announcer");
  await region.evaluate((region) => {
    const heard: string[] = [];
    const note = (node: Node) => heard.push(node.textContent ?? "");
    new MutationObserver((changes) => {
      for (const change of changes) change.addedNodes.forEach(note);
    }).observe(region, { childList: true });
    Object.assign(region, { heard });
  });
  return () => region.evaluate((region) => (region as unknown as { heard: string[] }).heard);
}

async function sayMany(agent: Agent, chat: string, texts: string[]): Promise<void> {
  await Promise.all(texts.map((text) => agent.send(chat, { type: "message", text })));
}

test("each message is announced once, and then removed from the live region", async ({ page, site, widget, agent }) => {
  await page.goto(site.address("plain"));
  await widget.ask();
  const chat = await agent.acceptNext();
  await expect(widget.message).toBeVisible();
  // "Maria joined" is announced too.
  const region = widget.frame.locator(".announcer > *");
  await expect(region).toHaveCount(0);
  const heard = await listen(widget);

  await agent.say(chat, "a1 good morning");
  await expect.poll(heard).toHaveLength(1);
  expect((await heard())[0]).toContain("a1 good morning");
  await agent.say(chat, "a2 what may it be?");
  await expect.poll(heard).toHaveLength(2);
  // Not what the visitor says, who knows it.
  await widget.say("v1 a lamp");
  await expect(region).toHaveCount(0);
  expect((await heard())[1]).toContain("a2 what may it be?");

  const many = Array.from({ length: 20 }, (_, n) => `a${n + 10} of twenty`);
  await sayMany(agent, chat, many);
  await expect.poll(() => widget.marks().then((marks) => marks.length)).toBe(23);
  await expect(region).toHaveCount(0);
  const spoken = (await heard()).slice(2);
  expect(new Set(spoken).size, "none twice").toBe(spoken.length);
  expect(spoken.length).toBeLessThanOrEqual(15);
  const last = (await widget.log.locator(".message-bubble").last().textContent()) ?? "";
  expect(spoken.at(-1), "the newest is among them").toContain(last);
});
