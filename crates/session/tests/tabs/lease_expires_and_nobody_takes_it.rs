//! A leader that slept finds its lease run out, lets go, and leads again: no
//! other led meanwhile, and the device had refused to keep anything.

use parlor_session::{Intent, Request, SendState, tabs};
use serde_json::json;

use crate::device::{Device, says};

#[test]
fn it_continues_from_its_own_state() {
    let mut device = Device::new();
    device.open();
    device.chat(0);
    device.want(0, Intent::Send("one".into()));
    device.posted(0, 2);
    device.input(0, tabs::Input::LeadershipLost);
    device.input(0, tabs::Input::LeadershipGained(Box::default()));
    device.handed_over(0, 2, json!([]));
    device.batch(0, 3, json!([says(3, "Hello")]));
    let hello = ("Hello".to_owned(), None);
    assert_eq!(
        device.shown(0),
        [("one".to_owned(), Some(SendState::Sent)), hello]
    );
}

#[test]
fn the_state_of_a_leader_in_between_is_newer() {
    let mut device = Device::new();
    device.open();
    device.chat(0);
    device.open();
    device.input(0, tabs::Input::LeadershipLost);
    device.lead(1);
    device.handed_over(1, 2, json!([]));
    device.batch(1, 3, json!([says(2, "Hello")]));
    device.want(1, Intent::Draft("and".into()));
    device.wait(500);
    let session = device
        .saved
        .as_ref()
        .and_then(|saved| saved.session.as_ref());
    let offset = session.and_then(|session| session.offset);
    device.lead(0);
    let call = device.take(0, |r| matches!(r, Request::ReconnectSession { .. }));
    assert_eq!(offset, Some(30));
    assert_eq!(call.request, Request::ReconnectSession { offset });
}
