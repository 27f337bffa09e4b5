//! Redaction by the deployment's sensitive data rules (Chat REST API,
//! `SensitiveDataRules`): removes or replaces matches in what visitors write.
//! The widget applies the rules before anything leaves the browser; the server
//! applies them again, to whatever client.
//!
//! What must stay true: every accepted rule compiles here and in browsers;
//! applying a rule twice does the same as applying it once.

mod backtracking;
mod portable;

use std::sync::{Arc, Mutex, PoisonError};

use parlor_wire::{
    event::{Answer, FilledForm},
    limits::LABEL_MAX_BYTES,
    visitor::{ChasitorInit, CustomEvent, SensitiveDataRule},
};
use regex::{NoExpand, Regex, RegexBuilder};
use serde_json::Value;

/// The size limit of one compiled rule in bytes: some hundred times that of a
/// rule for card numbers.
const COMPILED_MAX_BYTES: usize = 1 << 20;

/// The most rules of a deployment. Each runs over everything that is written.
pub(crate) const RULES_MAX: usize = 50;

/// Values of `actionType` (Chat REST API).
pub(crate) const REPLACE: &str = "Replace";
pub(crate) const REMOVE: &str = "Remove";

#[derive(Debug)]
struct Rule {
    pattern: Regex,
    /// Empty for rules that remove.
    replacement: String,
}

/// The rules of one deployment, compiled.
#[derive(Debug, Default)]
pub(crate) struct Redactor(Vec<Rule>);

impl Redactor {
    /// Compiles the rules of a deployment.
    ///
    /// # Errors
    /// The index of the first rule that cannot be used, and the reason.
    pub(crate) fn compile(rules: &[SensitiveDataRule]) -> Result<Self, (usize, String)> {
        let compiled = rules
            .iter()
            .enumerate()
            .map(|(n, rule)| compile(rule).map_err(|why| (n, why)));
        compiled.collect::<Result<_, _>>().map(Self)
    }

    pub(crate) fn redact_text(&self, text: &mut String) {
        for rule in &self.0 {
            if rule.pattern.is_match(text) {
                let redacted = rule
                    .pattern
                    .replace_all(text, NoExpand(&rule.replacement))
                    .into_owned();
                *text = redacted;
            }
        }
    }

