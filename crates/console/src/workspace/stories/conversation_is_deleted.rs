//! A conversation was deleted for good, at the visitor's wish or because of its age.

use super::*;

fn deleted(chat: &str, thread: &str, last: bool) -> Value {
    json!({ "chat_id": chat, "thread_id": thread, "chat_deleted": last })
}

#[test]
fn a_chat_that_is_open_is_closed_when_it_was_deleted() {
    let mut console =
        TestConsole::signed_in(&[summary("A", 1, Some(ME)), summary("B", 2, Some(ME))]);
    console.select("A");
    console.push("thread_deleted", deleted("unknown", "unknown1", true));
    console.push("thread_deleted", deleted("B", "B1", true));
    assert_eq!(console.names(|lists| &lists.mine), ["A"]);
    console.push("thread_deleted", deleted("A", "A1", false));
    assert!(console.names(|lists| &lists.mine).is_empty());
    assert_eq!(console.workspace.open_chat(), None);
}

#[test]
fn an_earlier_conversation_is_shown_no_more() {
    let mut console = super::earlier_conversations::with_earlier_conversation();
    console.act(Intent::LoadHistory);
    let page = super::earlier_conversations::page(&[5, 4], None);
    console.reply_where(|call| matches!(call, Call::ListThreads(_)), Ok(page));
    assert_eq!(console.workspace.history().threads.len(), 2);
    console.push("thread_deleted", deleted("A", "A5", false));
    let threads = console.workspace.history().threads;
    let keys: Vec<&str> = threads.iter().map(|thread| thread.key.as_str()).collect();
    assert_eq!(keys, ["A4"]);
    assert_eq!(console.names(|lists| &lists.mine), ["A"]);
}
