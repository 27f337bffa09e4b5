//! Pressed buttons, answered forms and other events that are more than a text: what the
//! visitor sends, and what the endpoint reports of them.

use parlor_wire::{
    Event, EventBody, Loose, UserId,
    event::{Button, ButtonKind, Form, Postback, RichMessage},
    visitor::{CustomEvent, FileTransfer},
};

use super::{Session, link::Phase};
use crate::{
    Millis,
    change::{Change, Stage},
    line::{Author, Body, Line, LineId, Press, SendState},
    prechat::{self, Answer},
    saved::{OutgoingEvent, Pending},
    session::StateUpdate,
    translate,
};

impl Session {
    /// Sends a message that is more than a text.
    pub(super) fn send_event(&mut self, now: Millis, text: String, event: OutgoingEvent) {
        if !self.in_conversation() {
            return;
        }
        let pending = Pending {
            custom_id: self.ids.line(),
            text,
            at: now,
            event,
            ..Pending::default()
        };
        self.queue(pending);
    }

    /// A button whose press is not confirmed yet is not pressed again: a double click, or
    /// a lost answer, makes one postback.
    pub(super) fn press(&mut self, now: Millis, line: &LineId, element: usize, button: usize) {
        let found = self
            .conversation
            .transcript
            .find(line)
            .and_then(|line| match &*line.body {
                Body::Rich(rich) => rich.elements().get(element)?.buttons().get(button).cloned(),
                _ => None,
            });
        let (Some(button), Some((thread, _))) = (found, line.0.rsplit_once('_')) else {
            return;
        };
        let Some(postback) = button.postback_id.clone() else {
            return;
        };
        let thread = thread.to_owned();
        let before = self.pressed_of(line, &postback);
        if before == Some(Press::Pending) || !self.in_conversation() {
            return;
        }
        if button.kind == Some(ButtonKind::Message) {
            let text = match button.text.trim() {
                "" => button.value.clone().unwrap_or_default(),
                text => text.to_owned(),
            };
            self.set_pressed(line, &postback, Some(Press::Pending));
            let answer = OutgoingEvent::Postback(postback_of(&button, postback, &thread, line));
            return self.send_event(now, text, answer);
        }
        // A link that is opened again stays pressed; a button that does nothing else is
        // released.
        let on = before.is_none() || button.kind.is_some();
        if on && before == Some(Press::On) {
            return;
        }
        self.set_pressed(line, &postback, Some(Press::Pending));
        self.outbox.push_state(StateUpdate::ButtonPressed {
            thread,
            event: line.0.clone(),
            postback,
            on,
        });
    }

    fn pressed_of(&self, line: &LineId, postback: &str) -> Option<Press> {
        let mut buttons = self.buttons_of(line).iter();
        let found = buttons.find(|(id, _)| id == postback);
        found.map(|(_, press)| *press)
    }

    fn buttons_of(&self, line: &LineId) -> &[(String, Press)] {
        let found = self.conversation.pressed.iter().find(|(id, _)| id == line);
        found.map_or(&[], |(_, buttons)| buttons)
    }

    fn set_pressed(&mut self, line: &LineId, postback: &str, press: Option<Press>) {
        let mut buttons = self.buttons_of(line).to_vec();
        buttons.retain(|(id, _)| id != postback);
        buttons.extend(press.map(|press| (postback.to_owned(), press)));
        self.set_buttons(line, buttons);
    }

    fn set_buttons(&mut self, line: &LineId, buttons: Vec<(String, Press)>) {
        self.conversation.pressed.retain(|(id, _)| id != line);
        self.conversation
            .pressed
            .push((line.clone(), buttons.clone()));
        self.change(Change::Pressed {
            id: line.clone(),
            buttons,
        });
    }

    /// A postback was confirmed or refused.
    pub(super) fn postback_settled(&mut self, postback: &Postback, went: bool) {
        let line = LineId(postback.event_id.to_string());
        self.set_pressed(&line, &postback.id, went.then_some(Press::On));
    }

