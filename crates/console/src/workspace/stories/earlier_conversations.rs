//! Earlier conversations are loaded when the agent asks for them.

use super::*;

fn is_request(call: &Call) -> bool {
    matches!(call, Call::ListThreads(_))
}

/// A page with these threads of chat `A`.
pub(super) fn page(numbers: &[u64], next: Option<&str>) -> Reply {
    let threads: Vec<Value> = numbers
        .iter()
        .map(|number| {
            let said = event("A", *number, "ada", "as before");
            json!({ "id": format!("A{number}"), "created_at": began(1), "active": false,
                "user_ids": [], "tags": ["old"], "events": [said] })
        })
        .collect();
    let list = json!({ "threads": threads, "found_threads": 9, "next_page_id": next });
    Reply::Threads(decode_value(list).unwrap())
}

pub(super) fn with_earlier_conversation() -> TestConsole {
    let mut console = TestConsole::signed_in(&[summary("A", 1, Some(ME))]);
    console.select("A");
    let mut chat = full_chat("A", Some(ME), &[]);
    chat["thread"]["previous_thread_id"] = json!("A0");
    let chat = Reply::Chat(Box::new(decode_value(chat).unwrap()));
    console.reply_where(is_fetch, Ok(chat));
    console
}

fn keys(console: &TestConsole) -> Vec<String> {
    let threads = console.workspace.history().threads.into_iter();
    threads.map(|thread| thread.key).collect()
}

#[test]
fn earlier_conversations_are_loaded_page_by_page() {
    let mut console = with_earlier_conversation();
    assert!(console.workspace.history().more);
    assert!(
        !console.calls.iter().any(|(_, call)| is_request(call)),
        "nobody asked"
    );
    console.act(Intent::LoadHistory);
    console.act(Intent::LoadHistory);
    assert!(console.workspace.history().busy);
    console.reply_where(is_request, Ok(page(&[1, 5, 4], Some("p2"))));
    assert!(
        !console.calls.iter().any(|(_, call)| is_request(call)),
        "asked once"
    );
    assert_eq!(
        keys(&console),
        ["A5", "A4"],
        "the present one is no earlier one"
    );
    let first = &console.workspace.history().threads[0];
    assert_eq!(first.tags, ["old"]);
    assert_eq!(first.entries[0].body, Body::Text("as before".to_owned()));
    console.act(Intent::LoadHistory);
    let call = console.reply_where(is_request, Ok(page(&[4, 3], None)));
    assert!(
        matches!(call, Call::ListThreads(it) if it.page_id.as_deref() == Some("p2") && it.limit.is_none())
    );
    assert_eq!(keys(&console), ["A5", "A4", "A3"]);
    assert!(!console.workspace.history().more);
    console.act(Intent::LoadHistory);
    assert!(
        !console.calls.iter().any(|(_, call)| is_request(call)),
        "there is nothing more"
    );
}

#[test]
fn failed_page_can_be_loaded_again() {
    let mut console = with_earlier_conversation();
    console.act(Intent::LoadHistory);
    console.reply_where(is_request, Err(Fault::Offline));
    assert!(console.workspace.history().failed);
    console.act(Intent::LoadHistory);
    console.reply_where(is_request, Ok(page(&[0], None)));
    assert_eq!(keys(&console), ["A0"]);
}

#[test]
fn restricted_conversation_shows_its_reason() {
    let mut console = with_earlier_conversation();
    console.act(Intent::LoadHistory);
    let list = json!({ "threads": [{ "id": "A0", "created_at": began(1), "active": false,
        "restricted_access": "Older than 60 days" }], "found_threads": 1 });
    console.reply_where(is_request, Ok(Reply::Threads(decode_value(list).unwrap())));
    let past = console.workspace.history();
    assert_eq!(
        past.threads[0].restricted.as_deref(),
        Some("Older than 60 days")
    );
}

#[test]
fn new_visitor_has_no_earlier_conversations() {
    let console = answering_ada();
    assert!(!console.workspace.history().more);
}
