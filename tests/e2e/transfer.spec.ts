// A conversation goes from one agent to another: handed on, taken over, or left by who signs out.
// The visitor reads one message about it, and it goes on.
import { expect, test as base } from "./harness/test";
import { AgentConsole } from "./harness/console";

const test = base.extend<{ bea: AgentConsole }>({
  bea: async ({ browser, endpoint }, use) => {
    const email = await endpoint.hire("Bea");
    const context = await browser.newContext();
    const bea = new AgentConsole(await context.newPage(), endpoint);
    await bea.signIn(email);
    await use(bea);
    await context.close();
  },
});

test.beforeEach("an agent answers a visitor", async ({ page, site, widget, agentConsole }) => {
  await agentConsole.signIn();
  await page.goto(site.address("plain"));
  await widget.ask();
  await agentConsole.acceptNext();
  await agentConsole.say("a1 one moment");
  await widget.hears("a1 one moment");
});

test("a chat is transferred to a colleague", async ({ bea, widget, agentConsole }) => {
  await agentConsole.transfer.click();
  const choice = agentConsole.page.getByRole("dialog", { name: "Hand this chat on to" });
  await choice.getByRole("button", { name: /^Bea/ }).click();
  await expect(agentConsole.mine.getByRole("listitem")).toHaveCount(0);
  await bea.mine.getByRole("button").first().click();
  await bea.hears("a1 one moment");
  await expect(widget.frame.getByText(/Bea/).first()).toBeVisible();

  await bea.say("a2 Bea speaking");
  await widget.hears("a2 Bea speaking");
  await widget.say("v1 hello Bea");
  await bea.hears("v1 hello Bea");
  expect(await widget.marks()).toEqual(["a1", "a2", "v1"]);
});

test("a colleague takes a chat over", async ({ bea, widget, agentConsole }) => {
  await bea.team.getByRole("button").first().click();
  await bea.hears("a1 one moment");
  await bea.takeOver.press("Enter");
  await expect(bea.reply).toBeFocused();
  await bea.say("a2 Bea speaking");
  await widget.hears("a2 Bea speaking");
  await expect(widget.frame.getByText(/Bea/).first()).toBeVisible();
  await expect(agentConsole.team.getByRole("listitem")).toHaveCount(1);
  await expect(agentConsole.takeOver).toBeVisible();
});

test("who signs out leaves the chats to colleagues", async ({ bea, widget, agentConsole }) => {
  await agentConsole.page.getByRole("button", { name: "Sign out", exact: true }).click();
  await agentConsole.page.getByRole("button", { name: "Sign out now" }).click();
  await expect(widget.log.getByText(/ has left/)).toBeVisible();
  await bea.acceptNext();
  await bea.hears("a1 one moment");
  await widget.say("v1 still here");
  await bea.hears("v1 still here");
});
