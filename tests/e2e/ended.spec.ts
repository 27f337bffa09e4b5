// A chat that has ended is found again in the console, and answered.
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
