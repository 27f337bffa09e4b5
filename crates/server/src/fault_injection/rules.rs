//! The rules file, parsed and validated.

use axum::http::StatusCode;
use serde::Deserialize;

/// Somewhat longer than a client waits for a response.
const SILENCE_MS: u64 = 60_000;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rules {
    /// The seed for `probability`.
    #[serde(default)]
    pub(super) seed: u64,
    #[serde(default)]
    pub(super) rule: Vec<Rule>,
}

/// One `[[rule]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    /// `GET` or `POST`; any method when absent.
    #[serde(default)]
    method: Option<String>,
    /// `ChatMessage` or `Chasitor/ChatMessage`; any resource when absent.
    #[serde(default)]
    resource: Option<String>,
    /// Applies to every nth matching request.
    #[serde(default)]
    every: Option<u64>,
    /// Or to this share of them, from 0 to 1.
    #[serde(default)]
    probability: Option<f64>,
    /// This many matching requests are left alone first.
    #[serde(default)]
    after: u64,
    /// Applied at most this often.
    #[serde(default)]
    times: Option<u64>,
    action: String,
    #[serde(default)]
    ms: Option<u64>,
    #[serde(default)]
    keep_bytes: Option<usize>,
    #[serde(default)]
    status: Option<u16>,
    #[serde(default)]
    retry_after_s: Option<u64>,
    /// The action with its parameters, parsed from the fields above.
    #[serde(skip, default = "no_action")]
    pub(super) parsed_action: Action,
}

/// What happens to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    /// It never reaches the endpoint.
    LoseRequest { ms: u64 },
    /// It is carried out, and the response is lost.
    LoseAnswer { ms: u64 },
    /// It is carried out, and the response is late.
    Delay { ms: u64 },
    /// It is carried out, and the body of the response is cut.
    Cut { keep_bytes: usize },
    /// It is not carried out, and answered with this status.
    Status {
        status: StatusCode,
        retry_after_s: Option<u64>,
    },
}

fn no_action() -> Action {
    Action::Delay { ms: 0 }
}

impl Rules {
    pub(super) fn parse(text: &str) -> anyhow::Result<Self> {
        let mut rules: Self = toml::from_str(text)?;
        for (n, rule) in rules.rule.iter_mut().enumerate() {
            let action = rule.parse_action();
            rule.parsed_action =
                action.map_err(|wrong| anyhow::anyhow!("rule {}: {wrong}", n + 1))?;
        }
        Ok(rules)
    }
}

impl Rule {
    fn parse_action(&self) -> Result<Action, String> {
        if self.every == Some(0) {
            return Err("every: expected 1 or more".to_owned());
        }
        if self.probability.is_some_and(|p| !(0.0..=1.0).contains(&p)) {
            return Err("probability: expected 0 to 1".to_owned());
        }
        if self.every.is_some() && self.probability.is_some() {
            return Err("every and probability exclude each other".to_owned());
        }
        let ms = self.ms.unwrap_or(SILENCE_MS);
        Ok(match self.action.as_str() {
            "lose_request" => Action::LoseRequest { ms },
            "lose_answer" => Action::LoseAnswer { ms },
            "delay" => Action::Delay {
                ms: self.ms.ok_or("delay: ms is missing")?,
            },
            "cut" => Action::Cut {
                keep_bytes: self.keep_bytes.unwrap_or(0),
            },
            "status" => Action::Status {
                status: self
                    .status
                    .and_then(|code| StatusCode::from_u16(code).ok())
                    .filter(|code| code.is_client_error() || code.is_server_error())
                    .ok_or("status: expected 400 to 599")?,
                retry_after_s: self.retry_after_s,
            },
            other => {
                return Err(format!(
                    "action {other:?}: expected lose_request, lose_answer, delay, cut or status"
                ));
            }
        })
    }

    pub(super) fn matches(&self, method: &str, path: &str) -> bool {
        let method_matches = self
            .method
            .as_deref()
            .is_none_or(|m| m.eq_ignore_ascii_case(method));
        let resource_matches = self.resource.as_deref().is_none_or(|resource| {
            path == resource
                || path
                    .strip_suffix(resource)
                    .is_some_and(|before| before.ends_with('/'))
        });
        method_matches && resource_matches
    }

    /// Whether the rule applies to this request, which `matched` already
    /// counts.
    pub(super) fn is_due(&self, matched: u64, applied: u64, chance: impl FnOnce() -> f64) -> bool {
        if matched <= self.after || self.times.is_some_and(|times| applied >= times) {
            return false;
        }
        match (self.every, self.probability) {
            (Some(every), _) => (matched - self.after).is_multiple_of(every),
            (None, Some(share)) => chance() < share,
            (None, None) => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(text: &str) -> String {
        format!("{:#}", Rules::parse(text).unwrap_err())
    }

    #[test]
    fn mistakes_in_the_rules_file_are_named() {
        assert!(wrong("[[rule]]\naction = \"loose\"").contains("rule 1: action \"loose\""));
        assert!(wrong("[[rule]]\naction = \"delay\"").contains("ms is missing"));
        assert!(wrong("[[rule]]\naction = \"status\"\nstatus = 200").contains("400 to 599"));
        assert!(wrong("[[rule]]\naction = \"cut\"\nevery = 0").contains("every"));
        assert!(wrong("[[rule]]\naction = \"cut\"\nprobability = 2.0").contains("probability"));
        assert!(wrong("rules = 3").contains("rules"));
    }

    #[test]
    fn a_rule_matches_by_method_and_resource() {
        let text = "[[rule]]\nmethod = \"POST\"\nresource = \"ChatMessage\"\naction = \"cut\"";
        let rules = Rules::parse(text).unwrap();
        let rule = &rules.rule[0];
        assert!(rule.matches("POST", "Chasitor/ChatMessage"));
        assert!(!rule.matches("GET", "Chasitor/ChatMessage"));
        assert!(!rule.matches("POST", "Chasitor/NoChatMessage"));
    }

    #[test]
    fn every_second_after_the_first_two_and_three_times_at_most() {
        let text = "[[rule]]\nevery = 2\nafter = 2\ntimes = 3\naction = \"cut\"";
        let rule = &Rules::parse(text).unwrap().rule[0];
        let mut applied = 0;
        let due: Vec<u64> = (1..=12)
            .filter(|matched| {
                let due = rule.is_due(*matched, applied, || 0.0);
                applied += u64::from(due);
                due
            })
            .collect();
        assert_eq!(due, [4, 6, 8]);
    }
}