    /// Redacts every string in the value, except the names of members.
    fn redact_json(&self, value: &mut Value) {
        match value {
            Value::String(text) => self.redact_text(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.redact_json(item)),
            Value::Object(fields) => fields
                .values_mut()
                .for_each(|field| self.redact_json(field)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    pub(crate) fn redact_filled_form(&self, form: &mut FilledForm) {
        for field in &mut form.fields {
            let answers = field.answers.iter_mut().flatten();
            for answer in field.answer.iter_mut().chain(answers) {
                match answer {
                    Answer::Text(text) => self.redact_text(text),
                    // Options are the deployment's own texts.
                    Answer::Choice(_) => {}
                    Answer::Other(value) => self.redact_json(value),
                }
            }
        }
    }

    /// Redacts a custom event of any kind. Ids and states are left as they are.
    pub(crate) fn redact_custom_event(&self, event: &mut CustomEvent) {
        if self.0.is_empty() {
            return;
        }
        let mut data = event.data.clone();
        match serde_json::from_str::<Value>(&data) {
            Ok(before) => {
                let mut redacted = before.clone();
                self.redact_event_data(&event.kind, &mut redacted);
                // The original text is kept when nothing matched.
                if redacted != before {
                    data = redacted.to_string();
                }
            }
            Err(_) => self.redact_text(&mut data),
        }
        *event = CustomEvent::new(std::mem::take(&mut event.kind), data);
    }

    /// Redacts the free texts in `data`, which depend on the kind
    /// (`docs/PROTOCOL.md`, 5).
    fn redact_event_data(&self, kind: &str, data: &mut Value) {
        let paired = data.get("type").and_then(Value::as_str) == Some(kind);
        let words: &[&str] = match kind {
            // The signature of a token that was changed would be wrong.
            "rich_message_postback" | "events_marked_as_seen" | "identify" => &[],
            "rating" => &["comment"],
            "session_fields" => &["session_fields"],
            "message" if paired => &["text", "properties"],
            "file" if paired => &["alternative_text", "properties"],
            "custom" if paired => &["content", "properties"],
            "filled_form" if paired => {
                for field in data
                    .get_mut("fields")
                    .and_then(Value::as_array_mut)
                    .into_iter()
                    .flatten()
                {
                    self.redact_answers(field);
                }
                &["properties"]
            }
            _ => return self.redact_json(data),
        };
        for member in words {
            if let Some(value) = data.get_mut(*member) {
                self.redact_json(value);
            }
        }
    }

    fn redact_answers(&self, field: &mut Value) {
        for member in ["answer", "answers"] {
            match field.get_mut(member) {
                Some(Value::Array(answers)) => {
                    answers.iter_mut().for_each(|one| self.redact_answer(one))
                }
                Some(answer) => self.redact_answer(answer),
                None => {}
            }
        }
    }

    fn redact_answer(&self, answer: &mut Value) {
        // Options are the deployment's own texts.
        if answer.get("id").is_none() {
            self.redact_json(answer);
        }
    }

    /// Redacts pre-chat details and form. The visitor's name is kept, also when
    /// a rule matches it.
    pub(crate) fn redact_init(&self, init: &mut ChasitorInit) {
        for detail in &mut init.prechat_details {
            self.redact_text(&mut detail.value);
        }
        if let Some(form) = &mut init.prechat_form {
            self.redact_filled_form(form);
        }
        if let Some(message) = &mut init.offline_message {
            self.redact_text(&mut message.text);
        }
    }
}

fn compile(rule: &SensitiveDataRule) -> Result<Rule, String> {
    let replacement = match rule.action_type.as_str() {
        REPLACE => rule
            .replacement
            .clone()
            .ok_or_else(|| "a rule that replaces needs a replacement".to_owned())?,
        REMOVE => String::new(),
        _ => return Err("the action is neither replace nor remove".to_owned()),
    };
    if rule.pattern.len() > LABEL_MAX_BYTES {
        return Err(format!("the pattern has more than {LABEL_MAX_BYTES} bytes"));
    }
    let pattern = portable::to_rust_syntax(&rule.pattern)?;
    if portable::matches_empty_text(&pattern) {
        return Err("the pattern matches where there is nothing".to_owned());
    }
    backtracking::check(&pattern)?;
    let pattern = RegexBuilder::new(&pattern)
        .size_limit(COMPILED_MAX_BYTES)
        .build()
        .map_err(|_| "the pattern is too large once compiled".to_owned())?;
    if pattern.is_match(&replacement) {
        return Err("the pattern matches its own replacement".to_owned());
    }
    Ok(Rule {
        pattern,
        replacement,
    })
}

/// Keeps the rules that were used last, compiled. A site has one deployment, or
/// several with the same rules; others are compiled on each use.
#[derive(Debug, Default)]
pub(crate) struct RedactorCache(Mutex<Option<(Vec<SensitiveDataRule>, Arc<Redactor>)>>);

impl RedactorCache {
    /// The redactor for these rules, from the cache if they were used last.
    ///
    /// # Errors
    /// As [`Redactor::compile`].
    pub(crate) fn for_rules(
        &self,
        rules: &[SensitiveDataRule],
    ) -> Result<Arc<Redactor>, (usize, String)> {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, redactor)) = last.as_ref()
            && known == rules
        {
            return Ok(redactor.clone());
        }
        let redactor = Arc::new(Redactor::compile(rules)?);
        *last = Some((rules.to_vec(), redactor.clone()));
        Ok(redactor)
    }
}

#[cfg(test)]
mod tests {
    use parlor_wire::event::EventBody;
    use serde_json::json;

