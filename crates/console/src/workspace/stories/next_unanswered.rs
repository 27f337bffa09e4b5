//! By one key the agent goes from one chat that needs an answer to the next.

use super::*;

fn next(console: &mut TestConsole) -> String {
    console.act(Intent::SelectNextUnanswered);
    console.workspace.open_chat().unwrap().chat.to_string()
}

fn load(console: &mut TestConsole, chat: &'static str, events: &[Value]) {
    let of = move |call: &Call| matches!(call, Call::GetChat(it) if it.chat_id.as_str() == chat);
    console.reply_where(of, Ok(snapshot(chat, Some(ME), events)));
}

/// Ada (A) and Ben (B) are Mia's. Ben has waited longer for an answer. Two visitors wait for an
/// agent, D longer than C; E is a colleague's.
fn busy() -> TestConsole {
    let mut console = TestConsole::signed_in(&[
        summary("A", 1, Some(ME)),
        summary("B", 2, Some(ME)),
        summary("C", 9, None),
        summary("D", 8, None),
        summary("E", 1, Some(BEA)),
    ]);
    load(&mut console, "A", &[event("A", 4, "ada", "Are you there?")]);
    load(&mut console, "B", &[event("B", 2, "ben", "Hello?")]);
    console.calls.clear();
    console.take_outputs();
    console
}

#[test]
fn mine_come_first_and_then_who_waits_longest() {
    let mut console = busy();
    assert_eq!(next(&mut console), "B");
    let outputs = console.take_outputs();
    assert!(outputs.contains(&Output::FocusReply));
    let told = Announcement::Opened(Some("Ben".to_owned()));
    assert!(outputs.contains(&Output::Announce(told)));
    assert_eq!(next(&mut console), "A");
    console.take_outputs();
    assert_eq!(next(&mut console), "D");
    let focus = Output::FocusRow("D".into());
    assert!(console.take_outputs().contains(&focus), "Enter accepts it");
    assert_eq!(next(&mut console), "C");
    assert_eq!(next(&mut console), "B", "around");
}

#[test]
fn from_another_chat_it_goes_to_the_first() {
    let mut console = busy();
    console.select("E");
    assert_eq!(next(&mut console), "B");
    console.send("Hello Ben");
    assert_eq!(next(&mut console), "A", "Ben is being answered");
    console.act(Intent::NoteMode(true));
    console.send("a note");
    console.select("E");
    assert_eq!(next(&mut console), "A", "a note is no answer");
}

#[test]
fn from_one_that_was_opened_otherwise_it_goes_to_the_first_too() {
    let mut console = busy();
    console.select("D");
    assert_eq!(next(&mut console), "B");
    console.select("B");
    console.select("A");
    assert_eq!(next(&mut console), "B", "who has waited longest");
    assert_eq!(next(&mut console), "A");
    assert_eq!(next(&mut console), "D");
    console.select("A");
    console.select("B");
    assert_eq!(next(&mut console), "A", "B is open");
}

#[test]
fn an_answered_chat_needs_nothing() {
    let mut console = busy();
    let answer = json!({ "chat_id": "B", "thread_id": "B1",
        "event": event("B", 3, ME, "Hello Ben") });
    console.push("incoming_event", answer);
    assert_eq!(next(&mut console), "A");
}

#[test]
fn when_nobody_waits_that_is_said() {
    let mut console = TestConsole::signed_in(&[summary("E", 1, Some(BEA))]);
    console.act(Intent::SelectNextUnanswered);
    assert_eq!(console.workspace.notice(), Some(Notice::NobodyWaits));
    assert_eq!(console.workspace.open_chat(), None);
}
