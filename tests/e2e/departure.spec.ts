// An agent's browser is killed in mid-chat, as by a laptop that breaks: a colleague goes on.
import { AgentConsole } from "./harness/console";
import { expect, test } from "./harness/test";

/** An agent is gone after a minute without a socket; then the visitor waits again, in front of the others. */
const GONE_ON_WITHIN_MS = 120_000;

test("a colleague goes on after an agent's browser was killed", async ({ page, site, endpoint, widget, ownBrowser, agentConsole }) => {
  test.setTimeout(GONE_ON_WITHIN_MS + 60_000);
  const ann = new AgentConsole(await ownBrowser.start(), endpoint);
  await ann.signIn(await endpoint.hire("Ann"));
  await page.goto(site.address("plain"));
  await widget.ask();
  await ann.acceptNext();
  await ann.say("a1 one moment");
  await widget.hears("a1 one moment");
  await agentConsole.signIn();

  await ownBrowser.kill();
  const killed = Date.now();
  await widget.say("v1 are you there?");
  await expect(widget.log.getByText(/^Ann has left/)).toBeVisible({ timeout: GONE_ON_WITHIN_MS });
  await agentConsole.acceptNext();
  await agentConsole.hears("v1 are you there?");
  await agentConsole.say("a2 Maria speaking");
  await widget.hears("a2 Maria speaking");
  expect(Date.now() - killed).toBeLessThan(GONE_ON_WITHIN_MS);
  await widget.say("v2 hello Maria");
  await agentConsole.hears("v2 hello Maria");
  expect(await widget.marks()).toEqual(["a1", "v1", "a2", "v2"]);
});
