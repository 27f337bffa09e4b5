//! Words of the wire, where they are shown or said as they are.

use parlor_wire::{
    EventId, Loose, ThreadId, UserId,
    event::{
        Answer, Button, ButtonKind, Choice, Element, FieldKind, File, FilledField, FilledForm,
        Form, FormField, FormOption, Image, LinkTarget, Postback, RichMessage, Template,
        WebviewHeight,
    },
    visitor::{
        ChasitorInit, CustomDetail, FilePolicy, Node, NodeKind, Presence, SensitiveDataRule,
        Welcome,
    },
};

use super::{Coded, Coder, coded};

coded! {
    struct Welcome {
        organization_id, team_name, greeting, accent_color, prechat, sneak_peek_enabled, online,
        files, postchat, asks_rating, sensitive_data_rules
    }
    struct Presence { name, avatar }
    struct FilePolicy { max_bytes, types }
    struct SensitiveDataRule { id, name, pattern, action_type, replacement }

    // Of the request for a chat, what a widget asks.
    struct ChasitorInit {
        organization_id, deployment_id, button_id, user_agent, language, screen_resolution,
        visitor_name, prechat_details, button_overrides, receive_queue_updates, is_post, visitor_id,
        identity_token, prechat_form, url, referrer
    } without { agent_id, do_fallback, session_id, prechat_entities }
    struct CustomDetail { label, value, display_to_agent }
    without { transcript_fields, entity_field_maps }

    struct Form { form_id, form_type, fields }
    struct FormField { kind, id, label, required, options }
    struct FormOption { id, label, group_id }
    struct FilledForm { form_id, form_type, fields }
    struct FilledField { kind, id, label, answer, answers }
    struct Choice { id, label, group_id }

    struct RichMessage { template_id, elements }
    struct Element { title, subtitle, image, buttons }
    struct Image { url, name, content_type, size, width, height, alternative_text }
    struct Button { text, kind, value, webview_height, postback_id, user_ids, target }
    struct Postback { id, thread_id, event_id, kind, value }

    struct File {
        url, name, thumbnail_url, thumbnail2x_url, content_type, size, width, height,
        alternative_text
    }
    struct Node { kind, text, href, level, nodes }
}

fn coded_text(text: &str, by: &mut Coder) -> String {
    let mut text = text.to_owned();
    text.code(by);
    text
}

/// Those that are a text.
macro_rules! texts {
    ($($name:ident)+) => {
        $(impl Coded for $name {
            fn blank() -> Self {
                "".into()
            }

            fn code(&mut self, by: &mut Coder) {
                *self = coded_text(self.as_str(), by).as_str().into();
            }
        })+
    };
}

texts! { EventId ThreadId UserId FieldKind Template ButtonKind WebviewHeight LinkTarget NodeKind }

impl Coded for Loose {
    fn blank() -> Self {
        "".into()
    }

    fn code(&mut self, by: &mut Coder) {
        let mut number = match self {
            Self::Number(number) => Some(number.as_i64().unwrap_or_default()),
            Self::Text(_) => None,
        };
        number.code(by);
        if let Some(number) = number {
            *self = number.into();
        } else if let Self::Text(text) = self {
            text.code(by);
        }
    }
}

impl Coded for Answer {
    fn blank() -> Self {
        Self::Text(String::new())
    }

    fn code(&mut self, by: &mut Coder) {
        let mut choice = match self {
            Self::Choice(choice) => Some(choice.clone()),
            _ => None,
        };
        choice.code(by);
        if let Some(choice) = choice {
            *self = Self::Choice(choice);
        } else if let Self::Text(text) = self {
            text.code(by);
        }
    }
}
