//! Words as the HTML of an e-mail: plain, narrow, readable without pictures.

/// A page around words: blank lines part paragraphs, addresses of the web become links.
pub(super) fn page(business: &str, language: &str, text: &str) -> String {
    let paragraphs: Vec<String> = text
        .split("\n\n")
        .filter(|part| !part.trim().is_empty())
        .map(|part| format!("<p style=\"margin:0 0 16px\">{}</p>", lines(part)))
        .collect();
    format!(
        "<!doctype html><html lang=\"{language}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"></head>\
         <body style=\"margin:0;padding:24px;background:#f4f5f7;color:#1c2430;\
         font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif\">\
         <div style=\"max-width:560px;margin:0 auto;background:#fff;border-radius:8px;\
         padding:24px\"><p style=\"margin:0 0 16px;font-weight:600\">{}</p>{}</div></body></html>",
        escaped(business),
        paragraphs.join("")
    )
}

fn lines(part: &str) -> String {
    let line = |line: &str| line.split(' ').map(word).collect::<Vec<_>>().join(" ");
    part.trim().lines().map(line).collect::<Vec<_>>().join("<br>")
}

fn word(word: &str) -> String {
    if !word.starts_with("https://") && !word.starts_with("http://") {
        return escaped(word);
    }
    let link = escaped(word);
    format!("<a href=\"{link}\" style=\"color:#0b5cad\">{link}</a>")
}

/// Text that is safe inside HTML, in attributes too.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_stays_text() {
        let page = page("A & B", "en", "Hello <script>\nhttps://a.example/?x=\"y\"\n\nBye");
        assert!(!page.contains("<script>"), "{page}");
        assert!(page.contains("A &amp; B") && page.contains("<br>"), "{page}");
        assert!(page.contains("href=\"https://a.example/?x=&quot;y&quot;\""), "{page}");
    }
}
