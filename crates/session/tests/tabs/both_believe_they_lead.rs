//! Two tabs were told that they lead: by a lease that both wrote, or a lock
//! that was taken from one that did not hear of it.

use parlor_session::{
    Intent, Reply, Request, SendState,
    tabs::{self, Persisted},
};
use serde_json::json;

use crate::device::{Device, says};

/// The second is told so too, behind the first one's back.
fn both() -> Device {
    let mut device = Device::new();
    device.open();
    device.chat(0);
    device.open();
    let kept = Persisted {
        saved: device.saved.clone(),
        commands: Vec::new(),
    };
    device.input(1, tabs::Input::LeadershipGained(Box::new(kept)));
    device
}

#[test]
fn the_older_term_gives_up_at_the_first_message() {
    let mut device = both();
    assert!(!device.tabs[0].tab.leads());
    assert!(device.tabs[1].tab.leads());
    assert!(device.tabs[0].calls.is_empty());
    device.handed_over(1, 2, json!([]));
    device.batch(1, 3, json!([says(2, "Hello")]));
    assert_eq!(device.polls(), 1);
    device.agree();
}

#[test]
fn of_two_in_one_term_one_gives_up() {
    let mut device = Device::new();
    device.open();
    device.open();
    // Both read the same storage before either wrote.
    device.freeze(1);
    let kept = || tabs::Input::LeadershipGained(Box::default());
    device.input(1, kept());
    device.thaw(1);
    device.wait(2_000);
    let leaders = device.tabs.iter().filter(|t| t.tab.leads()).count();
    assert_eq!(leaders, 1);
    device.agree();
}

/// Found by the simulation: the one that let go took the other's picture for
/// one that it had overtaken, since it had told of more changes itself.
#[test]
fn of_two_in_one_term_the_one_that_gives_up_displays_the_other() {
    let mut device = Device::new();
    device.open();
    device.chat(0);
    device.batch(0, 2, json!([says(2, "Hello")]));
    // The device had refused to keep it, so the second knows of no term.
    device.freeze(0);
    device.saved = None;
    device.open();
    device.lead(1);
    let settings = device.take(1, |r| *r == Request::Settings);
    let answer = json!({"buttons": [{"id": "573000000000001", "isAvailable": true}]});
    let answer = serde_json::from_value(answer).unwrap();
    device.reply(1, &settings, Reply::Settings(Box::new(answer)));
    device.thaw(0);
    device.input(0, tabs::Input::LeadershipLost);
    assert!(!device.tabs[0].tab.leads());
    device.agree();
}

/// Found by the simulation: a third tab counted the changes of both as one
/// leader's, and was deaf to what the one that stayed told next.
#[test]
fn of_two_in_one_term_a_third_tab_follows_the_one_that_stays() {
    let mut device = Device::new();
    device.open();
    device.chat(0);
    device.open();
    device.open();
    let stale = Persisted {
        saved: device.saved.clone(),
        commands: Vec::new(),
    };
    device.freeze(1);
    device.lead(2);
    device.handed_over(2, 2, json!([]));
    // It was given the lock before the third took it, and learns of both now.
    device.input(1, tabs::Input::LeadershipGained(Box::new(stale)));
    device.handed_over(1, 3, json!([]));
    for n in 2..9 {
        device.batch(1, 2 + i64::try_from(n).unwrap(), json!([says(n, "Hello")]));
    }
    device.thaw(1);
    assert!(device.tabs[2].tab.leads() && !device.tabs[1].tab.leads());
    device.batch(2, 3, json!([says(2, "Good day")]));
    device.agree();
}

/// Found by the simulation: of two leaders of one term, the one that let go went on
/// from what it had held itself when it led again, and forgot the conversation.
#[test]
fn of_two_in_one_term_the_one_that_leads_again_continues_from_the_others_state() {
    let mut device = Device::new();
    device.open();
    device.begin(0);
    device.want(0, Intent::Draft("on".into()));
    device.freeze(0);
    // Both read the same storage before either wrote.
    device.saved = None;
    device.open();
    device.lead(1);
    device.chat(1);
    device.batch(1, 2, json!([says(2, "Hello")]));
    device.thaw(0);
    assert!(!device.tabs[0].tab.leads());
    device.kill(1);
    device.handed_over(0, 3, json!([]));
    assert_eq!(device.shown(0), [("Hello".to_owned(), None)]);
}

/// Found by the simulation: it went on with its call.
#[test]
fn a_leader_that_gives_up_aborts_its_history_call() {
    let mut device = Device::new();
    device.open();
    device.chat(0);
    let success = json!({"queuePosition": 1, "visitorId": "v"});
    device.batch(
        0,
        2,
        json!([{"type": "ChatRequestSuccess", "message": success}]),
    );
    device.open();
    device.kill(0);
    let asks = |device: &Device| {
        let calls = device.tabs[1].calls.iter();
        calls
            .filter(|c| matches!(c.request, Request::History { .. }))
            .count()
    };
    assert_eq!(asks(&device), 1);
    device.open();
    device.lead(2);
    assert!(!device.tabs[1].tab.leads());
    assert_eq!(asks(&device), 0);
}

#[test]
fn a_message_that_both_have_is_sent_once() {
    let mut device = Device::new();
    device.open();
    device.chat(0);
    device.want(0, Intent::Send("one".into()));
    device.open();
    let kept = Persisted {
        saved: device.saved.clone(),
        commands: Vec::new(),
    };
    device.input(1, tabs::Input::LeadershipGained(Box::new(kept)));
    device.handed_over(1, 2, json!([]));
    let posts = device.tabs.iter().flat_map(|t| &t.calls);
    assert_eq!(posts.filter(|c| c.request.is_post()).count(), 1);
    device.posted(1, 2);
    for at in [0, 1] {
        assert_eq!(
            device.shown(at),
            [("one".to_owned(), Some(SendState::Sent))]
        );
    }
    device.agree();
}
