//! How much of anything one message may carry, and why that much. Senders check
//! before they send, the server checks again; readers of stored or foreign data are
//! not bound by these, since what is there must stay readable.

/// Bytes of UTF-8 in a message's text: Agent Chat API, "Max. raw text size is 16 KB".
pub const MESSAGE_TEXT_MAX_BYTES: usize = 16 * 1024;

/// Elements of a rich message: Agent Chat API.
pub const RICH_ELEMENTS_MAX: usize = 10;

/// Buttons of one element: Agent Chat API.
pub const BUTTONS_MAX: usize = 13;

/// Bytes of an id of any kind: an e-mail address may be an agent's id, and the longest
/// e-mail address has 254 (RFC 5321).
pub const ID_MAX_BYTES: usize = 254;

/// Bytes of a `custom_id`: a UUID with a prefix fits many times over.
pub const CUSTOM_ID_MAX_BYTES: usize = 254;

/// Bytes of a person's name as shown: long enough for any name people have
/// (about 85 characters of four bytes), short enough for one line of a list.
pub const NAME_MAX_BYTES: usize = 340;

/// Bytes of a label: a form field's question, a button's text, a title of a card.
pub const LABEL_MAX_BYTES: usize = 1024;

/// Bytes of one answer in a form: a textarea's worth, as much as a message.
pub const ANSWER_MAX_BYTES: usize = MESSAGE_TEXT_MAX_BYTES;

/// Bytes of a URL: what every browser and proxy in use still carries.
pub const URL_MAX_BYTES: usize = 2048;

/// Bytes of a file's name: the longest that common file systems keep.
pub const FILE_NAME_MAX_BYTES: usize = 255;

/// Bytes of `properties` of one event, thread or chat, written as JSON.
/// They are for flags and references, and every listing of chats repeats them.
pub const PROPERTIES_MAX_BYTES: usize = 16 * 1024;

/// Bytes of the `content` of a custom event, or of an event of unknown type, written
/// as JSON: two messages' worth, and twice that still fits a visitor's body.
pub const CONTENT_MAX_BYTES: usize = 32 * 1024;

/// Levels of objects and lists in a free value: `content`, `properties`, an answer, session
/// fields. Programs use a few. Where it is stored and sent it is inside of other objects, and many
/// readers of JSON, ours too, refuse more than 127 levels.
pub const JSON_DEPTH_MAX: usize = 32;

/// Fields of a form: a form with more is not filled in by anybody in a chat.
pub const FORM_FIELDS_MAX: usize = 50;

/// Options of one form field: the countries of the world fit.
pub const FORM_OPTIONS_MAX: usize = 300;

/// Variables of a system message; its sentence names each.
pub const TEXT_VARS_MAX: usize = 20;

/// Users that toggled one button: a chat has few people in it.
pub const BUTTON_USERS_MAX: usize = 100;

/// Tags of one thread: more are no help in finding it.
pub const THREAD_TAGS_MAX: usize = 50;

/// Bytes of a tag: a few words, shown as one label.
pub const TAG_MAX_BYTES: usize = 200;

/// Agents that one request names, each of whom is looked up: a large team.
pub const NAMED_AGENTS_MAX: usize = 100;

/// Events that a conversation of `start_chat` or `resume_chat` begins with: a greeting
/// and a form, or an imported conversation. Longer histories are not meant.
pub const INITIAL_EVENTS_MAX: usize = 100;

/// Bytes of what a visitor says of the conversation when rating it: a paragraph.
pub const RATING_COMMENT_MAX_BYTES: usize = 4 * 1024;

/// Keys that a page says of its visitor: the Agent Chat API's own limit.
pub const SESSION_FIELDS_MAX: usize = 100;

/// Bytes of all that a page says of its visitor, written as JSON: it is repeated
/// wherever the customer is.
pub const SESSION_FIELDS_MAX_BYTES: usize = 16 * 1024;

/// Pre-chat details, and entities, of a `ChasitorInit`: one for each form field.
pub const PRECHAT_DETAILS_MAX: usize = FORM_FIELDS_MAX;

/// Transcript fields of one pre-chat detail, and fields of records that it or an entity
/// goes to: one for each form field is more than any site has.
pub const DETAIL_FIELDS_MAX: usize = FORM_FIELDS_MAX;

/// Records that are attached to one conversation. Sites ask for a contact, an account, a lead
/// and a case; every answer that has the conversation repeats them.
pub const RECORDS_MAX: usize = 10;

/// The times that suit for a callback: more than any form of ours offers.
pub const CALLBACK_TIMES_MAX: usize = 20;

