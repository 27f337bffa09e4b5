//! What back-office programs change in the archive (Chats API): messages that they
//! leave, and what they note about conversations.

use parlor_wire::{
    CustomId, ThreadId, UserId,
    agent::{PropertiesUpdated, PushBody, ThreadTag},
    archive::{ArchivedRating, ChatUpdate, NewOfflineMessage, NewSession, NewVisitor},
    event::{EventBody, Message, Properties},
    limits::{MESSAGE_TEXT_MAX_BYTES, NAME_MAX_BYTES, RATING_COMMENT_MAX_BYTES, URL_MAX_BYTES},
};
use serde_json::{Value, json};

use super::{
    Refusal, Result, UnitOfWork, init, invalid, offline_message, properties::parse, rate, tags,
    unit_of_work::NewEvent,
};
use crate::{
    clock::Timestamp,
    private::Private,
    store::row::{
        ALL_AGENTS, Customer, Location, OfflineMessage, Thread, ThreadDetails, ThreadStatus,
    },
};

/// The longest note about a visitor: some pages.
const NOTES_MAX_BYTES: usize = 16 * 1024;

/// A conversation that is over.
///
/// # Errors
/// [`Refusal::NotFound`] when there is none with this id.
pub(crate) async fn archived_thread(work: &mut UnitOfWork<'_>, id: &ThreadId) -> Result<Thread> {
    let thread = work.tx.thread(id).await?;
    thread
        .filter(|thread| thread.status == ThreadStatus::Ended)
        .ok_or(Refusal::NotFound("chat"))
}

/// Writes what a program says of a conversation. What it leaves away stays.
///
/// # Errors
/// [`Refusal::NotFound`] when there is none with this id, [`Refusal::Invalid`] for what is
/// too long.
pub(crate) async fn update(
    work: &mut UnitOfWork<'_>,
    id: &ThreadId,
    update: &ChatUpdate,
) -> Result<()> {
    let mut thread = archived_thread(work, id).await?;
    let before = thread.clone();
    for (name, text, max) in [
        ("comment", &update.comment, RATING_COMMENT_MAX_BYTES),
        ("visitor.name", &update.name, NAME_MAX_BYTES),
        ("visitor.email", &update.email, NAME_MAX_BYTES),
        ("visitor.phone", &update.phone, NAME_MAX_BYTES),
        ("visitor.notes", &update.notes, NOTES_MAX_BYTES),
    ] {
        check_length(name, text.as_deref(), max)?;
    }
    if let Some(is_unread) = update.unread {
        thread.details.0.is_unread = Some(is_unread);
    }
    if let Some(tags) = &update.tags {
        thread.tags = tags::distinct("tags", tags.clone())?;
    }
    let news = rating(&thread, update);
    if !news.is_empty() {
        let mut all = parse(&thread.properties.0);
        all.merge(news.clone());
        thread.properties = all.to_value().into();
    }
    if update.name.is_some() {
        thread.details.0.visitor_name.clone_from(&update.name);
    }
    if thread != before {
        work.put_thread(&thread).await?;
    }
    update_customer(work, &thread, update).await?;
    tell_agents(work, &before, &thread, news).await
}

/// The properties of the rating that are different.
fn rating(thread: &Thread, update: &ChatUpdate) -> Properties {
    let all = parse(&thread.properties.0);
    let mut news = Properties::default();
    let score = update.rating.map(|rating| match rating {
        ArchivedRating::Good => json!(1),
        ArchivedRating::Bad => json!(0),
    });
    let comment = update.comment.as_ref().map(|comment| json!(comment));
    for (name, value) in [(rate::SCORE, score), (rate::COMMENT, comment)] {
        if let Some(value) = value.filter(|it| all.value(rate::NAMESPACE, name) != Some(it)) {
            news.set(rate::NAMESPACE, name, value);
        }
    }
    news
}

