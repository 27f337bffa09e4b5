//! Renders the content of an event. All texts are rendered as text, and all URLs have been checked
//! before. Buttons of the visitor are shown as the visitor sees them, but only links can be used
//! here.

use leptos::prelude::*;

use super::{icon, links};
use crate::text;
use crate::workspace::{Body, ButtonView, Card, FileView, ImageView, Question, RichLayout};

pub(super) fn content(body: Body) -> AnyView {
    match body {
        Body::Text(text) | Body::System(text) => links::text_with_links(&text).into_any(),
        Body::ButtonReply(text) => view! {
            <span class="chosen" title="Chosen by a button">{icon::press()}</span>
            <span class="unseen">"Chosen by a button: "</span>
            {links::text_with_links(&text)}
        }
        .into_any(),
        Body::Questions(questions) => form_questions(questions).into_any(),
        Body::Answers(answers) if answers.is_empty() => {
            view! { <em>"Answered nothing"</em> }.into_any()
        }
        Body::Answers(answers) => form_answers(answers).into_any(),
        Body::File(file) => attached_file(file),
        Body::Rich(layout, cards) => rich_message(layout, cards).into_any(),
        Body::Custom(json) if json.is_empty() => view! { <em>"Data of a program"</em> }.into_any(),
        Body::Custom(json) => view! {
            <details class="custom">
                <summary>"Data of a program"</summary>
                <pre tabindex="0" dir="ltr">{json}</pre>
            </details>
        }
        .into_any(),
        Body::Other(kind) => view! { <em>{text::unknown_event(&kind)}</em> }.into_any(),
    }
}

/// Whether it is shown without a message bubble.
pub(super) fn is_bare(body: &Body) -> bool {
    matches!(body, Body::Rich(..)) || matches!(body, Body::File(file) if file.image.is_some())
}

/// Whether it is shown centred, like a system message.
pub(super) fn is_neutral(body: &Body) -> bool {
    matches!(body, Body::System(_) | Body::Custom(_) | Body::Other(_))
}

fn form_answers(answers: Vec<(String, String)>) -> impl IntoView {
    view! {
        <dl class="answers">
            {answers
                .into_iter()
                .map(|(label, answer)| {
                    view! { <div><dt>{label}</dt><dd>{links::text_with_links(&answer)}</dd></div> }
                })
                .collect_view()}
        </dl>
    }
}

fn form_questions(questions: Vec<Question>) -> impl IntoView {
    let question = |it: Question| {
        let options = (!it.options.is_empty())
            .then(|| view! { <span class="asked-options">{it.options.join(" · ")}</span> });
        let required = it
            .required
            .then(|| view! { <span class="asked-required">"required"</span> });
        view! { <li>{it.label}" "{required} {options}</li> }
    };
    view! {
        <p class="asked-title">{icon::form()} "Form"</p>
        <ol class="asked">{questions.into_iter().map(question).collect_view()}</ol>
    }
}

fn attached_file(file: FileView) -> AnyView {
    let FileView {
        name,
        url,
        image,
        size,
        is_deleted,
    } = file;
    let size = match is_deleted {
        true => Some(text::FILE_DELETED.to_owned()),
        false => size.map(text::size),
    };
    match (url, image) {
        (Some(url), Some(image)) => view! {
            <a class="thumbnail" href=url target="_blank" rel="noopener noreferrer">
                {image_element(image)}
                <span class="unseen">" (opens in a new tab)"</span>
            </a>
        }
        .into_any(),
        (Some(url), None) => view! {
            <a class="file" href=url target="_blank" rel="noopener noreferrer">
                {icon::file()}
                <span class="file-name">{name}</span>
                <span class="file-size">{size}</span>
            </a>
        }
        .into_any(),
        (None, _) => view! {
            <span class="file">
                {icon::file()}
                <span class="file-name">{name}</span>
                <span class="file-size">{size}</span>
            </span>
        }
        .into_any(),
    }
}

fn rich_message(layout: RichLayout, cards: Vec<Card>) -> impl IntoView {
    let kind = match layout {
        RichLayout::Cards => "cards",
        RichLayout::QuickReplies => "quick-replies",
        RichLayout::Sticker => "sticker",
    };
    // Focusable, so that several cards can be scrolled by keyboard.
    let several = cards.len() > 1;
    let cards = cards.into_iter().map(card).collect_view();
    view! {
        <ul class="rich" data-look=kind role="list" tabindex=several.then_some("0")>
            {cards}
        </ul>
    }
}

fn card(card: Card) -> impl IntoView {
    let Card {
        title,
        subtitle,
        image,
        buttons,
    } = card;
    let words = (title.is_some() || subtitle.is_some()).then(|| {
        view! {
            <div class="card-words">
                {title.map(|it| view! { <p class="card-title">{it}</p> })}
                {subtitle.map(|it| view! { <p class="card-subtitle">{links::text_with_links(&it)}</p> })}
            </div>
        }
    });
    let buttons = (!buttons.is_empty()).then(|| {
        view! {
            <ul class="presses" role="list">{buttons.into_iter().map(button).collect_view()}</ul>
        }
    });
    view! { <li class="card">{image.map(image_element)} {words} {buttons}</li> }
}

fn image_element(image: ImageView) -> AnyView {
    let Some(url) = image.url else {
        return (!image.alt.is_empty())
            .then(|| view! { <p class="no-picture">{image.alt}</p> })
            .into_any();
    };
    let (width, height) = image.size.unzip();
    view! {
        <img
            src=url
            srcset=image.url_2x.map(|url| format!("{url} 2x"))
            alt=image.alt
            width=width.map(|it| it.to_string())
            height=height.map(|it| it.to_string())
            loading="lazy"
            decoding="async"
            referrerpolicy="no-referrer"
        />
    }
    .into_any()
}

fn button(button: ButtonView) -> impl IntoView {
    let ButtonView {
        text: label,
        href,
        value,
        pressed_by,
    } = button;
    let pressed = !pressed_by.is_empty();
    let label = match href {
        Some(address) => links::link(&address, label),
        None => label.into_any(),
    };
    let count = pressed.then(|| {
        let names = text::pressed_by(&pressed_by);
        view! {
            <span class="press-count" title=names.clone() aria-hidden="true">
                {icon::check()}
                {pressed_by.len()}
            </span>
            <span class="unseen">" ("{names}")"</span>
        }
    });
    view! { <li class="press" class:is-pressed=pressed title=value>{label} {count}</li> }
}
