//! Two tabs were told that they lead: by a lease that both wrote, or a lock
//! that was taken from one that did not hear of it.

use parlor_session::{Input, Intent, Reply, Request, SendState, tabs::Kept};
use serde_json::json;

use crate::desk::{Desk, says};

/// The second is told so too, behind the first one's back.
fn both() -> Desk {
    let mut desk = Desk::new();
    desk.open();
    desk.chat(0);
    desk.open();
    let kept = Kept {
        saved: desk.saved.clone(),
        asked: Vec::new(),
    };
    desk.input(1, Input::Leads(Box::new(kept)));
    desk
}

#[test]
fn the_one_of_the_older_term_lets_go_as_soon_as_it_hears() {
    let mut desk = both();
    assert!(!desk.tabs[0].tab.leads());
    assert!(desk.tabs[1].tab.leads());
    assert!(desk.tabs[0].calls.is_empty());
    desk.handed_over(1, 2, json!([]));
    desk.batch(1, 3, json!([says(2, "Hello")]));
    assert_eq!(desk.polls(), 1);
    desk.agree();
}

#[test]
fn of_one_term_one_of_them_lets_go() {
    let mut desk = Desk::new();
    desk.open();
    desk.open();
    // Both read the same storage before either wrote.
    desk.freeze(1);
    let kept = || Input::Leads(Box::default());
    desk.input(1, kept());
    desk.thaw(1);
    desk.wait(2_000);
    let leaders = desk.tabs.iter().filter(|t| t.tab.leads()).count();
    assert_eq!(leaders, 1);
    desk.agree();
}

/// Found by the simulation: the one that let go took the other's picture for
/// one that it had overtaken, since it had told of more changes itself.
#[test]
fn of_one_term_who_lets_go_shows_what_the_other_does() {
    let mut desk = Desk::new();
    desk.open();
    desk.chat(0);
    desk.batch(0, 2, json!([says(2, "Hello")]));
    // The device had refused to keep it, so the second knows of no term.
    desk.freeze(0);
    desk.saved = None;
    desk.open();
    desk.lead(1);
    let settings = desk.take(1, |r| *r == Request::Settings);
    let answer = json!({"buttons": [{"id": "573000000000001", "isAvailable": true}]});
    let answer = serde_json::from_value(answer).unwrap();
    desk.reply(1, &settings, Reply::Settings(Box::new(answer)));
    desk.thaw(0);
    desk.input(0, Input::Follows);
    assert!(!desk.tabs[0].tab.leads());
    desk.agree();
}

/// Found by the simulation: a third tab counted the changes of both as one
/// leader's, and was deaf to what the one that stayed told next.
#[test]
fn of_one_term_a_third_tab_hears_both_and_ends_with_the_one_that_stays() {
    let mut desk = Desk::new();
    desk.open();
    desk.chat(0);
    desk.open();
    desk.open();
    let stale = Kept {
        saved: desk.saved.clone(),
        asked: Vec::new(),
    };
    desk.freeze(1);
    desk.lead(2);
    desk.handed_over(2, 2, json!([]));
    // It was given the lock before the third took it, and learns of both now.
    desk.input(1, Input::Leads(Box::new(stale)));
    desk.handed_over(1, 3, json!([]));
    for n in 2..9 {
        desk.batch(1, 2 + i64::try_from(n).unwrap(), json!([says(n, "Hello")]));
    }
    desk.thaw(1);
    assert!(desk.tabs[2].tab.leads() && !desk.tabs[1].tab.leads());
    desk.batch(2, 3, json!([says(2, "Good day")]));
    desk.agree();
}

/// Found by the simulation: of two leaders of one term, the one that let go went on
/// from what it had held itself when it led again, and forgot the conversation.
#[test]
fn of_one_term_who_leads_again_goes_on_from_what_the_other_kept() {
    let mut desk = Desk::new();
    desk.open();
    desk.begin(0);
    desk.want(0, Intent::Draft("on".into()));
    desk.freeze(0);
    // Both read the same storage before either wrote.
    desk.saved = None;
    desk.open();
    desk.lead(1);
    desk.chat(1);
    desk.batch(1, 2, json!([says(2, "Hello")]));
    desk.thaw(0);
    assert!(!desk.tabs[0].tab.leads());
    desk.kill(1);
    desk.handed_over(0, 3, json!([]));
    assert_eq!(desk.shown(0), [("Hello".to_owned(), None)]);
}

/// Found by the simulation: it went on with its call.
#[test]
fn who_lets_go_lets_go_of_its_call_for_earlier_conversations() {
    let mut desk = Desk::new();
    desk.open();
    desk.chat(0);
    let success = json!({"queuePosition": 1, "visitorId": "v"});
    desk.batch(
        0,
        2,
        json!([{"type": "ChatRequestSuccess", "message": success}]),
    );
    desk.open();
    desk.kill(0);
    let asks = |desk: &Desk| {
        let calls = desk.tabs[1].calls.iter();
        calls
            .filter(|c| matches!(c.request, Request::History { .. }))
            .count()
    };
    assert_eq!(asks(&desk), 1);
    desk.open();
    desk.lead(2);
    assert!(!desk.tabs[1].tab.leads());
    assert_eq!(asks(&desk), 0);
}

#[test]
fn what_both_hold_is_sent_once() {
    let mut desk = Desk::new();
    desk.open();
    desk.chat(0);
    desk.want(0, Intent::Send("one".into()));
    desk.open();
    let kept = Kept {
        saved: desk.saved.clone(),
        asked: Vec::new(),
    };
    desk.input(1, Input::Leads(Box::new(kept)));
    desk.handed_over(1, 2, json!([]));
    let posts = desk.tabs.iter().flat_map(|t| &t.calls);
    assert_eq!(posts.filter(|c| c.request.is_post()).count(), 1);
    desk.posted(1, 2);
    for at in [0, 1] {
        assert_eq!(desk.shown(at), [("one".to_owned(), Some(SendState::Sent))]);
    }
    desk.agree();
}
