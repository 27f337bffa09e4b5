// A reload of the console keeps what was written and which chat is open; signing out removes both.
import { expect, test } from "./harness/test";

test("a draft and the open chat survive a reload, and leave nothing after signing out", async ({
  page,
  site,
  widget,
  agentConsole,
}) => {
  await agentConsole.signIn();
  await page.goto(site.address("plain"));
  await widget.ask();
  await agentConsole.acceptNext();
  await widget.say("v1 Hello");
  await agentConsole.note.click();
  await agentConsole.reply.pressSequentially("she is from 12 Hill St");
  await agentConsole.page.reload();
  await agentConsole.hears("v1 Hello");
  await expect(agentConsole.reply).toHaveValue("she is from 12 Hill St");
  await expect(agentConsole.note).toHaveAttribute("aria-pressed", "true");

  // What was sent is no draft any more.
  await agentConsole.note.click();
  await agentConsole.say("a1 Good morning");
  await agentConsole.page.reload();
  await agentConsole.hears("a1 Good morning");
  await expect(agentConsole.reply).toHaveValue("");

  await agentConsole.reply.fill("half a sentence");
  const other = await agentConsole.page.context().newPage();
  await other.goto(agentConsole.page.url());
  await other.getByRole("button", { name: "Sign out" }).click();
  await other.getByRole("button", { name: "Sign out now" }).click();
  await expect(other.getByRole("button", { name: "Sign in" })).toBeVisible();
  await expect(agentConsole.page.getByRole("button", { name: "Sign in" }), "in the other tab too").toBeVisible();
  for (const tab of [agentConsole.page, other]) {
    const stored = await tab.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }]));
    expect(stored).not.toContain("half a sentence");
    expect(stored).not.toContain("drafts");
  }
});
