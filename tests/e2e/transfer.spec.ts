// An agent transfers a conversation at the console. The visitor reads one message about it, and it goes on.
import { expect, test } from "./harness/test";
import { AgentConsole } from "./harness/console";

test("a chat is transferred to a colleague", async ({ browser, page, site, endpoint, widget, agentConsole }) => {
  const email = await endpoint.hire("Bea");
  const context = await browser.newContext();
  const bea = new AgentConsole(await context.newPage(), endpoint);
  await agentConsole.signIn();
  await bea.signIn(email);

  await page.goto(site.address("plain"));
  await widget.ask();
  await agentConsole.acceptNext();
  await agentConsole.say("a1 let me ask Bea");
  await widget.hears("a1 let me ask Bea");

  await agentConsole.transfer.click();
  const choice = agentConsole.page.getByRole("dialog", { name: "Hand this chat on to" });
  await choice.getByRole("button", { name: /^Bea/ }).click();
  await expect(agentConsole.mine.getByRole("listitem")).toHaveCount(0);
  await bea.mine.getByRole("button").first().click();
  await bea.hears("a1 let me ask Bea");
  await expect(widget.frame.getByText(/Bea/).first()).toBeVisible();

  await bea.say("a2 Bea speaking");
  await widget.hears("a2 Bea speaking");
  await widget.say("v1 hello Bea");
  await bea.hears("v1 hello Bea");
  expect(await widget.marks()).toEqual(["a1", "a2", "v1"]);
  await context.close();
});
