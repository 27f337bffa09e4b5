//! A callback that a visitor asks for: a message that is left to be answered at a
//! time that suits them, by phone or in the chat (`docs/PROTOCOL.md`, 5, Callbacks).
//! Where it is kept, and that it arrives once, is in [`offline_message`].

use std::time::Duration;

use parlor_wire::{
    Callback, CallbackType, TimeWindow,
    agent::{CallbackOutcome as Outcome, UpdateOfflineMessage},
    event::{Form, FormOption, looks_like_phone},
    limits::{CALLBACK_TIMES_MAX, NAME_MAX_BYTES},
    visitor::CallbackOffer,
};

use super::{Result, UnitOfWork, invalid, offline_message};
use crate::{
    clock::Timestamp,
    presenter::visitor::system,
    store::row::{
        Agent, CallbackOutcome, Deployment, DeploymentSettings, OfflineMessage, Thread, Visibility,
    },
};

/// The most times that a form offers: those of some days.
const TIMES_OFFERED: usize = 12;

/// How far ahead a callback can be due. What is later is forgotten on both sides.
const AHEAD_MAX: Duration = Duration::from_hours(24 * 60);

/// A time may be over when a request arrives that was made without a connection.
const LATE_MAX: Duration = Duration::from_hours(24);

/// When somebody who was not reached is called again, if they have named no time.
const AGAIN_AFTER: Duration = Duration::from_hours(1);

/// Where visitors can ask for a callback, and by which form.
pub(crate) fn offer(deployment: &Deployment, now: Timestamp) -> Option<CallbackOffer> {
    let settings = &deployment.settings;
    let policy = settings.callback.as_ref()?;
    let types: Vec<CallbackType> = [
        (policy.phone, CallbackType::Phone),
        (policy.chat, CallbackType::Chat),
    ]
    .into_iter()
    .filter_map(|(is_offered, kind)| is_offered.then_some(kind))
    .collect();
    let hours = settings.working_hours.as_ref();
    let windows = hours.map(|hours| hours.windows(now, TIMES_OFFERED));
    let option = |(start, end, label): (Timestamp, Timestamp, String)| FormOption {
        id: format!("{}/{}", start.to_rfc3339(), end.to_rfc3339())
            .as_str()
            .into(),
        label,
        group_id: None,
    };
    let times = windows.into_iter().flatten().map(option).collect();
    Some(CallbackOffer {
        form: Form::for_callback(settings.prechat.as_ref(), &types, times),
        hello: policy.hello,
        waiting: policy.waiting,
        offline: policy.offline,
    })
}

/// Checks what is asked for.
///
/// # Errors
/// [`super::Refusal::Invalid`] where the deployment offers no callbacks of this
/// type, for a number that is none, and for times that make no sense.
pub(super) fn check(
    settings: &DeploymentSettings,
    callback: &Callback,
    now: Timestamp,
) -> Result<()> {
    let offered = settings.callback.as_ref();
    let is_offered = offered.is_some_and(|policy| match callback.kind {
        CallbackType::Phone => policy.phone,
        CallbackType::Chat => policy.chat,
        CallbackType::Other(_) => false,
    });
    if !is_offered {
        return Err(invalid("callback.type is not one that is offered"));
    }
    match (&callback.kind, callback.phone.as_deref()) {
        (CallbackType::Phone, None) => return Err(invalid("callback.phone is missing")),
        (_, Some(phone)) if phone.len() > NAME_MAX_BYTES || !looks_like_phone(phone) => {
            return Err(invalid("callback.phone is not a phone number"));
        }
        _ => {}
    }
    if callback.preferred_time.len() > CALLBACK_TIMES_MAX {
        return Err(invalid(format!(
            "callback.preferredTime: expected at most {CALLBACK_TIMES_MAX}"
        )));
    }
    for (place, window) in callback.preferred_time.iter().enumerate() {
        let wrong = |why| invalid(format!("callback.preferredTime[{place}]: {why}"));
        let (start, end) = times_of(window).ok_or_else(|| wrong("expected RFC 3339 times"))?;
        if end <= start {
            return Err(wrong("it ends before it begins"));
        }
        if end < now.minus(LATE_MAX) {
            return Err(wrong("it is over"));
        }
        if start > now.plus(AHEAD_MAX) {
            return Err(wrong("it is more than 60 days ahead"));
        }
    }
    Ok(())
}

fn times_of(window: &TimeWindow) -> Option<(Timestamp, Timestamp)> {
    Some((
        Timestamp::parse(&window.start)?,
        Timestamp::parse(&window.end)?,
    ))
}

/// The first of the times that is not over; `None` where none was named.
pub(super) fn next_time(callback: &Callback, now: Timestamp) -> Option<Timestamp> {
    let times = callback.preferred_time.iter().filter_map(times_of);
    let times = times.filter(|(_, end)| *end > now);
    Some(times.map(|(start, _)| start).min()?.max(now))
}

/// Marks a callback as done or missed, or puts it on the list again, and says so
/// in its thread. The same again changes nothing.
///
/// # Errors
/// [`super::Refusal::Invalid`] for a time that makes no sense.
pub(crate) async fn update(
    work: &mut UnitOfWork<'_>,
    agent: &Agent,
    thread: &mut Thread,
    mut row: OfflineMessage,
    request: &UpdateOfflineMessage,
) -> Result<()> {
    let before = row.clone();
    row.is_open = request.is_open;
    row.outcome = match (&request.outcome, request.is_open) {
        (_, true) => None,
        (Some(Outcome::Missed), false) => Some(CallbackOutcome::Missed),
        (Some(Outcome::Done) | None, false) => Some(CallbackOutcome::Done),
        (Some(Outcome::Other(_)), false) => {
            return Err(invalid("outcome: expected done or missed"));
        }
    };
    if let Some(due_at) = &request.due_at {
        let due_at = Timestamp::parse(due_at).filter(|due_at| {
            (work.now.minus(LATE_MAX)..=work.now.plus(AHEAD_MAX)).contains(due_at)
        });
        row.due_at = due_at.ok_or_else(|| invalid("due_at: expected a time within 60 days"))?;
    } else if row.is_open && !before.is_open {
        let callback = row.callback.as_ref();
        let next = callback.and_then(|callback| next_time(&callback.0, work.now));
        row.due_at = match next.filter(|next| *next > work.now) {
            Some(next) => next,
            None => work.now.plus(AGAIN_AFTER),
        };
    }
    if row == before {
        return Ok(());
    }
    let (kind, what) = match row.outcome {
        Some(CallbackOutcome::Done) => (system::CALLBACK_DONE, "has called back"),
        Some(CallbackOutcome::Missed) => {
            (system::CALLBACK_MISSED, "has called, and reached nobody")
        }
        None => (
            system::CALLBACK_AGAIN,
            "wants this callback to be made again",
        ),
    };
    let text = format!("{} {what}", agent.name);
    let vars = [("agent", agent.name.as_str())];
    work.append_system_message(thread, kind, text, &vars, Visibility::Agents)
        .await?;
    offline_message::put(work, thread, &row).await
}
