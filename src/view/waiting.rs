//! The wait for an agent: the place in line and the time to go, as long as
//! there is something true to say about them. Never a zero.

use parlor_session::{Millis, Stage};

use super::{
    Room,
    part::{Part, of_class, switch},
};

const MINUTE: Millis = 60_000;

pub(super) fn waiting(room: Room) -> Part {
    switch(
        move || room.store.stage.with(|stage| u32::from(waits(stage))),
        move |waits| (waits > 0).then(|| panel(room)),
    )
}

fn waits(stage: &Stage) -> bool {
    matches!(
        stage,
        Stage::Starting | Stage::Resuming | Stage::Waiting { .. }
    )
}

fn panel(room: Room) -> Part {
    let headline = move || {
        room.store.stage.with(|stage| match stage {
            Stage::Resuming => room.text.resuming().to_owned(),
            Stage::Waiting { position, .. } => room.text.in_line(*position),
            _ => room.text.starting().to_owned(),
        })
    };
    let hint = move || {
        room.store.stage.with(|stage| match stage {
            Stage::Waiting { .. } => room.text.write_meanwhile().to_owned(),
            _ => String::new(),
        })
    };
    let words = of_class("div", "waiting-words")
        .child(of_class("p", "waiting-headline").words(headline))
        .child(of_class("p", "waiting-time").words(move || time_to_go(room).unwrap_or_default()))
        .child(of_class("p", "waiting-hint").words(hint));
    of_class("section", "waiting")
        .attr("role", "status")
        .child(of_class("span", "waiting-pulse").attr("aria-hidden", "true"))
        .child(words)
        .into()
}

fn time_to_go(room: Room) -> Option<String> {
    let served_at = room.store.stage.with(|stage| match stage {
        Stage::Waiting { served_at, .. } => *served_at,
        _ => None,
    })?;
    Some(match served_at.saturating_sub(room.store.now.get()) {
        0 => room.text.any_moment().to_owned(),
        left => room.text.about_minutes(left.div_ceil(MINUTE)),
    })
}