async fn update_customer(
    work: &mut UnitOfWork<'_>,
    thread: &Thread,
    update: &ChatUpdate,
) -> Result<()> {
    let Some(chat) = work.tx.chat(&thread.chat_id).await? else {
        return Ok(());
    };
    let Some(before) = work.tx.customer(&chat.customer_id).await? else {
        return Ok(());
    };
    let new = |text: &Option<String>, known: &Option<Private<String>>| match text {
        Some(text) => (!text.is_empty()).then(|| Private(text.clone())),
        None => known.clone(),
    };
    let customer = Customer {
        name: new(&update.name, &before.name),
        email: new(&update.email, &before.email),
        phone: new(&update.phone, &before.phone),
        notes: new(&update.notes, &before.notes),
        // Nobody has vouched for another address.
        email_verified: before.email_verified && update.email.is_none(),
        ..before.clone()
    };
    if customer != before {
        work.tx.put_customer(&customer).await?;
        work.archive_changed(&thread.id);
    }
    Ok(())
}

async fn tell_agents(
    work: &mut UnitOfWork<'_>,
    before: &Thread,
    thread: &Thread,
    news: Properties,
) -> Result<()> {
    let mut pushes = Vec::new();
    if !news.is_empty() {
        pushes.push(PushBody::ThreadPropertiesUpdated(PropertiesUpdated {
            chat_id: thread.chat_id.clone(),
            thread_id: Some(thread.id.clone()),
            event_id: None,
            properties: news,
        }));
    }
    let named = |tag: &String| ThreadTag {
        chat_id: thread.chat_id.clone(),
        thread_id: thread.id.clone(),
        tag: tag.clone(),
    };
    let added = thread.tags.iter().filter(|tag| !before.tags.contains(tag));
    pushes.extend(added.map(|tag| PushBody::ThreadTagged(named(tag))));
    let removed = before.tags.iter().filter(|tag| !thread.tags.contains(tag));
    pushes.extend(removed.map(|tag| PushBody::ThreadUntagged(named(tag))));
    for push in pushes {
        work.push(thread.audience(), &push).await?;
    }
    Ok(())
}

/// Leaves a message as a program hands it over. Agents find it among the messages that
/// visitors have left.
///
/// # Errors
/// [`Refusal::Invalid`] for what is missing or too long.
pub(crate) async fn create(work: &mut UnitOfWork<'_>, new: NewOfflineMessage) -> Result<ThreadId> {
    if new
        .kind
        .as_deref()
        .is_some_and(|kind| kind != "offline_msg")
    {
        return Err(invalid("type: only an offline_msg can be created"));
    }
    if new.message.trim().is_empty() || new.message.len() > MESSAGE_TEXT_MAX_BYTES {
        return Err(invalid(format!(
            "message: expected 1 to {MESSAGE_TEXT_MAX_BYTES} bytes"
        )));
    }
    let left_at = match &new.timestamp {
        None | Some(Value::Null) => work.now,
        Some(value) => read_time(value).ok_or_else(|| {
            invalid("timestamp: expected seconds since 1970, or a time as 2014-10-09T05:28:35Z")
        })?,
    };
    // Nothing is left in the future.
    let left_at = left_at.min(work.now);
    let group_id = new.department_id.unwrap_or(ALL_AGENTS);
    if group_id != ALL_AGENTS && !work.tx.groups().await?.iter().any(|it| it.id == group_id) {
        return Err(invalid("department_id: there is no such department"));
    }
    let customer = customer(work, &new.visitor).await?;
    let chat = init::chat(work, &customer, group_id, false).await?;
    let author = UserId::from(customer.id.as_ref());
    let mut thread = Thread {
        id: work.app.entropy.thread_id(),
        chat_id: chat.id.clone(),
        status: ThreadStatus::Ended,
        deployment_id: None,
        button_id: None,
        group_id,
        target_agent_id: None,
        agent_id: None,
        created_at: left_at,
        queued_at: None,
        accepted_at: None,
        ended_at: Some(left_at),
        end_reason: None,
        last_event: 0,
        private_events: 0,
        user_ids: vec![author.clone()],
        seen_up_to: Default::default(),
        told_seen_up_to: None,
        unanswered_since: None,
        properties: json!({}).into(),
        tags: Vec::new(),
        details: details(&new)?.into(),
    };
    work.put_thread(&thread).await?;
    let message = EventBody::Message(Message {
        text: new.message,
        postback: None,
    });
    let event = NewEvent::new(Some(author), message);
    work.append_new_event(&mut thread, event).await?;
    let row = OfflineMessage {
        thread_id: thread.id.clone(),
        chat_id: chat.id,
        custom_id: CustomId::from(thread.id.as_str()),
        created_at: left_at,
        is_open: true,
        due_at: left_at,
        callback: None,
        outcome: None,
    };
    offline_message::put(work, &thread, &row).await?;
    Ok(thread.id)
}

