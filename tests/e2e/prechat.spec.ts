// The pre-chat form: a sentence beside each field says what is wrong in it.
import { expect, test } from "./harness/test";
import { VISITOR } from "./harness/widget";

test("errors are described, the first invalid field has the focus, and values are kept", async ({
  page,
  site,
  widget,
  agent,
}) => {
  await page.goto(site.address("plain"));
  await widget.open();
  await widget.hello.click();
  const name = widget.field("name");
  const email = widget.field("email");

  await widget.start.click();
  await expect(name).toBeFocused();
  await expect(name).toHaveAttribute("aria-invalid", "true");
  await expect(name).toHaveAccessibleDescription(/\w{3,}/);
  const [words] = await name.evaluate((field: HTMLElement) =>
    (field.getAttribute("aria-describedby") ?? "")
      .split(" ")
      .map((id) => field.ownerDocument.getElementById(id)?.innerText ?? "")
      .filter(Boolean),
  );
  await expect(widget.frame.getByText(words ?? "no words").first()).toBeVisible();

  await widget.fillIn({ ...VISITOR, email: "ada at example" });
  await widget.start.click();
  await expect(email).toBeFocused();
  await expect(email).toHaveAttribute("aria-invalid", "true");
  await expect(email).toHaveAccessibleDescription(/e-?mail/i);
  await expect(email).toHaveValue("ada at example");
  await expect(name).toHaveValue(VISITOR.name);
  await expect(name).not.toHaveAttribute("aria-invalid", "true");
  expect(await agent.waiting()).toEqual([]);

  await email.fill(VISITOR.email);
  await widget.start.click();
  await agent.acceptNext();
  await expect(widget.message).toBeVisible();
});

test("the agent gets the answers to the pre-chat form", async ({ page, site, widget, agentConsole }) => {
  await agentConsole.signIn();
  await page.goto(site.address("plain"));
  await widget.ask();
  await expect(agentConsole.waiting.getByText(VISITOR.name)).toBeVisible();
  await agentConsole.acceptNext();
  await expect(agentConsole.page.getByText(VISITOR.email).first()).toBeVisible();
  await expect(agentConsole.page.getByText(VISITOR.question).first()).toBeVisible();
});
