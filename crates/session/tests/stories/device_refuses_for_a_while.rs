//! Found by the simulation: what the device had refused
//! to keep was never offered to it again, so a tab that was opened later knew
//! of no conversation.

use parlor_session::{Input, Output};
use serde_json::json;

use crate::story::Story;

#[test]
fn what_was_refused_is_kept_as_soon_as_there_is_room() {
    let mut story = Story::chatting();
    story.input(Input::StorageAvailable(false));
    story.input(Input::StorageAvailable(true));
    assert!(matches!(story.last.first(), Some(Output::Save(_))));
    story.input(Input::StorageAvailable(true));
    assert!(story.last.iter().all(|it| !matches!(it, Output::Save(_))));
}

/// A tab that was opened while the device refused learns that it keeps things
/// again only by asking it to.
#[test]
fn it_is_offered_again_with_whatever_happens_next() {
    let mut story = Story::chatting();
    story.input(Input::StorageAvailable(false));
    story.batch(2, json!([]));
    story.input(Input::Visibility(true));
    assert!(matches!(story.last.first(), Some(Output::Save(_))));
}
