//! An event as plain text: for previews, notifications and the archive, which show
//! no cards and no forms. No sentence is made up here, since the language is not
//! known: only what is in the event comes out.

use super::{Element, EventBody, FilledField};

impl EventBody {
    /// The event in plain text, lines parted by `\n`; empty when it has no words.
    pub fn text_form(&self) -> String {
        match self {
            Self::Message(message) => message.text.clone(),
            Self::File(file) => [&file.name, &file.alternative_text]
                .into_iter()
                .flatten()
                .find(|text| !text.is_empty())
                .unwrap_or(&file.url)
                .clone(),
            Self::Form(form) => lines(form.fields.iter().map(|field| field.label.clone())),
            Self::FilledForm(form) => lines(form.fields.iter().map(answered)),
            Self::RichMessage(rich) => lines(rich.elements().iter().map(element)),
            Self::Custom(_) => String::new(),
            Self::SystemMessage(system) => system
                .text
                .clone()
                .unwrap_or_else(|| system.system_message_type.clone()),
            Self::Unknown { fields, .. } => fields
                .get("text")
                .and_then(|text| text.as_str())
                .unwrap_or_default()
                .to_owned(),
        }
    }
}

fn answered(field: &FilledField) -> String {
    let answers: Vec<&str> = field
        .answer
        .iter()
        .chain(field.answers.iter().flatten())
        .filter_map(|answer| answer.text())
        .collect();
    let label = field.label.trim_end_matches([':', ' ']);
    format!("{label}: {}", answers.join(", "))
}

fn element(element: &Element) -> String {
    let buttons: Vec<String> = element
        .buttons()
        .iter()
        .map(|button| format!("[{}]", button.text))
        .collect();
    let image = element
        .image
        .as_ref()
        .and_then(|image| image.alternative_text.clone());
    lines(
        [element.title.clone(), element.subtitle.clone(), image]
            .into_iter()
            .flatten()
            .chain([buttons.join(" ")]),
    )
}

fn lines(parts: impl Iterator<Item = String>) -> String {
    let parts: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
    parts.join("\n")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::Event;

    fn text(event: serde_json::Value) -> String {
        crate::decode_value::<Event>(event)
            .unwrap()
            .body
            .text_form()
    }

    #[test]
    fn filled_form_reads_as_questions_with_answers() {
        let told = text(json!({ "type": "filled_form", "form_id": "1", "fields": [
            { "type": "name", "id": "1", "label": "Name:", "answer": "Tom" },
            { "type": "checkbox", "id": "2", "label": "Industry", "answers": [
                { "id": "0", "label": "it" }, { "id": "1", "label": "cars" }
            ] },
            { "type": "email", "id": "3", "label": "E-mail:" },
        ] }));
        assert_eq!(told, "Name: Tom\nIndustry: it, cars\nE-mail: ");
    }

    #[test]
    fn card_reads_as_title_and_buttons() {
        let told = text(
            json!({ "type": "rich_message", "template_id": "cards", "elements": [
            { "title": "Shoes", "image": { "url": "x", "alternative_text": "A shoe" },
              "buttons": [{ "text": "Buy" }, { "text": "No" }] },
            {},
        ] }),
        );
        assert_eq!(told, "Shoes\nA shoe\n[Buy] [No]");
    }

    #[test]
    fn kinds_without_words_are_empty_and_unknown_ones_may_have_text() {
        assert_eq!(text(json!({ "type": "custom", "content": { "a": 1 } })), "");
        assert_eq!(text(json!({ "type": "poem", "text": "roses" })), "roses");
        assert_eq!(text(json!({ "type": "poem", "text": 3 })), "");
        assert_eq!(
            text(json!({ "type": "file", "url": "https://x/y" })),
            "https://x/y"
        );
    }
}
