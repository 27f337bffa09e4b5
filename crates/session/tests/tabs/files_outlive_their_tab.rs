//! A file was chosen, and the tab that sends it is closed. All tabs have its
//! bytes: what is needed is to know that it still has to go.

use parlor_session::{Attachment, Body, Input, Intent, Request, SendState, UploadOutcome};
use serde_json::json;

use crate::device::{Device, says};

/// Two tabs in a conversation with a deployment that takes pictures; one was
/// chosen in the tab that follows.
fn chosen() -> Device {
    let mut device = Device::new();
    device.open();
    device.chat_where_files_are_taken(0);
    device.batch(0, 2, json!([says(2, "Show me")]));
    device.open();
    device.want(
        1,
        Intent::Attach(Attachment {
            id: 77,
            name: "cup.png".into(),
            kind: "image/png".into(),
            size: 3,
        }),
    );
    device
}

fn stored(device: &mut Device, at: usize) {
    let file = json!({"url": "https://chat.example.com/f/cup.png", "name": "cup.png"});
    let outcome = UploadOutcome::Stored(Box::new(serde_json::from_value(file).unwrap()));
    device.tabs[at].uploads.clear();
    device.input(at, Input::UploadFinished { id: 77, outcome });
}

fn posts(device: &Device, at: usize) -> usize {
    let calls = device.tabs[at].calls.iter();
    let file = |request: &&Request| matches!(request, Request::Event(_));
    calls.map(|call| &call.request).filter(file).count()
}

#[test]
fn a_followers_file_is_sent_by_the_leader() {
    let mut device = chosen();
    assert_eq!(device.tabs[0].uploads, [77]);
    assert!(device.tabs[1].uploads.is_empty());
    stored(&mut device, 0);
    assert_eq!(posts(&device, 0), 1);
    device.agree();
}

#[test]
fn an_unfinished_upload_is_sent_by_the_next_leader() {
    let mut device = chosen();
    device.kill(0);
    device.handed_over(1, 3, json!([]));
    assert_eq!(device.tabs[1].uploads, [77]);
    stored(&mut device, 1);
    assert_eq!(posts(&device, 1), 1);
}

#[test]
fn a_stored_file_is_not_uploaded_again() {
    let mut device = chosen();
    stored(&mut device, 0);
    device.kill(0);
    device.handed_over(1, 3, json!([]));
    assert!(device.tabs[1].uploads.is_empty());
    assert_eq!(posts(&device, 1), 1);
}

#[test]
fn a_file_without_bytes_fails_and_can_be_tried_again() {
    let mut device = chosen();
    device.kill(0);
    device.handed_over(1, 3, json!([]));
    let outcome = UploadOutcome::Failed(parlor_session::Fault::Refused);
    device.input(1, Input::UploadFinished { id: 77, outcome });
    let lines = &device.tabs[1].tab.mirror().lines;
    let line = lines.iter().find(|it| matches!(*it.body, Body::Upload(_)));
    let because = parlor_session::FailedBecause::UploadFailed;
    assert_eq!(line.unwrap().state, Some(SendState::Failed(because)));
}
