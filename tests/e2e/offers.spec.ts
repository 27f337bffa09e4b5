// A console that is reloaded in the middle of an offer shows it, and for how long it is still good.
import { bringAxe, expectNoViolations } from "./harness/axe";
import { expect, test } from "./harness/test";
import { VISITOR } from "./harness/widget";

const settings = (button: string): string => `
[routing]
offer_seconds = 600

[[group]]
id = 1
name = "Support"

[[deployment]]

[[deployment.button]]
id = "${button}"
name = "Chat"
group = 1
routing = "least_active"
`;

test("an offer is there after a reload, with the time that is left", async ({ page, site, widget, endpoint, agentConsole }) => {
  await endpoint.configure(settings(endpoint.installation.buttonId));
  await endpoint.assign(endpoint.email, "Support");
  const console = agentConsole.page;
  await bringAxe(console.context());
  await agentConsole.signIn();
  await page.goto(site.address("plain"));
  await widget.ask();
  const row = agentConsole.waiting.getByRole("listitem");
  await expect(row).toContainText("Offered to you");
  await row.getByRole("button", { name: VISITOR.name }).click();
  const told = console.getByText(/^Offered to you for/);
  const left = async (): Promise<number> => {
    const [, minutes, seconds] = /for (\d+):(\d+),/.exec(await told.innerText()) ?? [];
    return 60 * Number(minutes) + Number(seconds);
  };
  await expect.poll(left).toBeLessThanOrEqual(598);
  const before = await left();
  await console.reload();
  await expect(row).toContainText("Offered to you");
  const after = await left();
  expect(after).toBeLessThanOrEqual(before);
  expect(after).toBeGreaterThan(before - 60);
  await expectNoViolations(console, "an offer");
  await console.screenshot({ path: "target/screenshots/console-offer.png" });
  await console.getByRole("button", { name: "Decline" }).click();
  await expect(row).not.toContainText("Offered to you");
  await console.reload();
  await expect(row).toHaveCount(1);
  await expect(row).not.toContainText("Offered to you");
});
