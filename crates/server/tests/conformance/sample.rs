//! Sample rows. Every optional field is set, so that a column that is not
//! stored is noticed.

use std::collections::{BTreeMap, BTreeSet};

use parlor_server::{
    clock::Timestamp,
    private::Private,
    store::{Store, Tx, row::*},
    working_hours::{Hours, WorkingHours},
};
use parlor_wire::{
    agent::{CannedResponse, Template},
    id::UserId,
    visitor::{CustomDetail, SensitiveDataRule},
};
use serde_json::json;

/// Seconds since the 1st of January 2026.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp(1_767_225_600_000_000 + seconds * 1_000_000)
}

pub(crate) fn organization() -> Organization {
    Organization {
        id: "00D000000000001".into(),
        name: "Shop".to_owned(),
        switch_url: Some("https://other.example/chat".to_owned()),
    }
}

pub(crate) fn deployment(id: &str) -> Deployment {
    Deployment {
        id: id.into(),
        name: "The shop's pages".to_owned(),
        allowed_origins: vec!["https://shop.example".to_owned()],
        settings: DeploymentSettings {
            idle_timeout: Some(IdleTimeout {
                warning_s: 60,
                timeout_s: 90,
            }),
            retention: RetentionPolicy {
                chats_days: Some(365),
                files_days: Some(90),
                pages_days: Some(30),
                addresses_days: Some(7),
            },
            silence: SilenceAllowed {
                waiting_s: 120,
                chatting_s: 3_600,
            },
            team_name: "Ada's team".to_owned(),
            greeting: "Hello ☺".to_owned(),
            accent_color: Some("#0a7cff".to_owned()),
            prechat: serde_json::from_value(json!({
                "form_id": "prechat",
                "form_type": "prechat",
                "fields": [{"type": "name", "id": "1", "label": "Name", "required": true}],
            }))
            .unwrap(),
            sneak_peek_enabled: true,
            postchat: serde_json::from_value(json!({
                "form_id": "postchat",
                "fields": [{"type": "question", "id": "1", "label": "And now?"}],
            }))
            .unwrap(),
            forms: vec![template(
                "form",
                json!({
                    "type": "form",
                    "form_id": "order",
                    "fields": [{"type": "question", "id": "1", "label": "Number"}],
                }),
            )],
            canned_responses: vec![CannedResponse {
                shortcut: "hi".to_owned(),
                text: "Hello there".to_owned(),
            }],
            rich_messages: vec![template(
                "sticker",
                json!({
                    "type": "rich_message",
                    "template_id": "sticker",
                    "elements": [{"image": {"url": "https://shop.example/s.png"}}],
                }),
            )],
            files: FilePolicy {
                max_bytes: 5,
                types: vec!["image/png".to_owned()],
            },
            markdown: true,
            asks_rating: true,
            sensitive_data_rules: vec![SensitiveDataRule {
                pattern: "[0-9]{16}".to_owned(),
                action_type: "Remove".to_owned(),
                ..SensitiveDataRule::default()
            }],
            history_days: Some(30),
            image_origins: Some(vec!["https://cdn.example".to_owned()]),
            when_offline: WhenOffline::Queue,
            callback: Some(CallbackPolicy {
                hello: true,
                ..CallbackPolicy::default()
            }),
            working_hours: Some(WorkingHours {
                time_zone: "Europe/Berlin".to_owned(),
                days: std::array::from_fn(|_| {
                    vec![Hours {
                        from: 540,
                        to: 1_050,
                    }]
                }),
                holidays: ["12-25".to_owned()].into(),
            }),
            post_chat_url: Some("https://shop.example/thanks".to_owned()),
            content_server_url: Some("https://shop.example/content".to_owned()),
            button_urls: BTreeMap::from([(
                "573a".into(),
                ButtonUrls {
                    prechat: Some("https://shop.example/before".to_owned()),
                    endpoint: Some("https://shop.example/window".to_owned()),
                },
            )]),
        },
    }
}

fn template(name: &str, event: serde_json::Value) -> Template {
    Template {
        name: name.to_owned(),
        event: serde_json::from_value(event).unwrap(),
    }
}

pub(crate) fn file(key: &str, created_at: i64) -> File {
    File {
        key: key.to_owned(),
        owner: FileOwner::Session("s".into()),
        name: Private("a cat.png".to_owned()),
        content_type: "image/png".to_owned(),
        size: 123_444,
        image: Some(ImageInfo {
            width: 640,
            height: 480,
            thumbnail_type: "image/jpeg".to_owned(),
        }),
        created_at: at(created_at),
        event: None,
        doomed: false,
    }
}

pub(crate) fn button(id: &str, deployment: &str) -> Button {
    Button {
        id: id.into(),
        deployment_id: deployment.into(),
        name: "Sales".to_owned(),
        group_id: 7,
        language: "en_US".to_owned(),
        routing: Routing::MostAvailable,
        average_wait_s: Some(41.5),
    }
}

pub(crate) fn group(id: i64) -> Group {
    Group {
        id,
        name: format!("Group {id} ☺"),
    }
}

