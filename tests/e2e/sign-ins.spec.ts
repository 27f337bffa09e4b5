// An agent sees where they are signed in, and signs out elsewhere: by mouse and by keyboard, on a wide page and on a
// phone, light and dark.
import { bringAxe, expectNoViolations } from "./harness/axe";
import { AgentConsole } from "./harness/console";
import { expectNoOverflow } from "./harness/overflow";
import { expect, test } from "./harness/test";

const SCREENSHOTS = "target/screenshots";

test("an agent ends a sign-in on another device", async ({ browser, endpoint, agentConsole }) => {
  const { page } = agentConsole;
  await bringAxe(page.context());
  const elsewhere = new AgentConsole(await (await browser.newContext()).newPage(), endpoint);
  await elsewhere.signIn();
  await agentConsole.signIn();

  const button = page.getByRole("button", { name: "Sign-ins" });
  const dialog = page.getByRole("dialog", { name: "Where you are signed in" });
  const rows = dialog.getByRole("list", { name: "Sign-ins" }).getByRole("listitem");
  await button.focus();
  await page.keyboard.press("Enter");
  await expect(dialog).toBeFocused();
  await expect(rows).toHaveCount(2);
  await expect(rows.nth(0)).toContainText("This browser");
  await expect(rows.nth(1)).toContainText("In use now");
  await expect(rows.nth(0).getByRole("button", { name: "Sign out in this browser" })).toBeVisible();

  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    for (const [place, size] of [["wide", { width: 1280, height: 800 }], ["phone", { width: 360, height: 640 }]] as const) {
      await page.setViewportSize(size);
      await expect(dialog).toBeInViewport({ ratio: 1 });
      await expectNoOverflow(page, `sign-ins, ${place}, ${colorScheme}`, [rows]);
      await expectNoViolations(page, `sign-ins, ${place}, ${colorScheme}`);
      await page.screenshot({ path: `${SCREENSHOTS}/sign-ins-${place}-${colorScheme}.png` });
    }
  }

  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  await expect(button).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(rows).toHaveCount(2);
  // From the dialog, over the one of this browser.
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await expect(rows.nth(1).getByRole("button", { name: /^Sign out, signed in / })).toBeFocused();
  // It is there for a second.
  const told = page.getByRole("status").filter({ hasText: "Signed out there." }).waitFor({ state: "attached" });
  await page.keyboard.press("Enter");
  await told;
  await expect(rows).toHaveCount(1);
  await expect(dialog).toBeFocused();

  await elsewhere.page.reload();
  await expect(elsewhere.page.getByRole("button", { name: "Sign in" })).toBeVisible();
  await rows.getByRole("button", { name: "Sign out in this browser" }).click();
  await expect(page.getByRole("button", { name: "Sign in" })).toBeVisible();
  await elsewhere.page.context().close();
});