    pub(super) fn state_settled(&mut self, state: &StateUpdate, went: bool) {
        if let StateUpdate::ButtonPressed {
            event,
            postback,
            on,
            ..
        } = state
        {
            let line = LineId(event.clone());
            self.set_pressed(&line, postback, (went == *on).then_some(Press::On));
        }
    }

    /// A poll returned an event for which the Chat REST API has no message.
    pub(super) fn custom_event(&mut self, now: Millis, from: CustomEvent, next: u64) {
        let seen_up_to = from.seen_up_to().map(str::to_owned);
        match (from.kind.as_str(), from.event.map(|event| *event)) {
            ("event_updated", Some(event)) => {
                if let (Some(id), EventBody::RichMessage(rich)) = (event.id, event.body) {
                    self.set_buttons_from(&LineId(id.to_string()), &rich);
                }
            }
            ("events_marked_as_seen", _) => self.seen_by_agent(seen_up_to.as_deref()),
            (_, Some(event)) if self.is_own(&event) => self.written_elsewhere(event, next),
            (_, Some(event)) => {
                self.seen.newest = event.created_at.clone().or(self.seen.newest.take());
                let effects = EventEffects::of(&event);
                let line = translate::event_line(event, self.display.agent.as_ref(), next);
                let (id, body) = (line.id.clone(), line.body.clone());
                self.agent_typing(now, false);
                let is_said = matches!(line.author, Author::Agent(_));
                self.arrive(line);
                if is_said {
                    self.asked(now);
                }
                self.apply_effects(&id, &body, effects, false);
            }
            // Between the page and the agent.
            (_, None) => {}
        }
    }

    fn is_own(&self, event: &Event) -> bool {
        let own = self.identity.customer_id.as_ref();
        let author = event.author_id.as_ref();
        own.is_some_and(|own| author.is_some_and(|author| author.as_str() == own.as_str()))
    }

    /// The visitor wrote it on another device.
    fn written_elsewhere(&mut self, event: Event, next: u64) {
        let effects = EventEffects::of(&event);
        let line = translate::own_event_line(event, next);
        let (id, body) = (line.id.clone(), line.body.clone());
        self.place(line);
        self.idle.answered();
        self.apply_effects(&id, &body, effects, true);
    }

    /// Applies what an event says about the lines before it.
    pub(super) fn apply_effects(
        &mut self,
        line: &LineId,
        body: &Body,
        effects: EventEffects,
        own: bool,
    ) {
        if let Body::Rich(rich) = body {
            self.set_buttons_from(line, rich);
        }
        if let Some(form_id) = effects.answered {
            self.answered(&form_id);
        }
        if let Some(postback) = effects.pressed.filter(|_| own) {
            self.postback_settled(&postback, true);
        }
    }

    /// The newest form of this id has been answered.
    pub(super) fn answered(&mut self, form_id: &Loose) {
        let lines = self.conversation.transcript.lines().iter().rev();
        let asks =
            |line: &&Line| matches!(&*line.body, Body::Form(form) if form.form_id == *form_id);
        let found = lines.clone().find(asks).map(|line| line.id.clone());
        if found.is_some() {
            self.change(Change::FormDone(found));
        }
    }

    /// An agent has seen what was written up to this time.
    pub(super) fn seen_by_agent(&mut self, up_to: Option<&str>) {
        let Some(up_to) = up_to.and_then(translate::moment) else {
            return;
        };
        let is_seen = |line: &&Line| {
            line.state == Some(SendState::Sent) && line.at.is_some_and(|at| at <= up_to)
        };
        let lines = self.conversation.transcript.lines().iter().filter(is_seen);
        let seen: Vec<LineId> = lines.map(|line| line.id.clone()).collect();
        for id in seen {
            self.set_state(&id, SendState::Seen);
        }
    }

