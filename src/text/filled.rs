//! Fills in the placeholders of sentences.

use parlor_session::{EndedBy, FailReason, FailedBecause, FieldError, Notice};

use super::Text;

impl Text {
    pub(crate) fn online(self, names: &[String]) -> String {
        match names {
            [] => String::new(),
            [one] => fill(self.one_online(), &[one]),
            [one, other] => fill(self.two_online(), &[one, other]),
            [one, other, ..] => fill(self.many_online(), &[one, other]),
        }
    }

    pub(crate) fn back_on(self, moment: &str) -> String {
        fill(self.back_at(), &[moment])
    }

    pub(crate) fn field_error(self, error: FieldError) -> String {
        match error {
            FieldError::Required => self.field_required().into(),
            FieldError::NotAnEmail => self.field_no_email().into(),
            FieldError::NotAContact => self.field_no_contact().into(),
            FieldError::NotAPhone => self.field_no_phone().into(),
            FieldError::NotTaken => self.not_taken().into(),
            FieldError::TooLong { characters_over } => {
                count(self.field_too_long(), characters_over as u64)
            }
        }
    }

    pub(crate) fn in_line(self, position: Option<u64>) -> String {
        match position {
            Some(1) => self.first_in_line().into(),
            Some(n) => count(self.nth_in_line(), n),
            None => self.soon().into(),
        }
    }

    pub(crate) fn about_minutes(self, minutes: u64) -> String {
        match minutes {
            0 | 1 => self.one_minute().into(),
            n => count(self.some_minutes(), n),
        }
    }

    /// The time is written as in 1:05.
    pub(crate) fn conversation_ends_in(self, seconds: u64) -> String {
        fill(
            self.ends_in(),
            &[&format!("{}:{:02}", seconds / 60, seconds % 60)],
        )
    }

    pub(crate) fn notice(self, notice: &Notice) -> String {
        let sentence = match notice {
            Notice::AgentJoined { name } => return self.by(self.agent_joined(), name),
            Notice::AgentLeft { name } => {
                return self.by(self.agent_left(), name.as_deref().unwrap_or_default());
            }
            Notice::Transferred { name } => return self.by(self.transferred(), name),
            Notice::Archived { name: Some(name) } => return self.by(self.archived_by(), name),
            Notice::Archived { name: None } => self.archived(),
            Notice::EndedByVisitor => self.ended_by_visitor(),
            Notice::Idle => self.idle(),
            Notice::Rated { good: true } => self.rated_good(),
            Notice::Rated { good: false } => self.rated_bad(),
            Notice::TranscriptRequested => self.mailed_at_end(),
            Notice::FileWanted => self.file_wanted(),
            Notice::Restricted { reason } => reason,
            Notice::Text { text } => text,
        };
        sentence.into()
    }

    pub(crate) fn is_typing(self, name: Option<&str>) -> String {
        self.by(self.typing(), name.unwrap_or_default())
    }

    /// Fills in a name; "Somebody" if it is empty.
    fn by(self, sentence: &str, name: &str) -> String {
        fill(
            sentence,
            &[if name.is_empty() {
                self.somebody()
            } else {
                name
            }],
        )
    }

    pub(crate) fn new_messages(self, messages: usize) -> String {
        match messages {
            1 => self.one_new().into(),
            n => count(self.some_new(), n as u64),
        }
    }

