// A conversation changes hands at the console; the visitor is told in one line, and it goes on.
import { expect, test } from "./harness/test";
import { Desk } from "./harness/desk";

test("transferred to a colleague", async ({ browser, page, site, endpoint, widget, desk }) => {
  const email = await endpoint.hire("Bea");
  const context = await browser.newContext();
  const bea = new Desk(await context.newPage(), endpoint);
  await desk.signIn();
  await bea.signIn(email);

  await page.goto(site.address("plain"));
  await widget.ask();
  await desk.acceptNext();
  await desk.say("a1 let me ask Bea");
  await widget.hears("a1 let me ask Bea");

  await desk.transfer.click();
  const choice = desk.page.getByRole("dialog", { name: "Hand this chat on to" });
  await choice.getByRole("button", { name: /^Bea/ }).click();
  await expect(desk.mine.getByRole("listitem")).toHaveCount(0);
  await bea.mine.getByRole("button").first().click();
  await bea.hears("a1 let me ask Bea");
  await expect(widget.room.getByText(/Bea/).first()).toBeVisible();

  await bea.say("a2 Bea speaking");
  await widget.hears("a2 Bea speaking");
  await widget.say("v1 hello Bea");
  await bea.hears("v1 hello Bea");
  expect(await widget.marks()).toEqual(["a1", "a2", "v1"]);
  await context.close();
});