pub(crate) fn agent(id: &str, email: &str) -> Agent {
    Agent {
        id: id.into(),
        email: Private(email.to_owned()),
        name: "Ada".to_owned(),
        password_hash: Some(Private("$argon2id$…".to_owned())),
        avatar: Some("https://shop.example/ada.png".to_owned()),
        routing_status: RoutingStatus::NotAcceptingChats,
        role: Role::Administrator,
        concurrent_chats: Some(3),
        group_ids: BTreeSet::new(),
        created_at: at(1),
        removed_at: Some(at(2)),
    }
}

pub(crate) fn token(hash: &str, agent: &str) -> Token {
    Token {
        hash: hash.to_owned(),
        kind: TokenKind::Console,
        name: Some("the robot".to_owned()),
        agent_id: Some(agent.into()),
        created_at: at(1),
        expires_at: Some(at(3600)),
        last_used_at: Some(at(60)),
        role: Some(Role::Administrator),
        reads_private: true,
    }
}

pub(crate) fn customer(id: &str) -> Customer {
    Customer {
        id: id.into(),
        visitor_hash: Some(format!("hash of {id}")),
        name: Some(Private("Jon".to_owned())),
        email: Some(Private("jon@example.com".to_owned())),
        email_verified: true,
        phone: Some(Private("+49 30 1234".to_owned())),
        notes: Some(Private("prefers mail".to_owned())),
        identity_hash: Some(format!("identity of {id}")),
        created_at: at(1),
    }
}

pub(crate) fn chat(id: &str, customer: &str, last_thread_at: i64) -> Chat {
    Chat {
        id: id.into(),
        customer_id: customer.into(),
        created_at: at(1),
        last_thread_at: at(last_thread_at),
        active: true,
        group_id: 1,
        properties: json!({"source": {"type": "site"}}),
    }
}

pub(crate) fn thread(id: &str, chat: &str, created_at: i64) -> Thread {
    Thread {
        id: id.into(),
        chat_id: chat.into(),
        status: ThreadStatus::Ended,
        deployment_id: Some("572".into()),
        button_id: Some("573".into()),
        group_id: 1,
        target_agent_id: Some("005A".into()),
        agent_id: Some("005B".into()),
        created_at: at(created_at),
        queued_at: Some(at(created_at + 1)),
        accepted_at: Some(at(created_at + 2)),
        ended_at: Some(at(created_at + 3)),
        end_reason: Some(EndReason::AgentTimeout),
        last_event: 3,
        private_events: 2,
        user_ids: vec!["z".into(), "a".into()],
        seen_up_to: BTreeMap::from([(UserId::from("a"), at(5)), (UserId::from("z"), at(6))]),
        told_seen_up_to: Some(at(4)),
        unanswered_since: Some(at(5)),
        properties: Private(json!({"rating": {"score": 1}})),
        tags: vec!["z".to_owned(), "a".to_owned()],
        details: Private(ThreadDetails {
            visitor_name: Some("Jon".to_owned()),
            user_agent: Some("Browser/1".to_owned()),
            language: Some("en".to_owned()),
            screen_resolution: Some("1920x1080".to_owned()),
            prechat_details: vec![CustomDetail {
                label: "E-mail".to_owned(),
                value: "jon@example.com".to_owned(),
                ..CustomDetail::default()
            }],
            address: Some("198.51.100.7".to_owned()),
            location: Some(Location {
                country_code: Some("PL".to_owned()),
                latitude: Some(51.1043),
                ..Location::default()
            }),
            pages: vec![Page {
                url: "https://shop.example/hats".to_owned(),
                title: Some("Hats".to_owned()),
                opened_at: 5,
            }],
            referrer: Some("https://search.example".to_owned()),
            session_fields: vec![BTreeMap::from([("plan".to_owned(), json!("gold"))])],
            waits_since: Some(at(6)),
            waited_s: Some(7),
            agent_wrote_at: Some(at(8)),
            customer_wrote_at: Some(at(9)),
            file_request: Some(FileRequest {
                token_hash: "hash of a file token".to_owned(),
            }),
            is_unread: Some(true),
            has_several_sessions: true,
            offer: Some(Offer {
                agent_id: Some("005A".into()),
                until: at(9),
                declined: vec!["005B".into()],
            }),
            transcript_to: Some(Private("jon@example.com".to_owned())),
            transcripts_sent: 2,
            lifecycle: Lifecycle {
                begun_by: Some("005A".into()),
                answered_at: Some(at(6)),
                ended_by: Some("005B".into()),
                last_message: Some("T_3".into()),
                company: Some(Company {
                    name: "Hats Ltd".to_owned(),
                    identifier: Some("7".to_owned()),
                }),
            },
        }),
    }
}

pub(crate) fn event(thread: &str, number: i64) -> Event {
    Event {
        thread_id: thread.into(),
        number,
        private_events: 1,
        chat_id: "C".into(),
        author_id: Some("005A".into()),
        custom_id: Some(format!("{thread}-{number}").into()),
        kind: "message".to_owned(),
        visibility: Visibility::Agents,
        created_at: at(number),
        body: Private(json!({"text": "a \"quoted\" word, ☺ and \u{0} too"})),
    }
}