    pub(crate) const fn failed(self, because: FailedBecause) -> &'static str {
        match because {
            FailedBecause::TooLong => self.message_too_long(),
            FailedBecause::TooLarge => self.file_too_large(),
            FailedBecause::TypeNotAllowed => self.type_not_allowed(),
            FailedBecause::UploadFailed => self.upload_failed(),
            FailedBecause::Refused => self.message_refused(),
            FailedBecause::Ended => self.chat_was_over(),
            FailedBecause::OutboxFull => self.outbox_full(),
            FailedBecause::Lost => self.message_lost(),
            FailedBecause::TooOld => self.message_too_old(),
        }
    }

    pub(crate) fn cards(self, cards: usize) -> String {
        match cards {
            1 => self.one_card().into(),
            n => count(self.some_cards(), n as u64),
        }
    }

    /// The size of a file. It is rounded up, so that no file has the size 0.
    pub(crate) fn size(self, bytes: u64) -> String {
        match bytes {
            0..1_000 => count(self.bytes(), bytes),
            1_000..1_000_000 => count(self.kilobytes(), bytes.div_ceil(1_000)),
            _ => {
                let tenths = bytes.div_ceil(100_000);
                let (whole, tenth) = ((tenths / 10).to_string(), (tenths % 10).to_string());
                fill(self.megabytes(), &[&whole, &tenth])
            }
        }
    }

    pub(crate) fn show_picture(self, name: &str) -> String {
        fill(self.show_picture_of(), &[name])
    }

    pub(crate) fn about_left(self, characters: usize) -> String {
        count(self.characters_left(), characters as u64)
    }

    pub(crate) fn too_long_by(self, characters: usize) -> String {
        count(self.characters_over(), characters as u64)
    }

    pub(crate) fn ended(self, by: EndedBy, agent: Option<&str>) -> String {
        let sentence = match by {
            EndedBy::Visitor => self.ended_by_visitor(),
            EndedBy::Agent => match agent {
                Some(agent) => return fill(self.ended_by_agent(), &[agent]),
                None => self.ended_by_us(),
            },
            EndedBy::VisitorTimeout => self.visitor_was_away(),
            EndedBy::AgentTimeout => self.agent_was_away(),
            EndedBy::Lost => self.chat_lost(),
            EndedBy::Unknown => self.chat_ended(),
        };
        sentence.into()
    }

    pub(crate) fn ended_at(self, time: &str) -> String {
        fill(self.at_time(), &[time])
    }

    /// A title that says what has happened, and a hint what the visitor can do.
    pub(crate) const fn request_failed(self, reason: FailReason) -> (&'static str, &'static str) {
        match reason {
            FailReason::Unavailable => (self.unavailable(), self.unavailable_hint()),
            FailReason::Refused => (self.refused(), self.refused_hint()),
            FailReason::Internal => (self.internal(), self.internal_hint()),
        }
    }
}

fn count(sentence: &str, number: u64) -> String {
    fill(sentence, &[&number.to_string()])
}

/// Replaces the placeholders `{0}`, `{1}`. Values without a placeholder are left out.
fn fill(sentence: &str, values: &[&str]) -> String {
    let mut pieces = sentence.split('{');
    let mut filled = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let digit = piece.bytes().next().unwrap_or_default();
        let index = usize::from(digit.wrapping_sub(b'0'));
        filled.push_str(values.get(index).copied().unwrap_or_default());
        filled.push_str(piece.get(2..).unwrap_or_default());
    }
    filled
}

#[cfg(test)]
mod tests {
    use crate::text::en::EN;

    use super::fill;

    #[test]
    fn placeholders_are_filled_in_any_order() {
        assert_eq!(fill("{1} and {0}!", &["one", "{0}"]), "{0} and one!");
        assert_eq!(fill("as it is", &["one"]), "as it is");
    }

    #[test]
    fn a_place_in_line_and_the_time_to_go() {
        assert_eq!(EN.in_line(Some(1)), "You are next");
        assert_eq!(EN.in_line(Some(3)), "You are number 3 in line");
        assert_eq!(EN.about_minutes(0), "About a minute to go");
        assert_eq!(EN.about_minutes(4), "About 4 minutes to go");
    }

    #[test]
    fn sizes_of_files() {
        assert_eq!(EN.size(0), "0 bytes");
        assert_eq!(EN.size(1_001), "2 kB");
        assert_eq!(EN.size(999_999), "1000 kB");
        assert_eq!(EN.size(1_540_000), "1.6 MB");
    }

    #[test]
    fn who_is_online() {
        let names = |n: usize| -> Vec<String> {
            ["Ada", "Bo", "Cy"][..n]
                .iter()
                .map(ToString::to_string)
                .collect()
        };
        assert_eq!(EN.online(&names(1)), "Ada is here");
        assert_eq!(EN.online(&names(2)), "Ada and Bo are here");
        assert_eq!(EN.online(&names(3)), "Ada, Bo and others are here");
    }
}