/// Seconds, or RFC 3339.
fn read_time(value: &Value) -> Option<Timestamp> {
    match value {
        Value::String(text) => Timestamp::parse(text),
        Value::Number(seconds) => seconds.as_i64()?.checked_mul(1_000_000).map(Timestamp),
        _ => None,
    }
    .filter(|at| at.0 >= 0)
}

/// The visitor with this id, or a new one.
async fn customer(work: &mut UnitOfWork<'_>, visitor: &NewVisitor) -> Result<Customer> {
    for (name, text, max) in [
        ("visitor.name", &visitor.name, NAME_MAX_BYTES),
        ("visitor.email", &visitor.email, NAME_MAX_BYTES),
        ("visitor.phone", &visitor.phone, NAME_MAX_BYTES),
        ("visitor.notes", &visitor.notes, NOTES_MAX_BYTES),
    ] {
        check_length(name, text.as_deref(), max)?;
    }
    let known = match &visitor.id {
        Some(id) => work.tx.customer(&id.as_str().into()).await?,
        None => None,
    };
    let before = known.unwrap_or_else(|| Customer {
        id: work.app.entropy.customer_id(),
        visitor_hash: None,
        name: None,
        email: None,
        email_verified: false,
        phone: None,
        notes: None,
        identity_hash: None,
        created_at: work.now,
    });
    let given = |text: &Option<String>, known: Option<Private<String>>| {
        let text = text.as_ref().filter(|text| !text.is_empty());
        text.map(|text| Private(text.clone())).or(known)
    };
    let customer = Customer {
        name: given(&visitor.name, before.name),
        email: given(&visitor.email, before.email),
        phone: given(&visitor.phone, before.phone),
        notes: given(&visitor.notes, before.notes),
        ..before
    };
    work.tx.put_customer(&customer).await?;
    Ok(customer)
}

fn details(new: &NewOfflineMessage) -> Result<ThreadDetails> {
    let NewSession {
        user_agent,
        ip,
        country_code,
        country_name,
        region,
        city,
    } = new.session.clone().unwrap_or_default();
    for (name, text) in [
        ("session.user_agent", &user_agent),
        ("session.ip", &ip),
        ("session.country_code", &country_code),
        ("session.country_name", &country_name),
        ("session.region", &region),
        ("session.city", &city),
    ] {
        check_length(name, text.as_deref(), URL_MAX_BYTES)?;
    }
    let location = Location {
        country_code,
        country: country_name,
        region,
        city,
        ..Location::default()
    };
    Ok(ThreadDetails {
        visitor_name: new.visitor.name.clone().filter(|name| !name.is_empty()),
        user_agent,
        address: ip,
        location: (location != Location::default()).then_some(location),
        ..ThreadDetails::default()
    })
}

fn check_length(name: &str, text: Option<&str>, max: usize) -> Result<()> {
    match text {
        Some(text) if text.len() > max => Err(invalid(format!("{name}: longer than {max} bytes"))),
        _ => Ok(()),
    }
}
