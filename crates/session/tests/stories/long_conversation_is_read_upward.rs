//! A conversation of which the endpoint tells the newest lines only: the others
//! come a page at a time, when somebody reads up to them.

use parlor_session::{Change, History, Intent, Reply, Request, ThreadPage, limits::PAGE};
use serde_json::{Value, json};

use crate::story::{Story, says};

/// What the endpoint tells after a hand-over: the lines from `first` to `last`.
fn tells(story: &mut Story, first: u64, last: u64, has_earlier: bool) {
    let line = |n: u64| {
        json!({"type": "Agent", "name": "Andy", "content": format!("a{n}"), "timestamp": n,
            "sequence": n, "eventId": format!("T_{n}")})
    };
    let lines: Vec<Value> = (first..=last).map(line).collect();
    story.reconnected("b");
    story.batch(
        1,
        json!([{"type": "ChasitorSessionData", "message": {"chatMessages": lines,
            "hasEarlier": has_earlier, "agent": {"name": "Andy", "userId": "005A"}}}]),
    );
    let resync = story.take_post();
    story.reply(resync.id, Reply::Posted(Default::default()));
}

/// Answers the call for lines of `thread`, and says from where it asked.
fn gives(story: &mut Story, thread: &str, numbers: std::ops::Range<u64>) -> Option<u64> {
    gives_of_more(story, thread, numbers, false)
}

/// The same for an answer that may say that there are lines before its own.
fn gives_of_more(
    story: &mut Story,
    thread: &str,
    numbers: std::ops::Range<u64>,
    has_earlier: bool,
) -> Option<u64> {
    let call = story.take(|r| matches!(r, Request::Thread { .. }));
    let event = |n: u64| {
        serde_json::from_value(json!({"id": format!("{thread}_{n}"), "type": "message",
            "text": format!("a{n}"), "author_id": "005A"}))
        .unwrap()
    };
    let earlier = ThreadPage {
        thread_id: thread.into(),
        events: numbers.map(event).collect(),
        has_earlier,
        ..ThreadPage::default()
    };
    story.reply(call.id, Reply::Thread(earlier));
    let Request::Thread {
        thread_id, before, ..
    } = call.request
    else {
        panic!("another call");
    };
    assert_eq!(thread_id, thread);
    before
}

fn history(story: &Story) -> History {
    let told = |change: &Change| match change {
        Change::History(history) => Some(history.clone()),
        _ => None,
    };
    story.changes.iter().rev().find_map(told).unwrap()
}

fn texts(numbers: std::ops::Range<u64>) -> Vec<String> {
    numbers.map(|n| format!("a{n}")).collect()
}

#[test]
fn page_by_page_and_in_one_order() {
    let mut story = Story::chatting().reloaded();
    story.reply_settings(json!({}));
    let list = story.take(|r| matches!(r, Request::History { .. }));
    story.reply(list.id, Reply::History(Vec::new().into()));
    let page = PAGE as u64;
    // One page is above it, and a part of one.
    let first = 2 * page;
    tells(&mut story, first, 250, true);
    assert_eq!(story.texts(), texts(first..251));
    assert!(history(&story).more);

    story.want(Intent::LoadEarlier(None));
    assert!(history(&story).loading);
    assert_eq!(gives(&mut story, "T", first - page..first), Some(first));
    assert_eq!(story.texts(), texts(first - page..251));
    assert!(history(&story).more);

    // What comes meanwhile goes below.
    story.batch(2, json!([says(251, "a251")]));
    story.want(Intent::LoadEarlier(None));
    assert_eq!(gives(&mut story, "T", 2..first - page), Some(first - page));
    assert_eq!(story.texts(), texts(2..252));
    let history = history(&story);
    assert!(!history.more && !history.loading);
    story.want(Intent::LoadEarlier(None));
    assert!(
        !story
            .open
            .iter()
            .any(|c| matches!(c.request, Request::Thread { .. }))
    );
}

/// Lines so large that fewer than a page fit into an answer.
#[test]
fn a_page_that_is_cut_short_is_not_the_last() {
    let mut story = Story::chatting().reloaded();
    story.reply_settings(json!({}));
    let list = story.take(|r| matches!(r, Request::History { .. }));
    story.reply(list.id, Reply::History(Vec::new().into()));
    tells(&mut story, 20, 25, true);
    story.want(Intent::LoadEarlier(None));
    assert_eq!(gives_of_more(&mut story, "T", 18..20, true), Some(20));
    assert!(history(&story).more);
    story.want(Intent::LoadEarlier(None));
    assert_eq!(gives_of_more(&mut story, "T", 16..18, false), Some(18));
    assert_eq!(story.texts(), texts(16..26));
    assert!(!history(&story).more);
}

#[test]
fn a_long_absence_leaves_no_gap() {
    let mut story = Story::chatting();
    for n in 2..10 {
        story.batch(n as i64, json!([says(n, &format!("a{n}"))]));
    }
    let mine = story.send("mine");
    let poll = story.take_poll();
    story.fault(poll.id, parlor_session::Fault::AffinityChanged);
    tells(&mut story, 9, 20, true);
    assert_eq!(story.lines.len(), 21, "they meet: nothing goes");
    story.wait(60_000);
    let poll = story.take_poll();
    story.fault(poll.id, parlor_session::Fault::AffinityChanged);
    tells(&mut story, 300, 310, true);
    let mut left = texts(300..311);
    left.push("mine".into());
    assert_eq!(story.texts(), left);
    assert_eq!(story.lines.last().unwrap().id, mine);
    story.want(Intent::LoadEarlier(None));
    assert_eq!(gives(&mut story, "T", 250..300), Some(300));
}
