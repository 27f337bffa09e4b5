//! Sensitive data rules (seed 001, SensitiveDataRules): what must not be kept
//! of what a visitor writes. The widget applies them before anything leaves the
//! browser; here they are applied again, whoever sent it.
//!
//! What must stay true: a rule that is taken compiles here and in a browser, and
//! applied twice does no more than applied once.

mod portable;

use std::sync::{Arc, Mutex, PoisonError};

use parlor_wire::{
    event::{Answer, FilledForm},
    limits::LABEL_MAX_BYTES,
    visitor::{ChasitorInit, CustomEvent, SensitiveDataRule},
};
use regex::{NoExpand, Regex, RegexBuilder};
use serde_json::Value;

/// Bytes of one compiled rule: a few hundred times what a card's number takes.
const COMPILED_MAX_BYTES: usize = 1 << 20;

/// Rules of a deployment: each is looked for in everything that is written.
pub(crate) const RULES_MAX: usize = 50;

/// `action_type` of seed 001.
pub(crate) const REPLACE: &str = "Replace";
pub(crate) const REMOVE: &str = "Remove";

#[derive(Debug)]
struct Rule {
    pattern: Regex,
    /// Empty where what matches is removed.
    replacement: String,
}

/// The rules of one deployment, compiled.
#[derive(Debug, Default)]
pub(crate) struct Redactor(Vec<Rule>);

impl Redactor {
    /// # Errors
    /// The index of the first rule that cannot be used, and why.
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

    /// Every text in it, names of members aside.
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
                    // The deployment's own words.
                    Answer::Choice(_) => {}
                    Answer::Other(value) => self.redact_json(value),
                }
            }
        }
    }

    /// A custom event of any kind. Ids and states in it stay what they are.
    pub(crate) fn redact_custom_event(&self, event: &mut CustomEvent) {
        if self.0.is_empty() {
            return;
        }
        let mut data = event.data.clone();
        match serde_json::from_str::<Value>(&data) {
            Ok(before) => {
                let mut redacted = before.clone();
                self.redact_event_data(&event.kind, &mut redacted);
                // As it came, where there was nothing to mask.
                if redacted != before {
                    data = redacted.to_string();
                }
            }
            Err(_) => self.redact_text(&mut data),
        }
        *event = CustomEvent::new(std::mem::take(&mut event.kind), data);
    }

    /// Where words stand in `data`, by the kind (`docs/PROTOCOL.md`, 5).
    fn redact_event_data(&self, kind: &str, data: &mut Value) {
        let paired = data.get("type").and_then(Value::as_str) == Some(kind);
        let words: &[&str] = match kind {
            "rich_message_postback" | "events_marked_as_seen" => &[],
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
        // An option is the deployment's own words.
        if answer.get("id").is_none() {
            self.redact_json(answer);
        }
    }

    /// What the visitor told about themself. The name stays: who is called by
    /// a number is still called so.
    pub(crate) fn redact_init(&self, init: &mut ChasitorInit) {
        for detail in &mut init.prechat_details {
            self.redact_text(&mut detail.value);
        }
        if let Some(form) = &mut init.prechat_form {
            self.redact_filled_form(form);
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

/// The rules used last, compiled. A site has one deployment, or a few whose
/// rules are the same; what is asked for otherwise is compiled anew.
#[derive(Debug, Default)]
pub(crate) struct RedactorCache(Mutex<Option<(Vec<SensitiveDataRule>, Arc<Redactor>)>>);

impl RedactorCache {
    /// # Errors
    /// As [`Masks::compile`].
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
        // A word of another alphabet is no part of the number, as in a browser.
        assert_eq!(redacted("карта4111111111111111"), "карта$0 ****");
    }

    #[test]
    fn a_rule_that_does_harm_is_refused() {
        for (rule, words) in [
            (rule("x*", None), "nothing"),
            (rule(r"\bx?", None), "nothing"),
            (rule("x", Some("axb")), "own replacement"),
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
    fn words_are_masked_and_ids_are_not() {
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
