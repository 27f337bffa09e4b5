//! What an event holds, drawn. Every word of it is text, and every address was looked at before it
//! came here; what the visitor can press is shown as they see it, and does nothing here but lead
//! where it leads.

use leptos::prelude::*;

use super::{icon, linked};
use crate::desk::{Attached, Body, Card, Look, Picture, Press, Question};
use crate::text;

pub(super) fn content(body: Body) -> AnyView {
    match body {
        Body::Text(text) | Body::System(text) => linked::linked(&text).into_any(),
        Body::Chosen(text) => view! {
            <span class="chosen" title="Chosen by a button">{icon::press()}</span>
            <span class="unseen">"Chosen by a button: "</span>
            {linked::linked(&text)}
        }
        .into_any(),
        Body::Questions(questions) => asked(questions).into_any(),
        Body::Answers(answers) if answers.is_empty() => {
            view! { <em>"Answered nothing"</em> }.into_any()
        }
        Body::Answers(answers) => answered(answers).into_any(),
        Body::File(file) => attached(file),
        Body::Rich(look, cards) => rich(look, cards).into_any(),
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

/// Whether it stands in a bubble, or brings its own shape.
pub(super) fn is_bare(body: &Body) -> bool {
    matches!(body, Body::Rich(..)) || matches!(body, Body::File(file) if file.picture.is_some())
}

/// Whether it stands in the middle, as something that happened.
pub(super) fn is_neutral(body: &Body) -> bool {
    matches!(body, Body::System(_) | Body::Custom(_) | Body::Other(_))
}

fn answered(answers: Vec<(String, String)>) -> impl IntoView {
    view! {
        <dl class="answers">
            {answers
                .into_iter()
                .map(|(label, answer)| {
                    view! { <div><dt>{label}</dt><dd>{linked::linked(&answer)}</dd></div> }
                })
                .collect_view()}
        </dl>
    }
}

fn asked(questions: Vec<Question>) -> impl IntoView {
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

fn attached(file: Attached) -> AnyView {
    let Attached {
        name,
        url,
        picture,
        size,
    } = file;
    let size = size.map(text::size);
    match (url, picture) {
        (Some(url), Some(picture)) => view! {
            <a class="thumbnail" href=url target="_blank" rel="noopener noreferrer">
                {shown(picture)}
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

fn rich(look: Look, cards: Vec<Card>) -> impl IntoView {
    let kind = match look {
        Look::Cards => "cards",
        Look::QuickReplies => "quick-replies",
        Look::Sticker => "sticker",
    };
    // More cards than fit are scrolled to, also by the keyboard.
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
        picture,
        buttons,
    } = card;
    let words = (title.is_some() || subtitle.is_some()).then(|| {
        view! {
            <div class="card-words">
                {title.map(|it| view! { <p class="card-title">{it}</p> })}
                {subtitle.map(|it| view! { <p class="card-subtitle">{linked::linked(&it)}</p> })}
            </div>
        }
    });
    let buttons = (!buttons.is_empty()).then(|| {
        view! {
            <ul class="presses" role="list">{buttons.into_iter().map(press).collect_view()}</ul>
        }
    });
    view! { <li class="card">{picture.map(shown)} {words} {buttons}</li> }
}

fn shown(picture: Picture) -> AnyView {
    let Some(url) = picture.url else {
        return (!picture.alternative.is_empty())
            .then(|| view! { <p class="no-picture">{picture.alternative}</p> })
            .into_any();
    };
    let (width, height) = picture.size.unzip();
    view! {
        <img
            src=url
            srcset=picture.dense_url.map(|url| format!("{url} 2x"))
            alt=picture.alternative
            width=width.map(|it| it.to_string())
            height=height.map(|it| it.to_string())
            loading="lazy"
            decoding="async"
            referrerpolicy="no-referrer"
        />
    }
    .into_any()
}

fn press(press: Press) -> impl IntoView {
    let Press {
        text: label,
        leads_to,
        value,
        by,
    } = press;
    let pressed = !by.is_empty();
    let label = match leads_to {
        Some(address) => linked::link(&address, label),
        None => label.into_any(),
    };
    let count = pressed.then(|| {
        let told = text::pressed_by(&by);
        view! {
            <span class="press-count" title=told.clone() aria-hidden="true">
                {icon::check()}
                {by.len()}
            </span>
            <span class="unseen">" ("{told}")"</span>
        }
    });
    view! { <li class="press" class:is-pressed=pressed title=value>{label} {count}</li> }
}
