//! Sensitive data rules (seed 001, SensitiveDataRules): what must not be kept
//! of what a visitor writes. The widget applies them before anything leaves the
//! browser; here they are applied again, whoever sent it.
//!
//! What must stay true: a rule that is taken compiles here and in a browser, and
//! applied twice does no more than applied once.

mod portable;

use std::sync::{Arc, Mutex, PoisonError};

use parlor_wire::{
    event::{Answer, EventBody, FilledForm},
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
pub(crate) struct Masks(Vec<Rule>);

impl Masks {
    /// # Errors
    /// The index of the first rule that cannot be used, and why.
    pub(crate) fn compile(rules: &[SensitiveDataRule]) -> Result<Self, (usize, String)> {
        let compiled = rules
            .iter()
            .enumerate()
            .map(|(n, rule)| compile(rule).map_err(|why| (n, why)));
        compiled.collect::<Result<_, _>>().map(Self)
    }

    pub(crate) fn text(&self, text: &mut String) {
        for rule in &self.0 {
            if rule.pattern.is_match(text) {
                let masked = rule
                    .pattern
                    .replace_all(text, NoExpand(&rule.replacement))
                    .into_owned();
                *text = masked;
            }
        }
    }

    fn text_if(&self, text: &mut Option<String>) {
        if let Some(text) = text {
            self.text(text);
        }
    }

    /// Every text in it, names of members aside.
    fn json(&self, value: &mut Value) {
        match value {
            Value::String(text) => self.text(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.json(item)),
            Value::Object(fields) => fields.values_mut().for_each(|field| self.json(field)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    pub(crate) fn filled_form(&self, form: &mut FilledForm) {
        for field in &mut form.fields {
            let answers = field.answers.iter_mut().flatten();
            for answer in field.answer.iter_mut().chain(answers) {
                match answer {
                    Answer::Text(text) => self.text(text),
                    // The deployment's own words.
                    Answer::Choice(_) => {}
                    Answer::Other(value) => self.json(value),
                }
            }
        }
    }

    fn body(&self, body: &mut EventBody) {
        match body {
            EventBody::Message(message) => self.text(&mut message.text),
            EventBody::FilledForm(form) => self.filled_form(form),
            EventBody::File(file) => self.text_if(&mut file.alternative_text),
            EventBody::Custom(custom) => {
                if let Some(content) = &mut custom.content {
                    self.json(content);
                }
            }
            EventBody::Form(_)
            | EventBody::RichMessage(_)
            | EventBody::SystemMessage(_)
            | EventBody::Unknown { .. } => {}
        }
    }

    /// A custom event of any kind. Ids and states in it stay what they are.
    pub(crate) fn custom_event(&self, event: &mut CustomEvent) {
        if self.0.is_empty() {
            return;
        }
        if let Some(event) = event.event.as_deref_mut() {
            self.body(&mut event.body);
            return;
        }
        let Ok(mut data) = serde_json::from_str::<Value>(&event.data) else {
            self.text(&mut event.data);
            return;
        };
        let words = match event.kind.as_str() {
            "rich_message_postback" | "events_marked_as_seen" => return,
            "rating" => data.get_mut("comment"),
            "session_fields" => data.get_mut("session_fields"),
            _ => Some(&mut data),
        };
        if let Some(words) = words {
            let before = words.clone();
            self.json(words);
            // As it came, where there was nothing to mask.
            if *words != before {
                event.data = data.to_string();
            }
        }
    }

    /// What the visitor told about themself. The name stays: who is called by
    /// a number is still called so.
    pub(crate) fn init(&self, init: &mut ChasitorInit) {
        for detail in &mut init.prechat_details {
            self.text(&mut detail.value);
        }
        if let Some(form) = &mut init.prechat_form {
            self.filled_form(form);
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
    let pattern = portable::for_us(&rule.pattern)?;
    let pattern = RegexBuilder::new(&pattern)
        .size_limit(COMPILED_MAX_BYTES)
        .build()
        .map_err(|_| "the pattern is too large once compiled".to_owned())?;
    if pattern.is_match("") {
        return Err("the pattern matches where there is nothing".to_owned());
    }
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
pub(crate) struct Compiled(Mutex<Option<(Vec<SensitiveDataRule>, Arc<Masks>)>>);

impl Compiled {
    /// # Errors
    /// As [`Masks::compile`].
    pub(crate) fn of(&self, rules: &[SensitiveDataRule]) -> Result<Arc<Masks>, (usize, String)> {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, masks)) = last.as_ref()
            && known == rules
        {
            return Ok(masks.clone());
        }
        let masks = Arc::new(Masks::compile(rules)?);
        *last = Some((rules.to_vec(), masks.clone()));
        Ok(masks)
    }
}

#[cfg(test)]
mod tests {
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

    fn masks() -> Masks {
        let card = rule(r"\b(?:\d[ -]?){13,16}\b", Some("$0 ****"));
        Masks::compile(&[card, rule("secret", None)]).unwrap()
    }

    fn masked(text: &str) -> String {
        let mut text = text.to_owned();
        masks().text(&mut text);
        text
    }

    #[test]
    fn what_matches_is_replaced_literally_or_removed() {
        assert_eq!(masked("pay 4111 1111 1111 1111!"), "pay $0 ****!");
        assert_eq!(masked("a secretsecret word"), "a  word");
        assert_eq!(masked("nothing here, 12345"), "nothing here, 12345");
        assert_eq!(masked(&masked("4111111111111111")), "$0 ****");
        // A word of another alphabet is no part of the number, as in a browser.
        assert_eq!(masked("карта4111111111111111"), "карта$0 ****");
    }

    #[test]
    fn a_rule_that_does_harm_is_refused() {
        for (rule, words) in [
            (rule("x*", None), "nothing"),
            (rule("x", Some("axb")), "own replacement"),
            (rule(r"[a-z]{1000}{1000}", None), "twice"),
            (rule(r"\w{900}", None), "too large"),
            (
                SensitiveDataRule {
                    pattern: "x".to_owned(),
                    action_type: "Hide".to_owned(),
                    ..SensitiveDataRule::default()
                },
                "neither",
            ),
        ] {
            let (_, why) = Masks::compile(&[rule]).unwrap_err();
            assert!(why.contains(words), "{why}");
        }
    }

    #[test]
    fn words_are_masked_and_ids_are_not() {
        let masks = Masks::compile(&[rule("[0-9]{4}", Some("*"))]).unwrap();
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
            masks.custom_event(&mut event);
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
