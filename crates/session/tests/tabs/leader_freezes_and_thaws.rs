//! The browser freezes the leading tab, and lets it run again later.

use parlor_session::{Change, Input, Intent, Reply, Request, SendState};
use serde_json::json;

use crate::device::{Device, mine, says};

fn two() -> Device {
    let mut device = Device::new();
    device.open();
    device.chat(0);
    device.open();
    device
}

#[test]
fn a_visible_tab_takes_over_within_a_second() {
    let mut device = two();
    device.freeze(0);
    let frozen_at = device.now;
    while !device.tabs[1].tab.leads() {
        device.wait(10);
    }
    assert!(
        device.now - frozen_at < 1_000,
        "{} ms",
        device.now - frozen_at
    );
    device.handed_over(1, 2, json!([]));
    device.thaw(0);
    assert!(!device.tabs[0].tab.leads());
    assert_eq!(device.polls(), 1);
    device.batch(1, 3, json!([says(2, "Hello")]));
    device.agree();
}

#[test]
fn a_living_leader_is_left_alone() {
    let mut device = two();
    device.wait(60_000);
    assert!(device.tabs[0].tab.leads());
    assert!(!device.tabs[1].tab.leads());
}

/// Found by the simulation: its silence was counted from when nobody looked.
#[test]
fn a_living_leader_is_left_alone_by_a_tab_that_becomes_visible_again() {
    let mut device = two();
    device.input(0, Input::Visibility(false));
    device.input(1, Input::Visibility(false));
    device.wait(60_000);
    device.input(1, Input::Visibility(true));
    device.wait(1_000);
    assert!(device.tabs[0].tab.leads());
}

#[test]
fn its_outbox_is_sent_once_by_the_new_leader() {
    let mut device = two();
    device.want(0, Intent::Send("before".into()));
    device.freeze(0);
    device.wait(1_000);
    device.handed_over(1, 2, json!([mine(2, "t0-2", "before")]));
    device.thaw(0);
    assert!(!device.tabs[1].calls.iter().any(|c| c.request.is_post()));
    assert_eq!(
        device.shown(0),
        [("before".to_owned(), Some(SendState::Sent))]
    );
    device.agree();
}

#[test]
fn a_message_written_in_it_before_it_gives_up_is_not_lost() {
    let mut device = two();
    device.freeze(0);
    device.wait(1_000);
    device.handed_over(1, 2, json!([]));
    // It runs, and its visitor is quicker than its messages.
    device.tabs[0].frozen = false;
    device.want(0, Intent::Send("quick".into()));
    assert!(!device.tabs[0].tab.leads(), "its save was refused");
    let post = device.take(1, Request::is_post);
    assert!(matches!(&post.request, Request::Message(m) if m.custom_id.as_deref() == Some("t0-2")));
    device.thaw(0);
    device.agree();
}

#[test]
fn a_line_that_it_displayed_as_sent_stays_sent() {
    let mut device = two();
    device.want(0, Intent::Send("before".into()));
    device.freeze(0);
    device.wait(1_000);
    // It runs, and hears the answer to its own request before all else.
    device.posted(0, 2);
    let sent = [("before".to_owned(), Some(SendState::Sent))];
    assert_eq!(device.shown(0), sent);
    device.thaw(0);
    assert!(!device.tabs[0].tab.leads());
    assert_eq!(device.shown(0), sent);
    assert_eq!(device.shown(1)[0].1, Some(SendState::Queued));
    device.handed_over(1, 2, json!([mine(2, "t0-2", "before")]));
    assert_eq!(device.shown(0), sent);
    device.agree();
}

#[test]
fn two_hidden_tabs_do_not_take_the_lead_from_each_other() {
    let mut device = two();
    device.input(0, Input::Visibility(false));
    device.input(1, Input::Visibility(false));
    device.freeze(0);
    device.wait(60_000);
    assert!(!device.tabs[1].tab.leads());
    device.input(1, Input::Visibility(true));
    device.wait(1_000);
    assert!(device.tabs[1].tab.leads());
}

