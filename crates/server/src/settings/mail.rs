//! The `[mail]` table of the settings file.

use std::time::Duration;

use lettre::{Address, message::Mailbox};
use parlor_wire::limits::{NAME_MAX_BYTES, URL_MAX_BYTES};
use secrecy::{ExposeSecret as _, SecretString};

use super::{
    SecretSource,
    deployment::web_address,
    read::{Result, Table, Value},
};
use crate::{
    mail::{EmailAddress, Language, MailConfig, Security, SmtpServer},
    private::Private,
};

/// The most addresses of one list: for more there are mailing lists.
const ADDRESSES_MAX: usize = 20;

/// An attempt in less fails with servers that look at each sender first.
const TIMEOUT_MIN_S: i64 = 5;

/// Other mails wait for so long when one server does not answer.
const TIMEOUT_MAX_S: i64 = 600;

/// An hour: visitors wait for the answer.
const GATHERED_MAX_S: i64 = 3_600;

/// Parses where mail is sent. Who is told of the messages of single groups is in
/// their tables.
pub(super) fn mail(table: Table<'_>, secrets: &dyn SecretSource) -> Result<MailConfig> {
    let host = table.required("host")?.non_empty_text(NAME_MAX_BYTES)?;
    let security = match table.value("security") {
        Some(value) => match value.text(NAME_MAX_BYTES)?.as_str() {
            "starttls" => Security::StartTls,
            "tls" => Security::Tls,
            "none" => Security::None,
            _ => return Err(value.error("expected starttls, tls or none")),
        },
        None => Security::StartTls,
    };
    let port = match table.value("port") {
        Some(value) => u16::try_from(value.integer(1..=i64::from(u16::MAX))?).unwrap_or(u16::MAX),
        // RFC 6409, RFC 8314, RFC 5321.
        None => match security {
            Security::StartTls => 587,
            Security::Tls => 465,
            Security::None => 25,
        },
    };
    let server = SmtpServer {
        host,
        port,
        security,
        credentials: credentials(&table, secrets)?,
    };
    let mut config = MailConfig::new(server, mailbox(&table.required("from")?)?);
    if let Some(page) = table.value("page") {
        config.page = Some(web_address(&page)?);
    }
    if let Some(value) = table.value("language") {
        let code = value.text(NAME_MAX_BYTES)?;
        let known = Language::ALL.into_iter().find(|it| it.code() == code);
        config.language = known.ok_or_else(|| value.error("expected en, de, es or fr"))?;
    }
    if let Some(list) = table.value("alerts") {
        config.alerts = addresses(&list)?;
    }
    for (key, min, max, time) in [
        (
            "timeout_s",
            TIMEOUT_MIN_S,
            TIMEOUT_MAX_S,
            &mut config.attempt_timeout,
        ),
        (
            "gather_answers_s",
            0,
            GATHERED_MAX_S,
            &mut config.answers_gathered,
        ),
    ] {
        if let Some(value) = table.value(key) {
            *time = Duration::from_secs(value.integer(min..=max)?.unsigned_abs());
        }
    }
    table.finish()?;
    Ok(config)
}

/// Addresses to which mail is sent, each alone.
pub(super) fn addresses(list: &Value<'_>) -> Result<Vec<EmailAddress>> {
    let address = |value: &Value<'_>| {
        let text = value.non_empty_text(NAME_MAX_BYTES)?;
        EmailAddress::parse(&text).map_err(|problem| value.error(problem.to_string()))
    };
    list.list(ADDRESSES_MAX)?.iter().map(address).collect()
}

/// Parses `Shop <team@shop.example>`, or an address alone.
fn mailbox(value: &Value<'_>) -> Result<Mailbox> {
    let text = value.non_empty_text(NAME_MAX_BYTES)?;
    let parsed: Mailbox = text
        .parse()
        .map_err(|_| value.error("expected a sender as \"Shop <team@shop.example>\""))?;
    let address = EmailAddress::parse(parsed.email.as_ref())
        .map_err(|problem| value.error(problem.to_string()))?;
    let address: Address = address
        .as_str()
        .parse()
        .map_err(|_| value.error("it is no e-mail address"))?;
    Ok(Mailbox::new(parsed.name, address))
}

/// User name and password, which belong together.
fn credentials(
    table: &Table<'_>,
    secrets: &dyn SecretSource,
) -> Result<Option<(Private<String>, SecretString)>> {
    let user = match table.value("user") {
        Some(value) => Some(value.non_empty_text(NAME_MAX_BYTES)?),
        None => None,
    };
    let (value, found) = match (table.value("password_env"), table.value("password_file")) {
        (None, None) => {
            return match user {
                Some(_) => Err(table.error("user needs password_env or password_file")),
                None => Ok(None),
            };
        }
        (Some(value), Some(_)) => {
            return Err(value.error("expected password_env or password_file, one of them"));
        }
        (Some(value), None) => {
            let name = value.non_empty_text(NAME_MAX_BYTES)?;
            let found = secrets.read_env(&name);
            (value, found)
        }
        (None, Some(value)) => {
            let path = value.non_empty_text(URL_MAX_BYTES)?;
            let found = secrets.read_file(path.as_ref());
            (value, found)
        }
    };
    let user = user.ok_or_else(|| value.error("a password needs a user"))?;
    let found = found.ok_or_else(|| value.error("there is none to be read"))?;
    let password = std::str::from_utf8(found.expose_secret())
        .map_err(|_| value.error("the password is not UTF-8"))?;
    Ok(Some((Private(user), password.to_owned().into())))
}
