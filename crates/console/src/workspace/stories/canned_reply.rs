//! A canned reply is found by its shortcut, typed after a slash.

use super::*;

fn is_request(call: &Call) -> bool {
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

fn shortcuts(console: &TestConsole) -> Vec<String> {
    let replies = console.workspace.picker().replies.into_iter();
    replies.map(|reply| reply.shortcut).collect()
}

fn write(console: &mut TestConsole, text: &str) {
    console.act(Intent::Write(text.to_owned()));
}

fn picking() -> TestConsole {
    let mut console = answering_ada();
    write(&mut console, "/");
    console.reply_where(is_request, Ok(templates()));
    console
}

#[test]
fn canned_replies_are_filtered_while_typing() {
    let mut console = picking();
    assert_eq!(shortcuts(&console), ["wait", "hello", "hours"]);
    write(&mut console, "/h");
    assert_eq!(shortcuts(&console), ["hello", "hours"]);
    write(&mut console, "/HEL");
    assert_eq!(
        shortcuts(&console),
        ["hello", "hours"],
        "the text counts too, and less"
    );
    write(&mut console, "/x");
    assert!(shortcuts(&console).is_empty());
    assert!(
        !console.calls.iter().any(|(_, call)| is_request(call)),
        "asked once"
    );
}

#[test]
fn arrows_highlight_and_enter_inserts_a_canned_reply() {
    let mut console = picking();
    console.act(Intent::PickNext);
    assert_eq!(console.workspace.picker().at, 1);
    console.act(Intent::PickPrevious);
    console.act(Intent::PickPrevious);
    assert_eq!(console.workspace.picker().at, 2, "around the end");
    console.act(Intent::PickNext);
    console.act(Intent::PressEnter);
    assert_eq!(console.workspace.draft().text, "One moment, please.");
    assert!(console.sends().is_empty(), "it is written, and not sent");
    console.act(Intent::PressEnter);
    assert_eq!(console.sends()[0].1, "One moment, please.");
}

#[test]
fn only_the_shortcut_is_replaced() {
    let mut console = picking();
    write(&mut console, "Good day! /wa");
    console.act(Intent::Pick(0));
    assert_eq!(
        console.workspace.draft().text,
        "Good day! One moment, please."
    );
}

#[test]
fn escape_closes_the_list_and_keeps_the_text() {
    let mut console = picking();
    console.act(Intent::DismissPicker);
    assert!(shortcuts(&console).is_empty());
    write(&mut console, "/h");
    assert!(shortcuts(&console).is_empty());
    console.act(Intent::PressEnter);
    assert_eq!(console.sends()[0].1, "/h");
    write(&mut console, "/");
    assert_eq!(
        shortcuts(&console).len(),
        3,
        "another time it is wanted again"
    );
}

#[test]
fn failed_template_list_is_loaded_again_when_needed() {
    let mut console = answering_ada();
    write(&mut console, "/");
    console.reply_where(is_request, Err(Fault::Offline));
    assert!(console.workspace.template_menu().failed);
    write(&mut console, "/h");
    console.reply_where(is_request, Ok(templates()));
    assert_eq!(shortcuts(&console), ["hello", "hours"]);
    console.lose_socket();
    console.advance(limits::BACKOFF_FIRST);
    console.open_socket();
    console.log_in_resumed();
    console.calls.clear();
    console.act(Intent::LoadTemplates);
    assert!(
        console.calls.iter().any(|(_, call)| is_request(call)),
        "it may be another by now"
    );
    assert_eq!(
        shortcuts(&console),
        ["hello", "hours"],
        "the old one serves until then"
    );
}
