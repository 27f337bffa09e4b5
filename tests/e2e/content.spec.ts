// Every kind of event, both ways: an agent sends it, the widget shows it, and the visitor's answer comes
// back as an event.
import { bringAxe, chatFrame, expectNoViolations } from "./harness/axe";
import { PICTURE } from "./harness/picture";
import { expect, test } from "./harness/test";

const SETTINGS = `
[[deployment]]
team_name = "Ada's Hats"
markdown = true
asks_rating = true
[deployment.files]
max_bytes = 1000000
types = ["image/png", "text/plain"]
[[deployment.sensitive_data_rules]]
name = "Cards"
pattern = '\\d{4}-\\d{4}'
action = "replace"
replacement = "[card]"
`;

test.beforeEach(async ({ context }) => bringAxe(context));

test("every kind of message is displayed, and the agent gets the visitor's answers", async ({ page, site, endpoint, widget, agent }) => {
  test.setTimeout(90_000);
  await endpoint.configure(SETTINGS);
  await page.goto(site.address("plain"));
  await widget.ask();
  const chat = await agent.acceptNext();
  await widget.say("v1 hello");

  await test.step("Markdown", async () => {
    await agent.say(chat, "a1 **bold** and [a link](https://example.com/x)");
    await expect(widget.log.locator("strong", { hasText: "bold" })).toBeVisible();
    await expect(widget.log.getByRole("link", { name: "a link" })).toHaveAttribute("href", "https://example.com/x");
  });

  await test.step("sensitive data is masked before it is sent", async () => {
    await widget.message.fill("card 1234-5678 end");
    await widget.send.click();
    await widget.hears("card [card] end");
    await agent.hears(chat, "card [card] end");
  });

  const cards = await agent.send(chat, {
    type: "rich_message",
    template_id: "cards",
    elements: [
      {
        title: "The blue hat",
        subtitle: "Felt, hand made",
        buttons: [
          { type: "message", text: "I take it", value: "take", postback_id: "take", user_ids: [] },
          { text: "Like", postback_id: "like", user_ids: [] },
          { type: "url", text: "Evil", value: "javascript:alert(1)", postback_id: "evil", user_ids: [] },
        ],
      },
      { title: "The green hat", subtitle: "Straw", buttons: [] },
    ],
  });

  await test.step("a button is toggled on and off", async () => {
    const like = widget.log.getByRole("button", { name: "Like" });
    const likes = async () => {
      const event = (await agent.events(chat)).find(({ id }) => id === cards);
      const button = event?.elements?.[0]?.buttons?.find((it) => it.postback_id === "like");
      return button?.user_ids.length;
    };
    await like.click();
    await expect(like).toHaveAttribute("aria-pressed", "true");
    await expect.poll(likes).toBe(1);
    await like.click();
    await expect(like).toHaveAttribute("aria-pressed", "false");
    await expect.poll(likes).toBe(0);
    await like.click();
    await expect.poll(likes).toBe(1);
  });

  await test.step("a message button sends its postback once, even for a double click", async () => {
    await widget.log.getByRole("button", { name: "I take it" }).dblclick();
    const answer = await agent.sees(chat, ({ postback }) => postback?.id === "take", "the postback");
    expect(answer.text).toBe("I take it");
    expect(answer.postback?.event_id).toBe(cards);
    const all = (await agent.events(chat)).filter(({ postback }) => postback?.id === "take");
    expect(all).toHaveLength(1);
  });

  await test.step("an unsafe URL is displayed as text", async () => {
    await expect(widget.log.getByRole("link", { name: "Evil" })).toHaveCount(0);
  });

  await test.step("quick replies disappear once one is chosen", async () => {
    await agent.send(chat, {
      type: "rich_message",
      template_id: "quick_replies",
      elements: [
        {
          title: "Wrap it?",
          buttons: [
            { type: "message", text: "As a gift", value: "gift", postback_id: "gift", user_ids: [] },
            { type: "message", text: "Plain", value: "plain", postback_id: "plain", user_ids: [] },
          ],
        },
      ],
    });
    await widget.log.getByRole("button", { name: "As a gift" }).click();
    await agent.sees(chat, ({ postback }) => postback?.id === "gift", "the reply");
    await expect(widget.log.getByRole("button", { name: "Plain" })).toHaveCount(0);
  });

  await test.step("a form is answered", async () => {
    await agent.send(chat, {
      type: "form",
      form_id: "size",
      fields: [
        { type: "select", id: "s", label: "Your size", required: true, options: [{ id: "0", label: "Small" }, { id: "1", label: "Large" }] },
        { type: "checkbox", id: "c", label: "Colours", options: [{ id: "0", label: "Black" }, { id: "1", label: "Green" }] },
        { type: "email", id: "e", label: "Where to write", required: false },
      ],
    });
    const form = widget.log.getByRole("form");
    await form.getByRole("button").click();
    await expect(form.getByRole("combobox", { name: /Your size/ })).toHaveAttribute("aria-invalid", "true");
    await form.getByRole("combobox", { name: /Your size/ }).selectOption({ label: "Large" });
    await form.getByRole("checkbox", { name: "Green" }).check();
    await form.getByRole("button").click();
    const filled = await agent.sees(
      chat,
      ({ type, fields }) => type === "filled_form" && fields?.[0]?.label === "Your size",
      "the answers",
    );
    expect(filled.fields?.[0]?.answer).toEqual({ id: "1", label: "Large" });
    expect(filled.fields?.[1]?.answers).toEqual([{ id: "1", label: "Green" }]);
    await expect(widget.log.getByText("Large")).toBeVisible();
  });

  await test.step("visitor and agent send files", async () => {
    await widget.frame.locator("input[type=file]").setInputFiles([
      { name: "hat.png", mimeType: "image/png", buffer: PICTURE },
      { name: "note.txt", mimeType: "text/plain", buffer: Buffer.from("a note") },
      { name: "bad.html", mimeType: "text/html", buffer: Buffer.from("<script>alert(1)</script>") },
    ]);
    const picture = await agent.sees(chat, ({ name }) => name === "hat.png", "the picture");
    expect([picture.content_type, picture.width]).toEqual(["image/png", 8]);
    expect(picture.thumbnail_url).toBeDefined();
    await agent.sees(chat, ({ name }) => name === "note.txt", "the note");
    await expect(widget.log.getByText("files of this type cannot be sent here", { exact: false })).toBeVisible();
    await expect(widget.log.getByRole("img", { name: /hat/ }).or(widget.log.getByRole("button", { name: /hat/ })).first()).toBeVisible();
  });

  await test.step("system messages, and events of unknown types", async () => {
    await agent.send(chat, {
      type: "system_message",
      system_message_type: "poem",
      text: "Hello {who}",
      text_vars: { who: "<b>Ada</b>" },
    });
    await widget.hears("Hello <b>Ada</b>");
    await agent.send(chat, { type: "custom", content: { order: 7 } });
  });

  await test.step("the visitor sees that the agent has read a message", async () => {
    await widget.say("v9 do you see this?");
    const events = await agent.events(chat);
    const newest = events.at(-1) as unknown as { created_at: string };
    await agent.action("mark_events_as_seen", { chat_id: chat, seen_up_to: newest.created_at });
    await expect(widget.log.getByText("Seen", { exact: false }).last()).toBeVisible();
  });

  await expectNoViolations(chatFrame(page), "everything at once");
  const over = await chatFrame(page).evaluate(() => {
    const { scrollHeight, clientHeight } = document.documentElement;
    return scrollHeight - clientHeight;
  });
  expect(over, "the document itself never scrolls").toBeLessThanOrEqual(0);
  await page.screenshot({ path: "target/screenshots/content-light.png", animations: "disabled" });

  await test.step("everything is displayed after a reload", async () => {
    await page.reload();
    await expect(widget.log.getByText("The blue hat")).toBeVisible();
    await expect(widget.log.getByText("Large")).toBeVisible();
    await expect(widget.log.getByText("note.txt")).toBeVisible();
    await expect(widget.log.getByRole("button", { name: "Like" })).toHaveAttribute("aria-pressed", "true");
  });

  await test.step("the visitor rates the conversation", async () => {
    await widget.end();
    await widget.frame.getByRole("button", { name: /Good/i }).click();
    await agent.sees(chat, (event) => event.system_message_type === "rating.chat_rated", "the rating");
  });
});
