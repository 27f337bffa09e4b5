//! Visitors have left messages: they are listed, read, answered and marked as done.

use super::*;

fn message(thread: &str, minute: u8, is_open: bool) -> Value {
    json!({ "chat_id": "A", "thread_id": thread, "created_at": began(minute), "name": "Ada",
        "text": format!("message {thread}"), "is_open": is_open })
}

fn list(messages: &[Value], total: u64) -> Reply {
    let list = json!({ "messages": messages, "total": total });
    Reply::OfflineMessages(decode_value(list).unwrap())
}

/// A closed thread of Ada's.
fn closed(thread: &str, minute: u8) -> Reply {
    let event = json!({ "id": format!("{thread}_2"), "type": "message", "author_id": "ada",
        "text": format!("message {thread}"), "created_at": began(minute), "visibility": "all" });
    let chat = json!({ "id": "A", "users": [visitor("A")], "thread": { "id": thread,
        "created_at": began(minute), "active": false, "user_ids": [], "events": [event] } });
    Reply::Chat(Box::new(decode_value(chat).unwrap()))
}

/// The list of callbacks follows that of messages.
fn answer_callbacks(console: &mut TestConsole, callbacks: &[Value]) {
    let (id, call) = console.message_calls.pop_front().expect("the list");
    assert!(matches!(call, Call::ListOfflineMessages(it) if it.callbacks));
    let total = callbacks.len() as u64;
    console.input(Input::CallReply(id, Ok(list(callbacks, total))));
}

/// Mia is signed in, and Ada has left two messages.
fn with_messages() -> TestConsole {
    let mut console = TestConsole::signed_in(&[]);
    let (id, _) = console.message_calls.pop_front().expect("the list");
    answer_callbacks(&mut console, &[]);
    let both = list(&[message("A1", 1, true), message("A2", 2, true)], 2);
    console.input(Input::CallReply(id, Ok(both)));
    console
}

fn threads(console: &TestConsole) -> Vec<String> {
    let rows = console.workspace.messages().rows.into_iter();
    rows.map(|row| row.thread.to_string()).collect()
}

#[test]
fn they_are_listed_and_kept_by_pushes() {
    let mut console = with_messages();
    assert_eq!(threads(&console), ["A1", "A2"]);
    console.push(
        "offline_message_updated",
        json!({ "message": message("A3", 3, true) }),
    );
    assert_eq!(threads(&console), ["A1", "A2", "A3"]);
    assert_eq!(console.workspace.messages().total, 3);
    let left = Output::Announce(Announcement::MessageLeft(Some("Ada".to_owned())));
    assert!(console.take_outputs().contains(&left));
    console.push(
        "offline_message_updated",
        json!({ "message": message("A1", 1, false) }),
    );
    assert_eq!(threads(&console), ["A2", "A3"]);
    assert_eq!(console.workspace.messages().total, 2);
}

#[test]
fn one_of_several_is_opened_and_answered_in_its_own_thread() {
    let mut console = with_messages();
    console.act(Intent::OpenMessage("A".into(), "A1".into()));
    let fetch = console.reply_where(is_fetch, Ok(closed("A1", 1)));
    let Call::GetChat(fetch) = fetch else {
        panic!("no fetch");
    };
    assert_eq!(fetch.thread_id, Some("A1".into()));
    assert_eq!(console.texts(), ["message A1"]);
    let open = console.workspace.open_chat().unwrap();
    assert!(open.answering && open.is_open_message);
    assert!(console.workspace.messages().rows[0].selected);
    console.send("good morning");
    let call = console.reply_where(is_send, Err(Fault::Offline));
    let Call::SendEvent(sent) = call else {
        panic!("no reply");
    };
    assert_eq!(sent.thread_id, Some("A1".into()));
    console.act(Intent::OpenMessage("A".into(), "A2".into()));
    console.reply_where(is_fetch, Ok(closed("A2", 2)));
    assert!(console.texts().contains(&"message A2".to_owned()));
}

#[test]
fn it_is_marked_as_done() {
    let mut console = with_messages();
    console.act(Intent::OpenMessage("A".into(), "A1".into()));
    console.reply_where(is_fetch, Ok(closed("A1", 1)));
    console.act(Intent::UpdateMessage(MessageChange::Done));
    let is_update = |call: &Call| matches!(call, Call::UpdateOfflineMessage(it) if !it.is_open);
    console.reply_where(is_update, Ok(Reply::Done));
    console.push(
        "offline_message_updated",
        json!({ "message": message("A1", 1, false) }),
    );
    let open = console.workspace.open_chat().unwrap();
    assert!(open.answering, "the agent may still write");
    assert!(!open.is_open_message);
}

