//! Tags are what the endpoint says they are.

use super::*;

fn is_tag(call: &Call) -> bool {
    matches!(call, Call::TagThread(_) | Call::UntagThread(_))
}

fn tags(day: &Day) -> Vec<String> {
    day.desk.open().unwrap().tags
}

fn add(day: &mut Day, tag: &str) {
    day.want(Intent::AddTag(tag.to_owned()));
}

#[test]
fn tag_is_there_when_the_endpoint_has_it() {
    let mut day = with_ada();
    add(&mut day, "  late   delivery ");
    assert!(tags(&day).is_empty());
    let call = day.answer_where(is_tag, Ok(Reply::Done));
    assert!(
        matches!(call, Call::TagThread(it) if it.tag == "late delivery" && it.thread_id == "A1".into())
    );
    assert_eq!(tags(&day), ["late delivery"]);
    let pushed = json!({ "chat_id": "A", "thread_id": "A1", "tag": "late delivery" });
    day.push("thread_tagged", pushed);
    assert_eq!(tags(&day), ["late delivery"], "once");
}

#[test]
fn colleague_tags_and_takes_tags_away() {
    let mut day = with_ada();
    let tag = |thread: &str| json!({ "chat_id": "A", "thread_id": thread, "tag": "vip" });
    day.push("thread_tagged", tag("A1"));
    assert_eq!(tags(&day), ["vip"]);
    day.push("thread_untagged", tag("A0"));
    assert_eq!(tags(&day), ["vip"], "another conversation's");
    day.push("thread_untagged", tag("A1"));
    assert!(tags(&day).is_empty());
}

#[test]
fn what_changes_nothing_is_not_asked() {
    let mut day = with_ada();
    add(&mut day, "vip");
    day.answer_where(is_tag, Ok(Reply::Done));
    add(&mut day, "vip");
    add(&mut day, "  ");
    day.want(Intent::RemoveTag("other".to_owned()));
    assert!(!day.calls.iter().any(|(_, call)| is_tag(call)));
    add(&mut day, &"x".repeat(300));
    assert_eq!(day.desk.notice(), Some(Notice::TagTooLong));
}

#[test]
fn tag_that_could_not_be_taken_stays() {
    let mut day = with_ada();
    add(&mut day, "vip");
    day.answer_where(is_tag, Ok(Reply::Done));
    day.want(Intent::RemoveTag("vip".to_owned()));
    day.answer_where(is_tag, Err(Fault::Offline));
    assert_eq!(tags(&day), ["vip"]);
    assert_eq!(
        day.desk.notice(),
        Some(Notice::TagsNotChanged(Fault::Offline))
    );
}
