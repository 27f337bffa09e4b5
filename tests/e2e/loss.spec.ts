// A network that loses answers, or that is away for a while.
import { expect, test } from "./harness/test";

test("if the answer to a message is lost, the message arrives once", async ({ page, site, widget, agent }) => {
  await page.goto(site.address("plain"));
  await widget.ask();
  const chat = await agent.acceptNext();
  await expect(widget.message).toBeVisible();

  let lost = 0;
  await page.route("**/Chasitor/ChatMessage*", async (route) => {
    if (lost++ > 0) return route.continue();
    await route.fetch();
    await route.abort("connectionreset");
  });
  await widget.say("v1 said once");
  await widget.say("v2 said after");
  await agent.hears(chat, "v2 said after");
  expect(await agent.said(chat)).toEqual(["v1 said once", "v2 said after"]);
  expect(lost).toBeGreaterThan(1);
});

test("if the answer to a poll is lost, no message is missing", async ({ page, site, widget, agent }) => {
  await page.goto(site.address("plain"));
  await widget.ask();
  const chat = await agent.acceptNext();
  await expect(widget.message).toBeVisible();

  let lost = 0;
  await page.route("**/System/Messages*", async (route) => {
    const answer = await route.fetch().catch(() => null);
    if (answer?.status() === 200 && lost++ === 0) return route.abort("connectionreset");
    return answer ? route.fulfill({ response: answer }) : route.abort();
  });
  await agent.say(chat, "a1 first");
  await agent.say(chat, "a2 second");
  await widget.hears("a1 first");
  await widget.hears("a2 second");
  expect(await widget.marks()).toEqual(["a1", "a2"]);
  expect(lost).toBeGreaterThan(0);
  await page.unrouteAll({ behavior: "ignoreErrors" });
});

test("if the browser is offline for a while, no message is lost or duplicated", async ({ page, context, site, widget, agent }) => {
  await page.goto(site.address("plain"));
  await widget.ask();
  const chat = await agent.acceptNext();
  await widget.say("v1 online");
  await agent.hears(chat, "v1 online");

  await context.setOffline(true);
  await widget.say("v2 offline");
  await agent.say(chat, "a1 meanwhile");
  await context.setOffline(false);

  await agent.hears(chat, "v2 offline");
  await widget.hears("a1 meanwhile");
  expect(await agent.said(chat)).toEqual(["v1 online", "a1 meanwhile", "v2 offline"]);
  expect(new Set(await widget.marks())).toEqual(new Set(["v1", "v2", "a1"]));
});
