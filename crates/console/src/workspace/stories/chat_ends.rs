use super::*;

fn deactivated(by: &str) -> Value {
    json!({ "chat_id": "A", "thread_id": "A1", "user_id": by })
}

fn listed(console: &TestConsole) -> Vec<(String, bool)> {
    let lists = console.workspace.lists();
    let rows = lists.mine.iter();
    rows.map(|row| (row.chat.to_string(), row.ended)).collect()
}

fn ended(chat: &str) -> (String, bool) {
    (chat.to_owned(), true)
}

#[test]
fn ended_chat_stays_listed_until_it_is_dismissed() {
    let mut console =
        TestConsole::signed_in(&[summary("A", 1, Some(ME)), summary("B", 2, Some(ME))]);
    console.select("B");
    console.push("chat_deactivated", deactivated("ada"));
    let open = ("B".to_owned(), false);
    assert_eq!(listed(&console), [ended("A"), open.clone()]);
    console.select("A");
    let shown = console.workspace.open_chat().unwrap();
    assert_eq!((shown.status, shown.kept), (ChatStatus::Ended, true));
    console.select("B");
    console.act(Intent::Dismiss);
    assert_eq!(listed(&console), [ended("A"), open], "B has not ended");
    console.select("A");
    console.take_outputs();
    console.act(Intent::Dismiss);
    assert_eq!(console.names(|lists| &lists.mine), ["B"]);
    assert_eq!(console.workspace.open_chat(), None);
    let focus = Output::FocusRow("B".into());
    assert!(console.take_outputs().contains(&focus));
}

#[test]
fn chat_ended_by_me_stays_listed_too() {
    let mut console = answering_ada();
    console.act(Intent::End);
    console.act(Intent::End);
    assert_eq!(console.calls.len(), 1);
    assert!(console.workspace.open_chat().unwrap().ending);
    console.push("chat_deactivated", deactivated(ME));
    assert_eq!(listed(&console), [ended("A")]);
    assert_eq!(console.texts(), ["hello"], "and can still be read");
    assert!(console.take_outputs().contains(&Output::FocusConversation));
    console.act(Intent::Dismiss);
    assert_eq!(listed(&console), []);
    assert!(console.take_outputs().contains(&Output::FocusConversation));
}

#[test]
fn a_chat_of_colleagues_that_ends_is_not_mine() {
    let mut console = TestConsole::signed_in(&[summary("A", 1, Some(BEA))]);
    console.select("A");
    console.push("chat_deactivated", deactivated("ada"));
    assert_eq!(listed(&console), []);
    assert!(!console.workspace.open_chat().unwrap().kept);
}

#[test]
fn a_dismissed_chat_is_found_among_those_that_have_ended() {
    let mut console = answering_ada();
    console.push("chat_deactivated", deactivated("ada"));
    console.ended_calls.clear();
    console.advance(limits::ENDED_LISTED_AFTER);
    let (id, _) = console.ended_calls.pop_front().expect("the list");
    let list = json!({ "found_chats": 1, "chats_summary": [{ "id": "A", "users": [visitor("A")],
        "last_thread_summary": { "id": "A1", "created_at": began(1), "user_ids": [],
            "active": false } }] });
    let list = Reply::Chats(Box::new(decode_value(list).unwrap()));
    console.input(Input::CallReply(id, Ok(list)));
    let found = |console: &TestConsole| console.workspace.ended().rows.len();
    assert_eq!(found(&console), 0, "it is in the list above");
    console.act(Intent::Dismiss);
    assert_eq!(found(&console), 1);
}

#[test]
fn an_ended_chat_is_opened_again() {
    let mut console = answering_ada();
    console.push("chat_deactivated", deactivated("ada"));
    console.take_outputs();
    console.act(Intent::Reopen);
    console.act(Intent::Reopen);
    assert_eq!(console.calls.len(), 1, "asked once");
    assert!(console.workspace.open_chat().unwrap().accepting);
    let mut chat = full_chat("A", Some(ME), &[]);
    chat["thread"]["id"] = json!("A2");
    chat["thread"]["created_at"] = json!(began(30));
    console.push("incoming_chat", json!({ "chat": chat }));
    let call = console.reply(Ok(Reply::Done));
    assert!(matches!(call, Call::ResumeChat(it) if it.chat.id == Some("A".into())));
    let open = console.workspace.open_chat().unwrap();
    assert_eq!((open.status, open.accepting), (ChatStatus::Mine, false));
    assert_eq!(listed(&console), [("A".to_owned(), false)]);
    let outputs = console.take_outputs();
    assert!(outputs.contains(&Output::FocusReply));
    let rings = outputs.iter().any(|it| matches!(it, Output::Chime(_)));
    assert!(!rings, "it is no news to this agent");
    assert!(!console.calls.iter().any(|(_, call)| is_fetch(call)));
}

