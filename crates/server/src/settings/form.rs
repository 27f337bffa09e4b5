//! Forms in the settings file, with all nine field types (Agent Chat API,
//! Form).

use parlor_wire::{
    Loose,
    event::{EventBody, FieldKind, Form, FormField, FormOption},
    limits::{FORM_FIELDS_MAX, FORM_OPTIONS_MAX, ID_MAX_BYTES, LABEL_MAX_BYTES},
};

use super::{
    GroupUse,
    read::{Result, Table},
};

const KINDS: [FieldKind; 9] = [
    FieldKind::Name,
    FieldKind::Email,
    FieldKind::Question,
    FieldKind::Subject,
    FieldKind::Textarea,
    FieldKind::Checkbox,
    FieldKind::Radio,
    FieldKind::Select,
    FieldKind::GroupChooser,
];

/// Parses a form. `None` when its list of fields is empty, which switches the
/// form off. The groups that can be chosen in it are added to `groups`.
pub(super) fn form(
    table: Table<'_>,
    purpose: &str,
    groups: &mut Vec<GroupUse>,
) -> Result<Option<Form>> {
    let form_id = match table.value("form_id") {
        Some(id) => id.non_empty_text(ID_MAX_BYTES)?,
        None => purpose.to_owned(),
    };
    let form_type = match table.value("form_type") {
        Some(kind) => kind.non_empty_text(LABEL_MAX_BYTES)?,
        None => purpose.to_owned(),
    };
    let mut fields: Vec<FormField> = Vec::new();
    table.required("fields")?;
    for field in table.tables("fields", FORM_FIELDS_MAX)? {
        let id = field.required("id")?;
        let field = parse_field(field, groups)?;
        if fields.iter().any(|known| known.id == field.id) {
            return Err(id.error("another field of this form has this id"));
        }
        fields.push(field);
    }
    if fields.is_empty() {
        table.finish()?;
        return Ok(None);
    }
    let form = Form {
        form_id: Loose::from(form_id.as_str()),
        form_type: Some(form_type),
        fields,
    };
    if let Err(invalid) = EventBody::Form(form.clone()).validate() {
        return Err(table.error(invalid.to_string()));
    }
    table.finish()?;
    Ok(Some(form))
}

fn parse_field(table: Table<'_>, groups: &mut Vec<GroupUse>) -> Result<FormField> {
    let word = table.required("type")?;
    let kind = FieldKind::from(word.text(LABEL_MAX_BYTES)?.as_str());
    if !KINDS.contains(&kind) {
        let known: Vec<_> = KINDS.iter().map(FieldKind::as_str).collect();
        return Err(word.error(format!("expected one of {}", known.join(", "))));
    }
    let id = table.required("id")?.non_empty_text(ID_MAX_BYTES)?;
    let label = table.required("label")?.non_empty_text(LABEL_MAX_BYTES)?;
    let required = match table.value("required") {
        Some(flag) => flag.flag()?,
        None => false,
    };
    let options = table.value("options");
    if let Some(options) = options.as_ref().filter(|_| !kind.is_choice()) {
        return Err(options.error(format!("a field of type {kind} has no options")));
    }
    let mut choices: Vec<FormOption> = Vec::new();
    for choice in table.tables("options", FORM_OPTIONS_MAX)? {
        let id = choice.required("id")?;
        let option = option(choice, &kind, groups)?;
        if choices.iter().any(|known| known.id == option.id) {
            return Err(id.error("another option of this field has this id"));
        }
        choices.push(option);
    }
    if kind.is_choice() && choices.is_empty() {
        return Err(table.error(format!("a field of type {kind} needs options")));
    }
    table.finish()?;
    Ok(FormField {
        options: kind.is_choice().then_some(choices),
        kind,
        id: Loose::from(id.as_str()),
        label,
        required: Some(required),
    })
}

fn option(table: Table<'_>, kind: &FieldKind, groups: &mut Vec<GroupUse>) -> Result<FormOption> {
    let id = table.required("id")?.non_empty_text(ID_MAX_BYTES)?;
    let label = table.required("label")?.non_empty_text(LABEL_MAX_BYTES)?;
    let group_id = match kind {
        FieldKind::GroupChooser => Some(GroupUse::read(&table.required("group_id")?, groups)?),
        _ => None,
    };
    table.finish()?;
    Ok(FormOption {
        id: Loose::from(id.as_str()),
        label,
        group_id,
    })
}
