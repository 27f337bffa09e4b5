//! The sentences of mails, in the languages of the chat window.

/// A language in which mails are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Language {
    #[default]
    English,
    German,
    Spanish,
    French,
}

impl Language {
    pub const ALL: [Self; 4] = [Self::English, Self::German, Self::Spanish, Self::French];

    /// The word of the settings file, and the beginning of a browser's language.
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::Spanish => "es",
            Self::French => "fr",
        }
    }

    /// Of a browser's language, as `de-AT`.
    pub(super) fn of_browser(tag: &str) -> Option<Self> {
        let code = tag.split(['-', '_']).next().unwrap_or_default();
        let known = |it: &Self| it.code().eq_ignore_ascii_case(code);
        Self::ALL.into_iter().find(known)
    }

    pub(super) fn sentences(self) -> &'static Sentences {
        match self {
            Self::English => &ENGLISH,
            Self::German => &GERMAN,
            Self::Spanish => &SPANISH,
            Self::French => &FRENCH,
        }
    }
}

/// In each, `{}` is replaced.
#[derive(Debug)]
pub(super) struct Sentences {
    /// The subject of an answer; with the team's name.
    pub(super) answer_subject: &'static str,
    /// Above the visitor's own words.
    pub(super) you_wrote: &'static str,
    /// Above the link.
    pub(super) continue_here: &'static str,
    /// In place of something that is no text.
    pub(super) see_the_chat: &'static str,
    /// In place of a file; with its name.
    pub(super) file: &'static str,
    /// The subject of an alert; with the visitor's name.
    pub(super) alert_subject: &'static str,
    /// The subject of an alert of a callback; with the visitor's name.
    pub(super) callback_subject: &'static str,
    /// Where to call; with the number.
    pub(super) phone: &'static str,
    /// The visitor's name, where it is not known.
    pub(super) a_visitor: &'static str,
    /// With the name of the group.
    pub(super) for_group: &'static str,
    /// Where a text was cut.
    pub(super) cut: &'static str,
    /// Above the link to the console.
    pub(super) answer_here: &'static str,
    /// The subject of a transcript; with the team's name.
    pub(super) transcript_subject: &'static str,
    /// Above a transcript whose beginning is left out.
    pub(super) earlier_left_out: &'static str,
    /// Below a transcript.
    pub(super) times_are_utc: &'static str,
    /// The team's name, where the deployment has none.
    pub(super) our_team: &'static str,
}

static ENGLISH: Sentences = Sentences {
    answer_subject: "{} has answered you",
    you_wrote: "You wrote:",
    continue_here: "Read and answer in the chat:",
    see_the_chat: "(Something that only the chat can show.)",
    file: "(A file: {})",
    alert_subject: "New message from {}",
    callback_subject: "{} wants to be called back",
    phone: "Phone: {}",
    a_visitor: "a visitor",
    for_group: "For: {}",
    cut: "(The rest is in the chat.)",
    answer_here: "Answer in the console:",
    transcript_subject: "Your conversation with {}",
    earlier_left_out: "(Earlier messages are left out.)",
    times_are_utc: "All times are UTC.",
    our_team: "Our team",
};

static GERMAN: Sentences = Sentences {
    answer_subject: "{} hat Ihnen geantwortet",
    you_wrote: "Sie haben geschrieben:",
    continue_here: "Im Chat lesen und antworten:",
    see_the_chat: "(Etwas, das nur der Chat zeigen kann.)",
    file: "(Eine Datei: {})",
    alert_subject: "Neue Nachricht von {}",
    callback_subject: "Rückruf gewünscht von {}",
    phone: "Telefon: {}",
    a_visitor: "jemandem",
    for_group: "Für: {}",
    cut: "(Der Rest steht im Chat.)",
    answer_here: "In der Konsole antworten:",
    transcript_subject: "Ihr Gespräch mit {}",
    earlier_left_out: "(Frühere Nachrichten sind weggelassen.)",
    times_are_utc: "Alle Zeiten sind UTC.",
    our_team: "Unser Team",
};

static SPANISH: Sentences = Sentences {
    answer_subject: "{} le ha respondido",
    you_wrote: "Usted escribió:",
    continue_here: "Lea y responda en el chat:",
    see_the_chat: "(Algo que solo el chat puede mostrar.)",
    file: "(Un archivo: {})",
    alert_subject: "Nuevo mensaje de {}",
    callback_subject: "{} pide que le llamen",
    phone: "Teléfono: {}",
    a_visitor: "un visitante",
    for_group: "Para: {}",
    cut: "(El resto está en el chat.)",
    answer_here: "Responda en la consola:",
    transcript_subject: "Su conversación con {}",
    earlier_left_out: "(Se omiten los mensajes anteriores.)",
    times_are_utc: "Todas las horas son UTC.",
    our_team: "Nuestro equipo",
};

static FRENCH: Sentences = Sentences {
    answer_subject: "{} vous a répondu",
    you_wrote: "Vous avez écrit :",
    continue_here: "Lire et répondre dans le chat :",
    see_the_chat: "(Quelque chose que seul le chat peut afficher.)",
    file: "(Un fichier : {})",
    alert_subject: "Nouveau message de {}",
    callback_subject: "{} demande à être rappelé",
    phone: "Téléphone : {}",
    a_visitor: "un visiteur",
    for_group: "Pour : {}",
    cut: "(La suite est dans le chat.)",
    answer_here: "Répondre dans la console :",
    transcript_subject: "Votre conversation avec {}",
    earlier_left_out: "(Les messages précédents sont omis.)",
    times_are_utc: "Toutes les heures sont UTC.",
    our_team: "Notre équipe",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browsers_language_has_the_language_of_its_first_part() {
        for (tag, expected) in [
            ("de-AT", Some(Language::German)),
            ("FR", Some(Language::French)),
            ("es_MX", Some(Language::Spanish)),
            ("english", None),
            ("", None),
        ] {
            assert_eq!(Language::of_browser(tag), expected, "{tag}");
        }
    }
}
