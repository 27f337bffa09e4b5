//! A canned reply is found by what is typed behind a slash.

use super::*;

fn is_asked(call: &Call) -> bool {
    matches!(call, Call::ListTemplates(_))
}

pub(super) fn templates() -> Reply {
    let known = json!({
        "canned_responses": [
            { "shortcut": "wait", "text": "One moment, please." },
            { "shortcut": "hello", "text": "Hello! How can I help?" },
            { "shortcut": "hours", "text": "We are here from 9 to 5, hello included." },
        ],
        "rich_messages": [
            { "name": "Sizes", "event": { "type": "rich_message", "template_id": "quick_replies",
                "elements": [{ "title": "Which size?", "buttons": [
                    { "text": "Small", "postback_id": "s" }] }] } },
        ],
        "forms": [
            { "name": "Address", "event": { "type": "form", "form_id": "1", "fields": [
                { "type": "question", "id": "1", "label": "Where do you live?" }] } },
        ],
    });
    Reply::Templates(Box::new(decode_value(known).unwrap()))
}

fn shortcuts(day: &Day) -> Vec<String> {
    let replies = day.desk.picker().replies.into_iter();
    replies.map(|reply| reply.shortcut).collect()
}

fn write(day: &mut Day, text: &str) {
    day.want(Intent::Write(text.to_owned()));
}

fn picking() -> Day {
    let mut day = with_ada();
    write(&mut day, "/");
    day.answer_where(is_asked, Ok(templates()));
    day
}

#[test]
fn list_filters_as_one_types() {
    let mut day = picking();
    assert_eq!(shortcuts(&day), ["wait", "hello", "hours"]);
    write(&mut day, "/h");
    assert_eq!(shortcuts(&day), ["hello", "hours"]);
    write(&mut day, "/HEL");
    assert_eq!(
        shortcuts(&day),
        ["hello", "hours"],
        "the text counts too, and less"
    );
    write(&mut day, "/x");
    assert!(shortcuts(&day).is_empty());
    assert!(
        !day.calls.iter().any(|(_, call)| is_asked(call)),
        "asked once"
    );
}

#[test]
fn arrows_mark_and_enter_writes_it() {
    let mut day = picking();
    day.want(Intent::PickNext);
    assert_eq!(day.desk.picker().at, 1);
    day.want(Intent::PickPrevious);
    day.want(Intent::PickPrevious);
    assert_eq!(day.desk.picker().at, 2, "around the end");
    day.want(Intent::PickNext);
    day.want(Intent::PressEnter);
    assert_eq!(day.desk.draft().text, "One moment, please.");
    assert!(day.sends().is_empty(), "it is written, and not sent");
    day.want(Intent::PressEnter);
    assert_eq!(day.sends()[0].1, "One moment, please.");
}

#[test]
fn shortcut_in_the_middle_of_a_sentence_is_replaced_alone() {
    let mut day = picking();
    write(&mut day, "Good day! /wa");
    day.want(Intent::Pick(0));
    assert_eq!(day.desk.draft().text, "Good day! One moment, please.");
}

#[test]
fn escape_leaves_the_slash_as_it_is() {
    let mut day = picking();
    day.want(Intent::DismissPicker);
    assert!(shortcuts(&day).is_empty());
    write(&mut day, "/h");
    assert!(shortcuts(&day).is_empty());
    day.want(Intent::PressEnter);
    assert_eq!(day.sends()[0].1, "/h");
    write(&mut day, "/");
    assert_eq!(shortcuts(&day).len(), 3, "another time it is wanted again");
}

#[test]
fn list_that_did_not_come_is_asked_for_again_when_it_is_wanted_again() {
    let mut day = with_ada();
    write(&mut day, "/");
    day.answer_where(is_asked, Err(Fault::Offline));
    assert!(day.desk.stock().failed);
    write(&mut day, "/h");
    day.answer_where(is_asked, Ok(templates()));
    assert_eq!(shortcuts(&day), ["hello", "hours"]);
    day.lose_socket();
    day.pass(limits::BACKOFF_FIRST);
    day.open_socket();
    day.welcome_back();
    day.calls.clear();
    day.want(Intent::WantTemplates);
    assert!(
        day.calls.iter().any(|(_, call)| is_asked(call)),
        "it may be another by now"
    );
    assert_eq!(
        shortcuts(&day),
        ["hello", "hours"],
        "the old one serves until then"
    );
}
