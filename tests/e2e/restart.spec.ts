// The endpoint is killed in mid-chat, as by a power cut, and comes back on the same data: the
// same conversation goes on, nothing lost, nothing twice.
import { expect, test } from "./harness/test";

test("the conversation continues after the endpoint is killed and restarted", async ({ page, site, endpoint, widget, agentConsole }) => {
  await agentConsole.signIn();
  await page.goto(site.address("plain"));
  await widget.ask();
  await agentConsole.acceptNext();
  await agentConsole.say("a1 before");
  await widget.hears("a1 before");
  await widget.say("v1 before");
  await agentConsole.hears("v1 before");

  await endpoint.kill();
  await endpoint.start();

  await widget.say("v2 after");
  await agentConsole.hears("v2 after");
  await agentConsole.say("a2 after");
  await widget.hears("a2 after");
  const order = ["a1", "v1", "v2", "a2"];
  expect(await widget.marks()).toEqual(order);
  expect(await agentConsole.marks()).toEqual(order);
});

test("a message that is written while the endpoint is down arrives after the restart", async ({
  page,
  site,
  endpoint,
  widget,
  agent,
}) => {
  await page.goto(site.address("plain"));
  await widget.ask();
  const chat = await agent.acceptNext();
  await widget.say("v1 before");
  await agent.hears(chat, "v1 before");

  await endpoint.kill();
  await widget.say("v2 into the dark");
  await widget.say("v3 still dark");
  await expect(widget.frame.getByText(/reconnecting/i).first()).toBeVisible();
  await endpoint.start();

  await agent.hears(chat, "v3 still dark");
  await agent.say(chat, "a1 light again");
  await widget.hears("a1 light again");
  await expect(widget.frame.getByText(/reconnecting/i)).toHaveCount(0);
  const words = ["v1 before", "v2 into the dark", "v3 still dark", "a1 light again"];
  expect(await agent.said(chat)).toEqual(words);
  expect(await widget.marks()).toEqual(["v1", "v2", "v3", "a1"]);
});

test("a visitor who waits is still in the queue after a restart", async ({
  page,
  site,
  endpoint,
  widget,
  agent,
}) => {
  await page.goto(site.address("plain"));
  await widget.ask();
  await expect.poll(async () => (await agent.waiting()).length).toBe(1);
  await endpoint.kill();
  await endpoint.start();
  const chat = await agent.acceptNext();
  await agent.say(chat, "a1 there you are");
  await widget.hears("a1 there you are");
});

test("an endpoint that is asked to stop does not wait for its open polls", async ({ page, site, endpoint, widget, agent }) => {
  await page.goto(site.address("plain"));
  await widget.ask();
  await agent.acceptNext();
  await expect(widget.message).toBeVisible();
  const start = performance.now();
  expect(await endpoint.stop()).toBe(0);
  // Polls are held some 25 s: ended by the stop, none of that is waited for.
  expect(performance.now() - start).toBeLessThan(10_000);
});
