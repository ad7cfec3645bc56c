//! Writes the OpenAPI document as a page.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

use crate::api::problem::ProblemKind;

/// The whole page. Cost: linear in the document, about a millisecond.
pub(crate) fn page(document: &Value) -> String {
    let info = &document["info"];
    let mut html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title} API</title><link rel=\"stylesheet\" href=\"/docs/style.css\"></head>\
         <body><main><h1>{title} API <span class=\"dim\">{version}</span></h1>",
        title = text(&info["title"]),
        version = text(&info["version"]),
    );
    html.push_str(&paragraphs(info["description"].as_str().unwrap_or("")));
    html.push_str("<p><a href=\"/api/openapi.json\">OpenAPI 3.1 document</a></p>");
    let groups = by_tag(document);
    html.push_str("<nav aria-label=\"Contents\"><ul>");
    for tag in groups.keys().copied().chain(["schemas", "problems"]) {
        put(&mut html, format_args!("<li><a href=\"#{}\">{tag}</a></li>", anchor(tag)));
    }
    html.push_str("</ul></nav>");
    for (tag, operations) in &groups {
        put(&mut html, format_args!("<h2 id=\"{}\">{tag}</h2>", anchor(tag)));
        for (method, path, operation) in operations {
            html.push_str(&operation_entry(method, path, operation));
        }
    }
    html.push_str("<h2 id=\"schemas\">schemas</h2>");
    for (name, schema) in document["components"]["schemas"].as_object().into_iter().flatten() {
        html.push_str(&schema_entry(name, schema));
    }
    html.push_str("<h2 id=\"problems\">problems</h2><table>");
    html.push_str("<tr><th>type</th><th>status</th><th>title</th><th>what to do</th></tr>");
    for kind in ProblemKind::ALL {
        put(
            &mut html,
            format_args!(
                "<tr id=\"{name}\"><td><code>{name}</code></td><td>{status}</td><td>{title}</td>\
                 <td>{help}</td></tr>",
                name = kind.name,
                status = kind.status.as_u16(),
                title = escape(kind.title),
                help = code_marks(kind.help),
            ),
        );
    }
    html.push_str("</table></main></body></html>");
    html
}

/// A heading as the end of an address, where spaces do not do.
fn anchor(heading: &str) -> String {
    heading.replace(' ', "-")
}

/// Adds formatted text; writing into a `String` cannot fail.
fn put(html: &mut String, words: std::fmt::Arguments<'_>) {
    let _cannot_fail = html.write_fmt(words);
}

type Entry<'a> = (&'a str, &'a str, &'a Value);

fn by_tag(document: &Value) -> BTreeMap<&str, Vec<Entry<'_>>> {
    let mut groups: BTreeMap<&str, Vec<Entry<'_>>> = BTreeMap::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let tag = operation["tags"][0].as_str().unwrap_or("other");
            groups.entry(tag).or_default().push((method, path, operation));
        }
    }
    groups
}

fn operation_entry(method: &str, path: &str, operation: &Value) -> String {
    let id = text(&operation["operationId"]);
    let mut html = format!(
        "<details id=\"{id}\"><summary><span class=\"method\">{}</span> <code>{}</code> \
         <span class=\"dim\">{}</span></summary><div>",
        method.to_uppercase(),
        escape(path),
        text(&operation["summary"]),
    );
    html.push_str(&paragraphs(operation["description"].as_str().unwrap_or("")));
    if let Some(parameters) = operation["parameters"].as_array() {
        html.push_str("<table><tr><th>parameter</th><th>in</th><th>type</th><th></th></tr>");
        for parameter in parameters {
            put(
                &mut html,
                format_args!(
                    "<tr><td><code>{}</code></td><td>{}</td><td>{}</td><td>{}</td></tr>",
                    text(&parameter["name"]),
                    text(&parameter["in"]),
                    kind(&parameter["schema"]),
                    code_marks(parameter["description"].as_str().unwrap_or("")),
                ),
            );
        }
        html.push_str("</table>");
    }
    if let Some(body) = operation["requestBody"]["content"]["application/json"].get("schema") {
        put(&mut html, format_args!("<p>Body: {}</p>", kind(body)));
    }
    html.push_str("<table><tr><th>status</th><th>body</th><th></th></tr>");
    for (status, answer) in operation["responses"].as_object().into_iter().flatten() {
        let media = answer["content"].as_object().and_then(|content| content.values().next());
        let body = media.map(|media| kind(&media["schema"])).unwrap_or_default();
        let words = code_marks(answer["description"].as_str().unwrap_or(""));
        put(&mut html, format_args!("<tr><td>{status}</td><td>{body}</td><td>{words}</td></tr>"));
    }
    html.push_str("</table></div></details>");
    html
}