#[test]
fn a_list_that_could_not_be_fetched_is_fetched_again() {
    let mut console = TestConsole::signed_in(&[]);
    let (id, _) = console.message_calls.pop_front().expect("the list");
    answer_callbacks(&mut console, &[]);
    console.input(Input::CallReply(id, Err(Fault::Offline)));
    assert!(console.message_calls.is_empty());
    console.advance(limits::BACKOFF_FIRST);
    assert_eq!(console.message_calls.len(), 1);
}

#[test]
fn a_chat_that_has_ended_is_answered_when_the_agent_asks_for_it() {
    let mut console = answering_ada();
    let ended = json!({ "chat_id": "A", "thread_id": "A1", "user_id": "ada" });
    console.push("chat_deactivated", ended);
    console.send("one more thing");
    assert!(console.sends().is_empty());
    console.act(Intent::AnswerEnded);
    console.act(Intent::Send);
    let call = console.reply_where(is_send, Err(Fault::Offline));
    let Call::SendEvent(sent) = call else {
        panic!("no reply");
    };
    assert_eq!(sent.thread_id, Some("A1".into()));
}

#[test]
fn a_reply_that_waits_goes_to_the_thread_it_was_written_in() {
    let mut console = with_messages();
    console.act(Intent::OpenMessage("A".into(), "A1".into()));
    console.reply_where(is_fetch, Ok(closed("A1", 1)));
    console.send("good morning");
    console.reply_where(is_send, Err(Fault::Offline));
    console.act(Intent::OpenMessage("A".into(), "A2".into()));
    console.reply_where(is_fetch, Ok(closed("A2", 2)));
    console.advance(limits::BACKOFF_FIRST);
    let call = console.reply_where(is_send, Err(Fault::Offline));
    let Call::SendEvent(sent) = call else {
        panic!("no reply");
    };
    assert_eq!(sent.thread_id, Some("A1".into()));
}

fn callback(thread: &str, due: u8, is_open: bool) -> Value {
    let mut message = message(thread, 0, is_open);
    message["callback"] = json!({ "type": "phone", "phone": "030 901820",
        "preferredTime": [{ "start": began(due), "end": began(due + 10) }] });
    message["due_at"] = began(due).into();
    message
}

#[test]
fn callbacks_are_listed_by_the_time_at_which_they_are_due() {
    let mut console = TestConsole::signed_in(&[]);
    console.message_calls.pop_front().expect("the list");
    answer_callbacks(&mut console, &[callback("C1", 5, true)]);
    let sooner = json!({ "message": callback("C2", 4, true) });
    console.push("offline_message_updated", sooner);
    let callbacks = console.workspace.callbacks();
    let threads: Vec<_> = callbacks
        .rows
        .iter()
        .map(|row| row.thread.as_str())
        .collect();
    assert_eq!((threads, callbacks.total), (vec!["C2", "C1"], 2));
    assert_eq!(callbacks.rows[0].at, parse_timestamp(&began(4)));
    let wanted = Output::Announce(Announcement::CallbackWanted(Some("Ada".to_owned())));
    assert!(console.take_outputs().contains(&wanted));
    assert!(console.workspace.messages().rows.is_empty());
}

#[test]
fn one_that_was_missed_is_made_again() {
    let mut console = TestConsole::signed_in(&[]);
    console.message_calls.pop_front().expect("the list");
    answer_callbacks(&mut console, &[callback("C1", 5, true)]);
    console.act(Intent::OpenMessage("A".into(), "C1".into()));
    console.reply_where(is_fetch, Ok(closed("C1", 1)));
    let shown = console.workspace.open_chat().unwrap().callback.unwrap();
    assert_eq!(shown.phone.as_deref(), Some("030 901820"));
    assert_eq!((shown.times.len(), shown.outcome), (1, None));
    console.act(Intent::UpdateMessage(MessageChange::Missed));
    let updates = |is_open, outcome: Option<&'static str>| {
        move |call: &Call| match call {
            Call::UpdateOfflineMessage(it) => {
                let said = it.outcome.as_ref().map(|outcome| outcome.as_str());
                (it.is_open, said) == (is_open, outcome)
            }
            _ => false,
        }
    };
    console.reply_where(updates(false, Some("missed")), Ok(Reply::Done));
    let mut missed = callback("C1", 5, false);
    missed["outcome"] = "missed".into();
    console.push("offline_message_updated", json!({ "message": missed }));
    assert!(console.workspace.callbacks().rows.is_empty());
    let shown = console.workspace.open_chat().unwrap().callback.unwrap();
    assert_eq!(shown.outcome.unwrap().as_str(), "missed");
    console.act(Intent::UpdateMessage(MessageChange::Again));
    console.reply_where(updates(true, None), Ok(Reply::Done));
    let again = json!({ "message": callback("C1", 9, true) });
    console.push("offline_message_updated", again);
    assert_eq!(console.workspace.callbacks().rows.len(), 1);
}
