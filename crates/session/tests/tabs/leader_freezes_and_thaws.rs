//! The browser freezes the leading tab, and lets it run again later.

use parlor_session::{Change, Input, Intent, Reply, Request, SendState};
use serde_json::json;

use crate::desk::{Desk, mine, says};

fn two() -> Desk {
    let mut desk = Desk::new();
    desk.open();
    desk.chat(0);
    desk.open();
    desk
}

#[test]
fn the_tab_that_is_looked_at_takes_over_within_a_second() {
    let mut desk = two();
    desk.freeze(0);
    let frozen_at = desk.now;
    while !desk.tabs[1].tab.leads() {
        desk.wait(10);
    }
    assert!(desk.now - frozen_at < 1_000, "{} ms", desk.now - frozen_at);
    desk.handed_over(1, 2, json!([]));
    desk.thaw(0);
    assert!(!desk.tabs[0].tab.leads());
    assert_eq!(desk.polls(), 1);
    desk.batch(1, 3, json!([says(2, "Hello")]));
    desk.agree();
}

#[test]
fn a_living_leader_is_left_alone() {
    let mut desk = two();
    desk.wait(60_000);
    assert!(desk.tabs[0].tab.leads());
    assert!(!desk.tabs[1].tab.leads());
}

/// Found by the simulation: its silence was counted from when nobody looked.
#[test]
fn a_living_leader_is_left_alone_by_a_tab_that_is_looked_at_again() {
    let mut desk = two();
    desk.input(0, Input::Looked(false));
    desk.input(1, Input::Looked(false));
    desk.wait(60_000);
    desk.input(1, Input::Looked(true));
    desk.wait(1_000);
    assert!(desk.tabs[0].tab.leads());
}

#[test]
fn what_it_held_is_sent_once_by_the_new_leader() {
    let mut desk = two();
    desk.want(0, Intent::Send("before".into()));
    desk.freeze(0);
    desk.wait(1_000);
    desk.handed_over(1, 2, json!([mine(2, "t0-2", "before")]));
    desk.thaw(0);
    assert!(!desk.tabs[1].calls.iter().any(|c| c.request.is_post()));
    assert_eq!(
        desk.shown(0),
        [("before".to_owned(), Some(SendState::Sent))]
    );
    desk.agree();
}

#[test]
fn what_is_written_in_it_before_it_hears_that_it_was_deposed_is_not_lost() {
    let mut desk = two();
    desk.freeze(0);
    desk.wait(1_000);
    desk.handed_over(1, 2, json!([]));
    // It runs, and its visitor is quicker than its messages.
    desk.tabs[0].frozen = false;
    desk.want(0, Intent::Send("quick".into()));
    assert!(!desk.tabs[0].tab.leads(), "its save was refused");
    let post = desk.take(1, Request::is_post);
    assert!(matches!(&post.request, Request::Message(m) if m.custom_id.as_deref() == Some("t0-2")));
    desk.thaw(0);
    desk.agree();
}

#[test]
fn what_it_showed_as_sent_stays_sent_though_the_new_leader_knows_less() {
    let mut desk = two();
    desk.want(0, Intent::Send("before".into()));
    desk.freeze(0);
    desk.wait(1_000);
    // It runs, and hears the answer to its own request before all else.
    desk.posted(0, 2);
    let sent = [("before".to_owned(), Some(SendState::Sent))];
    assert_eq!(desk.shown(0), sent);
    desk.thaw(0);
    assert!(!desk.tabs[0].tab.leads());
    assert_eq!(desk.shown(0), sent);
    assert_eq!(desk.shown(1)[0].1, Some(SendState::Queued));
    desk.handed_over(1, 2, json!([mine(2, "t0-2", "before")]));
    assert_eq!(desk.shown(0), sent);
    desk.agree();
}

#[test]
fn two_hidden_tabs_do_not_take_the_lead_from_each_other() {
    let mut desk = two();
    desk.input(0, Input::Looked(false));
    desk.input(1, Input::Looked(false));
    desk.freeze(0);
    desk.wait(60_000);
    assert!(!desk.tabs[1].tab.leads());
    desk.input(1, Input::Looked(true));
    desk.wait(1_000);
    assert!(desk.tabs[1].tab.leads());
}

/// The visitor writes in this tab before it hears what was told while it was
/// frozen.
fn what_is_typed_stays(desk: &mut Desk, at: usize) {
    desk.tabs[at].frozen = false;
    desk.want(at, Intent::Draft("half a".into()));
    desk.thaw(at);
    let draft = Change::Draft("half a".into());
    assert!(desk.tabs[at].tab.mirror().shows(&draft));
    desk.agree();
}

