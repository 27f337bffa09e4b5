//! A leader that slept finds its lease run out, lets go, and leads again: no
//! other led meanwhile, and the device had refused to keep anything.

use parlor_session::{Input, Intent, Request, SendState};
use serde_json::json;

use crate::desk::{Desk, says};

#[test]
fn it_goes_on_with_what_it_held_itself() {
    let mut desk = Desk::new();
    desk.open();
    desk.chat(0);
    desk.want(0, Intent::Send("one".into()));
    desk.posted(0, 2);
    desk.input(0, Input::Follows);
    desk.input(0, Input::Leads(Box::default()));
    desk.handed_over(0, 2, json!([]));
    desk.batch(0, 3, json!([says(3, "Hello")]));
    let hello = ("Hello".to_owned(), None);
    assert_eq!(
        desk.shown(0),
        [("one".to_owned(), Some(SendState::Sent)), hello]
    );
}

#[test]
fn what_another_kept_meanwhile_is_newer() {
    let mut desk = Desk::new();
    desk.open();
    desk.chat(0);
    desk.open();
    desk.input(0, Input::Follows);
    desk.lead(1);
    desk.handed_over(1, 2, json!([]));
    desk.batch(1, 3, json!([says(2, "Hello")]));
    desk.want(1, Intent::Draft("and".into()));
    let session = desk.saved.as_ref().and_then(|saved| saved.session.as_ref());
    let offset = session.and_then(|session| session.offset);
    desk.lead(0);
    let call = desk.take(0, |r| matches!(r, Request::ReconnectSession { .. }));
    assert_eq!(offset, Some(30));
    assert_eq!(call.request, Request::ReconnectSession { offset });
}
