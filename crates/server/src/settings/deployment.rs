//! The `[[deployment]]` tables of the settings file.

use parlor_wire::{
    ButtonId, DeploymentId, Event,
    agent::{CannedResponse, Template},
    decode_value,
    event::{EventBody, Form, Template as RichTemplate},
    limits::{
        BUTTONS_MAX, FORM_FIELDS_MAX, ID_MAX_BYTES, LABEL_MAX_BYTES, MESSAGE_TEXT_MAX_BYTES,
        NAME_MAX_BYTES, URL_MAX_BYTES,
    },
    visitor::SensitiveDataRule,
};
use secrecy::{ExposeSecret as _, SecretSlice};
use serde_json::json;

use super::{
    ButtonEntry, DeploymentEntry, GroupUse, SecretSource,
    form::form,
    is_id,
    read::{Result, Table, Value},
    working_hours::working_hours,
};
use crate::{
    files::FILE_MAX_BYTES,
    origin,
    redaction::{self, RULES_MAX, Redactor},
    setup::default_settings,
    store::row::{
        ButtonUrls, CallbackPolicy, FilePolicy, IdleTimeout, RetentionPolicy, Routing,
        SilenceAllowed, WhenOffline,
    },
};

/// The most entries of each list: agents would find nothing in longer ones.
const LIST_MAX: usize = 500;

/// The most file types of one deployment.
const TYPES_MAX: usize = 100;

/// The most buttons of one deployment: a client asks for 100 at a time.
const BUTTONS_OF_DEPLOYMENT_MAX: usize = 100;

/// A hundred years: practically unlimited.
const DAYS_MAX: i64 = 36_500;

/// Three lost polls in a row, and the minute after which it is written when a
/// client was heard.
const SILENCE_MIN_S: i64 = 120;

/// Nobody reads and answers a message in less.
const IDLE_MIN_S: i64 = 10;

/// A day: an agent's list would be full of visitors who have left.
const SILENCE_MAX_S: i64 = 86_400;

/// A key for HS256 is at least as long as the hash (RFC 7518, 3.2).
const SECRET_MIN_BYTES: usize = 32;

/// Parses a deployment. What the file leaves out has the defaults of a new
/// site.
pub(super) fn deployment(table: Table<'_>, secrets: &dyn SecretSource) -> Result<DeploymentEntry> {
    let mut settings = default_settings();
    let mut groups = Vec::new();
    let name = match table.value("name") {
        Some(name) => Some(name.non_empty_text(NAME_MAX_BYTES)?),
        None => None,
    };
    let id = match table.value("id") {
        Some(id) if name.is_some() => Some(DeploymentId::from(new_id(&id)?)),
        Some(id) => Some(DeploymentId::from(id.non_empty_text(ID_MAX_BYTES)?)),
        None => None,
    };
    if let Some(name) = table.value("team_name") {
        settings.team_name = name.non_empty_text(NAME_MAX_BYTES)?;
    }
    if let Some(greeting) = table.value("greeting") {
        settings.greeting = greeting.text(LABEL_MAX_BYTES)?;
    }
    if let Some(color) = table.value("accent_color") {
        settings.accent_color = Some(accent_color(&color)?);
    }
    for (key, flag) in [
        ("sneak_peek", &mut settings.sneak_peek_enabled),
        ("asks_rating", &mut settings.asks_rating),
        ("markdown", &mut settings.markdown),
    ] {
        if let Some(value) = table.value(key) {
            *flag = value.flag()?;
        }
    }
    if let Some(days) = table.value("history_days") {
        let days = days.integer(0..=DAYS_MAX)?;
        settings.history_days = u32::try_from(days).ok();
    }
    if let Some(prechat) = table.value("prechat") {
        settings.prechat = form(prechat.table()?, "prechat", &mut groups)?;
    }
    if let Some(postchat) = table.value("postchat") {
        settings.postchat = form(postchat.table()?, "postchat", &mut groups)?;
    }
    if let Some(files) = table.value("files") {
        settings.files = file_policy(files.table()?)?;
    }
    if let Some(idle) = table.value("idle_timeout") {
        settings.idle_timeout = Some(idle_timeout(idle.table()?)?);
    }
    if let Some(silence) = table.value("silence") {
        settings.silence = silence_allowed(silence.table()?)?;
    }
    if let Some(retention) = table.value("retention") {
        settings.retention = retention_policy(retention.table()?)?;
    }
    settings.forms = named(&table, "forms", |one| named_form(one, &mut groups))?;
    settings.rich_messages = named(&table, "rich_messages", rich_message)?;
    settings.canned_responses = canned_responses(&table)?;
    settings.sensitive_data_rules = sensitive_data_rules(&table)?;
    settings.image_origins = match table.value("image_origins") {
        Some(list) => Some(origins(&list, true)?),
        None => None,
    };
    if let Some(value) = table.value("when_offline") {
        settings.when_offline = match value.text(NAME_MAX_BYTES)?.as_str() {
            "message" => WhenOffline::Message,
            "queue" => WhenOffline::Queue,
            "callback" => WhenOffline::Callback,
            _ => return Err(value.error("expected message, queue or callback")),
        };
    }
    if let Some(callback) = table.value("callback") {
        settings.callback = Some(callback_policy(callback.table()?)?);
    }
    if settings.when_offline == WhenOffline::Callback {
        settings.callback.get_or_insert_default().offline = true;
    }
    if let Some(hours) = table.value("working_hours") {
        settings.working_hours = Some(working_hours(hours.table()?)?);
    }
    if let Some(value) = table.value("post_chat_url") {
        settings.post_chat_url = Some(web_address(&value)?);
    }
    if let Some(value) = table.value("content_server_url") {
        settings.content_server_url = Some(web_address(&value)?);
    }
    let allowed_origins = match table.value("allowed_origins") {
        Some(list) => Some(origins(&list, false)?),
        None => None,
    };
    let identity_secret = match table.value("identity") {
        Some(identity) => Some(identity_secret(identity.table()?, secrets)?),
        None => None,
    };
    let mut buttons = Vec::new();
    for button in table.tables("button", BUTTONS_OF_DEPLOYMENT_MAX)? {
        let (button, urls) = self::button(button, &mut groups)?;
        if urls != ButtonUrls::default() {
            settings.button_urls.insert(button.id.clone(), urls);
        }
        buttons.push(button);
    }
    let unknown = table.error("there is no such deployment in the database");
    table.finish()?;
    Ok(DeploymentEntry {
        id,
        name,
        buttons,
        groups,
        allowed_origins,
        settings,
        identity_secret,
        unknown,
    })
}

