//! A visitor requests a chat (Chat REST API, `ChasitorInit`).

use std::net::IpAddr;

use parlor_wire::{
    DeploymentId,
    agent::{IncomingChat, PushBody},
    event::EventBody,
    limits::{
        ANSWER_MAX_BYTES, BUTTON_OVERRIDES_MAX, DETAIL_FIELDS_MAX, LABEL_MAX_BYTES, NAME_MAX_BYTES,
        PRECHAT_DETAILS_MAX, URL_MAX_BYTES,
    },
    visitor::{ChasitorInit, ChatRequestFail, Message, SensitiveDataRules},
};
use serde_json::json;

use super::{
    Refusal, Result, UnitOfWork,
    chat_snapshot::ChatSnapshot,
    company, group_chooser, hidden_details,
    identify::{self, Vouched},
    invalid, offline_message, other_devices, queue, records, site, staff,
    unit_of_work::NewEvent,
    visitor_event::WrittenEvent,
};
use crate::{
    routing::{self, Route},
    store::row::{
        ALL_AGENTS, Agent, Button, Chat, Company, Customer, Lifecycle, Page, Session, Thread,
        ThreadDetails, ThreadStatus, WhenOffline,
    },
};

/// The most pages of a visit that are kept. Agents look at the last few.
pub(crate) const PAGES_MAX: usize = 50;

/// Creates customer, chat and thread, writes the pre-chat form as the first
/// event, and queues `ChatRequestSuccess` for the visitor and a push for the
/// agents. When nobody can take the visitor, the session gets `ChatRequestFail`
/// and is closed instead.
///
/// Does nothing when the session already has a thread: then this is the repeat
/// of a request whose answer was lost. A visitor who has an open thread, on another
/// device or on this one, goes on in it: see [`other_devices`].
///
/// `address`: from which the visitor comes, if it is known.
///
/// With a message to be left no chat is requested: see [`offline_message`], whose
/// event is returned.
///
/// # Errors
/// [`Refusal::Invalid`] for unknown ids, a bad identity token and values beyond
/// their limits; [`Refusal::Forbidden`] for a page whose origin the deployment
/// does not allow.
pub(crate) async fn init(
    work: &mut UnitOfWork<'_>,
    session: &Session,
    mut init: ChasitorInit,
    address: Option<IpAddr>,
) -> Result<WrittenEvent> {
    if session.thread_id.is_some() {
        return match &init.offline_message {
            Some(message) => offline_message::event_of(work, message).await,
            None => Ok(None),
        };
    }
    if session.closed_at.is_some() {
        return Err(Refusal::SessionGone);
    }
    check(&init)?;
    let deployment_id = DeploymentId::from(init.deployment_id.as_str());
    let deployment = work
        .tx
        .deployment(&deployment_id)
        .await?
        .ok_or_else(|| invalid("deploymentId is not known"))?;
    let organization = work.tx.organization().await?;
    if organization.is_none_or(|o| !same_id(o.id.as_ref(), &init.organization_id)) {
        return Err(invalid("organizationId is not known"));
    }
    if let Some(origin) = &session.origin
        && !site::allows_origin(&deployment, origin)
    {
        return Err(Refusal::Forbidden("this page may not use this deployment"));
    }
    let is_open = deployment.is_open(work.now);
    let rules = &deployment.settings.sensitive_data_rules;
    let post_chat_url = deployment.settings.post_chat_url.clone();
    work.redactor_for(rules)?.redact_init(&mut init);
    let vouched = identify::vouched(work, &deployment_id, init.identity_token.as_deref())?;
    if let Some(name) = vouched.as_ref().and_then(Vouched::name) {
        init.visitor_name = Some(name.clone());
    }
    let company = company::of(&init, vouched.as_ref());
    let staff = staff::load(work.tx.as_mut(), work.app).await?;
    let mut buttons = work.tx.buttons().await?;
    let is_named = |button: &Button| button.id.as_ref() == init.button_id;
    buttons.retain(|button| is_named(button) || button.deployment_id == deployment_id);
    if let Some(button) = buttons.iter().find(|button| is_named(button))
        && button.deployment_id != deployment_id
    {
        return Err(invalid("buttonId is not a button of the deployment"));
    }
    // Whom the visitor has chosen in the form comes before the page's button.
    let chosen = init.prechat_form.as_ref().and_then(group_chooser::chosen);
    let chosen = chosen.and_then(|id| group_chooser::button(&buttons, &deployment_id, id));
    if let Some(button) = chosen {
        init.button_id = button.id.to_string();
    }
    if let Some(message) = init.offline_message.take() {
        offline_message::check(&deployment.settings, &init, &message, work.now)?;
        let left = offline_message::NewMessage {
            deployment_id,
            init,
            vouched,
            company,
            message,
            address,
        };
        return offline_message::leave(work, session, left).await.map(Some);
    }
    let asked_id = init.visitor_id.as_deref();
    let recognised = identify::recognise(work, asked_id, vouched.as_ref()).await?;
    if let Some(customer) = &recognised.customer
        && let Some(thread) = identify::open_thread(work, customer).await?
    {
        let device = identify::save(work, &init, recognised, vouched).await?;
        return other_devices::join(work, session, thread, device, &init).await;
    }
    if init.continue_only {
        return fail(work, session.clone(), post_chat_url).await;
    }
    let targets = routing::targets(
        &init.button_overrides,
        init.agent_id.as_deref(),
        init.do_fallback.unwrap_or(false),
        &init.button_id,
        staff.agents(),
    );
    let mut session = session.clone();
    session.receives_queue_updates = init.receive_queue_updates;
    let is_queue_open = deployment.settings.when_offline == WhenOffline::Queue;
    let may_be_there = is_queue_open || is_open;
    let route = routing::route(&targets, &staff, &buttons, is_queue_open);
    let Some(route) = route.filter(|_| may_be_there) else {
        return fail(work, session, post_chat_url).await;
    };

    let (customer, visitor_id) = identify::save(work, &init, recognised, vouched).await?;
    let group_id = group_of(&route, &init, staff.agents(), &buttons);
    let chat = chat(work, &customer, group_id, true).await?;
    let mut thread = Thread {
        id: work.app.entropy.thread_id(),
        chat_id: chat.id.clone(),
        status: ThreadStatus::Queued,
        deployment_id: Some(deployment_id),
        button_id: route.button_id,
        group_id,
        target_agent_id: route.agent_id,
        agent_id: None,
        created_at: work.now,
        queued_at: Some(work.now),
        accepted_at: None,
        ended_at: None,
        end_reason: None,
        last_event: 0,
        private_events: 0,
        user_ids: vec![customer.id.as_ref().into()],
        seen_up_to: Default::default(),
        told_seen_up_to: None,
        unanswered_since: None,
        properties: json!({}).into(),
        tags: Vec::new(),
        details: details(work, &init, address, company).into(),
    };
    work.put_thread(&thread).await?;
    work.history_changed(&thread);
    records::attach(work, &init, &thread).await?;
    session.thread_id = Some(thread.id.clone());
    work.put_session(&session).await?;
    if let Some(form) = hidden_details::shown_form(&init) {
        let new = NewEvent::new(
            Some(customer.id.as_ref().into()),
            EventBody::FilledForm(form),
        );
        work.append_event(&mut thread, new).await?;
    }

    let place = queue::describe_place(work.tx.as_mut(), &thread, work.now).await?;
    session.queue_position = place.as_ref().map_or(0, |place| place.position);
    let success = crate::presenter::visitor::request_success(
        &thread,
        &customer,
        place.as_ref(),
        Some(visitor_id),
        post_chat_url,
    );
    work.send_to_session(&mut session, &success, &[]).await?;
    if !rules.is_empty() {
        let rules = rules.clone();
        let rules = Message::SensitiveDataRules(SensitiveDataRules { rules });
        work.send_to_session(&mut session, &rules, &[]).await?;
    }
    let chat = ChatSnapshot::load(work.tx.as_mut(), work.app, &thread.chat_id)
        .await?
        .chat(work.tx.as_mut(), &thread, None)
        .await?;
    work.push(
        thread.audience(),
        &PushBody::IncomingChat(Box::new(IncomingChat {
            chat,
            requester_id: None,
            transferred_from: None,
        })),
    )
    .await?;
    Ok(None)
}

