//! A file was chosen, and the tab that sends it is closed. All tabs have its
//! bytes: what is needed is to know that it still has to go.

use parlor_session::{Attachment, Body, Input, Intent, Request, SendState, Stored};
use serde_json::json;

use crate::desk::{Desk, says};

/// Two tabs in a conversation with a deployment that takes pictures; one was
/// chosen in the tab that follows.
fn chosen() -> Desk {
    let mut desk = Desk::new();
    desk.open();
    desk.chat_where_files_are_taken(0);
    desk.batch(0, 2, json!([says(2, "Show me")]));
    desk.open();
    desk.want(
        1,
        Intent::Attach(Attachment {
            id: 77,
            name: "cup.png".into(),
            kind: "image/png".into(),
            size: 3,
        }),
    );
    desk
}

fn stored(desk: &mut Desk, at: usize) {
    let file = json!({"url": "https://chat.example.com/f/cup.png", "name": "cup.png"});
    let stored = Stored::At(Box::new(serde_json::from_value(file).unwrap()));
    desk.tabs[at].uploads.clear();
    desk.input(at, Input::Uploaded { id: 77, stored });
}

fn posts(desk: &Desk, at: usize) -> usize {
    let calls = desk.tabs[at].calls.iter();
    let file = |request: &&Request| matches!(request, Request::Said(_));
    calls.map(|call| &call.request).filter(file).count()
}

#[test]
fn what_a_follower_chose_is_sent_by_the_leader() {
    let mut desk = chosen();
    assert_eq!(desk.tabs[0].uploads, [77]);
    assert!(desk.tabs[1].uploads.is_empty());
    stored(&mut desk, 0);
    assert_eq!(posts(&desk, 0), 1);
    desk.agree();
}

#[test]
fn on_its_way_it_is_sent_by_the_next_leader() {
    let mut desk = chosen();
    desk.kill(0);
    desk.handed_over(1, 3, json!([]));
    assert_eq!(desk.tabs[1].uploads, [77]);
    stored(&mut desk, 1);
    assert_eq!(posts(&desk, 1), 1);
}

#[test]
fn stored_and_not_said_it_is_not_stored_again() {
    let mut desk = chosen();
    stored(&mut desk, 0);
    desk.kill(0);
    desk.handed_over(1, 3, json!([]));
    assert!(desk.tabs[1].uploads.is_empty());
    assert_eq!(posts(&desk, 1), 1);
}

#[test]
fn without_its_bytes_it_says_so_and_can_be_tried_again() {
    let mut desk = chosen();
    desk.kill(0);
    desk.handed_over(1, 3, json!([]));
    let stored = Stored::Not(parlor_session::Fault::Refused);
    desk.input(1, Input::Uploaded { id: 77, stored });
    let lines = &desk.tabs[1].tab.mirror().lines;
    let line = lines.iter().find(|it| matches!(*it.body, Body::Upload(_)));
    let because = parlor_session::FailedBecause::UploadFailed;
    assert_eq!(line.unwrap().state, Some(SendState::Failed(because)));
}
