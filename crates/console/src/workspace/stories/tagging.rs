//! Tags are shown as the server confirms them.

use super::*;

fn is_tag(call: &Call) -> bool {
    matches!(call, Call::TagThread(_) | Call::UntagThread(_))
}

fn tags(console: &TestConsole) -> Vec<String> {
    console.workspace.open_chat().unwrap().tags
}

fn add(console: &mut TestConsole, tag: &str) {
    console.act(Intent::AddTag(tag.to_owned()));
}

#[test]
fn tag_is_shown_when_the_server_confirms_it() {
    let mut console = answering_ada();
    add(&mut console, "  late   delivery ");
    assert!(tags(&console).is_empty());
    let call = console.reply_where(is_tag, Ok(Reply::Done));
    assert!(
        matches!(call, Call::TagThread(it) if it.tag == "late delivery" && it.thread_id == "A1".into())
    );
    assert_eq!(tags(&console), ["late delivery"]);
    let pushed = json!({ "chat_id": "A", "thread_id": "A1", "tag": "late delivery" });
    console.push("thread_tagged", pushed);
    assert_eq!(tags(&console), ["late delivery"], "once");
}

#[test]
fn tags_change_by_pushes() {
    let mut console = answering_ada();
    let tag = |thread: &str| json!({ "chat_id": "A", "thread_id": thread, "tag": "vip" });
    console.push("thread_tagged", tag("A1"));
    assert_eq!(tags(&console), ["vip"]);
    console.push("thread_untagged", tag("A0"));
    assert_eq!(tags(&console), ["vip"], "another conversation's");
    console.push("thread_untagged", tag("A1"));
    assert!(tags(&console).is_empty());
}

#[test]
fn tag_call_without_effect_is_not_made() {
    let mut console = answering_ada();
    add(&mut console, "vip");
    console.reply_where(is_tag, Ok(Reply::Done));
    add(&mut console, "vip");
    add(&mut console, "  ");
    console.act(Intent::RemoveTag("other".to_owned()));
    assert!(!console.calls.iter().any(|(_, call)| is_tag(call)));
    add(&mut console, &"x".repeat(300));
    assert_eq!(console.workspace.notice(), Some(Notice::TagTooLong));
}

#[test]
fn failed_removal_keeps_the_tag() {
    let mut console = answering_ada();
    add(&mut console, "vip");
    console.reply_where(is_tag, Ok(Reply::Done));
    console.act(Intent::RemoveTag("vip".to_owned()));
    console.reply_where(is_tag, Err(Fault::Offline));
    assert_eq!(tags(&console), ["vip"]);
    assert_eq!(
        console.workspace.notice(),
        Some(Notice::TagsNotChanged(Fault::Offline))
    );
}
