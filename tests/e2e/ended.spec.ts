// A chat that has ended stays in the console until it is dismissed, is found again, answered and
// opened again.
import { bringAxe, expectNoViolations } from "./harness/axe";
import { expect, test } from "./harness/test";
import { VISITOR } from "./harness/widget";

test("an agent finds a chat that has ended, and the visitor finds the answer", async ({ page, site, widget, agentConsole }) => {
  await agentConsole.signIn();
  await page.goto(site.address("plain"));
  await widget.ask();
  await agentConsole.acceptNext();
  await widget.say("Where are you?");
  await agentConsole.hears("Where are you?");
  await agentConsole.endChat();
  await agentConsole.page.getByRole("button", { name: "Dismiss" }).click();
  const ended = agentConsole.page.getByRole("list", { name: "Ended" });
  const row = ended.getByRole("button", { name: VISITOR.name });
  await expect(row).toBeVisible();

  // Another life of the console knows nothing of the chat but what the list says.
  await agentConsole.page.reload();
  await row.click();
  await agentConsole.hears("Where are you?");
  await agentConsole.page.getByRole("button", { name: "Write to the visitor" }).click();
  await agentConsole.say("It has stopped.");
  await page.reload();
  await widget.open();
  await widget.frame.getByRole("button", { name: /It has stopped/ }).click();
  await widget.hears("It has stopped.");
});

test("an ended chat stays among the agent's until it is dismissed, and is opened again", async ({ page, site, widget, agentConsole }) => {
  const console = agentConsole.page;
  await bringAxe(console.context());
  await agentConsole.signIn();
  await page.goto(site.address("plain"));
  await widget.ask();
  await agentConsole.acceptNext();
  await widget.say("v1 Where are you?");
  await agentConsole.hears("v1 Where are you?");
  await widget.end();
  await expect(agentConsole.reply).toBeHidden();
  const mine = agentConsole.mine.getByRole("listitem");
  const ended = console.getByRole("list", { name: "Ended" });
  await expect(mine).toContainText("The chat has ended");
  await expectNoViolations(console, "an ended chat");
  await console.screenshot({ path: "target/screenshots/console-ended.png" });

  await console.reload();
  await expect(mine).toContainText("The chat has ended");
  await agentConsole.hears("v1 Where are you?");
  await expect(ended.getByRole("listitem"), "it is in one list").toHaveCount(0);
  await agentConsole.log.focus();
  await console.keyboard.press("d");
  await expect(mine).toHaveCount(0);
  await expect(console.getByText("No chat is open")).toBeVisible();
  const row = ended.getByRole("button", { name: VISITOR.name });
  await expect(row).toBeVisible();
  await console.reload();
  await expect(row).toBeVisible();
  await expect(mine).toHaveCount(0);

  await row.click();
  await agentConsole.hears("v1 Where are you?");
  await console.getByRole("button", { name: "Reopen" }).click();
  await expect(agentConsole.reply).toBeFocused();
  await expect(mine).toHaveCount(1);
  await expect(row).toHaveCount(0);
  await agentConsole.say("a1 It has stopped raining");
  // The visitor's window, which is open, displays it at once.
  await widget.hears("a1 It has stopped raining");
  await widget.say("v2 Thank you");
  await agentConsole.hears("v2 Thank you");
});
