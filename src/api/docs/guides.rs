//! The pages of `docs/` that people need while they connect something, as pages of the server: the
//! texts are part of the program, so that a link to them works without any other host.

use std::fmt::Write as _;

/// Where the texts stand in the repository and below `/docs`, and the texts.
const GUIDES: [(&str, &str); 12] = [
    ("calendars/caldav", include_str!("../../../docs/calendars/caldav.md")),
    ("calendars/feeds", include_str!("../../../docs/calendars/feeds.md")),
    ("calendars/google", include_str!("../../../docs/calendars/google.md")),
    ("calendars/ics", include_str!("../../../docs/calendars/ics.md")),
    ("calendars/microsoft", include_str!("../../../docs/calendars/microsoft.md")),
    ("messages/README", include_str!("../../../docs/messages/README.md")),
    ("messages/email", include_str!("../../../docs/messages/email.md")),
    ("messages/push", include_str!("../../../docs/messages/push.md")),
    ("messages/slack", include_str!("../../../docs/messages/slack.md")),
    ("messages/sms", include_str!("../../../docs/messages/sms.md")),
    ("messages/webhooks", include_str!("../../../docs/messages/webhooks.md")),
    ("messages/whatsapp", include_str!("../../../docs/messages/whatsapp.md")),
];

/// The guide of an area and name as a page; none if there is no such guide.
pub(crate) fn page(area: &str, name: &str) -> Option<String> {
    let wanted = format!("{area}/{name}");
    let (_, text) = GUIDES.iter().find(|(path, _)| *path == wanted)?;
    let title = text.lines().next().unwrap_or_default().trim_start_matches('#').trim();
    Some(format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{} · Roundsman</title><link rel=\"stylesheet\" href=\"/docs/style.css\"></head>\
         <body><main>{}</main></body></html>",
        escape(title),
        html(text)
    ))
}

/// What stands open while lines are read.
#[derive(PartialEq, Eq, Clone, Copy)]
enum Block {
    None,
    Paragraph,
    Bullets,
    Numbers,
    Table,
    Code,
}

/// The Markdown of our own texts as HTML: headings, paragraphs, lists, tables, code. Everything else
/// is shown as it is.
fn html(text: &str) -> String {
    let (mut out, mut open) = (String::new(), Block::None);
    for line in text.lines() {
        let trimmed = line.trim();
        if trimmed.starts_with("```") {
            let next = if open == Block::Code { Block::None } else { Block::Code };
            // A piece of code inside a list ends it: simpler, and it reads the same.
            turn(&mut out, &mut open, next);
            continue;
        }
        if open == Block::Code {
            put(&mut out, format_args!("{}\n", escape(line)));
            continue;
        }
        let hashes = trimmed.chars().take_while(|c| *c == '#').count();
        let number = trimmed
            .split_once(". ")
            .filter(|(digits, _)| !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit()));
        if trimmed.is_empty() {
            turn(&mut out, &mut open, Block::None);
        } else if (1..=4).contains(&hashes) {
            turn(&mut out, &mut open, Block::None);
            let words = inline(trimmed.trim_start_matches('#').trim());
            put(&mut out, format_args!("<h{hashes}>{words}</h{hashes}>"));
        } else if trimmed.starts_with('|') {
            row(&mut out, &mut open, trimmed);
        } else if let Some(item) = trimmed.strip_prefix("- ").or_else(|| trimmed.strip_prefix("* "))
        {
            turn(&mut out, &mut open, Block::Bullets);
            put(&mut out, format_args!("<li>{}", inline(item)));
        } else if let Some((digits, item)) = number {
            turn(&mut out, &mut open, Block::Numbers);
            put(&mut out, format_args!("<li value=\"{digits}\">{}", inline(item)));
        } else if open == Block::None || open == Block::Table {
            turn(&mut out, &mut open, Block::Paragraph);
            out.push_str(&inline(trimmed));
        } else {
            // A line that goes on with the paragraph or item above it.
            put(&mut out, format_args!(" {}", inline(trimmed)));
        }
    }
    turn(&mut out, &mut open, Block::None);
    out
}

