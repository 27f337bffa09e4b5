// The window is in the visitor's language if there is a translation, and in English otherwise.
import { bringAxe, chatFrame, expectNoViolations } from "./harness/axe";
import { expect, test } from "./harness/test";
import { fetchedLater } from "./harness/widget";

const GERMAN = "**/chat/later/de.js";

test.use({ locale: "de-DE" });

test("a whole conversation in German", async ({ page, context, site, widget, agent }) => {
  await bringAxe(context);
  const fetched = fetchedLater(page);
  await page.goto(site.address("plain"));
  await widget.open();
  const { frame } = widget;
  await expect(frame.getByText("Maria ist da.")).toBeVisible();
  await frame.getByRole("button", { name: "Unterhaltung beginnen" }).click();
  await frame.getByRole("button", { name: "Chat beginnen" }).click();
  await expect(frame.getByText("Bitte füllen Sie dieses Feld aus.").first()).toBeVisible();
  await widget.fillIn();
  await expectNoViolations(chatFrame(page), "the form in German");
  await frame.getByRole("button", { name: "Chat beginnen" }).click();
  await expect(frame.getByText("Sie sind als Nächstes dran").first()).toBeVisible();

  const chat = await agent.acceptNext();
  const log = frame.getByRole("log", { name: "Unterhaltung" });
  await expect(log.getByText("Maria ist dazugekommen")).toBeVisible();
  await expect(log.getByText("Heute")).toBeVisible();
  const message = frame.getByRole("textbox", { name: "Nachricht", exact: true });
  await message.fill("v1 guten Tag");
  await frame.getByRole("button", { name: "Senden", exact: true }).click();
  // The hours of the afternoon go on counting there.
  await expect(log.getByText(/^\d\d?:\d\d · Ge(sendet|sehen)$/)).toBeVisible();
  await agent.send(chat, { type: "system_message", system_message_type: "chat_transferred", text: "{agent} has taken over", text_vars: { agent: "Bea" } });
  await expect(log.getByText("Bea hat übernommen")).toBeVisible();
  await expect(frame.locator("html")).toHaveAttribute("lang", "de");
  await expectNoViolations(chatFrame(page), "a conversation in German");
  await page.screenshot({ path: "target/screenshots/german.png" });

  await frame.getByRole("button", { name: "Menü" }).click();
  await frame.getByRole("menuitem", { name: "Chat beenden" }).click();
  await expect(frame.getByText("Sie haben den Chat beendet")).toBeVisible();
  expect(fetched).toEqual(["/chat/later/de.js"]);
});

for (const [locale, start, placeholder] of [
  ["es-MX", "Empezar una conversación", "Escriba un mensaje…"],
  ["fr-FR", "Commencer une conversation", "Écrivez un message…"],
] as const) {
  test.describe(locale, () => {
    test.use({ locale, colorScheme: "dark", viewport: { width: 390, height: 844 } });

    test("a conversation on a phone", async ({ page, context, site, widget, agent }) => {
      await bringAxe(context);
      await page.goto(site.address("plain"));
      await widget.open();
      await widget.frame.getByRole("button", { name: start }).click();
      await page.screenshot({ path: `target/screenshots/${locale}-prechat.png` });
      await widget.fillIn();
      await widget.frame.locator("[type=submit]").click();
      await agent.acceptNext();
      await expect(widget.frame.getByPlaceholder(placeholder)).toBeVisible();
      await expectNoViolations(chatFrame(page), locale);
      await page.screenshot({ path: `target/screenshots/${locale}.png` });
    });
  });
}

test("the window is in English if the language's file cannot be loaded or does not arrive", async ({ page, site, widget }) => {
  await page.route(GERMAN, (route) => route.abort());
  await page.goto(site.address("plain"));
  await widget.open();
  await expect(widget.hello).toBeVisible();

  await page.unroute(GERMAN);
  // Neither answered nor refused.
  await page.route(GERMAN, () => {});
  await page.reload();
  await widget.open();
  await expect(widget.hello).toBeVisible();
  await expect(widget.frame.locator("html")).toHaveAttribute("lang", "en");
});
