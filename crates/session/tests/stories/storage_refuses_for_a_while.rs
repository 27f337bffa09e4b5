//! Found by the simulation: what the device had refused
//! to keep was never offered to it again, so a tab that was opened later knew
//! of no conversation.

use parlor_session::{Input, Output};
use serde_json::json;

use crate::story::Story;

#[test]
fn a_refused_save_is_repeated_when_there_is_room() {
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
fn a_refused_save_is_repeated_with_the_next_input() {
    let mut story = Story::chatting();
    story.input(Input::StorageAvailable(false));
    story.batch(2, json!([]));
    story.input(Input::Visibility(true));
    assert!(matches!(story.last.first(), Some(Output::Save(_))));
}