/// No chat begins, and the session is closed.
async fn fail(
    work: &mut UnitOfWork<'_>,
    mut session: Session,
    post_chat_url: Option<String>,
) -> Result<WrittenEvent> {
    let fail = Message::ChatRequestFail(ChatRequestFail {
        reason: "Unavailable".to_owned(),
        post_chat_url,
    });
    work.send_to_session(&mut session, &fail, &[]).await?;
    work.close_session(&mut session).await?;
    Ok(None)
}

/// The access group of a new thread: that of the button where the visitor waits.
/// For a visitor who waits for one agent it is a group of the agent, if possible
/// that of the button that the page names, or of another of the deployment, whose
/// buttons these are.
fn group_of(route: &Route, init: &ChasitorInit, agents: &[Agent], buttons: &[Button]) -> i64 {
    let of_button = |button: &Button| button.group_id;
    if let Some(id) = &route.button_id {
        let button = buttons.iter().find(|button| button.id == *id);
        return button.map_or(ALL_AGENTS, of_button);
    }
    let agent = agents
        .iter()
        .find(|it| Some(&it.id) == route.agent_id.as_ref());
    let Some(agent) = agent else {
        return ALL_AGENTS;
    };
    let of_agent = |button: &&Button| agent.group_ids.contains(&button.group_id);
    let mut fitting = buttons.iter().filter(of_agent);
    let named = fitting
        .clone()
        .find(|button| button.id.as_ref() == init.button_id);
    named
        .or_else(|| fitting.next())
        .map(of_button)
        .or(agent.group_ids.first().copied())
        .unwrap_or(ALL_AGENTS)
}

