//! Removes sensitive data from texts before they leave the browser, by the deployment's rules (Chat
//! REST API, `SensitiveDataRules`). The endpoint applies the same rules again.

use std::cell::RefCell;

use js_sys::{JsString, RegExp};
use parlor_session::{Answer, Intent};
use parlor_wire::visitor::SensitiveDataRule;
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};

#[wasm_bindgen]
extern "C" {
    /// The `RegExp` of js-sys, whose constructor returns an error for an ill-formed pattern.
    #[wasm_bindgen(js_name = RegExp)]
    type Pattern;
    #[wasm_bindgen(constructor, catch, js_class = RegExp)]
    fn new(pattern: &str, flags: &str) -> Result<Pattern, JsValue>;
}

#[derive(Default)]
pub(super) struct Redaction {
    rules: RefCell<Vec<(RegExp, String)>>,
}

impl Redaction {
    /// Replaces the rules. A pattern that this browser cannot compile is left to the endpoint.
    pub(super) fn set_rules(&self, rules: &[SensitiveDataRule]) {
        let rule = |rule: &SensitiveDataRule| {
            let pattern = Pattern::new(&rule.pattern, "gu").ok()?;
            let replacement = match rule.action_type.as_str() {
                "Replace" => rule.replacement.clone().unwrap_or_default(),
                _ => String::new(),
            };
            // In a replacement, a single `$` would insert a part of the match.
            Some((pattern.unchecked_into(), replacement.replace('$', "$$")))
        };
        self.rules.replace(rules.iter().filter_map(rule).collect());
    }

    /// The intent with its texts redacted.
    pub(super) fn redact(&self, mut intent: Intent) -> Intent {
        match &mut intent {
            Intent::Send(text) | Intent::Draft(text) => self.redact_text(text),
            Intent::Rate {
                comment: Some(text),
                ..
            } => self.redact_text(text),
            Intent::SubmitPrechat(answers) | Intent::SubmitForm { answers, .. } => {
                let values = answers
                    .iter_mut()
                    .flat_map(|it: &mut Answer| &mut it.values);
                values.for_each(|value| self.redact_text(value));
            }
            Intent::LeaveMessage(message) => {
                self.redact_text(&mut message.text);
                let answers = message.answers.iter_mut();
                let values = answers.flat_map(|it: &mut Answer| &mut it.values);
                values.for_each(|value| self.redact_text(value));
            }
            // Mail could not be sent to a part of an address.
            Intent::RequestTranscript(_) => {}
            // What the visitor wrote is in none of these. What the page sends is the page's own.
            Intent::StartConversation
            | Intent::BackToHello
            | Intent::Press { .. }
            | Intent::Attach(_)
            | Intent::Rate { comment: None, .. }
            | Intent::LoadEarlier(_)
            | Intent::SendCustom(_)
            | Intent::SetAttributes(_)
            | Intent::Identify(_)
            | Intent::Claim(_)
            | Intent::Track(_)
            | Intent::Page(_)
            | Intent::Retry(_)
            | Intent::Delete(_)
            | Intent::EndChat
            | Intent::StartAgain
            | Intent::Stay
            | Intent::WindowShown(_) => {}
        }
        intent
    }

    fn redact_text(&self, text: &mut String) {
        for (pattern, replacement) in &*self.rules.borrow() {
            let original = JsString::from(text.as_str());
            *text = original.replace_by_pattern(pattern, replacement).into();
        }
    }
}
