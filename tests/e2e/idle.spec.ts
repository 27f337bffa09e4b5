// The deployment ends conversations that are not answered: the visitor is warned, may stay, and is
// told of the end.
import { expect, test } from "./harness/test";

const SETTINGS = `
[[deployment]]
idle_timeout = { warning_s = 10, timeout_s = 20 }
`;

test("a visitor who does not answer is warned, stays, and leaves", async ({ page, site, endpoint, widget, agentConsole }) => {
  await endpoint.configure(SETTINGS);
  await agentConsole.signIn();
  await page.goto(site.address("plain"));
  await widget.ask();
  await agentConsole.acceptNext();
  await agentConsole.say("a1 which size?");
  await widget.hears("a1 which size?");

  const patience = { timeout: 15_000 };
  const warning = widget.frame.getByRole("alert").filter({ hasText: "Are you still there?" });
  await expect(warning).toBeVisible(patience);
  await expect(widget.frame.getByRole("timer")).toHaveText(/^This conversation ends in 0:(10|0\d)\.$/);
  await agentConsole.page.getByText("The visitor has been idle").first().waitFor(patience);
  await widget.frame.getByRole("button", { name: "I am still here" }).click();
  await expect(warning).toHaveCount(0);

  await expect(warning).toBeVisible(patience);
  await widget.say("v1 the large one");
  await expect(warning).toHaveCount(0);
  await agentConsole.hears("v1 the large one");

  await agentConsole.say("a2 and the colour?");
  await expect(widget.frame.getByRole("button", { name: "Start again" })).toBeVisible({ timeout: 40_000 });
  await expect(agentConsole.page.getByText("This chat has ended.")).toBeVisible();
  expect(await widget.marks()).toEqual(["a1", "v1", "a2"]);
});