#[test]
fn a_chat_that_is_opened_again_is_fetched_when_the_push_is_late() {
    let mut console = answering_ada();
    console.push("chat_deactivated", deactivated("ada"));
    console.act(Intent::Reopen);
    console.reply(Ok(Reply::Done));
    let mut chat = full_chat("A", Some(ME), &[]);
    chat["thread"]["id"] = json!("A2");
    chat["thread"]["created_at"] = json!(began(30));
    let chat = Reply::Chat(Box::new(decode_value(chat).unwrap()));
    console.reply_where(is_fetch, Ok(chat));
    let open = console.workspace.open_chat().unwrap();
    assert_eq!((open.status, open.accepting), (ChatStatus::Mine, false));
}

#[test]
fn failure_to_open_a_chat_again_is_shown() {
    let mut console = answering_ada();
    console.push("chat_deactivated", deactivated("ada"));
    console.act(Intent::Reopen);
    console.reply(Err(Fault::Refused));
    let notice = Some(Notice::NotReopened(Fault::Refused));
    assert_eq!(console.workspace.notice(), notice);
    assert!(!console.workspace.open_chat().unwrap().accepting);
    assert_eq!(listed(&console), [ended("A")]);
}

#[test]
fn the_oldest_of_many_ended_chats_leaves() {
    let chats = limits::ENDED_KEPT + 2;
    let name = |n: usize| format!("C{n:03}");
    let summaries: Vec<Value> = (0..chats)
        .map(|n| {
            let mut chat = summary(&name(n), 0, Some(ME));
            let created_at = format!("2023-11-14T22:00:00.{n:06}Z");
            chat["last_thread_summary"]["created_at"] = json!(created_at);
            chat
        })
        .collect();
    let mut console = TestConsole::signed_in(&summaries);
    console.calls.clear();
    while let Some(id) = console.workspace.chats.values_mut().find_map(|chat| {
        chat.fetch = super::super::chat::Fetch::Idle;
        chat.is_active().then(|| chat.id.clone())
    }) {
        let thread = format!("{id}1");
        let payload = json!({ "chat_id": id, "thread_id": thread, "user_id": "cem" });
        console.push("chat_deactivated", payload);
    }
    let listed = listed(&console);
    assert_eq!(listed.len(), limits::ENDED_KEPT);
    assert_eq!(listed[0], ended(&name(2)));
}

#[test]
fn failure_to_end_a_chat_is_shown() {
    let mut console = answering_ada();
    console.act(Intent::End);
    console.reply(Err(Fault::Offline));
    assert_eq!(
        console.workspace.notice(),
        Some(Notice::NotEnded(Fault::Offline))
    );
    assert!(!console.workspace.open_chat().unwrap().ending);
    assert_eq!(console.names(|lists| &lists.mine), ["A"]);
}

#[test]
fn draft_is_kept_when_the_chat_ends() {
    let mut console =
        TestConsole::signed_in(&[summary("A", 1, Some(ME)), summary("B", 2, Some(ME))]);
    console.select("A");
    console.act(Intent::Write("wait, I".to_owned()));
    console.push("chat_deactivated", deactivated("ada"));
    console.select("B");
    console.push(
        "incoming_chat",
        json!({ "chat": full_chat("A", None, &[]) }),
    );
    console.select("A");
    assert_eq!(console.workspace.draft().text, "wait, I");
}

#[test]
fn returning_visitor_starts_a_new_thread() {
    let mut console = answering_ada();
    console.push("chat_deactivated", deactivated("ada"));
    let mut chat = full_chat("A", None, &[]);
    chat["thread"]["id"] = json!("A2");
    chat["thread"]["created_at"] = json!(began(30));
    console.push("incoming_chat", json!({ "chat": chat }));
    assert_eq!(console.names(|lists| &lists.waiting), ["A"]);
    assert_eq!(console.texts(), Vec::<String>::new());
    // A late push about the old thread changes nothing.
    console.push("chat_deactivated", deactivated("ada"));
    assert_eq!(console.names(|lists| &lists.waiting), ["A"]);
}
