//! Any event that can be made encodes to JSON that decodes to the same event.

#![cfg(test)]

use parlor_wire::event::{
    Answer, Button, ButtonKind, Choice, Custom, Element, FieldKind, File, FilledField, FilledForm,
    Form, FormField, FormOption, Image, LinkTarget, Message, Postback, RichMessage, SystemMessage,
    Template, WebviewHeight,
};
use parlor_wire::{Event, EventBody, Fields, Loose, Properties, Visibility, decode};
use proptest::collection::{btree_map, vec};
use proptest::option::of;
use proptest::prelude::*;
use serde_json::Value;

fn text() -> impl Strategy<Value = String> {
    "\\PC{0,12}"
}

fn word() -> impl Strategy<Value = String> {
    "[a-z_]{1,10}"
}

fn loose() -> impl Strategy<Value = Loose> {
    prop_oneof![
        text().prop_map(Loose::Text),
        any::<i64>().prop_map(Loose::from)
    ]
}

/// Never `null` at the top: that is read as absent.
fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        let inner = prop_oneof![1 => Just(Value::Null), 5 => inner];
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map(text(), inner, 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

fn fields() -> impl Strategy<Value = Fields> {
    btree_map(word(), json(), 0..4).prop_map(|fields| fields.into_iter().collect())
}

fn message() -> impl Strategy<Value = Message> {
    let postback = (text(), text(), text(), of(text()), of(text())).prop_map(
        |(id, thread, event, kind, value)| Postback {
            id,
            thread_id: thread.into(),
            event_id: event.into(),
            kind,
            value,
        },
    );
    (text(), of(postback)).prop_map(|(text, postback)| Message { text, postback })
}

fn file() -> impl Strategy<Value = File> {
    (text(), vec(of(text()), 5), vec(of(any::<u64>()), 3)).prop_map(|(url, texts, numbers)| File {
        url,
        name: texts[0].clone(),
        thumbnail_url: texts[1].clone(),
        thumbnail2x_url: texts[2].clone(),
        content_type: texts[3].clone(),
        alternative_text: texts[4].clone(),
        size: numbers[0],
        width: numbers[1],
        height: numbers[2],
    })
}

fn field_kind() -> impl Strategy<Value = FieldKind> {
    word()
        .prop_map(|kind| FieldKind::from(kind.as_str()))
        .boxed()
        .prop_union(
            prop::sample::select(vec![
                FieldKind::Name,
                FieldKind::Email,
                FieldKind::Question,
                FieldKind::Subject,
                FieldKind::Textarea,
                FieldKind::Radio,
                FieldKind::Select,
                FieldKind::Checkbox,
                FieldKind::GroupChooser,
            ])
            .boxed(),
        )
}

fn form() -> impl Strategy<Value = Form> {
    let option = (loose(), text(), of(any::<i64>())).prop_map(|(id, label, group_id)| FormOption {
        id,
        label,
        group_id,
    });
    let field = (
        field_kind(),
        loose(),
        text(),
        of(any::<bool>()),
        of(vec(option, 0..3)),
    )
        .prop_map(|(kind, id, label, required, options)| FormField {
            kind,
            id,
            label,
            required,
            options,
        });
    (loose(), of(word()), vec(field, 0..4)).prop_map(|(form_id, form_type, fields)| Form {
        form_id,
        form_type,
        fields,
    })
}

fn filled_form() -> impl Strategy<Value = FilledForm> {
    let choice = (loose(), text(), of(any::<i64>())).prop_map(|(id, label, group_id)| Choice {
        id,
        label,
        group_id,
    });
    let answer = prop_oneof![
        text().prop_map(Answer::Text),
        choice.prop_map(Answer::Choice),
        any::<i64>().prop_map(|number| Answer::Other(number.into())),
        vec(json(), 0..2).prop_map(|items| Answer::Other(items.into())),
    ];
    let answers = vec(answer.clone(), 0..3);
    let field = (field_kind(), loose(), text(), of(answer), of(answers)).prop_map(
        |(kind, id, label, answer, answers)| FilledField {
            kind,
            id,
            label,
            answer,
            answers,
        },
    );
    (loose(), of(word()), vec(field, 0..4)).prop_map(|(form_id, form_type, fields)| FilledForm {
        form_id,
        form_type,
        fields,
    })
}

fn rich_message() -> impl Strategy<Value = RichMessage> {
    let image = (text(), of(text()), of(any::<u64>())).prop_map(|(url, name, size)| Image {
        url,
        name: name.clone(),
        content_type: name.clone(),
        size,
        width: size,
        height: None,
        alternative_text: name,
    });
    let button = (
        text(),
        vec(of(word()), 3),
        of(text()),
        of(text()),
        of(vec(text(), 0..3)),
    )
        .prop_map(|(text, words, value, postback_id, users)| Button {
            text,
            kind: words[0].as_deref().map(ButtonKind::from),
            webview_height: words[1].as_deref().map(WebviewHeight::from),
            target: words[2].as_deref().map(LinkTarget::from),
            value,
            postback_id,
            user_ids: users.map(|users| users.into_iter().map(Into::into).collect()),
        });
    let element = (of(text()), of(text()), of(image), of(vec(button, 0..3))).prop_map(
        |(title, subtitle, image, buttons)| Element {
            title,
            subtitle,
            image,
            buttons,
        },
    );
    let template = prop_oneof![Just("cards".to_owned()), Just("sticker".to_owned()), word()];
    (template, of(vec(element, 0..3))).prop_map(|(template, elements)| RichMessage {
        template_id: Template::from(template.as_str()),
        elements,
    })
}

fn system_message() -> impl Strategy<Value = SystemMessage> {
    (text(), of(text()), of(fields())).prop_map(|(system_message_type, text, text_vars)| {
        SystemMessage {
            system_message_type,
            text,
            text_vars: text_vars.map(|vars| vars.into_iter().collect()),
        }
    })
}

fn body() -> impl Strategy<Value = EventBody> {
    prop_oneof![
        message().prop_map(EventBody::Message),
        file().prop_map(EventBody::File),
        form().prop_map(EventBody::Form),
        filled_form().prop_map(EventBody::FilledForm),
        rich_message().prop_map(EventBody::RichMessage),
        of(json()).prop_map(|content| EventBody::Custom(Custom { content })),
        system_message().prop_map(EventBody::SystemMessage),
        // A prefix of its own, so that neither the kind nor a field is a known one.
        (word(), fields()).prop_map(|(kind, fields)| EventBody::Unknown {
            kind: format!("x_{kind}"),
            fields: fields
                .into_iter()
                .map(|(key, value)| (format!("x_{key}"), value))
                .collect(),
        }),
    ]
}

prop_compose! {
    fn event()(
        texts in vec(of(text()), 4),
        visibility in of(word()),
        properties in of(btree_map(text(), fields(), 0..3)),
        body in body(),
    ) -> Event {
        Event {
            id: texts[0].clone().map(Into::into),
            custom_id: texts[1].clone().map(Into::into),
            created_at: texts[2].clone(),
            author_id: texts[3].clone().map(Into::into),
            visibility: visibility.as_deref().map(Visibility::from),
            properties: properties.map(Properties),
            body,
        }
    }
}

proptest! {
    #[test]
    fn decoding_undoes_encoding(event in event()) {
        let bytes = serde_json::to_vec(&event).unwrap();
        let read: Event = decode(&bytes).unwrap();
        prop_assert_eq!(&read, &event);
        prop_assert_eq!(serde_json::to_vec(&read).unwrap(), bytes);
    }

    #[test]
    fn checking_and_telling_never_fail(event in event()) {
        let _ = event.validate().map_err(|invalid| invalid.to_string());
        let _ = event.body.text_form();
    }
}
