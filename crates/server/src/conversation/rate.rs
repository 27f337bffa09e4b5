//! A visitor's rating: stored as two properties of the thread, as in the Agent
//! Chat API, and written as system messages when it changes.

use parlor_wire::{
    agent::{PropertiesUpdated, PushBody},
    event::Properties,
    limits::RATING_COMMENT_MAX_BYTES,
    visitor::control::{Rating, Score},
};
use serde_json::{Value, json};

use super::{
    Result, UnitOfWork, customer, invalid, properties::parse, visitor_event::WrittenEvent,
};
use crate::{
    presenter::visitor::system,
    store::{
        archive::ThreadRating,
        row::{Thread, Visibility},
    },
};

pub(super) const NAMESPACE: &str = "rating";
pub(super) const SCORE: &str = "score";
pub(super) const COMMENT: &str = "comment";

/// The rating of a thread.
pub(crate) fn rating_of(thread: &Thread) -> Option<ThreadRating> {
    let properties = parse(&thread.properties.0);
    match properties.value(NAMESPACE, SCORE)?.as_i64()? {
        0 => Some(ThreadRating::Bad),
        1 => Some(ThreadRating::Good),
        _ => None,
    }
}

/// What the visitor has written about the thread.
pub(crate) fn comment_of(thread: &Thread) -> Option<String> {
    let properties = parse(&thread.properties.0);
    let comment = properties.value(NAMESPACE, COMMENT)?.as_str()?;
    Some(comment.to_owned())
}

/// Stores the rating. The newest one counts; the same rating again changes
/// nothing. Returns the event that was written, if any.
///
/// # Errors
/// [`Refusal::Invalid`] for an unknown score or a comment that is too long.
pub(super) async fn rate(
    work: &mut UnitOfWork<'_>,
    thread: &mut Thread,
    rating: Rating,
) -> Result<WrittenEvent> {
    let score = match &rating.score {
        Score::Good => 1,
        Score::Bad => 0,
        Score::Other(_) => return Err(invalid("data: in `score`, expected good or bad")),
    };
    let comment = rating.comment.as_deref().map(str::trim);
    let comment = comment.filter(|comment| !comment.is_empty());
    if comment.is_some_and(|comment| comment.len() > RATING_COMMENT_MAX_BYTES) {
        return Err(invalid(format!(
            "data: `comment` is longer than {RATING_COMMENT_MAX_BYTES} bytes"
        )));
    }

    let mut all = parse(&thread.properties.0);
    let mut news = Properties::default();
    let mut set = |name: &str, value: Value| {
        let is_news = all.value(NAMESPACE, name) != Some(&value);
        if is_news {
            news.set(NAMESPACE, name, value);
        }
        is_news
    };
    let rated = set(SCORE, json!(score));
    let commented = comment.is_some_and(|comment| set(COMMENT, json!(comment)));
    if news.is_empty() {
        return Ok(None);
    }
    all.merge(news.clone());
    thread.properties = all.to_value().into();
    work.put_thread(thread).await?;
    work.push(
        thread.audience(),
        &PushBody::ThreadPropertiesUpdated(PropertiesUpdated {
            chat_id: thread.chat_id.clone(),
            thread_id: Some(thread.id.clone()),
            event_id: None,
            properties: news,
        }),
    )
    .await?;

    let name = customer::display_name(work, thread).await?;
    let name = name.iter().map(|name| ("customer", name.as_str()));
    let mut wrote = None;
    if rated {
        let score = rating.score.as_str();
        let vars: Vec<_> = name.clone().chain([("score", score)]).collect();
        let text = format!("The visitor rated the chat as {score}");
        let line = work.append_system_message(thread, system::RATED, text, &vars, Visibility::All);
        wrote = Some(line.await?);
    }
    if let Some(comment) = comment.filter(|_| commented) {
        let vars: Vec<_> = name.chain([("comment", comment)]).collect();
        let text = "The visitor commented on the chat".to_owned();
        let line =
            work.append_system_message(thread, system::COMMENTED, text, &vars, Visibility::All);
        wrote = Some(line.await?);
    }
    Ok(wrote.map(|line| (line.thread_id, line.number)))
}
