//! The wait for an agent: the place in line and the time to go, as long as
//! there is something true to say about them. Never a zero.

use leptos::prelude::*;
use parlor_session::{Millis, Stage};

use super::{
    Room,
    part::{Part, live, part, words},
};

const MINUTE: Millis = 60_000;

pub(super) fn waiting(room: Room) -> Part {
    let waits = Memo::new(move |_| {
        room.store.stage.with(|stage| {
            matches!(
                stage,
                Stage::Starting | Stage::Resuming | Stage::Waiting { .. }
            )
        })
    });
    let headline = words(move || {
        room.store.stage.with(|stage| match stage {
            Stage::Resuming => room.text.resuming.to_owned(),
            Stage::Waiting { position, .. } => (room.text.in_line)(*position),
            _ => room.text.starting.to_owned(),
        })
    });
    let time = words(move || time_to_go(room).unwrap_or_default());
    let hint = words(move || {
        room.store.stage.with(|stage| match stage {
            Stage::Waiting { .. } => room.text.write_meanwhile.to_owned(),
            _ => String::new(),
        })
    });
    live(move || {
        waits.get().then(|| {
            part(view! {
                <section class="waiting" role="status">
                    <span class="waiting-pulse" aria-hidden="true"></span>
                    <div class="waiting-words">
                        <p class="waiting-headline">{headline}</p>
                        <p class="waiting-time">{time}</p>
                        <p class="waiting-hint">{hint}</p>
                    </div>
                </section>
            })
        })
    })
}

fn time_to_go(room: Room) -> Option<String> {
    let served_at = room.store.stage.with(|stage| match stage {
        Stage::Waiting { served_at, .. } => *served_at,
        _ => None,
    })?;
    Some(match served_at.saturating_sub(room.store.now.get()) {
        0 => room.text.any_moment.to_owned(),
        left => (room.text.about_minutes)(left.div_ceil(MINUTE)),
    })
}
