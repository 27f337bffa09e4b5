// Ten thousand things that a conversation carries, in the proportions of a busy one: mostly words,
// among them links and emoji, and now and then a card, a file, a form, a notice.
export type Sent = Record<string, unknown>;

const WORDS =
  "The parcel left our warehouse on Tuesday and should be with you before the weekend unless the \
courier finds nobody at home in which case it waits at the shop around the corner for ten days".split(" ");

/** Words as people write them: three to thirty, the same for the same number. */
export function words(n: number): string {
  const from = (n * 7) % WORDS.length;
  const text = Array.from({ length: 3 + ((n * 13) % 28) }, (_, i) => WORDS[(from + i) % WORDS.length]);
  return `${n}: ${text.join(" ")}`;
}

/** The nth event as `send_event` takes it. */
export function event(n: number): Sent {
  switch (n % 25) {
    case 3:
      return { type: "message", text: `Look at https://shop.example/item/${n}, it is **the one** 🙂` };
    case 8:
      return {
        type: "rich_message",
        template_id: "cards",
        elements: [
          {
            title: `Offer ${n}`,
            subtitle: words(n),
            buttons: [
              { type: "message", text: "Take it", postback_id: `take-${n}`, value: "take", user_ids: [] },
              { type: "url", text: "Read more", postback_id: `read-${n}`, value: "https://shop.example/", user_ids: [] },
            ],
          },
        ],
      };
    case 13:
      return {
        type: "rich_message",
        template_id: "quick_replies",
        elements: [
          {
            title: `Shall we go on with ${n}?`,
            buttons: ["Yes", "No"].map((text) => ({
              type: "message",
              text,
              postback_id: `${text}-${n}`,
              value: text,
              user_ids: [],
            })),
          },
        ],
      };
    case 18:
      return { type: "system_message", system_message_type: "note", text: `Step ${n} is done` };
    case 23:
      return { type: "custom", content: { step: n } };
    default:
      return { type: "message", text: words(n) };
  }
}