/// Ids stand in the attributes of a script tag and in lists of a query.
fn new_id(value: &Value<'_>) -> Result<String> {
    let id = value.non_empty_text(ID_MAX_BYTES)?;
    match is_id(&id) {
        true => Ok(id),
        false => Err(value.error("expected up to 64 letters, digits, _ and -")),
    }
}

fn button(table: Table<'_>, groups: &mut Vec<GroupUse>) -> Result<(ButtonEntry, ButtonUrls)> {
    let id = table.required("id")?;
    let group_id = GroupUse::read(&table.required("group")?, groups)?;
    let name = match table.value("name") {
        Some(name) => name.non_empty_text(NAME_MAX_BYTES)?,
        None => "Chat".to_owned(),
    };
    let language = match table.value("language") {
        Some(language) => language.non_empty_text(NAME_MAX_BYTES)?,
        None => "en_US".to_owned(),
    };
    let routing = match table.value("routing") {
        Some(word) => routing(&word)?,
        None => Routing::default(),
    };
    let entry = ButtonEntry {
        id: ButtonId::from(new_id(&id)?),
        name,
        group_id,
        language,
        routing,
        taken: id.error("another button has this id"),
    };
    let mut urls = ButtonUrls::default();
    for (key, url) in [
        ("prechat_url", &mut urls.prechat),
        ("endpoint_url", &mut urls.endpoint),
    ] {
        if let Some(value) = table.value(key) {
            *url = Some(web_address(&value)?);
        }
    }
    table.finish()?;
    Ok((entry, urls))
}

fn routing(value: &Value<'_>) -> Result<Routing> {
    let word = value.text(NAME_MAX_BYTES)?;
    let known = Routing::ALL.into_iter().find(|it| it.as_str() == word);
    known.ok_or_else(|| value.error("expected choice, least_active or most_available"))
}

pub(super) fn web_address(value: &Value<'_>) -> Result<String> {
    let text = value.non_empty_text(URL_MAX_BYTES)?;
    let is_web = |url: &url::Url| matches!(url.scheme(), "http" | "https");
    match url::Url::parse(&text) {
        Ok(url) if is_web(&url) => Ok(text),
        _ => Err(value.error("expected an address as https://shop.example/thanks")),
    }
}

fn accent_color(value: &Value<'_>) -> Result<String> {
    let color = value.text(NAME_MAX_BYTES)?;
    let digits = color.strip_prefix('#').unwrap_or_default();
    if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(value.error("expected a colour as #1d4ed8"));
    }
    Ok(color.to_lowercase())
}