/// Whether two record ids are the same. They have 15 characters, or 18 with
/// three check characters at the end.
fn same_id(known: &str, asked: &str) -> bool {
    known == asked || (asked.len() == 18 && asked.starts_with(known) && known.len() == 15)
}

/// Limits the size of everything that a client can make the server keep.
fn check(init: &ChasitorInit) -> Result<()> {
    let bounded = [
        ("visitorName", init.visitor_name.as_deref(), NAME_MAX_BYTES),
        ("userAgent", init.user_agent.as_deref(), LABEL_MAX_BYTES),
        ("language", init.language.as_deref(), NAME_MAX_BYTES),
        (
            "screenResolution",
            init.screen_resolution.as_deref(),
            NAME_MAX_BYTES,
        ),
        ("url", init.url.as_deref(), URL_MAX_BYTES),
        ("pageTitle", init.page_title.as_deref(), LABEL_MAX_BYTES),
        ("referrer", init.referrer.as_deref(), URL_MAX_BYTES),
    ];
    for (field, value, max) in bounded {
        if value.is_some_and(|v| v.len() > max) {
            return Err(invalid(format!("{field} has more than {max} bytes")));
        }
    }
    for (field, count, max) in [
        (
            "prechatDetails",
            init.prechat_details.len(),
            PRECHAT_DETAILS_MAX,
        ),
        (
            "prechatEntities",
            init.prechat_entities.len(),
            PRECHAT_DETAILS_MAX,
        ),
        (
            "buttonOverrides",
            init.button_overrides.len(),
            BUTTON_OVERRIDES_MAX,
        ),
    ] {
        if count > max {
            return Err(invalid(format!("{field} has more than {max} elements")));
        }
    }
    for (n, detail) in init.prechat_details.iter().enumerate() {
        let maps = detail.entity_field_maps.as_ref().map_or(0, Vec::len);
        let is_too_long = detail.label.len() > LABEL_MAX_BYTES
            || detail.value.len() > ANSWER_MAX_BYTES
            || detail.transcript_fields.len() > DETAIL_FIELDS_MAX
            || maps > DETAIL_FIELDS_MAX;
        if is_too_long {
            return Err(invalid(format!("prechatDetails[{n}] is too long")));
        }
    }
    for (n, entity) in init.prechat_entities.iter().enumerate() {
        let maps = entity.entity_fields_maps.as_ref().map_or(0, Vec::len);
        if maps > DETAIL_FIELDS_MAX {
            return Err(invalid(format!("prechatEntities[{n}] is too long")));
        }
    }
    records::check(init)?;
    if let Some(form) = &init.prechat_form {
        EventBody::FilledForm(form.clone())
            .validate()
            .map_err(|error| invalid(format!("prechatForm: {error}")))?;
    }
    Ok(())
}

/// The customer's one chat, created if needed; each conversation is a thread in
/// it. `begins`: a thread is about to be opened.
pub(super) async fn chat(
    work: &mut UnitOfWork<'_>,
    customer: &Customer,
    group_id: i64,
    begins: bool,
) -> Result<Chat> {
    let mut chat = work
        .tx
        .chat_of_customer(&customer.id)
        .await?
        .unwrap_or_else(|| Chat {
            id: work.app.entropy.chat_id(),
            customer_id: customer.id.clone(),
            created_at: work.now,
            last_thread_at: work.now,
            active: false,
            group_id,
            properties: json!({}),
        });
    chat.last_thread_at = work.now;
    // Who answers an open thread goes on to see the chat.
    if begins || !chat.active {
        chat.group_id = group_id;
    }
    chat.active |= begins;
    work.tx.put_chat(&chat).await?;
    Ok(chat)
}

pub(super) fn details(
    work: &UnitOfWork<'_>,
    init: &ChasitorInit,
    address: Option<IpAddr>,
    company: Option<Company>,
) -> ThreadDetails {
    let page = |url: &String| Page {
        url: url.clone(),
        title: init.page_title.clone().filter(|title| !title.is_empty()),
        opened_at: work.now.0,
    };
    ThreadDetails {
        visitor_name: init.visitor_name.clone().filter(|n| !n.is_empty()),
        user_agent: init.user_agent.clone(),
        language: init.language.clone(),
        screen_resolution: init.screen_resolution.clone(),
        prechat_details: init.prechat_details.clone(),
        address: address.map(|address| address.to_string()),
        location: address.and_then(|address| work.app.config.geolocation.locate(address)),
        pages: init.url.iter().map(page).collect(),
        referrer: init.referrer.clone(),
        lifecycle: Lifecycle {
            company,
            ..Lifecycle::default()
        },
        ..ThreadDetails::default()
    }
}