fn schema_entry(name: &str, schema: &Value) -> String {
    let mut html = format!(
        "<details id=\"schema-{name}\"><summary><code>{name}</code></summary><div>{}",
        paragraphs(schema["description"].as_str().unwrap_or("")),
    );
    let mut rows = String::new();
    for part in schema["allOf"].as_array().into_iter().flatten().chain([schema]) {
        if part.get("$ref").is_some() {
            put(&mut html, format_args!("<p>All of {}, and:</p>", kind(part)));
        }
        let required: Vec<&str> =
            part["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        for (field, schema) in part["properties"].as_object().into_iter().flatten() {
            let must = if required.contains(&field.as_str()) { "required" } else { "" };
            put(
                &mut rows,
                format_args!(
                    "<tr><td><code>{}</code></td><td>{}</td><td>{must}</td><td>{}</td></tr>",
                    escape(field),
                    kind(schema),
                    code_marks(schema["description"].as_str().unwrap_or("")),
                ),
            );
        }
    }
    if rows.is_empty() {
        put(&mut html, format_args!("<p>{}</p>", kind(schema)));
    } else {
        html.push_str("<table><tr><th>field</th><th>type</th><th></th><th></th></tr>");
        html.push_str(&rows);
        html.push_str("</table>");
    }
    html.push_str("</div></details>");
    html
}

/// The type of a schema in one line, with links to named ones.
fn kind(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = escape(reference.rsplit('/').next().unwrap_or(""));
        return format!("<a href=\"#schema-{name}\">{name}</a>");
    }
    let variants = schema["oneOf"].as_array().or_else(|| schema["anyOf"].as_array());
    if let Some(variants) = variants {
        return variants.iter().map(kind).collect::<Vec<_>>().join(" or ");
    }
    if let Some(parts) = schema["allOf"].as_array() {
        return parts.iter().map(kind).collect::<Vec<_>>().join(" and ");
    }
    if let Some(words) = schema["enum"].as_array() {
        let words = words.iter().map(|word| format!("<code>{}</code>", text(word)));
        return words.collect::<Vec<_>>().join(" or ");
    }
    if let Some(item) = schema.get("items") {
        return format!("list of {}", kind(item));
    }
    if let Some(properties) = schema["properties"].as_object() {
        let fields = properties.iter();
        let fields = fields.map(|(name, schema)| format!("{}: {}", escape(name), kind(schema)));
        return format!("{{ {} }}", fields.collect::<Vec<_>>().join(", "));
    }
    let types = match &schema["type"] {
        Value::Array(types) => types.iter().map(text).collect::<Vec<_>>().join(" or "),
        other => text(other),
    };
    match schema["format"].as_str() {
        Some(format) => format!("{types} ({})", escape(format)),
        None => types,
    }
}

fn text(value: &Value) -> String {
    escape(value.as_str().unwrap_or(""))
}

/// Text as HTML; words between backticks become code.
fn code_marks(words: &str) -> String {
    let mut html = String::new();
    for (place, part) in words.split('`').enumerate() {
        let part = escape(part);
        if place % 2 == 1 {
            put(&mut html, format_args!("<code>{part}</code>"));
        } else {
            html.push_str(&part);
        }
    }
    html
}

fn paragraphs(words: &str) -> String {
    let parts = words.split("\n\n").filter(|part| !part.trim().is_empty());
    let mut html = String::new();
    for part in parts {
        put(&mut html, format_args!("<p>{}</p>", code_marks(part)));
    }
    html
}

fn escape(words: &str) -> String {
    words.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heading_of_several_words_can_be_linked_to() {
        let about = serde_json::json!({ "tags": ["import and export"], "operationId": "a" });
        let html = page(&serde_json::json!({ "paths": { "/a": { "get": about } } }));
        assert!(html.contains("<h2 id=\"import-and-export\">import and export</h2>"));
        assert!(html.contains("<a href=\"#import-and-export\">"));
    }

    #[test]
    fn words_from_the_document_cannot_become_markup() {
        assert_eq!(
            code_marks("a <b> `c & \"d\"`"),
            "a &lt;b&gt; <code>c &amp; &quot;d&quot;</code>"
        );
    }
}
