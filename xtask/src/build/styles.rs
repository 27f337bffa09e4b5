//! One stylesheet instead of one per component: each would be a request before the first paint,
//! and together they compress better. Their order in the document is kept.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

const JOINED: &str = "style.css";

/// Joins what `index.html` of this folder links, and links the one instead.
pub(crate) fn join(folder: &Path) -> Result<()> {
    let document = folder.join("index.html");
    let html = fs::read_to_string(&document).context("trunk wrote no index.html")?;
    let (html, sheets) = one_link(&html);
    let mut all = String::new();
    for sheet in &sheets {
        let file = folder.join(sheet);
        all += &fs::read_to_string(&file)
            .with_context(|| format!("cannot read {}", file.display()))?;
        all.push('\n');
        fs::remove_file(&file)?;
    }
    if !sheets.is_empty() {
        fs::write(folder.join(JOINED), all)?;
        fs::write(document, html)?;
    }
    Ok(())
}

/// The document with its first stylesheet's link naming the joined one and the others gone, and
/// the names of all of them.
fn one_link(html: &str) -> (String, Vec<String>) {
    let mut sheets = Vec::new();
    let lines = html.lines().filter_map(|line| {
        let Some(sheet) = stylesheet(line) else {
            return Some(line.to_owned());
        };
        let first = sheets.is_empty();
        sheets.push(sheet.to_owned());
        first.then(|| format!(r#"<link rel="stylesheet" href="{JOINED}">"#))
    });
    let html: Vec<String> = lines.collect();
    (html.join("\n") + "\n", sheets)
}

/// The file that a line as trunk writes it links, and nothing else on that line.
fn stylesheet(line: &str) -> Option<&str> {
    let href = line
        .trim()
        .strip_prefix(r#"<link rel="stylesheet" href=""#)?;
    let file = href.strip_suffix(r#""/>"#)?;
    Some(file.strip_prefix("./").unwrap_or(file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_link_stands_for_all_in_their_order() {
        let html = "<head>\n<link rel=\"stylesheet\" href=\"./tokens.css\"/>\n\
                    <link rel=\"stylesheet\" href=\"./menu.css\"/>\n<title>Chat</title>\n</head>";
        let (html, sheets) = one_link(html);
        assert_eq!(sheets, ["tokens.css", "menu.css"]);
        assert_eq!(
            html,
            "<head>\n<link rel=\"stylesheet\" href=\"style.css\">\n<title>Chat</title>\n</head>\n"
        );
    }

    #[test]
    fn other_lines_stay_as_they_are() {
        let html = "<link rel=\"modulepreload\" href=\"parlor-widget.js\">\n";
        assert_eq!(one_link(html), (html.to_owned(), vec![]));
    }
}
