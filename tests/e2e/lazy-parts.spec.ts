// Rarely used parts are no part of the chat document: they are fetched when they are first used.
import { chatFrame } from "./harness/axe";
import { expect, test } from "./harness/test";
import { fetchedLater } from "./harness/widget";

const PICTURE = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEUlEQVR4nGPQiDqBFTEMLQkAFKhSgZfuVK8AAAAASUVORK5CYII=",
  "base64",
);

test("an image and another site's page open in a sheet over the window", async ({ page, site, endpoint, widget, agent }) => {
  await endpoint.configure(`
[[deployment]]
team_name = "Ada's Hats"
[deployment.files]
max_bytes = 1000000
types = ["image/png"]
`);
  const fetched = fetchedLater(page);
  await page.goto(site.address("plain"));
  await widget.ask();
  const chat = await agent.acceptNext();
  await widget.frame.locator("input[type=file]").setInputFiles([
    { name: "hat.png", mimeType: "image/png", buffer: PICTURE },
  ]);
  const picture = widget.log.getByRole("button", { name: /hat\.png/ });
  await expect(picture).toBeVisible();
  await agent.send(chat, {
    type: "rich_message",
    template_id: "cards",
    elements: [
      {
        title: "The blue hat",
        buttons: [
          {
            type: "webview",
            text: "Its story",
            value: site.address("plain"),
            webview_height: "tall",
            postback_id: "story",
            user_ids: [],
          },
        ],
      },
    ],
  });
  const story = widget.log.getByRole("button", { name: "Its story" });
  await expect(story).toBeVisible();
  expect(fetched, "before it is wanted").toEqual([]);

  const sheet = widget.frame.getByRole("dialog");
  await picture.click();
  await expect(sheet).toHaveAccessibleName("hat.png");
  expect([...fetched].sort()).toEqual(["/chat/later/sheet.css", "/chat/later/sheet.js"]);
  const image = sheet.getByRole("img", { name: "hat.png" });
  await expect(image).toHaveJSProperty("naturalWidth", 8);
  const narrow = (await image.boundingBox())?.width ?? 0;
  await sheet.getByRole("button", { name: "Zoom in" }).click();
  await expect.poll(async () => (await image.boundingBox())?.width ?? 0).toBeGreaterThan(narrow);
  await page.keyboard.press("0");
  await expect.poll(async () => (await image.boundingBox())?.width).toBe(narrow);
  await expect(sheet.getByRole("link", { name: "Download" })).toHaveAttribute("download", "hat.png");

  await test.step("Escape closes the sheet only, and the focus returns", async () => {
    await page.keyboard.press("Escape");
    await expect(sheet).toHaveCount(0);
    await expect(picture).toBeFocused();
    await expect(widget.message).toBeVisible();
  });

  await test.step("another site's page is in a sandboxed frame", async () => {
    await story.click();
    await expect(sheet).toHaveAccessibleName("Its story");
    const frame = sheet.locator("iframe");
    await expect(frame).toHaveAttribute("sandbox", "allow-scripts allow-forms allow-popups");
    const { height } = (await sheet.boundingBox()) ?? { height: 0 };
    const whole = await chatFrame(page).evaluate(() => innerHeight);
    expect(height / whole).toBeCloseTo(0.8, 1);
    await sheet.getByRole("button", { name: "Close" }).click();
    await expect(sheet).toHaveCount(0);
  });
  expect(fetched, "once is enough").toHaveLength(2);
});
