//! The customer (visitor) of a thread: their id, their name, and the session
//! fields that the page sets.

use std::collections::BTreeMap;

use parlor_wire::{
    CustomerId, UserId,
    agent::{ActiveChat, CustomerSessionFieldsUpdated, PushBody},
    free::Free,
    limits::{
        ID_MAX_BYTES, JSON_DEPTH_MAX, SESSION_FIELDS_MAX, SESSION_FIELDS_MAX_BYTES, json_depth,
    },
    user::Customer,
    visitor::control::SessionFields,
};
use serde_json::{Value, json};

use super::{Refusal, Result, UnitOfWork, access, chat_snapshot::ChatSnapshot, invalid};
use crate::{
    app::App,
    store::row::{Agent, Thread},
};

/// The id of a thread's customer.
pub(super) async fn id_of(work: &mut UnitOfWork<'_>, thread: &Thread) -> Result<UserId> {
    let chat = work.tx.chat(&thread.chat_id).await?;
    let chat = chat.ok_or(Refusal::SessionGone)?;
    Ok(chat.customer_id.into())
}

/// The customer's name for the variable `customer` of system messages, if it is
/// known.
pub(super) async fn display_name(
    work: &mut UnitOfWork<'_>,
    thread: &Thread,
) -> Result<Option<String>> {
    if let Some(name) = &thread.details.0.visitor_name {
        return Ok(Some(name.clone()));
    }
    let Some(chat) = work.tx.chat(&thread.chat_id).await? else {
        return Ok(None);
    };
    let customer = work.tx.customer(&chat.customer_id).await?;
    Ok(customer
        .and_then(|customer| customer.name)
        .map(|name| name.0))
}

/// Everything that agents may know of a customer, with the details of the
/// newest conversation.
///
/// # Errors
/// [`Refusal::NotFound`] when there is no such customer or they have no chat,
/// [`Refusal::Forbidden`] when the agent may see none of their conversations.
pub(crate) async fn load(app: &App, agent: &Agent, id: &CustomerId) -> Result<Customer> {
    let mut tx = app.store.read().await?;
    let chat = tx.chat_of_customer(id).await?;
    let chat = chat.ok_or(Refusal::NotFound("customer"))?;
    let snapshot = ChatSnapshot::load_for(tx.as_mut(), app, &chat.id, agent).await?;
    let visible = |thread: &&Thread| agent.sees(thread.group_id);
    match snapshot.threads.iter().rfind(visible) {
        Some(thread) => Ok(snapshot.customer(thread)),
        None => {
            access::require(agent, chat.group_id)?;
            Err(Refusal::NotFound("customer"))
        }
    }
}

/// Sends agents everything that they may know of the customer of a thread. Who misses it
/// is told by the next listing.
pub(super) async fn push_customer(
    work: &mut UnitOfWork<'_>,
    thread: &Thread,
    action: &str,
) -> Result<()> {
    let snapshot = ChatSnapshot::load(work.tx.as_mut(), work.app, &thread.chat_id).await?;
    work.push_volatile(
        thread.audience(),
        &PushBody::Unknown {
            action: action.to_owned(),
            payload: json!({
                "chat_id": thread.chat_id,
                "thread_id": thread.id,
                "customer": snapshot.customer_as_user(thread),
            }),
        },
    )
}

/// Merges the session fields that the page sent: a key that was sent before
/// gets its new value. Agents are sent the result if it changed.
///
/// # Errors
/// [`Refusal::Invalid`] for a field that is no object of one key, and beyond
/// the limits of `parlor_wire::limits`.
pub(super) async fn update_session_fields(
    work: &mut UnitOfWork<'_>,
    thread: &mut Thread,
    SessionFields { session_fields }: SessionFields,
) -> Result<()> {
    let before = thread.details.0.session_fields.clone();
    let mut fields = before.clone();
    for (n, field) in session_fields.into_iter().enumerate() {
        let mut members = field.into_iter();
        let (Some((key, Free(value))), None) = (members.next(), members.next()) else {
            return Err(invalid(format!(
                "data: in `session_fields[{n}]`, expected an object of one key"
            )));
        };
        if key.is_empty() || key.len() > ID_MAX_BYTES {
            return Err(invalid(format!(
                "data: in `session_fields[{n}]`, expected a key of 1 to {ID_MAX_BYTES} bytes"
            )));
        }
        set_field(&mut fields, key, value);
    }
    if fields == before {
        return Ok(());
    }
    check_limits(&fields)?;
    thread.details.0.session_fields.clone_from(&fields);
    work.put_thread(thread).await?;
    let id = id_of(work, thread).await?;
    work.push(
        thread.audience(),
        &PushBody::CustomerSessionFieldsUpdated(CustomerSessionFieldsUpdated {
            id: id.as_str().into(),
            active_chat: ActiveChat {
                chat_id: thread.chat_id.clone(),
                thread_id: thread.id.clone(),
            },
            session_fields: fields,
        }),
    )
    .await
}

fn set_field(fields: &mut Vec<BTreeMap<String, Value>>, key: String, value: Value) {
    match fields.iter_mut().find(|field| field.contains_key(&key)) {
        Some(field) => {
            field.insert(key, value);
        }
        None => fields.push(BTreeMap::from([(key, value)])),
    }
}

fn check_limits(fields: &[BTreeMap<String, Value>]) -> Result<()> {
    if fields.len() > SESSION_FIELDS_MAX {
        return Err(invalid(format!(
            "session_fields: more than {SESSION_FIELDS_MAX} keys"
        )));
    }
    match serde_json::to_vec(fields) {
        Ok(json) if json_depth(&json) > JSON_DEPTH_MAX => Err(invalid(format!(
            "session_fields: more than {JSON_DEPTH_MAX} levels"
        ))),
        Ok(json) if json.len() <= SESSION_FIELDS_MAX_BYTES => Ok(()),
        _ => Err(invalid(format!(
            "session_fields: more than {SESSION_FIELDS_MAX_BYTES} bytes"
        ))),
    }
}
