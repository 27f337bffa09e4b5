//! The state of a form that is being filled in: the answers so far, their errors, and how they
//! are submitted. The session validates the answers; after that the first wrong field gets the
//! focus.

use leptos::{ev::SubmitEvent, html, prelude::*};
use parlor_session::{Answer, FieldError, Intent, LeftMessage, LineId};

use super::{context::ChatContext, focus::focus_first};
use crate::store::Row;

/// A handle that is copied freely. It lives as long as the form's component.
#[derive(Debug, Clone, Copy)]
pub(super) struct FormState {
    kind: FormKind,
    pub(super) answers: RwSignal<Vec<Answer>>,
    /// By the fields' ids.
    pub(super) errors: RwSignal<Vec<(String, FieldError)>>,
}

#[derive(Debug, Clone, Copy)]
enum FormKind {
    /// The deployment's form before a conversation. The store has its answers, which outlive
    /// the component.
    Prechat,
    /// The form of a message that is left. Its fields are those of the former, and the answers
    /// are shared.
    Offline,
    /// The form of a callback. It shares them, too.
    Callback,
    /// A form that the agent sent.
    Message { row: u32, line: StoredValue<LineId> },
    /// The deployment's form after the conversation.
    Postchat,
}

impl FormState {
    pub(super) fn prechat(chat: ChatContext) -> Self {
        Self {
            kind: FormKind::Prechat,
            answers: chat.store.answers,
            errors: chat.store.prechat_errors,
        }
    }

    pub(super) fn offline(chat: ChatContext) -> Self {
        Self {
            kind: FormKind::Offline,
            ..Self::prechat(chat)
        }
    }

    pub(super) fn callback(chat: ChatContext) -> Self {
        Self {
            kind: FormKind::Callback,
            ..Self::prechat(chat)
        }
    }

    /// Belongs to the current owner, as does that of [`Self::postchat`].
    pub(super) fn message(row: &Row) -> Self {
        Self {
            kind: FormKind::Message {
                row: row.key,
                line: StoredValue::new(row.line.id.clone()),
            },
            answers: RwSignal::default(),
            errors: row.details().errors.clone().into(),
        }
    }

    pub(super) fn postchat(chat: ChatContext) -> Self {
        Self {
            kind: FormKind::Postchat,
            answers: RwSignal::default(),
            errors: chat.store.postchat_errors,
        }
    }

    pub(super) fn begins_with_fields(self) -> bool {
        matches!(self.kind, FormKind::Prechat | FormKind::Callback)
    }

    pub(super) fn is_in_message(self) -> bool {
        matches!(self.kind, FormKind::Message { .. })
    }

    /// A number that no other form in the document has; rows are counted from 1.
    pub(super) fn key(self) -> u32 {
        match self.kind {
            FormKind::Prechat | FormKind::Offline | FormKind::Callback => 0,
            FormKind::Message { row, .. } => row,
            FormKind::Postchat => u32::MAX,
        }
    }

    /// Sends the answers. Then the focus moves to the first wrong field, or on to the next stage
    /// where none is wrong.
    pub(super) fn submit(self, chat: ChatContext, event: &SubmitEvent, form: NodeRef<html::Form>) {
        event.prevent_default();
        let form = form.get_untracked();
        // The session sets the errors before this returns.
        chat.send(self.intent(chat));
        if self.errors.with_untracked(Vec::is_empty) {
            chat.request_focus();
        } else if let Some(form) = form {
            request_animation_frame(move || focus_first(&form, "[aria-invalid=true]"));
        }
    }

    fn intent(self, chat: ChatContext) -> Intent {
        let answers = self.answers.get_untracked();
        let line = match self.kind {
            FormKind::Prechat => return Intent::SubmitPrechat(answers),
            FormKind::Offline => {
                return Intent::LeaveMessage(LeftMessage {
                    answers,
                    text: chat.store.draft.get_untracked(),
                    ..LeftMessage::default()
                });
            }
            FormKind::Callback => {
                let mut text = chat.store.draft.get_untracked();
                if text.trim().is_empty() {
                    chat.text.please_call_back().clone_into(&mut text);
                }
                return Intent::LeaveMessage(LeftMessage {
                    answers,
                    text,
                    callback: true,
                    ..LeftMessage::default()
                });
            }
            FormKind::Message { line, .. } => Some(line.get_value()),
            FormKind::Postchat => None,
        };
        Intent::SubmitForm { line, answers }
    }
}
