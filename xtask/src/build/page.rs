//! An `index.html` in Trunk's notation, as it is shipped: `<link data-trunk …>` says to Trunk, which
//! serves the page in development, and to us what belongs to the page.

use anyhow::{Context, Result, bail};
use lol_html::html_content::ContentType;
use lol_html::{RewriteStrSettings, element, rewrite_str};

/// The one stylesheet that stands for all that the page names.
pub(crate) const STYLE: &str = "style.css";

/// What a page names, by paths relative to it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Page {
    /// The page without Trunk's notation, linking [`STYLE`] where it named its first stylesheet.
    pub(crate) html: String,
    /// In the order in which they apply.
    pub(crate) styles: Vec<String>,
    /// Files beside the page, which its script imports.
    pub(crate) files: Vec<String>,
    /// Folders whose files are fetched when they are first needed.
    pub(crate) folders: Vec<String>,
    /// The module that starts the program.
    pub(crate) script: String,
}

impl Page {
    pub(crate) fn read(html: &str) -> Result<Self> {
        let mut page = Self::default();
        let mut scripts = Vec::new();
        let trunk = element!("link[data-trunk]", |link| {
            let rel = link.get_attribute("rel").unwrap_or_default();
            let href = link.get_attribute("href");
            let list = match rel.as_str() {
                "css" => &mut page.styles,
                "copy-file" => &mut page.files,
                "copy-dir" => &mut page.folders,
                "rust" => {
                    link.remove();
                    return Ok(());
                }
                _ => return Err(format!("Trunk's rel=\"{rel}\" is not known here").into()),
            };
            if rel == "css" && list.is_empty() {
                let one = format!(r#"<link rel="stylesheet" href="{STYLE}">"#);
                link.before(&one, ContentType::Html);
            }
            list.push(href.ok_or_else(|| format!("a rel=\"{rel}\" without href"))?);
            link.remove();
            Ok(())
        });
        let script = element!("script[type=module][src]", |script| {
            scripts.extend(script.get_attribute("src"));
            Ok(())
        });
        let settings = RewriteStrSettings::new()
            .append_element_content_handler(trunk)
            .append_element_content_handler(script);
        let html = rewrite_str(html, settings).context("index.html")?;
        // The removed links leave empty lines.
        let lines = html.lines().filter(|line| !line.trim().is_empty());
        page.html = lines.flat_map(|line| [line, "\n"]).collect();
        match <[String; 1]>::try_from(scripts) {
            Ok([script]) => page.script = script,
            Err(scripts) => bail!("a page starts by one module script, not {scripts:?}"),
        }
        Ok(page)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_stylesheet_is_linked_in_place_of_the_first_and_trunks_notation_is_gone() {
        let page = Page::read(
            r#"<head>
<title>Chat</title>
<link data-trunk rel="css" href="style/tokens.css">
  <link data-trunk rel="css" href="style/menu.css" />
<link data-trunk rel="rust" data-bin="a">
<link data-trunk rel="copy-file" href="boot.js">
<link data-trunk rel="copy-dir" href="later">
<link rel="preload" href="a_bg.wasm">
<script type="module" src="boot.js"></script>
</head>
"#,
        );
        let expected = Page {
            html: r#"<head>
<title>Chat</title>
<link rel="stylesheet" href="style.css">
<link rel="preload" href="a_bg.wasm">
<script type="module" src="boot.js"></script>
</head>
"#
            .to_owned(),
            styles: vec!["style/tokens.css".to_owned(), "style/menu.css".to_owned()],
            files: vec!["boot.js".to_owned()],
            folders: vec!["later".to_owned()],
            script: "boot.js".to_owned(),
        };
        assert_eq!(page.unwrap(), expected);
    }

    #[test]
    fn an_unknown_kind_a_missing_address_and_a_missing_script_are_errors() {
        let script = r#"<script type="module" src="boot.js"></script>"#;
        for html in [
            r#"<link data-trunk rel="sass" href="a.scss">"#,
            r#"<link data-trunk rel="css">"#,
        ] {
            assert!(Page::read(&format!("{html}{script}")).is_err(), "{html}");
        }
        assert!(Page::read("<title>Chat</title>").is_err());
        assert!(Page::read(script).is_ok());
    }
}
