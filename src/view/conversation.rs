//! A conversation from its request to after its end: the transcript stays
//! where it is, and what is above and below it follows the stage.

use leptos::prelude::*;
use parlor_session::Stage;

use super::{
    Room,
    composer::composer,
    ended::{ended, failed},
    part::{Part, live, part},
    transcript::transcript,
    waiting::waiting,
};

/// What is below the transcript.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Foot {
    Composer,
    Ended,
    Failed,
}

pub(super) fn conversation(room: Room) -> Part {
    let stage = room.store.stage;
    let foot = Memo::new(move |_| {
        stage.with(|stage| match stage {
            Stage::Ended(_) => Foot::Ended,
            Stage::Failed(_) => Foot::Failed,
            _ => Foot::Composer,
        })
    });
    let follows = RwSignal::new(true);
    let below = live(move || {
        Some(match foot.get() {
            Foot::Composer => composer(room, follows),
            Foot::Ended => ended(room),
            Foot::Failed => failed(room),
        })
    });
    part((waiting(room), transcript(room, follows), below))
}