/// The visitor writes in this tab before it hears what was told while it was
/// frozen.
fn what_is_typed_stays(device: &mut Device, at: usize) {
    device.tabs[at].frozen = false;
    device.want(at, Intent::Draft("half a".into()));
    device.thaw(at);
    let draft = Change::Draft("half a".into());
    assert!(device.tabs[at].tab.mirror().shows(&draft));
    device.agree();
}

/// Found by the simulation: the new leader's picture, told before it heard of
/// what was typed, wiped it.
#[test]
fn a_draft_typed_as_it_thaws_stays() {
    let mut device = two();
    device.freeze(0);
    device.wait(1_000);
    what_is_typed_stays(&mut device, 0);
}

/// A tab that nobody had told the conversation took the lead, and the others
/// lost what they showed.
#[test]
fn a_leader_that_starts_empty_empties_no_other_tab() {
    let mut device = two();
    device.batch(0, 2, json!([says(2, "Hello")]));
    for at in 0..2 {
        device.input(at, Input::Visibility(false));
        device.freeze(at);
    }
    device.open();
    device.wait(1_000);
    assert!(device.tabs[2].tab.leads());
    device.thaw(1);
    device.thaw(0);
    let hello = [("Hello".to_owned(), None)];
    assert_eq!(device.shown(0), hello);
    assert_eq!(device.shown(1), hello);
    let said = json!([{"type": "Agent", "name": "Andy", "content": "Hello", "timestamp": 2,
        "sequence": 2, "eventId": "T_2"}]);
    device.handed_over(2, 3, said);
    let settings = device.take(2, |r| *r == Request::Settings);
    let answer = json!({"buttons": [{"id": "573000000000001", "isAvailable": true}]});
    let answer = serde_json::from_value(answer).unwrap();
    device.reply(2, &settings, Reply::Settings(Box::new(answer)));
    device.agree();
    assert_eq!(device.shown(2), hello);
}

/// Found by the simulation: what was sent in the other tab while it was frozen
/// cleared its composer after its visitor had begun to write.
#[test]
fn its_draft_is_newer_than_late_messages() {
    let mut device = two();
    device.freeze(1);
    device.want(0, Intent::Send("one".into()));
    device.wait(500);
    what_is_typed_stays(&mut device, 1);
}

/// Found by the simulation: both had the same term, since neither had read of
/// another, and the thawed one kept its empty picture in the place of the
/// conversation.
#[test]
fn its_state_is_older_than_the_new_leaders() {
    let mut device = Device::new();
    device.open();
    device.freeze(0);
    device.open();
    device.wait(1_500);
    device.chat(1);
    device.want(0, Intent::Draft("half a sen".into()));
    let kept = device.saved.as_ref();
    assert!(kept.is_some_and(|saved| saved.session.is_some()));
    device.thaw(0);
    device.agree();
}

/// Found by the simulation: the tab kept it from the new leader's picture, and nobody
/// told the leader, which had come after it was typed.
#[test]
fn a_draft_typed_while_nobody_leads_reaches_the_next_leader() {
    let mut device = Device::new();
    device.open();
    device.chat(0);
    device.open();
    device.freeze(0);
    device.want(1, Intent::Draft("on".into()));
    device.open();
    device.lead(2);
    device.handed_over(2, 2, json!([]));
    let draft = Change::Draft("on".into());
    for open in &device.tabs[1..] {
        assert!(open.tab.mirror().shows(&draft));
    }
}

/// Found by the simulation: a new leader that had the outbox and no conversation yet
/// told of its lines by their places among those, and the tab that led next showed what
/// came later in the wrong place.
#[test]
fn a_message_sent_before_the_new_leader_has_the_conversation_stands_below_it() {
    let mut device = Device::new();
    device.open();
    device.chat(0);
    device.batch(0, 2, json!([says(2, "Hello"), says(3, "Are you there?")]));
    device.open();
    device.want(0, Intent::Send("one".into()));
    device.freeze(0);
    let third = device.open();
    device.lead(third);
    device.want(third, Intent::Send("two".into()));
    device.kill(0);
    device.kill(third);
    device.handed_over(1, 3, json!([]));
    let texts: Vec<_> = device.shown(1).into_iter().map(|(text, _)| text).collect();
    assert_eq!(texts, ["Hello", "Are you there?", "one", "two"]);
    device.open();
    device.batch(1, 4, json!([says(4, "Good day")]));
    device.agree();
}