/// Found by the simulation: the new leader's picture, told before it heard of
/// what was typed, wiped it.
#[test]
fn what_is_typed_in_it_as_it_thaws_stays() {
    let mut desk = two();
    desk.freeze(0);
    desk.wait(1_000);
    what_is_typed_stays(&mut desk, 0);
}

/// A tab that nobody had told the conversation took the lead, and the others
/// lost what they showed.
#[test]
fn a_leader_that_begins_with_nothing_empties_no_other_tab() {
    let mut desk = two();
    desk.batch(0, 2, json!([says(2, "Hello")]));
    for at in 0..2 {
        desk.input(at, Input::Looked(false));
        desk.freeze(at);
    }
    desk.open();
    desk.wait(1_000);
    assert!(desk.tabs[2].tab.leads());
    desk.thaw(1);
    desk.thaw(0);
    let hello = [("Hello".to_owned(), None)];
    assert_eq!(desk.shown(0), hello);
    assert_eq!(desk.shown(1), hello);
    let said = json!([{"type": "Agent", "name": "Andy", "content": "Hello", "timestamp": 2,
        "sequence": 2, "eventId": "T_2"}]);
    desk.handed_over(2, 3, said);
    let settings = desk.take(2, |r| *r == Request::Settings);
    let answer = json!({"buttons": [{"id": "573000000000001", "isAvailable": true}]});
    let answer = serde_json::from_value(answer).unwrap();
    desk.reply(2, &settings, Reply::Settings(Box::new(answer)));
    desk.agree();
    assert_eq!(desk.shown(2), hello);
}

/// Found by the simulation: what was sent in the other tab while it was frozen
/// cleared its composer after its visitor had begun to write.
#[test]
fn what_is_typed_in_it_is_newer_than_what_it_hears_late() {
    let mut desk = two();
    desk.freeze(1);
    desk.want(0, Intent::Send("one".into()));
    desk.wait(500);
    what_is_typed_stays(&mut desk, 1);
}

/// Found by the simulation: both had the same term, since neither had read of
/// another, and the thawed one kept its empty picture in the place of the
/// conversation.
#[test]
fn what_it_keeps_as_it_thaws_is_older_than_what_the_new_leader_kept() {
    let mut desk = Desk::new();
    desk.open();
    desk.freeze(0);
    desk.open();
    desk.wait(1_500);
    desk.chat(1);
    desk.want(0, Intent::Draft("half a sen".into()));
    let kept = desk.saved.as_ref();
    assert!(kept.is_some_and(|saved| saved.session.is_some()));
    desk.thaw(0);
    desk.agree();
}

/// Found by the simulation: the tab kept it from the new leader's picture, and nobody
/// told the leader, which had come after it was typed.
#[test]
fn what_is_typed_while_nobody_leads_is_told_to_the_next_leader() {
    let mut desk = Desk::new();
    desk.open();
    desk.chat(0);
    desk.open();
    desk.freeze(0);
    desk.want(1, Intent::Draft("on".into()));
    desk.open();
    desk.lead(2);
    desk.handed_over(2, 2, json!([]));
    let draft = Change::Draft("on".into());
    for open in &desk.tabs[1..] {
        assert!(open.tab.mirror().shows(&draft));
    }
}

/// Found by the simulation: a new leader that had the outbox and no conversation yet
/// told of its lines by their places among those, and the tab that led next showed what
/// came later in the wrong place.
#[test]
fn what_is_said_before_the_new_leader_knows_the_conversation_stands_below_it() {
    let mut desk = Desk::new();
    desk.open();
    desk.chat(0);
    desk.batch(0, 2, json!([says(2, "Hello"), says(3, "Are you there?")]));
    desk.open();
    desk.want(0, Intent::Send("one".into()));
    desk.freeze(0);
    let third = desk.open();
    desk.lead(third);
    desk.want(third, Intent::Send("two".into()));
    desk.kill(0);
    desk.kill(third);
    desk.handed_over(1, 3, json!([]));
    let texts: Vec<_> = desk.shown(1).into_iter().map(|(text, _)| text).collect();
    assert_eq!(texts, ["Hello", "Are you there?", "one", "two"]);
    desk.open();
    desk.batch(1, 4, json!([says(4, "Good day")]));
    desk.agree();
}
