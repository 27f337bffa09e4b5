//! A conversation from its request to after its end: the transcript stays
//! where it is, and what is above and below it follows the stage.

use std::rc::Rc;

use parlor_session::Stage;

use super::{
    Room,
    composer::composer,
    ended::{ended, failed},
    part::{Part, of_class, switch},
    transcript::{Follows, transcript},
    waiting::waiting,
};

const COMPOSER: u32 = 0;
const ENDED: u32 = 1;
const FAILED: u32 = 2;

pub(super) fn conversation(room: Room) -> Part {
    let follows = Rc::new(Follows::new(true));
    let write = follows.clone();
    let below = switch(
        move || room.store.stage.with(foot),
        move |foot| {
            Some(match foot {
                ENDED => ended(room),
                FAILED => failed(room),
                _ => composer(room, write.clone()),
            })
        },
    );
    of_class("div", "conversation")
        .child(waiting(room))
        .child(transcript(room, follows))
        .child(below)
        .into()
}

/// What is below the transcript.
fn foot(stage: &Stage) -> u32 {
    match stage {
        Stage::Ended(_) => ENDED,
        Stage::Failed(_) => FAILED,
        _ => COMPOSER,
    }
}
