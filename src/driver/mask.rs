//! What a deployment does not want to be sent (seed 001, SensitiveDataRules):
//! masked here, before anything of it leaves the browser. The endpoint does
//! the same again.

use std::cell::RefCell;

use js_sys::{JsString, RegExp};
use parlor_session::{Answer, Intent};
use parlor_wire::visitor::SensitiveDataRule;
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};

#[wasm_bindgen]
extern "C" {
    /// As of `js-sys`, but what is ill-formed is told and does not throw.
    #[wasm_bindgen(js_name = RegExp)]
    type Pattern;
    #[wasm_bindgen(constructor, catch, js_class = RegExp)]
    fn new(pattern: &str, flags: &str) -> Result<Pattern, JsValue>;
}

#[derive(Default)]
pub(super) struct Mask {
    rules: RefCell<Vec<(RegExp, String)>>,
}

impl Mask {
    /// A pattern that this browser cannot read is left to the endpoint.
    pub(super) fn set(&self, rules: &[SensitiveDataRule]) {
        let rule = |rule: &SensitiveDataRule| {
            let pattern = Pattern::new(&rule.pattern, "gu").ok()?;
            let replacement = match rule.action_type.as_str() {
                "Replace" => rule.replacement.clone().unwrap_or_default(),
                _ => String::new(),
            };
            // `$` would bring back a part of what was found.
            Some((pattern.unchecked_into(), replacement.replace('$', "$$")))
        };
        self.rules.replace(rules.iter().filter_map(rule).collect());
    }

    /// What a person wants, without what must not be sent.
    pub(super) fn intent(&self, mut intent: Intent) -> Intent {
        match &mut intent {
            Intent::Send(text) | Intent::Draft(text) => self.text(text),
            Intent::Rate {
                comment: Some(text),
                ..
            } => self.text(text),
            Intent::SubmitPrechat(answers) | Intent::SubmitForm { answers, .. } => {
                let values = answers
                    .iter_mut()
                    .flat_map(|it: &mut Answer| &mut it.values);
                values.for_each(|value| self.text(value));
            }
            _ => {}
        }
        intent
    }

    fn text(&self, text: &mut String) {
        for (pattern, replacement) in &*self.rules.borrow() {
            let said = JsString::from(text.as_str());
            *text = said.replace_by_pattern(pattern, replacement).into();
        }
    }
}
