//! The company for which a visitor is there: the one that the site's identity token names, or
//! else the one that they have named before the chat.

use parlor_wire::{
    event::FilledForm,
    limits::{ID_MAX_BYTES, NAME_MAX_BYTES},
    visitor::{ChasitorInit, CustomDetail},
};

use super::{hidden_details, identify::Vouched};
use crate::store::row::Company;

/// The labels and names of fields that ask for it, in small letters and without blanks.
const FIELDS: [&str; 6] = [
    "company",
    "companyname",
    "yourcompany",
    "organization",
    "organisation",
    "firm",
];

/// Answers that agents must not see are not read: webhooks are told what agents are.
pub(super) fn of(init: &ChasitorInit, vouched: Option<&Vouched>) -> Option<Company> {
    if let Some(company) = vouched.and_then(Vouched::company) {
        return Some(company.clone());
    }
    let form = hidden_details::shown_form(init);
    let details = init.prechat_details.iter();
    let mut answered = details.filter(|detail| !detail.is_hidden_from_agents() && asks(detail));
    let name = form
        .as_ref()
        .and_then(in_form)
        .or_else(|| answered.next().map(|detail| detail.value.clone()))?;
    let name = name.trim();
    let is_good = (1..=NAME_MAX_BYTES.min(ID_MAX_BYTES)).contains(&name.len());
    is_good.then(|| Company {
        name: name.to_owned(),
        identifier: None,
    })
}

fn in_form(form: &FilledForm) -> Option<String> {
    let mut fields = form.fields.iter();
    let field = fields.find(|field| is_company(&field.id.id()) || is_company(&field.label))?;
    Some(field.answer.as_ref()?.text()?.to_owned())
}

fn asks(detail: &CustomDetail) -> bool {
    let maps = detail.entity_field_maps.iter().flatten();
    let mut names = maps
        .map(|map| &map.field_name)
        .chain(&detail.transcript_fields);
    is_company(&detail.label) || names.any(|name| is_company(name))
}

fn is_company(text: &str) -> bool {
    let word: String = text
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    FIELDS.contains(&word.as_str())
}