/// Ends what is open and begins something else; nothing if that is open already.
fn turn(out: &mut String, open: &mut Block, next: Block) {
    if *open == next && next != Block::None {
        return;
    }
    out.push_str(match *open {
        Block::None => "",
        Block::Paragraph => "</p>",
        Block::Bullets => "</ul>",
        Block::Numbers => "</ol>",
        Block::Table => "</table>",
        Block::Code => "</code></pre>",
    });
    out.push_str(match next {
        Block::None => "",
        Block::Paragraph => "<p>",
        Block::Bullets => "<ul>",
        Block::Numbers => "<ol>",
        Block::Table => "<table>",
        Block::Code => "<pre tabindex=\"0\"><code>",
    });
    *open = next;
}

/// A row of a table; the first one names the columns, the one below it is only a line.
fn row(out: &mut String, open: &mut Block, line: &str) {
    let inside = line.trim_matches('|');
    if inside.chars().all(|c| "-:| ".contains(c)) {
        return;
    }
    let cell = if *open == Block::Table { "td" } else { "th" };
    turn(out, open, Block::Table);
    out.push_str("<tr>");
    for words in inside.split('|') {
        put(out, format_args!("<{cell}>{}</{cell}>", inline(words.trim())));
    }
    out.push_str("</tr>");
}

/// Words with code, bold and links; links to other guides lead to their pages.
fn inline(words: &str) -> String {
    let mut out = String::new();
    for (place, part) in words.split('`').enumerate() {
        if place % 2 == 1 {
            put(&mut out, format_args!("<code>{}</code>", escape(part)));
            continue;
        }
        for (place, part) in part.split("**").enumerate() {
            let (begin, end) = if place % 2 == 1 { ("<b>", "</b>") } else { ("", "") };
            put(&mut out, format_args!("{begin}{}{end}", links(part)));
        }
    }
    out
}

fn links(words: &str) -> String {
    let (mut out, mut rest) = (String::new(), words);
    while let Some((before, after)) = rest.split_once('[') {
        let Some((label, (address, tail))) = after
            .split_once("](")
            .and_then(|(label, after)| after.split_once(')').map(|both| (label, both)))
        else {
            break;
        };
        out.push_str(&escape(before));
        let address = address.trim_end_matches(".md");
        let known = address.starts_with("https://")
            || GUIDES.iter().any(|(path, _)| path.ends_with(&format!("/{address}")));
        if known {
            put(&mut out, format_args!("<a href=\"{}\">{}</a>", escape(address), escape(label)));
        } else {
            out.push_str(&escape(label));
        }
        rest = tail;
    }
    out.push_str(&escape(rest));
    out
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn put(out: &mut String, words: std::fmt::Arguments<'_>) {
    // Writing into a text cannot fail.
    let _ = out.write_fmt(words);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_become_pages_and_nothing_in_them_becomes_a_tag() {
        let found = html(
            "# A <b>\n\nOne `x<y`\ntwo **bold**.\n\n- a\n  more\n- b\n\n| h | i |\n|---|---|\n| 1 | [e](email.md) |",
        );
        assert_eq!(
            found,
            "<h1>A &lt;b&gt;</h1><p>One <code>x&lt;y</code> two <b>bold</b>.</p><ul><li>a more<li>b</ul>\
             <table><tr><th>h</th><th>i</th></tr><tr><td>1</td><td><a href=\"email\">e</a></td></tr></table>"
        );
    }

    #[test]
    fn every_guide_has_a_title_and_others_are_not_there() {
        for (path, _) in GUIDES {
            let (area, name) = path.split_once('/').unwrap();
            assert!(page(area, name).is_some_and(|page| page.contains("<h1>")), "{path}");
        }
        assert_eq!(page("calendars", "../../Cargo"), None);
    }
}
