use super::*;

fn seen_calls(console: &TestConsole) -> Vec<String> {
    let calls = console.calls.iter().filter_map(|(_, call)| match call {
        Call::MarkEventsAsSeen(mark) => Some(mark.seen_up_to.clone()),
        _ => None,
    });
    calls.collect()
}

#[test]
fn open_chat_is_marked_as_seen_once() {
    let mut console = answering_ada();
    console.receive_from_ada(2, "one");
    assert_eq!(console.workspace.lists().mine[0].unread, 0);
    assert_eq!(seen_calls(&console).len(), 1);
    console.push(
        "events_marked_as_seen",
        json!({ "user_id": ME, "chat_id": "A", "seen_up_to": seen_calls(&console)[0] }),
    );
    assert_eq!(seen_calls(&console).len(), 1);
    assert_eq!(console.chimes(), 0);
}

#[test]
fn message_while_the_page_has_no_focus_is_unread_with_a_sound() {
    let mut console = answering_ada();
    console.input(Input::FocusChanged(false));
    console.receive_from_ada(2, "one");
    console.receive_from_ada(3, "two");
    assert_eq!(console.workspace.lists().mine[0].unread, 2);
    assert_eq!(seen_calls(&console).len(), 0);
    assert_eq!(console.chimes(), 2);
    console.input(Input::FocusChanged(true));
    assert_eq!(console.workspace.lists().mine[0].unread, 0);
    assert_eq!(seen_calls(&console).len(), 1);
}

#[test]
fn unread_count_uses_the_seen_time_of_the_server() {
    let mut console = TestConsole::signed_in(&[summary("A", 1, Some(ME))]);
    let events: Vec<Value> = (1..=4).map(|n| event("A", n, "ada", "x")).collect();
    let mut seen = full_chat("A", Some(ME), &events);
    seen["users"][1]["events_seen_up_to"] = events[1]["created_at"].clone();
    let seen = Reply::Chat(Box::new(decode_value(seen).unwrap()));
    console.reply_where(is_fetch, Ok(seen));
    assert_eq!(console.workspace.lists().mine[0].unread, 2);
}

#[test]
fn chats_of_colleagues_are_never_unread() {
    let mut console = TestConsole::signed_in(&[summary("A", 1, Some(BEA))]);
    console.receive_from_ada(1, "hello");
    assert_eq!(console.workspace.lists().team[0].unread, 0);
    assert_eq!(console.chimes(), 0);
}

#[test]
fn waiting_time_starts_with_the_first_unanswered_message() {
    let mut console = answering_ada();
    let first = console.workspace.lists().mine[0].since;
    assert_eq!(first, parse_timestamp("2023-11-14T22:13:01.000001Z"));
    console.push("incoming_event", incoming_event(ME, 2, "yes?"));
    assert_eq!(console.workspace.lists().mine[0].since, None);
    console.receive_from_ada(3, "and");
    console.receive_from_ada(4, "how");
    let since = console.workspace.lists().mine[0].since;
    assert_eq!(since, parse_timestamp("2023-11-14T22:13:03.000003Z"));
}

#[test]
fn visitor_details_come_from_the_form() {
    let mut console = TestConsole::signed_in(&[]);
    let form = json!({ "id": "A1_1", "type": "filled_form", "form_id": "1", "author_id": "ada",
        "created_at": "2023-11-14T22:13:01.000000Z", "fields": [
            { "type": "name", "id": "1", "label": "Your name:", "answer": "Ada L." },
            { "type": "email", "id": "2", "label": "E-mail", "answer": "ada@example.com" },
            { "type": "subject", "id": "3", "label": "Subject", "answer": "Pots" },
            { "type": "checkbox", "id": "4", "label": "Topics", "answers": [
                { "id": "0", "label": "blue" }, { "id": "1", "label": "large" }] },
            { "type": "question", "id": "5", "label": "More", "answer": "" },
        ] });
    let mut chat = full_chat("A", None, &[form]);
    chat["users"][0]["name"] = Value::Null;
    chat["users"][0]["session_fields"] = json!([{ "Subject": "Pots" }, { "plan": "gold" }]);
    chat["users"][0]["last_visit"] = json!({ "last_pages": [
        { "url": "https://x/1" }, { "url": "https://x/2", "title": "Two" }] });
    console.push("incoming_chat", json!({ "chat": chat }));
    console.select("A");
    let person = console.workspace.person().unwrap();
    assert_eq!(person.name.as_deref(), Some("Ada L."));
    assert_eq!(person.email.as_deref(), Some("ada@example.com"));
    let answer = |label: &str, text: &str| (label.to_owned(), text.to_owned());
    assert_eq!(
        person.answers,
        [
            answer("Your name", "Ada L."),
            answer("E-mail", "ada@example.com"),
            answer("Subject", "Pots"),
            answer("Topics", "blue, large"),
        ]
    );
    assert_eq!(person.details, [answer("plan", "gold")]);
    let titles: Vec<&str> = person
        .pages
        .iter()
        .map(|page| page.title.as_str())
        .collect();
    assert_eq!(titles, ["Two", "https://x/1"]);
    let preview = &console.workspace.lists().waiting[0].preview;
    assert!(matches!(preview, Preview::Message { text, .. } if text == "Pots"));
}

#[test]
fn page_views_are_shown_live() {
    let mut console = answering_ada();
    let mut ada = visitor("A");
    ada["last_visit"] = json!({ "last_pages": [{ "url": "https://x/now" }] });
    console.push(
        "customer_page_updated",
        json!({ "chat_id": "A", "thread_id": "A1", "customer": ada }),
    );
    assert_eq!(
        console.workspace.person().unwrap().pages[0].url,
        "https://x/now"
    );
}
