//! A reply that was written before its author had read a newer message is held, and is sent when
//! the agent confirms it.

use parlor_wire::agent::EventSent;

use super::*;

/// The `after_event_id` of each reply in flight.
fn seen(console: &TestConsole) -> Vec<Option<String>> {
    let sends = console.calls.iter().filter_map(|(_, call)| match call {
        Call::SendEvent(send) => Some(send.after_event_id.as_ref().map(ToString::to_string)),
        _ => None,
    });
    sends.collect()
}

fn held(console: &TestConsole) -> Option<Option<String>> {
    Some(console.workspace.open_chat()?.held?.who)
}

fn write(console: &mut TestConsole, text: &str) {
    console.act(Intent::Write(text.to_owned()));
}

#[test]
fn reply_contains_the_last_event_its_author_had_read() {
    let mut console = answering_ada();
    console.send("good morning");
    assert_eq!(seen(&console), [Some("A1_1".to_owned())]);
}

#[test]
fn message_just_before_enter_holds_the_reply() {
    let mut console = answering_ada();
    write(&mut console, "the blue one?");
    console.receive_from_ada(2, "the red one, I mean");
    console.act(Intent::PressEnter);
    assert!(console.sends().is_empty());
    assert_eq!(held(&console), Some(Some("Ada".to_owned())));
    assert_eq!(
        console.texts(),
        ["hello", "the red one, I mean", "the blue one?"]
    );
    assert_eq!(console.workspace.entries()[2].delivery, Delivery::Held);
    let announcement = Output::Announce(Announcement::ReplyHeld(Some("Ada".to_owned())));
    assert!(console.take_outputs().contains(&announcement));
    console.advance(120_000);
    assert!(console.sends().is_empty(), "not by itself");
    // Enter in the empty field confirms the reply; nothing is compared any more.
    console.receive_from_ada(3, "hm");
    console.act(Intent::PressEnter);
    assert_eq!(console.sends()[0].1, "the blue one?");
    assert_eq!(seen(&console), [None]);
    assert_eq!(held(&console), None);
}

#[test]
fn held_reply_names_the_colleague_who_wrote() {
    let mut console = answering_ada();
    console.push("user_added_to_chat", user_added("A", BEA));
    write(&mut console, "I look it up");
    let mut note = incoming_event(BEA, 2, "I have her order here");
    note["event"]["visibility"] = json!("agents");
    console.push("incoming_event", note);
    console.act(Intent::Send);
    assert_eq!(held(&console), Some(Some("Bea".to_owned())));
}

#[test]
fn event_on_screen_while_typing_counts_as_read() {
    let mut console = answering_ada();
    write(&mut console, "the blue");
    console.receive_from_ada(2, "the red one, I mean");
    console.advance(limits::READING_TAKES);
    write(&mut console, "the red one then");
    console.act(Intent::Send);
    assert_eq!(seen(&console), [Some("A1_2".to_owned())]);
}

#[test]
fn reply_finished_before_the_event_is_held() {
    let mut console = answering_ada();
    write(&mut console, "the blue one?");
    console.receive_from_ada(2, "the red one, I mean");
    console.advance(60_000);
    console.act(Intent::Send);
    assert_eq!(held(&console), Some(Some("Ada".to_owned())));
}

#[test]
fn draft_left_for_another_chat_is_held() {
    let mut console =
        TestConsole::signed_in(&[summary("A", 1, Some(ME)), summary("B", 2, Some(ME))]);
    console.select("A");
    let whole = snapshot("A", Some(ME), &[event("A", 1, "ada", "hello")]);
    let is_a = |call: &Call| matches!(call, Call::GetChat(get) if get.chat_id == chat("A"));
    console.reply_where(is_a, Ok(whole));
    write(&mut console, "one moment");
    console.select("B");
    console.receive_from_ada(2, "still there?");
    console.select("A");
    console.act(Intent::Send);
    assert!(console.sends().is_empty());
    assert_eq!(held(&console), Some(Some("Ada".to_owned())));
}

#[test]
fn system_messages_own_messages_and_notes_hold_nothing() {
    let mut console = answering_ada();
    write(&mut console, "one");
    let mut system = incoming_event("x", 2, "Bea looks on");
    system["event"]["type"] = json!("system_message");
    system["event"]["system_message_type"] = json!("x");
    console.push("incoming_event", system);
    console.push(
        "incoming_event",
        incoming_event(ME, 3, "said in another window"),
    );
    console.act(Intent::Send);
    assert_eq!(console.sends().len(), 1);
    console.calls.clear();
    let mut console = answering_ada();
    console.act(Intent::NoteMode(true));
    write(&mut console, "difficult");
    console.receive_from_ada(2, "hello?");
    console.act(Intent::Send);
    assert_eq!(seen(&console), [None], "a note answers nobody");
}

#[test]
fn reply_refused_by_the_server_is_held() {
    let mut console = answering_ada();
    console.send("the blue one?");
    console.reply_where(is_send, Err(Fault::NewerEvents));
    assert_eq!(held(&console), Some(None), "who it was is not known yet");
    let events = [
        event("A", 1, "ada", "hello"),
        event("A", 2, "ada", "the red one"),
    ];
    console.reply_where(is_fetch, Ok(snapshot("A", Some(ME), &events)));
    assert_eq!(held(&console), Some(Some("Ada".to_owned())));
    console.act(Intent::SendAnyway);
    assert_eq!(console.sends()[0].1, "the blue one?");
    let event_id = "A1_3".into();
    console.reply_where(is_send, Ok(Reply::Sent(EventSent { event_id })));
    assert_eq!(console.texts(), ["hello", "the red one", "the blue one?"]);
}

#[test]
fn held_reply_blocks_later_ones_and_can_be_edited_or_deleted() {
    let mut console = answering_ada();
    write(&mut console, "one");
    console.receive_from_ada(2, "wait");
    console.act(Intent::Send);
    console.advance(limits::READING_TAKES);
    console.send("two");
    assert!(console.sends().is_empty());
    write(&mut console, "three");
    console.act(Intent::EditHeld);
    assert_eq!(console.workspace.draft().text, "one\nthree");
    assert_eq!(console.sends()[0].1, "two", "nothing is before it any more");

    let mut console = answering_ada();
    write(&mut console, "one");
    console.receive_from_ada(2, "wait");
    console.act(Intent::Send);
    let custom_id = console
        .workspace
        .open_chat()
        .unwrap()
        .held
        .unwrap()
        .custom_id;
    console.act(Intent::Discard(custom_id));
    assert_eq!(console.texts(), ["hello", "wait"]);
    assert_eq!(held(&console), None);
}

#[test]
fn reply_that_may_be_stored_is_repeated_unchanged() {
    let mut console = answering_ada();
    console.send("good morning");
    let first = console.sends();
    console.reply_where(is_send, Err(Fault::Offline));
    console.receive_from_ada(2, "anybody?");
    console.advance(limits::BACKOFF_FIRST);
    assert_eq!(
        console.sends(),
        first,
        "it is repeated, and not asked about"
    );
}