    use super::*;

    fn rule(pattern: &str, replacement: Option<&str>) -> SensitiveDataRule {
        SensitiveDataRule {
            pattern: pattern.to_owned(),
            action_type: replacement.map_or(REMOVE, |_| REPLACE).to_owned(),
            replacement: replacement.map(str::to_owned),
            ..SensitiveDataRule::default()
        }
    }

    fn redactor() -> Redactor {
        let card = rule(r"\b(?:\d[ -]?){13,16}\b", Some("$0 ****"));
        Redactor::compile(&[card, rule("secret", None)]).unwrap()
    }

    fn redacted(text: &str) -> String {
        let mut text = text.to_owned();
        redactor().redact_text(&mut text);
        text
    }

    #[test]
    fn what_matches_is_replaced_literally_or_removed() {
        assert_eq!(redacted("pay 4111 1111 1111 1111!"), "pay $0 ****!");
        assert_eq!(redacted("a secretsecret word"), "a  word");
        assert_eq!(redacted("nothing here, 12345"), "nothing here, 12345");
        assert_eq!(redacted(&redacted("4111111111111111")), "$0 ****");
        // Letters of other alphabets do not count as word characters, as in
        // browsers.
        assert_eq!(redacted("карта4111111111111111"), "карта$0 ****");
    }

    #[test]
    fn a_harmful_rule_is_refused() {
        for (rule, words) in [
            (rule("x*", None), "nothing"),
            (rule(r"\bx?", None), "nothing"),
            (rule("x", Some("axb")), "own replacement"),
            (rule(r"(?:\d+){1,20}x", None), "next character"),
            (rule(r"(?:\d|\d\d)+x", None), "next character"),
            (rule(r"[a-z]{1000}{1000}", None), "twice"),
            (rule(r"[^é]{1000}", None), "too large"),
            (
                SensitiveDataRule {
                    pattern: "x".to_owned(),
                    action_type: "Hide".to_owned(),
                    ..SensitiveDataRule::default()
                },
                "neither",
            ),
        ] {
            let (_, why) = Redactor::compile(&[rule]).unwrap_err();
            assert!(why.contains(words), "{why}");
        }
    }

    #[test]
    fn texts_are_redacted_and_ids_are_not() {
        let redactor = Redactor::compile(&[rule("[0-9]{4}", Some("*"))]).unwrap();
        for (kind, data, expected) in [
            (
                "custom",
                json!({"type": "custom", "custom_id": "1234", "content": {"a": ["b 1234"], "n": 1234}}),
                None,
            ),
            ("page", json!("plain 1234"), Some(json!("plain *"))),
            (
                "rating",
                json!({"score": "good", "comment": "1234"}),
                Some(json!({"score": "good", "comment": "*"})),
            ),
            (
                "rich_message_postback",
                json!({"thread_id": "1234"}),
                Some(json!({"thread_id": "1234"})),
            ),
            (
                "session_fields",
                json!({"session_fields": [{"card": "1234"}]}),
                Some(json!({"session_fields": [{"card": "*"}]})),
            ),
        ] {
            let told = json!({"type": kind, "data": data.to_string()});
            let mut event: CustomEvent = serde_json::from_value(told).unwrap();
            redactor.redact_custom_event(&mut event);
            match expected {
                Some(expected) => {
                    let data: Value = serde_json::from_str(&event.data).unwrap();
                    assert_eq!(data, expected);
                }
                None => {
                    let event = event.event().unwrap();
                    assert_eq!(event.custom_id.unwrap().as_str(), "1234");
                    let EventBody::Custom(custom) = event.body else {
                        panic!("{kind}")
                    };
                    assert_eq!(custom.content, Some(json!({"a": ["b *"], "n": 1234})));
                }
            }
        }
    }
}