    /// If the visitor looks at the newest line, the endpoint is told.
    pub(super) fn report_seen(&mut self) {
        if !self.display.window_shown || !self.watch.visible || !self.link.is_in(Phase::Up) {
            return;
        }
        if let Some(newest) = self
            .seen
            .newest
            .clone()
            .filter(|it| Some(it) != self.seen.reported.as_ref())
        {
            if self.display.stage == Stage::MessageLeft {
                self.answer_seen();
            }
            self.seen.reported = Some(newest.clone());
            self.outbox.push_state(StateUpdate::SeenUpTo(newest));
        }
    }

    pub(super) fn file_transfer(&mut self, transfer: &FileTransfer, next: u64) {
        if transfer.kind == "Requested" {
            let line = translate::file_requested(next);
            self.place(line);
        }
    }

    /// Takes over which buttons of a rich message are pressed, as the endpoint has it.
    pub(super) fn set_buttons_from(&mut self, line: &LineId, rich: &RichMessage) {
        // Others may have pressed the same button. An endpoint that does not say who the
        // visitor is has no others.
        let own = self.identity.customer_id.as_ref();
        let is_own = |id: &UserId| own.is_none_or(|own| id.as_str() == own.as_str());
        let is_on = |button: &Button| {
            button
                .user_ids
                .as_ref()
                .is_some_and(|ids| ids.iter().any(is_own))
        };
        let pending = self.outbox.pressing(line);
        let mut buttons: Vec<(String, Press)> = Vec::new();
        for element in rich.elements() {
            for button in element.buttons() {
                if let Some(id) = &button.postback_id
                    && is_on(button)
                    && !pending.contains(id)
                {
                    buttons.push((id.clone(), Press::On));
                }
            }
        }
        for id in pending {
            buttons.push((id, Press::Pending));
        }
        if self.buttons_of(line) != buttons {
            self.set_buttons(line, buttons);
        }
    }

    /// The form of a line, or the one after the conversation.
    fn form_of(&self, line: Option<&LineId>) -> Option<&Form> {
        match line {
            None => self.display.welcome.as_ref()?.postchat.as_ref(),
            Some(line) => match &*self.conversation.transcript.find(line)?.body {
                Body::Form(form) => Some(form),
                _ => None,
            },
        }
    }

    pub(super) fn submit_form(&mut self, now: Millis, line: Option<LineId>, answers: &[Answer]) {
        // A form by an agent is answered with a message, which needs a conversation.
        if line.is_some() && !self.in_conversation() {
            return;
        }
        let Some(form) = self.form_of(line.as_ref()) else {
            return;
        };
        let errors = prechat::check(form, answers);
        let filled = prechat::filled_form(form, answers);
        let form_id = form.form_id.clone();
        let fine = errors.is_empty();
        self.change(Change::FormErrors {
            id: line.clone(),
            errors,
        });
        if !fine {
            return;
        }
        if line.is_some() {
            self.answered(&form_id);
            self.send_event(now, String::new(), OutgoingEvent::Filled(filled.into()));
        } else {
            self.outbox
                .push_state(StateUpdate::PostchatSubmitted(filled.into()));
        }
        if line.is_none() {
            self.change(Change::FormDone(None));
        }
    }
}

/// What an event says about the lines before it.
#[derive(Default)]
pub(super) struct EventEffects {
    /// The form that it answers.
    answered: Option<Loose>,
    pressed: Option<Postback>,
}

impl EventEffects {
    pub(super) fn of(event: &Event) -> Self {
        match &event.body {
            EventBody::FilledForm(filled) => Self {
                answered: Some(filled.form_id.clone()),
                pressed: None,
            },
            EventBody::Message(message) => Self {
                answered: None,
                pressed: message.postback.clone(),
            },
            _ => Self::default(),
        }
    }
}

fn postback_of(button: &Button, id: String, thread: &str, line: &LineId) -> Postback {
    let kind = button.kind.as_ref().map(|kind| kind.as_str().to_owned());
    // The endpoint takes both or neither.
    let (kind, value) = match (kind, button.value.clone()) {
        (Some(kind), Some(value)) => (Some(kind), Some(value)),
        _ => (None, None),
    };
    Postback {
        id,
        thread_id: thread.into(),
        event_id: line.0.as_str().into(),
        kind,
        value,
    }
}