pub(crate) fn toggle(number: i64, postback: &str, user: &str) -> Toggle {
    Toggle {
        thread_id: "T".into(),
        number,
        postback_id: postback.to_owned(),
        user_id: user.into(),
        created_at: at(9),
    }
}

pub(crate) fn event_properties(number: i64) -> EventProperties {
    EventProperties {
        thread_id: "T".into(),
        number,
        properties: Private(json!({"a": {"b": [number, "☺"]}})),
    }
}

pub(crate) fn session(id: &str) -> Session {
    Session {
        id: id.into(),
        key_hash: format!("key of {id}"),
        affinity: "a1b2c3d4".to_owned(),
        thread_id: Some("T".into()),
        created_at: at(1),
        last_heard_at: at(2),
        closed_at: None,
        post_number: 4,
        post_number_may_restart: true,
        position: 5,
        batch: 6,
        served: 3,
        receives_queue_updates: true,
        queue_position: 2,
        origin: Some("https://shop.example".to_owned()),
    }
}

pub(crate) fn queued_message(session: &str, position: i64) -> QueuedMessage {
    QueuedMessage {
        session_id: session.into(),
        position,
        kind: "ChatMessage".to_owned(),
        message: Private(json!({"text": "hello"})),
    }
}

pub(crate) fn idempotency_record(session: &str, number: i64) -> IdempotencyRecord {
    IdempotencyRecord {
        session_id: session.into(),
        number,
        digest: format!("digest {number}"),
        event: Some(("T".into(), number)),
    }
}

pub(crate) fn push(created_at: i64) -> NewAgentStreamEvent {
    NewAgentStreamEvent {
        audience: Audience {
            group_id: 1,
            except_group_id: Some(2),
            only_agent_id: Some("005A".into()),
        },
        chat_id: Some("C".into()),
        action: "incoming_event".to_owned(),
        payload: Private(json!({"thread_id": "T", "event": {"text": "hello"}})),
        created_at: at(created_at),
    }
}

/// A transaction with customer `U`, chat `C` and thread `T` written.
pub(crate) async fn with_thread(store: &dyn Store) -> Box<dyn Tx> {
    let mut tx = store.begin().await.unwrap();
    tx.put_customer(&customer("U")).await.unwrap();
    tx.put_chat(&chat("C", "U", 1)).await.unwrap();
    tx.put_thread(&thread("T", "C", 1)).await.unwrap();
    tx
}

/// A customer and their chat, both of this name.
pub(crate) async fn put_chat(tx: &mut Box<dyn Tx>, name: &str) {
    tx.put_customer(&customer(name)).await.unwrap();
    tx.put_chat(&chat(name, name, 1)).await.unwrap();
}

pub(crate) fn offline_message(thread: &str, custom_id: &str, created_at: i64) -> OfflineMessage {
    OfflineMessage {
        thread_id: thread.into(),
        chat_id: "C".into(),
        custom_id: custom_id.into(),
        created_at: at(created_at),
        is_open: true,
        due_at: at(created_at),
        callback: None,
        outcome: None,
    }
}

pub(crate) fn outgoing_mail(id: &str, created_at: i64) -> OutgoingMail {
    OutgoingMail {
        id: id.to_owned(),
        kind: MailKind::Answer,
        thread_id: "T".into(),
        recipient_hash: "hash".to_owned(),
        recipient: Private("jon@example.com".to_owned()),
        subject: Private("An answer ☺".to_owned()),
        body: Private("It is blue.\r\n".to_owned()),
        first_event: 3,
        created_at: at(created_at),
        next_attempt_at: Some(at(created_at)),
        attempts: 0,
        sent_at: Some(at(7)),
        given_up_at: Some(at(8)),
        last_problem: Some("timeout".to_owned()),
    }
}

/// A contact with these fields.
pub(crate) fn record(id: &str, fields: &[(&str, &str)], created_at: i64) -> Record {
    let field = |(name, value): &(&str, &str)| RecordField {
        name: (*name).to_owned(),
        label: format!("{name}?"),
        value: (*value).to_owned(),
        is_hidden: *name == "Secret",
    };
    Record {
        id: id.into(),
        entity_name: "Contact".to_owned(),
        fields: fields.iter().map(field).collect::<Vec<_>>().into(),
        links: vec![("CaseId".to_owned(), "other".into())],
        created_at: at(created_at),
    }
}

pub(crate) fn attached(thread: &str, place: i64, record: Record) -> AttachedRecord {
    AttachedRecord {
        thread_id: thread.into(),
        place,
        id: format!("{thread}-{place}").into(),
        origin: RecordOrigin::FoundByPrefix,
        show_first: place == 0,
        transcript_field: (place > 0).then(|| "ContactId".to_owned()),
        is_told: place > 0,
        record,
    }
}
