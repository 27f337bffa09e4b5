//! POSTs of a session: carried out once by their numbers, and a repeat is
//! answered like the first time (`docs/PROTOCOL.md`, 2.4 and 2.9).

use std::sync::Arc;

use axum::{
    Extension,
    body::Bytes,
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue},
    response::{IntoResponse, Response},
};
use parlor_wire::{
    ThreadId,
    limits::MULTI_NOUN_MAX,
    visitor::{MultiNoun, header},
};
use sha2::{Digest, Sha256};

use super::{
    error::Result,
    headers::{Affinity, ApiVersion, Caller, Sequence, caller},
    nouns::{Noun, read},
};
use crate::{
    app::App,
    conversation::{self, UnitOfWork, invalid, session},
    delivery::{self, Verdict},
    http::{limits::ClientAddress, openapi::answers::PostOfSession},
    presenter::event_id,
    store::row::{Event, Session},
};

pub(super) async fn chasitor(
    noun: Noun,
    State(app): State<Arc<App>>,
    address: Option<Extension<ClientAddress>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response> {
    let caller = caller(&headers)?.at(address);
    run_one(&app, caller, noun, &body).await
}

/// Carries out one POST.
pub(super) async fn run_one(
    app: &App,
    caller: Caller,
    noun: Noun,
    body: &[u8],
) -> Result<Response> {
    if noun.is_volatile() {
        return run_volatile(app, caller, noun, body).await;
    }
    let digest = digest(noun.name(), body);
    let nouns = vec![(noun, body.to_vec())];
    run(app, caller, digest, nouns).await
}

/// Carries out a POST that writes nothing. Its number is not recorded: a repeat
/// is carried out again, unless a later POST has come before it.
async fn run_volatile(app: &App, caller: Caller, noun: Noun, body: &[u8]) -> Result<Response> {
    let session = session::authenticate_live(app, &caller.credentials).await?;
    let is_late = caller.post_number.is_some_and(|number| {
        number > 0 && number <= session.post_number && !session.post_number_may_restart
    });
    if !is_late {
        let mut work = UnitOfWork::begin_read(app).await?;
        noun.run(&mut work, &session, body, caller.address).await?;
        work.commit().await?;
    }
    Ok(ok_response(&session, None))
}

/// Several POSTs under one number, all or none of them.
#[utoipa::path(
    post,
    path = "/System/MultiNoun",
    operation_id = "MultiNoun",
    tag = "visitor",
    params(ApiVersion, Affinity, Sequence),
    request_body(
        content = MultiNoun,
        examples(("two" = (value = json!({ "nouns": [
            { "prefix": "Chasitor", "noun": "ChatMessage", "object": { "text": "Hello" } },
            { "prefix": "Chasitor", "noun": "ChasitorNotTyping", "object": {} },
        ] })))),
    ),
    responses(PostOfSession),
    security(("SessionKey" = [])),
)]
pub(super) async fn multi_noun(
    State(app): State<Arc<App>>,
    address: Option<Extension<ClientAddress>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response> {
    let caller = caller(&headers)?.at(address);
    let request: MultiNoun = read(&body)?;
    if request.nouns.len() > MULTI_NOUN_MAX {
        return Err(invalid(format!("nouns has more than {MULTI_NOUN_MAX} elements")).into());
    }
    let mut nouns = Vec::with_capacity(request.nouns.len());
    for (n, element) in request.nouns.iter().enumerate() {
        let noun = Noun::parse(&element.prefix, &element.noun)
            .ok_or_else(|| invalid(format!("nouns[{n}]: there is no such resource")))?;
        let object = element
            .body()
            .map_err(|error| invalid(format!("nouns[{n}].object: {error}")))?;
        nouns.push((noun, object.to_string().into_bytes()));
    }
    run(&app, caller, digest("MultiNoun", &body), nouns).await
}

fn digest(resource: &str, body: &[u8]) -> String {
    let mut text = resource.as_bytes().to_vec();
    text.push(0);
    text.extend_from_slice(body);
    hex::encode(Sha256::digest(&text))
}

async fn run(
    app: &App,
    caller: Caller,
    digest: String,
    nouns: Vec<(Noun, Vec<u8>)>,
) -> Result<Response> {
    let mut work = UnitOfWork::begin(app).await?;
    let mut session = session::authenticate(&mut work, &caller.credentials).await?;
    let stored = session.clone();
    let begins = nouns
        .first()
        .is_some_and(|(noun, _)| *noun == Noun::ChasitorResyncState);
    let verdict = delivery::check_post(
        work.tx.as_mut(),
        &mut session,
        caller.post_number,
        &digest,
        begins,
    )
    .await?;
    let event = match verdict {
        Verdict::Repeat(event) => event,
        Verdict::New => {
            if session != stored {
                work.put_session(&session).await?;
            }
            let mut event = None;
            for (index, (noun, body)) in nouns.into_iter().enumerate() {
                if index > 0 {
                    // Each POST must see what the one before did to the session.
                    session = session::authenticate(&mut work, &caller.credentials).await?;
                }
                let written = noun.run(&mut work, &session, &body, caller.address).await?;
                event = written.or(event);
            }
            session = session::authenticate(&mut work, &caller.credentials).await?;
            delivery::record_post(
                work.tx.as_mut(),
                &mut session,
                caller.post_number,
                digest,
                event.clone(),
            )
            .await?;
            event
        }
    };
    work.put_session(&session).await?;
    let event = load_event(&mut work, event).await?;
    work.commit().await?;
    Ok(ok_response(&session, event.as_ref()))
}

async fn load_event(
    work: &mut UnitOfWork<'_>,
    event: Option<(ThreadId, i64)>,
) -> conversation::Result<Option<Event>> {
    match event {
        Some((thread, number)) => Ok(work.tx.event(&thread, number).await?),
        None => Ok(None),
    }
}

/// Responds with the text `OK`, which clients compare; everything else goes
/// into headers.
pub(super) fn ok_response(session: &Session, event: Option<&Event>) -> Response {
    let mut response = "OK".into_response();
    let headers = response.headers_mut();
    insert_header(headers, header::LATEST_OFFSET, session.position.to_string());
    if let Some(event) = event {
        let position = event.visible_number();
        insert_header(headers, header::EVENT_ID, event_id(event).to_string());
        insert_header(headers, header::POSITION, position.to_string());
        insert_header(headers, header::CREATED_AT, event.created_at.to_rfc3339());
    }
    response
}

pub(super) fn insert_header(headers: &mut HeaderMap, name: &'static str, value: String) {
    if let Ok(value) = HeaderValue::from_str(&value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}