/// Parses a list of origins. `images`: the source `https:` is allowed too.
fn origins(value: &Value<'_>, images: bool) -> Result<Vec<String>> {
    let mut origins = Vec::new();
    for one in value.list(LIST_MAX)? {
        let text = one.non_empty_text(URL_MAX_BYTES)?;
        if images && text == "https:" {
            origins.push(text);
            continue;
        }
        let origin = origin::normal(&text);
        origins.push(origin.ok_or_else(|| {
            one.error("expected scheme, host and port alone, as https://shop.example")
        })?);
    }
    Ok(origins)
}

fn file_policy(table: Table<'_>) -> Result<FilePolicy> {
    let mut policy = FilePolicy::default();
    if let Some(value) = table.value("max_bytes") {
        let max = i64::try_from(FILE_MAX_BYTES).unwrap_or(i64::MAX);
        policy.max_bytes = value.integer(1..=max)?.unsigned_abs();
    }
    if let Some(value) = table.value("types") {
        policy.types = value
            .list(TYPES_MAX)?
            .iter()
            .map(media_type)
            .collect::<Result<_>>()?;
    }
    table.finish()?;
    Ok(policy)
}

fn callback_policy(table: Table<'_>) -> Result<CallbackPolicy> {
    let mut policy = CallbackPolicy::default();
    if let Some(list) = table.value("by") {
        (policy.phone, policy.chat) = (false, false);
        for value in list.list(LIST_MAX)? {
            match value.text(NAME_MAX_BYTES)?.as_str() {
                "phone" => policy.phone = true,
                "chat" => policy.chat = true,
                _ => return Err(value.error("expected phone or chat")),
            }
        }
        if !policy.phone && !policy.chat {
            return Err(list.error("expected phone, chat or both"));
        }
    }
    if let Some(list) = table.value("offered") {
        (policy.hello, policy.waiting, policy.offline) = (false, false, false);
        for value in list.list(LIST_MAX)? {
            match value.text(NAME_MAX_BYTES)?.as_str() {
                "hello" => policy.hello = true,
                "waiting" => policy.waiting = true,
                "offline" => policy.offline = true,
                _ => return Err(value.error("expected hello, waiting or offline")),
            }
        }
    }
    table.finish()?;
    Ok(policy)
}

fn idle_timeout(table: Table<'_>) -> Result<IdleTimeout> {
    let seconds = |value: &Value<'_>| {
        let seconds = value.integer(IDLE_MIN_S..=SILENCE_MAX_S)?;
        Ok(u32::try_from(seconds).unwrap_or(u32::MAX))
    };
    let warning_s = seconds(&table.required("warning_s")?)?;
    let timeout = table.required("timeout_s")?;
    let timeout_s = seconds(&timeout)?;
    if timeout_s <= warning_s {
        return Err(timeout.error("expected more than warning_s"));
    }
    table.finish()?;
    Ok(IdleTimeout {
        warning_s,
        timeout_s,
    })
}

fn silence_allowed(table: Table<'_>) -> Result<SilenceAllowed> {
    let mut allowed = SilenceAllowed::default();
    for (key, seconds) in [
        ("waiting_s", &mut allowed.waiting_s),
        ("chatting_s", &mut allowed.chatting_s),
    ] {
        if let Some(value) = table.value(key) {
            let wanted = value.integer(SILENCE_MIN_S..=SILENCE_MAX_S)?;
            *seconds = u32::try_from(wanted).unwrap_or(u32::MAX);
        }
    }
    table.finish()?;
    Ok(allowed)
}

fn retention_policy(table: Table<'_>) -> Result<RetentionPolicy> {
    let mut policy = RetentionPolicy::default();
    for (key, days) in [
        ("chats_days", &mut policy.chats_days),
        ("files_days", &mut policy.files_days),
        ("pages_days", &mut policy.pages_days),
        ("addresses_days", &mut policy.addresses_days),
    ] {
        if let Some(value) = table.value(key) {
            let wanted = value.integer(1..=DAYS_MAX)?;
            *days = u32::try_from(wanted).ok();
        }
    }
    table.finish()?;
    Ok(policy)
}

fn media_type(value: &Value<'_>) -> Result<String> {
    let text = value.text(NAME_MAX_BYTES)?;
    let part = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b".+-_".contains(&b))
    };
    match text.split_once('/') {
        Some((kind, subtype)) if part(kind) && part(subtype) => Ok(text),
        _ => Err(value.error("expected a type in small letters, as image/png")),
    }
}

