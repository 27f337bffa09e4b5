//! A conversation from its request to after its end: the transcript stays
//! where it is, and what is above and below it follows the stage.

use std::rc::Rc;

use parlor_session::{Intent, Stage};

use super::{
    Room,
    composer::composer,
    ended::{ended, failed},
    hello::start_button,
    part::{Part, of_class, switch},
    transcript::{Follows, transcript},
    waiting::waiting,
};

const COMPOSER: u32 = 0;
const ENDED: u32 = 1;
const FAILED: u32 = 2;
const START: u32 = 3;

pub(super) fn conversation(room: Room) -> Part {
    // What is over is read from its beginning.
    let follows = Rc::new(Follows::new(!room.reads.get_untracked()));
    let write = follows.clone();
    let below = switch(
        move || room.store.stage.with(foot),
        move |foot| {
            Some(match foot {
                ENDED => ended(room),
                FAILED => failed(room),
                START => start(room, write.clone()),
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
        Stage::Hello => START,
        _ => COMPOSER,
    }
}

/// Below earlier conversations, before there is a new one.
fn start(room: Room, follows: Rc<Follows>) -> Part {
    let begin = move || {
        follows.set(true);
        room.say(Intent::StartConversation);
        room.reads.set(false);
        room.ask_for_focus();
    };
    of_class("div", "earlier-start")
        .child(start_button(room, begin))
        .into()
}
