//! Events of the log (seed 002), the conversations before this one, and what
//! an upload answers.

use parlor_session::{AgentCard, PastThread, ThreadPage};
use parlor_wire::{
    Event, EventBody, Fields,
    event::{
        Button, Custom, Element, File, Image, Message as Said, Postback, RichMessage,
        SystemMessage, Vars,
    },
    visitor::Node,
};

use super::{Json, all, filled_form, flag, form, list, said, text, unsigned};

/// Deeper than this the endpoint sends no Markdown; what does is not read.
const NODES_DEEP: usize = 16;

pub(super) fn event<J: Json>(from: &J) -> Option<Event> {
    let kind = text(from, "type")?;
    let body = match kind.as_str() {
        "message" => EventBody::Message(Said {
            text: said(from, "text"),
            postback: from.member("postback").as_ref().and_then(postback),
        }),
        "system_message" => EventBody::SystemMessage(SystemMessage {
            system_message_type: said(from, "system_message_type"),
            text: text(from, "text"),
            text_vars: from.member("text_vars").as_ref().map(texts),
        }),
        "rich_message" => EventBody::RichMessage(rich_message(from)),
        "form" => EventBody::Form(form(from)),
        "filled_form" => EventBody::FilledForm(filled_form(from)),
        "file" => EventBody::File(file(from)?),
        // Its content is the page's own business: it stays JSON, as text.
        "custom" => EventBody::Custom(Custom {
            content: from.member("content").map(|it| it.written().into()),
        }),
        _ => EventBody::Unknown {
            kind,
            fields: Fields::new(),
        },
    };
    Some(Event {
        id: text(from, "id").map(Into::into),
        created_at: text(from, "created_at"),
        author_id: text(from, "author_id").map(Into::into),
        ..Event::new(body)
    })
}

pub(super) fn postback(from: &impl Json) -> Option<Postback> {
    Some(Postback {
        id: text(from, "id")?,
        thread_id: text(from, "thread_id")?.into(),
        event_id: text(from, "event_id")?.into(),
        kind: text(from, "type"),
        value: text(from, "value"),
    })
}

fn rich_message<J: Json>(from: &J) -> RichMessage {
    let element = |from: &J| {
        Some(Element {
            title: text(from, "title"),
            subtitle: text(from, "subtitle"),
            image: from.member("image").as_ref().and_then(image),
            buttons: Some(list(from, "buttons", |it| Some(button(it)))),
        })
    };
    RichMessage {
        template_id: said(from, "template_id").as_str().into(),
        elements: Some(list(from, "elements", element)),
    }
}

fn image(from: &impl Json) -> Option<Image> {
    Some(Image {
        url: text(from, "url")?,
        name: text(from, "name"),
        content_type: None,
        size: None,
        width: unsigned(from, "width"),
        height: unsigned(from, "height"),
        alternative_text: text(from, "alternative_text"),
    })
}

fn button<J: Json>(from: &J) -> Button {
    let word = |key: &str| text(from, key);
    let users = |ids: J| {
        all(ids.items().unwrap_or_default(), |id| {
            Some(id.text()?.into())
        })
    };
    Button {
        text: said(from, "text"),
        kind: word("type").map(|it| it.as_str().into()),
        value: word("value"),
        webview_height: word("webview_height").map(|it| it.as_str().into()),
        postback_id: word("postback_id"),
        user_ids: from.member("user_ids").map(users),
        target: word("target").map(|it| it.as_str().into()),
    }
}

/// Also what an upload answers.
pub(in crate::driver) fn file(from: &impl Json) -> Option<File> {
    Some(File {
        url: text(from, "url")?,
        name: text(from, "name"),
        thumbnail_url: text(from, "thumbnail_url"),
        thumbnail2x_url: text(from, "thumbnail2x_url"),
        content_type: text(from, "content_type"),
        size: unsigned(from, "size"),
        width: unsigned(from, "width"),
        height: unsigned(from, "height"),
        alternative_text: text(from, "alternative_text"),
    })
}

fn texts(from: &impl Json) -> Vars {
    let texts = from.keys().into_iter();
    texts
        .filter_map(|key| Some((text(from, &key)?.into(), key)))
        .map(|(text, key)| (key, text))
        .collect()
}

pub(super) fn nodes<J: Json>(from: &J) -> Vec<Node> {
    nodes_within(from, NODES_DEEP)
}

fn nodes_within<J: Json>(from: &J, deep: usize) -> Vec<Node> {
    let Some(deep) = deep.checked_sub(1) else {
        return Vec::new();
    };
    list(from, "nodes", |from| {
        Some(Node {
            kind: said(from, "kind").as_str().into(),
            text: text(from, "text"),
            href: text(from, "href"),
            level: unsigned(from, "level"),
            nodes: nodes_within(from, deep),
        })
    })
}

pub(in crate::driver) fn history<J: Json>(from: &J) -> Vec<PastThread> {
    let thread = |from: &J| {
        let last = from.member("last_event");
        Some(PastThread {
            id: text(from, "id")?,
            at: text(from, "created_at").and_then(|at| parlor_session::moment(&at)),
            active: flag(from, "active"),
            last: last.and_then(|event| text(&event, "text").or_else(|| text(&event, "name"))),
        })
    };
    list(from, "threads", thread)
}

pub(in crate::driver) fn earlier<J: Json>(from: &J) -> ThreadPage {
    let agent = |from: &J| {
        let card = AgentCard {
            id: said(from, "id"),
            name: said(from, "name"),
            avatar: text(from, "avatar"),
        };
        (said(from, "type") == "agent").then_some(card)
    };
    ThreadPage {
        thread_id: said(from, "id"),
        restricted: text(from, "restricted_access"),
        events: list(from, "events", event),
        agents: list(from, "users", agent),
    }
}