/// Parses events with the names by which agents find them.
fn named(
    table: &Table<'_>,
    key: &'static str,
    mut event: impl FnMut(&Table<'_>) -> Result<Event>,
) -> Result<Vec<Template>> {
    let mut all: Vec<Template> = Vec::new();
    for one in table.tables(key, LIST_MAX)? {
        let value = one.required("name")?;
        let name = value.non_empty_text(NAME_MAX_BYTES)?;
        if all.iter().any(|known| known.name == name) {
            return Err(value.error("another one has this name"));
        }
        let event = event(&one)?;
        one.finish()?;
        all.push(Template { name, event });
    }
    Ok(all)
}

fn named_form(table: &Table<'_>, groups: &mut Vec<GroupUse>) -> Result<Event> {
    let value = table.required("form")?;
    let form: Option<Form> = form(value.table()?, "form", groups)?;
    let form = form.ok_or_else(|| value.error("it has no fields"))?;
    Ok(Event::new(EventBody::Form(form)))
}

fn rich_message(table: &Table<'_>) -> Result<Event> {
    let value = table.required("event")?;
    let mut fields = value.json()?;
    if let Some(fields) = fields.as_object_mut() {
        fields.entry("type").or_insert(json!("rich_message"));
    }
    let event: Event = decode_value(fields).map_err(|error| value.error(error.to_string()))?;
    let EventBody::RichMessage(rich) = &event.body else {
        return Err(value.error("expected a rich message"));
    };
    if matches!(rich.template_id, RichTemplate::Other(_)) {
        return Err(value.error("template_id: expected cards, quick_replies or sticker"));
    }
    if rich.elements().is_empty() {
        return Err(value.error(format!(
            "elements: expected at least one, with up to {BUTTONS_MAX} buttons"
        )));
    }
    event
        .validate()
        .map_err(|invalid| value.error(invalid.to_string()))?;
    Ok(event)
}

fn canned_responses(table: &Table<'_>) -> Result<Vec<CannedResponse>> {
    let mut all: Vec<CannedResponse> = Vec::new();
    for one in table.tables("canned_responses", LIST_MAX)? {
        let value = one.required("shortcut")?;
        let shortcut = value.non_empty_text(NAME_MAX_BYTES)?;
        if shortcut.contains(char::is_whitespace) {
            return Err(value.error("a shortcut is one word"));
        }
        if all.iter().any(|known| known.shortcut == shortcut) {
            return Err(value.error("another one has this shortcut"));
        }
        let text = one
            .required("text")?
            .non_empty_text(MESSAGE_TEXT_MAX_BYTES)?;
        one.finish()?;
        all.push(CannedResponse { shortcut, text });
    }
    Ok(all)
}

fn sensitive_data_rules(table: &Table<'_>) -> Result<Vec<SensitiveDataRule>> {
    let mut all = Vec::new();
    for (n, one) in table
        .tables("sensitive_data_rules", RULES_MAX.max(FORM_FIELDS_MAX))?
        .into_iter()
        .enumerate()
    {
        let pattern = one.required("pattern")?;
        let action = one.required("action")?;
        let action_type = match action.text(NAME_MAX_BYTES)?.as_str() {
            "replace" => redaction::REPLACE,
            "remove" => redaction::REMOVE,
            _ => return Err(action.error("expected replace or remove")),
        };
        let replacement = match one.value("replacement") {
            Some(value) if action_type == redaction::REMOVE => {
                return Err(value.error("a rule that removes has no replacement"));
            }
            Some(value) => Some(value.text(LABEL_MAX_BYTES)?),
            None => None,
        };
        let name = match one.value("name") {
            Some(name) => Some(name.non_empty_text(NAME_MAX_BYTES)?),
            None => None,
        };
        one.finish()?;
        let rule = SensitiveDataRule {
            id: Some((n + 1).to_string()),
            name,
            pattern: pattern.non_empty_text(LABEL_MAX_BYTES)?,
            action_type: action_type.to_owned(),
            replacement,
        };
        Redactor::compile(std::slice::from_ref(&rule)).map_err(|(_, why)| pattern.error(why))?;
        all.push(rule);
    }
    Ok(all)
}

fn identity_secret(table: Table<'_>, secrets: &dyn SecretSource) -> Result<SecretSlice<u8>> {
    let (value, found) = match (table.value("secret_env"), table.value("secret_file")) {
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
        (Some(_), Some(_)) | (None, None) => {
            return Err(table.error("expected secret_env or secret_file, one of them"));
        }
    };
    table.finish()?;
    let secret = found.ok_or_else(|| value.error("there is none to be read"))?;
    if secret.expose_secret().len() < SECRET_MIN_BYTES {
        return Err(value.error(format!(
            "the secret has less than {SECRET_MIN_BYTES} bytes: make one by `openssl rand -hex 32`"
        )));
    }
    Ok(secret)
}