/// Bytes of the name of an entity or of one of its fields, and of a transcript field. The
/// longest in use have 80.
pub const RECORD_NAME_MAX_BYTES: usize = NAME_MAX_BYTES;

/// Bytes of all fields of a record, written as JSON: the longest answer and some short ones.
pub const RECORD_MAX_BYTES: usize = 24 * 1024;

/// Bytes of all transcript fields of a conversation, written as JSON: every answer that has
/// the conversation repeats them.
pub const TRANSCRIPT_FIELDS_MAX_BYTES: usize = 32 * 1024;

/// Button overrides of a `ChasitorInit`, each of which is compared with all agents: more
/// than a site has buttons.
pub const BUTTON_OVERRIDES_MAX: usize = 100;

/// Requests in one `MultiNoun`: what a visitor held back while the line was down.
pub const MULTI_NOUN_MAX: usize = 50;

/// Bytes of a visitor's POST: the longest message still fits when every byte of it
/// is written as a six-byte `\u` escape (96 KiB; some clients escape `<`, `&` and
/// `'` so), with room for the rest.
pub const VISITOR_BODY_MAX_BYTES: usize = 128 * 1024;

/// Bytes of a `MultiNoun`: four of the longest bodies, since all that was held back
/// while the line was down comes at once.
pub const MULTI_NOUN_BODY_MAX_BYTES: usize = 4 * VISITOR_BODY_MAX_BYTES;

/// Bytes of an agent's action: a full rich message (130 buttons with a URL each) fits.
pub const AGENT_BODY_MAX_BYTES: usize = 512 * 1024;

/// Nodes of one text's Markdown: a line of the longest text has a few hundred.
pub const MARKDOWN_NODES_MAX: usize = 2_000;

/// How deep they may stand in each other: who shows them goes as deep, and nobody
/// writes quotes of lists of quotes beyond a handful.
pub const MARKDOWN_DEPTH_MAX: usize = 16;

/// Bytes of an identity token: names and addresses at their longest, written as JSON
/// and then as base64, with room for claims that are not ours.
pub const IDENTITY_TOKEN_MAX_BYTES: usize = 8 * 1024;

/// Items on one page of a listing when nothing is asked: the Agent Chat API.
pub const PAGE_LIMIT_DEFAULT: u64 = 10;

/// Items on one page of a listing at most: the Agent Chat API.
pub const PAGE_LIMIT_MAX: u64 = 100;

/// How many more characters fit into `max_bytes`, if they need as many bytes each as those of
/// `text` do on average; exact while all are ASCII. 0 if nothing fits.
pub fn characters_left(text: &str, max_bytes: usize) -> usize {
    let left = max_bytes.saturating_sub(text.len());
    let characters = text.chars().count();
    match text.len() {
        0 => left,
        bytes => left.saturating_mul(characters) / bytes,
    }
}

/// How many characters at the end of `text` are beyond `max_bytes`. Without them, it fits.
pub fn characters_over(text: &str, max_bytes: usize) -> usize {
    let ends = text.char_indices().map(|(at, it)| at + it.len_utf8());
    ends.filter(|end| *end > max_bytes).count()
}

/// How many levels of objects and lists a JSON text has.
pub fn json_depth(json: &[u8]) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let mut is_in_string = false;
    let mut bytes = json.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            // Only in strings: what follows is no end of one.
            b'\\' => _ = bytes.next(),
            b'"' => is_in_string = !is_in_string,
            b'{' | b'[' if !is_in_string => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !is_in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_counted_outside_of_strings() {
        for (json, depth) in [
            ("7", 0),
            ("{}", 1),
            (r#"[{"a":[1]},[]]"#, 3),
            (r#"{"[[":"]{{\"[["}"#, 1),
            (r#"["\\",[]]"#, 2),
        ] {
            assert_eq!(json_depth(json.as_bytes()), depth, "{json}");
        }
    }

    #[test]
    fn characters_are_counted_by_what_the_text_is_made_of() {
        assert_eq!(characters_left("", 8), 8);
        assert_eq!(characters_left("abc", 8), 5);
        assert_eq!(characters_left("üü", 8), 2);
        assert_eq!(characters_left("😀", 8), 1);
        assert_eq!(characters_left("😀", 7), 0);
        assert_eq!(characters_left("abcdefghi", 8), 0);
        assert_eq!(characters_over("abc", 3), 0);
        assert_eq!(characters_over("abcü", 3), 1);
        assert_eq!(
            characters_over("aü😀", 2),
            2,
            "half a character does not fit"
        );
        let (fits, over) = ("😀😀", "😀😀ü");
        assert_eq!(characters_over(fits, fits.len()), 0);
        assert_eq!(characters_over(over, fits.len()), 1);
    }
}
