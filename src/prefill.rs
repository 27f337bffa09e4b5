//! Fills in answers of the pre-chat form, and the composer's text, that the page provides. What
//! the visitor has written stays.

use crate::erased::effect;
use leptos::prelude::*;
use parlor_session::{Answer, Intent};
use parlor_wire::event::FormField;

use crate::view::ChatContext;

/// The key of the composer's text; all others name fields of the form.
const MESSAGE: &str = "message";

/// Fills the values in now, and again when the deployment's form has arrived.
pub(crate) fn fill_in(chat: ChatContext, values: Vec<(String, Vec<String>)>) {
    let message = values.iter().find(|(key, _)| key == MESSAGE);
    if let Some(text) = message.and_then(|(_, values)| values.first())
        && chat.store.draft.with_untracked(String::is_empty)
    {
        chat.store.draft.set(text.clone());
        chat.send(Intent::Draft(text.clone()));
    }
    effect(move || {
        let welcome = chat.store.welcome.get();
        let form = welcome.as_ref().and_then(|it| it.prechat.as_ref());
        let known = chat.store.answers.get_untracked();
        let mut new = Vec::new();
        for field in form.map_or(&[][..], |form| &form.fields) {
            if let Some(answer) = answer(field, &values)
                && !known.iter().any(|it| it.field_id == answer.field_id)
            {
                new.push(answer);
            }
        }
        if !new.is_empty() {
            chat.store.answers.update(|answers| answers.extend(new));
        }
    });
}

/// The answer to a field, found by the field's id or by its kind.
fn answer(field: &FormField, values: &[(String, Vec<String>)]) -> Option<Answer> {
    let field_id = field.id.id();
    let by = |wanted: &str| values.iter().find(|(key, _)| key == wanted);
    let (_, values) = by(&field_id).or_else(|| by(field.kind.as_str()))?;
    Some(Answer {
        field_id,
        values: values.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_found_by_its_id_and_by_its_kind() {
        let field: FormField =
            serde_json::from_str(r#"{"type":"email","id":7,"label":"E-mail"}"#).unwrap();
        let values = |key: &str| vec![(key.to_owned(), vec!["a@b.example".to_owned()])];
        for key in ["7", "email"] {
            let found = answer(&field, &values(key)).unwrap();
            assert_eq!(found.field_id, "7");
            assert_eq!(found.values, ["a@b.example"]);
        }
        assert_eq!(answer(&field, &values("name")), None);
    }
}
