//! A reply that was written before somebody else's newer words were seen is held, and goes at the
//! second confirmation.

use parlor_wire::agent::EventSent;

use super::*;

/// What the desk tells the endpoint that Mia had seen, of each reply under way.
fn seen(day: &Day) -> Vec<Option<String>> {
    let sends = day.calls.iter().filter_map(|(_, call)| match call {
        Call::SendEvent(send) => Some(send.after_event_id.as_ref().map(ToString::to_string)),
        _ => None,
    });
    sends.collect()
}

fn held(day: &Day) -> Option<Option<String>> {
    Some(day.desk.open()?.held?.who)
}

fn write(day: &mut Day, text: &str) {
    day.want(Intent::Write(text.to_owned()));
}

#[test]
fn reply_says_what_its_author_had_seen() {
    let mut day = with_ada();
    day.say("good morning");
    assert_eq!(seen(&day), [Some("A1_1".to_owned())]);
}

#[test]
fn visitor_who_writes_just_before_enter_is_asked_about() {
    let mut day = with_ada();
    write(&mut day, "the blue one?");
    day.ada_says(2, "the red one, I mean");
    day.want(Intent::PressEnter);
    assert!(day.sends().is_empty());
    assert_eq!(held(&day), Some(Some("Ada".to_owned())));
    assert_eq!(
        day.texts(),
        ["hello", "the red one, I mean", "the blue one?"]
    );
    assert_eq!(day.desk.entries()[2].delivery, Delivery::Held);
    let told = Output::Announce(Announcement::Meanwhile(Some("Ada".to_owned())));
    assert!(day.heard().contains(&told));
    day.pass(120_000);
    assert!(day.sends().is_empty(), "not by itself");
    // Enter in the empty field is the second confirmation; nothing is compared any more.
    day.ada_says(3, "hm");
    day.want(Intent::PressEnter);
    assert_eq!(day.sends()[0].1, "the blue one?");
    assert_eq!(seen(&day), [None]);
    assert_eq!(held(&day), None);
}

#[test]
fn colleague_who_writes_meanwhile_is_named() {
    let mut day = with_ada();
    day.push("user_added_to_chat", came("A", BEA));
    write(&mut day, "I look it up");
    let mut note = said_by(BEA, 2, "I have her order here");
    note["event"]["visibility"] = json!("agents");
    day.push("incoming_event", note);
    day.want(Intent::Send);
    assert_eq!(held(&day), Some(Some("Bea".to_owned())));
}

#[test]
fn what_was_in_front_of_the_author_who_wrote_on_was_seen() {
    let mut day = with_ada();
    write(&mut day, "the blue");
    day.ada_says(2, "the red one, I mean");
    day.pass(limits::GLANCE_TAKES);
    write(&mut day, "the red one then");
    day.want(Intent::Send);
    assert_eq!(seen(&day), [Some("A1_2".to_owned())]);
}

#[test]
fn reply_that_was_finished_before_is_held_however_late_it_is_sent() {
    let mut day = with_ada();
    write(&mut day, "the blue one?");
    day.ada_says(2, "the red one, I mean");
    day.pass(60_000);
    day.want(Intent::Send);
    assert_eq!(held(&day), Some(Some("Ada".to_owned())));
}

#[test]
fn draft_that_was_left_for_another_chat_is_held() {
    let mut day = Day::with(&[summary("A", 1, Some(ME)), summary("B", 2, Some(ME))]);
    day.select("A");
    let whole = snapshot("A", Some(ME), &[event("A", 1, "ada", "hello")]);
    let is_a = |call: &Call| matches!(call, Call::GetChat(get) if get.chat_id == chat("A"));
    day.answer_where(is_a, Ok(whole));
    write(&mut day, "one moment");
    day.select("B");
    day.ada_says(2, "still there?");
    day.select("A");
    day.want(Intent::Send);
    assert!(day.sends().is_empty());
    assert_eq!(held(&day), Some(Some("Ada".to_owned())));
}

#[test]
fn system_messages_ones_own_words_and_notes_hold_nothing() {
    let mut day = with_ada();
    write(&mut day, "one");
    let mut system = said_by("x", 2, "Bea looks on");
    system["event"]["type"] = json!("system_message");
    system["event"]["system_message_type"] = json!("x");
    day.push("incoming_event", system);
    day.push("incoming_event", said_by(ME, 3, "said in another window"));
    day.want(Intent::Send);
    assert_eq!(day.sends().len(), 1);
    day.calls.clear();
    let mut day = with_ada();
    day.want(Intent::NoteMode(true));
    write(&mut day, "difficult");
    day.ada_says(2, "hello?");
    day.want(Intent::Send);
    assert_eq!(seen(&day), [None], "a note answers nobody");
}

#[test]
fn endpoint_knows_first_and_refuses() {
    let mut day = with_ada();
    day.say("the blue one?");
    day.answer_where(is_send, Err(Fault::Meanwhile));
    assert_eq!(held(&day), Some(None), "who it was is not known yet");
    let events = [
        event("A", 1, "ada", "hello"),
        event("A", 2, "ada", "the red one"),
    ];
    day.answer_where(is_fetch, Ok(snapshot("A", Some(ME), &events)));
    assert_eq!(held(&day), Some(Some("Ada".to_owned())));
    day.want(Intent::SendAnyway);
    assert_eq!(day.sends()[0].1, "the blue one?");
    let event_id = "A1_3".into();
    day.answer_where(is_send, Ok(Reply::Sent(EventSent { event_id })));
    assert_eq!(day.texts(), ["hello", "the red one", "the blue one?"]);
}

#[test]
fn held_reply_holds_those_behind_it_and_can_be_written_on_or_deleted() {
    let mut day = with_ada();
    write(&mut day, "one");
    day.ada_says(2, "wait");
    day.want(Intent::Send);
    day.pass(limits::GLANCE_TAKES);
    day.say("two");
    assert!(day.sends().is_empty());
    write(&mut day, "three");
    day.want(Intent::TakeBack);
    assert_eq!(day.desk.draft().text, "one\nthree");
    assert_eq!(day.sends()[0].1, "two", "nothing is before it any more");

    let mut day = with_ada();
    write(&mut day, "one");
    day.ada_says(2, "wait");
    day.want(Intent::Send);
    let custom_id = day.desk.open().unwrap().held.unwrap().custom_id;
    day.want(Intent::Discard(custom_id));
    assert_eq!(day.texts(), ["hello", "wait"]);
    assert_eq!(held(&day), None);
}

#[test]
fn reply_that_may_be_in_the_log_is_the_endpoints_to_judge() {
    let mut day = with_ada();
    day.say("good morning");
    let first = day.sends();
    day.answer_where(is_send, Err(Fault::Offline));
    day.ada_says(2, "anybody?");
    day.pass(limits::BACKOFF_FIRST);
    assert_eq!(day.sends(), first, "it is repeated, and not asked about");
}
