//! One mail to the SMTP server: a connection, the commands, and what a failure
//! means. It knows no store and decides nothing about the next attempt.
//!
//! What must stay true: nothing of the server's answers leaves this file but the
//! kind of the failure, because they quote addresses; without the TLS that the
//! settings ask for, nothing is said that matters.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use lettre::{
    Address, Message,
    message::{
        Mailbox,
        header::{ContentType, Header, HeaderName, HeaderValue},
    },
    transport::smtp::{
        Error,
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::{AsyncSmtpConnection, TlsParameters},
        commands::{Data, Mail, Rcpt},
        extension::ClientId,
    },
};
use secrecy::ExposeSecret as _;
use tokio::{task::spawn_blocking, time::timeout};

use super::{MailConfig, Security};
use crate::store::row::OutgoingMail;

/// Why a mail was not sent. The words are for logs and metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    /// The server cannot be used, or not now: no other mail could be sent either.
    Server(&'static str),
    /// This mail is not taken now.
    Later(&'static str),
    /// This mail will never be taken.
    Refused(&'static str),
}

impl Failure {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Server(why) | Self::Later(why) | Self::Refused(why) => why,
        }
    }
}

/// Hands one mail to the server, within the configured time.
pub(super) async fn send(config: &MailConfig, mail: &OutgoingMail) -> Result<(), Failure> {
    let time = config.attempt_timeout;
    match timeout(time, hand_over(config, mail)).await {
        Ok(done) => done,
        Err(_) => Err(Failure::Server("timeout")),
    }
}

async fn hand_over(config: &MailConfig, mail: &OutgoingMail) -> Result<(), Failure> {
    let to: Address = mail
        .recipient
        .0
        .parse()
        .map_err(|_| Failure::Refused("address"))?;
    let message = message(config, mail, to.clone()).ok_or(Failure::Refused("message"))?;
    let mut connection = connect(config).await?;
    let from = config.from.0.email.clone();
    // Whom we write as is up to the settings, and not to this mail.
    connection
        .command(Mail::new(Some(from), vec![]))
        .await
        .map_err(|error| server_or("sender", &error))?;
    connection
        .command(Rcpt::new(to, vec![]))
        .await
        .map_err(|error| of_mail("recipient", &error))?;
    connection
        .command(Data)
        .await
        .map_err(|error| of_mail("data", &error))?;
    connection
        .message(&message)
        .await
        .map_err(|error| of_mail("message", &error))?;
    // It is taken, whatever becomes of the connection.
    let _ = connection.quit().await;
    Ok(())
}

async fn connect(config: &MailConfig) -> Result<AsyncSmtpConnection, Failure> {
    let server = &config.server;
    let hello = ClientId::Domain(config.domain().to_owned());
    let tls = match server.security {
        Security::None => None,
        Security::StartTls | Security::Tls => {
            let host = server.host.clone();
            // Reads the certificates of the system.
            let made = spawn_blocking(move || TlsParameters::new(host)).await;
            let made = made.map_err(|_| Failure::Server("tls"))?;
            Some(made.map_err(|_| Failure::Server("tls"))?)
        }
    };
    let at_once = tls.clone().filter(|_| server.security == Security::Tls);
    let address = (server.host.as_str(), server.port);
    let mut connection = AsyncSmtpConnection::connect_tokio1(address, None, &hello, at_once, None)
        .await
        .map_err(|error| server_or("connection", &error))?;
    if let Some(tls) = tls.filter(|_| server.security == Security::StartTls) {
        connection
            .starttls(tls, &hello)
            .await
            .map_err(|error| server_or("tls", &error))?;
    }
    if let Some((name, password)) = &server.credentials {
        let password = password.expose_secret().to_owned();
        let credentials = Credentials::new(name.0.clone(), password);
        connection
            .auth(DEFAULT_MECHANISMS, &credentials)
            .await
            .map_err(|error| server_or("sign-in", &error))?;
    }
    Ok(connection)
}

fn server_or(step: &'static str, error: &Error) -> Failure {
    match error.is_tls() {
        true => Failure::Server("tls"),
        false => Failure::Server(step),
    }
}

/// 421: the server closes the connection (RFC 5321, 3.8).
const CLOSING: u16 = 421;

/// The server wants a sign-in, a better one, or TLS first (RFC 4954, 6).
const SIGN_IN: [u16; 3] = [530, 534, 538];

fn of_mail(step: &'static str, error: &Error) -> Failure {
    let code = error.status().map(u16::from);
    if code.is_some_and(|code| SIGN_IN.contains(&code)) {
        Failure::Server("sign-in")
    } else if error.is_permanent() {
        Failure::Refused(step)
    } else if error.is_transient() && code != Some(CLOSING) {
        Failure::Later(step)
    } else {
        Failure::Server("connection")
    }
}

/// The mail as it is sent. `None` when a header cannot be made of what it says.
fn message(config: &MailConfig, mail: &OutgoingMail, to: Address) -> Option<Vec<u8>> {
    let domain = config.domain();
    let micros = u64::try_from(mail.created_at.0).ok()?;
    let date: SystemTime = UNIX_EPOCH + Duration::from_micros(micros);
    let message = Message::builder()
        .from(config.from.0.clone())
        .to(Mailbox::new(None, to))
        .date(date)
        // The same in each attempt: mail that arrives twice is then seen to be the
        // same.
        .message_id(Some(format!("<{}@{domain}>", mail.id)))
        // All mails of a conversation are shown together.
        .references(format!("<{}.conversation@{domain}>", mail.thread_id))
        .header(AutoSubmitted)
        .subject(mail.subject.0.clone())
        .header(ContentType::TEXT_PLAIN)
        .body(mail.body.0.clone());
    let mut bytes = message.ok()?.formatted();
    // The end of the last line belongs to the end of the mail, which lettre adds.
    if bytes.ends_with(b"\r\n") {
        bytes.truncate(bytes.len() - 2);
    }
    Some(bytes)
}

/// Keeps programs from answering, as those of people on holiday do (RFC 3834, 5).
#[derive(Debug, Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}
