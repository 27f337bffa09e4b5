//! "End chat": what is written goes first, and one more poll says goodbye.

use parlor_session::{EndedBy, Intent, Request, Stage};
use serde_json::json;

use crate::story::{Story, is_poll};

#[test]
fn the_last_words_go_before_the_end() {
    let mut story = Story::chatting();
    story.send("Goodbye");
    story.want(Intent::EndChat);
    assert!(matches!(
        story.open.last().unwrap().request,
        Request::Message(_)
    ));
    story.posted(2);
    assert!(matches!(
        story.open.last().unwrap().request,
        Request::ChatEnd(_)
    ));
    story.posted(0);
    assert!(is_poll(&story.open[0].request), "the last poll");
    story.batch(
        2,
        json!([{"type": "ChatEnded", "message": {"reason": "client", "attachedRecords": []}}]),
    );
    assert_eq!(story.stage, Stage::Ended(EndedBy::Visitor));
    assert!(story.is_at_rest());
    assert_eq!(story.saved.as_ref().unwrap().session, None);
    assert_eq!(
        story.saved.as_ref().unwrap().visitor_id.as_deref(),
        Some("v")
    );

    story.want(Intent::StartAgain);
    assert_eq!(story.stage, Stage::Starting);
    assert!(story.lines.is_empty());
}
