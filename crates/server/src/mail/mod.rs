//! E-mail: answers to visitors who are no longer there, alerts to the team, and
//! conversations that visitors ask for.
//!
//! Data flows one way. A use case of `conversation` writes a row (`outbox`), in the
//! transaction of the event of which the mail tells; `compose` makes its words, and
//! knows no store. The `sender` reads the rows that are due and hands them to the
//! SMTP server (`smtp`).
//!
//! What must stay true: mail is never a reason for a request to fail or to wait;
//! what waits is bounded; a mail is sent at least once or given up, and no address
//! and no word of it reaches a log.

mod address;
mod compose;
pub(crate) mod outbox;
mod sender;
mod smtp;
mod text;

use std::{collections::BTreeMap, time::Duration};

use lettre::message::Mailbox;
use secrecy::SecretString;

use crate::private::Private;

pub use address::{AddressProblem, EmailAddress};
pub(crate) use compose::address_in as address_in_form;
pub(crate) use sender::{KEPT, ServerState};
pub use text::Language;

/// Where mail is sent, and in whose name: the `[mail]` table of the settings file.
#[derive(Debug, Clone)]
pub struct MailConfig {
    pub server: SmtpServer,
    pub from: Private<Mailbox>,
    /// The link in mails to visitors. `None`: the page on which they wrote.
    pub page: Option<String>,
    /// The language of mails to the team, and to visitors whose language is none of
    /// [`Language`].
    pub language: Language,
    /// Who is told of new messages, in groups that have no list of their own.
    pub alerts: Vec<EmailAddress>,
    /// The same for single groups.
    pub group_alerts: BTreeMap<i64, Vec<EmailAddress>>,
    /// How long one attempt takes at most.
    pub attempt_timeout: Duration,
    /// How long an answer waits for others, which are then sent with it.
    pub answers_gathered: Duration,
    /// The pause after the first attempt that failed.
    pub first_pause: Duration,
    /// A mail that could not be sent for this long is given up.
    pub given_up_after: Duration,
}

/// An SMTP server.
#[derive(Debug, Clone)]
pub struct SmtpServer {
    pub host: String,
    pub port: u16,
    pub security: Security,
    /// User name and password.
    pub credentials: Option<(Private<String>, SecretString)>,
}

/// How the connection to an SMTP server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// It begins in plain text and must become TLS before anything else is said.
    StartTls,
    /// TLS from its beginning.
    Tls,
    /// Not at all: for a server on the same machine.
    None,
}

impl MailConfig {
    /// With the values of what the settings file may leave out.
    pub fn new(server: SmtpServer, from: Mailbox) -> Self {
        Self {
            server,
            from: Private(from),
            page: None,
            language: Language::default(),
            alerts: Vec::new(),
            group_alerts: BTreeMap::new(),
            // A busy server may let a client wait for minutes at each step (RFC 5321,
            // 4.5.3.2). The next attempt comes soon.
            attempt_timeout: Duration::from_secs(60),
            // People write a thought in two or three messages.
            answers_gathered: Duration::from_secs(30),
            first_pause: Duration::from_secs(60),
            // Who waits for an answer asks again after two days.
            given_up_after: Duration::from_secs(48 * 3600),
        }
    }

    /// Who is told of new messages in a group.
    fn alerts_of(&self, group_id: i64) -> &[EmailAddress] {
        self.group_alerts.get(&group_id).unwrap_or(&self.alerts)
    }

    /// The domain in `Message-ID`, and the name by which we greet the server.
    fn domain(&self) -> &str {
        self.from.0.email.domain()
    }
}
