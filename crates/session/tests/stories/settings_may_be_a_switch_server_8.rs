//! `messages[0].message` read blindly: it may be a `SwitchServer`.

use parlor_session::{Change, Reply, Request};
use parlor_wire::visitor::SwitchServer;
use serde_json::json;

use crate::story::Story;

#[test]
fn the_same_call_goes_again_to_the_new_address() {
    let mut story = Story::new(None);
    let call = story.take(|r| *r == Request::Settings);
    story.reply(
        call.id,
        Reply::SwitchServer(SwitchServer {
            new_url: "https://elsewhere.example/chat".into(),
        }),
    );
    story.wait(1_000);
    story.reply_settings(json!({"buttons": [{"id": "573000000000001", "isAvailable": true}]}));
    assert!(story.changes.contains(&Change::Available(true)));
}
