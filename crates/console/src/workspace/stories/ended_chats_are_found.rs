//! Chats that have ended are listed, and found again.

use super::*;

fn list(chats: &[&str]) -> Reply {
    let chat = |id: &&str| {
        json!({ "id": id, "users": [visitor(id)],
            "last_thread_summary": { "id": format!("{id}1"), "created_at": began(1),
                "user_ids": [], "active": false },
            "last_event_per_type": { "message": { "thread_id": format!("{id}1"),
                "event": { "id": format!("{id}1_2"), "type": "message", "author_id": "ada",
                    "text": "Bye", "created_at": began(1), "visibility": "all" } } } })
    };
    let chats: Vec<Value> = chats.iter().map(chat).collect();
    let list = json!({ "chats_summary": chats, "found_chats": chats.len() });
    Reply::Chats(Box::new(decode_value(list).unwrap()))
}

fn answer(console: &mut TestConsole, chats: &[&str]) {
    let (id, call) = console.ended_calls.pop_front().expect("the list");
    let Call::ListChats(call) = call else {
        panic!("another call");
    };
    assert_eq!(call.filters.unwrap().include_active, Some(false));
    console.input(Input::CallReply(id, Ok(list(chats))));
}

fn listed(console: &TestConsole) -> Vec<String> {
    let rows = console.workspace.ended().rows.into_iter();
    rows.map(|row| row.chat.to_string()).collect()
}

#[test]
fn they_are_listed_at_login_and_after_a_chat_has_ended() {
    let mut console = answering_ada();
    answer(&mut console, &["B"]);
    assert_eq!(listed(&console), ["B"]);
    assert_eq!(console.workspace.ended().rows[0].text, "Bye");
    let ended = json!({ "chat_id": "A", "thread_id": "A1", "user_id": "ada" });
    console.push("chat_deactivated", ended);
    assert!(console.ended_calls.is_empty(), "others may end meanwhile");
    console.advance(limits::ENDED_LISTED_AFTER);
    answer(&mut console, &["A", "B"]);
    assert_eq!(listed(&console), ["B"], "A is among mine");
    console.act(Intent::Dismiss);
    assert_eq!(listed(&console), ["A", "B"]);
    assert!(console.ended_calls.is_empty());
}

#[test]
fn one_is_shown_and_answered_when_the_agent_asks_for_it() {
    let mut console = TestConsole::signed_in(&[]);
    answer(&mut console, &["B"]);
    console.act(Intent::OpenEnded("B".into(), "B1".into()));
    let fetch = console.calls.iter().find_map(|(_, call)| match call {
        Call::GetChat(fetch) => Some(fetch.thread_id.clone()),
        _ => None,
    });
    assert_eq!(fetch, Some(Some("B1".into())));
    let open = console.workspace.open_chat().unwrap();
    assert!(!open.answering);
}

#[test]
fn a_list_that_could_not_be_fetched_is_fetched_again() {
    let mut console = TestConsole::signed_in(&[]);
    let (id, _) = console.ended_calls.pop_front().expect("the list");
    console.input(Input::CallReply(id, Err(Fault::Offline)));
    assert!(console.ended_calls.is_empty());
    console.advance(limits::BACKOFF_FIRST);
    assert_eq!(console.ended_calls.len(), 1);
}
