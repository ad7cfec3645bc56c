//! The plain page at `/`.

use std::fmt::Write as _;

/// What the page shows.
#[derive(Debug, Clone, Default)]
pub struct Home {
    /// What is running: the company of the demo, or the server's own name.
    pub title: String,
    /// Where clients reach the server, without a slash at the end.
    pub base_url: String,
    /// What there is, for instance how many technicians; may be empty.
    pub facts: Vec<Fact>,
    /// Logins to try, of the demo; empty in earnest.
    pub logins: Vec<Login>,
    /// Requests to try, of the demo; empty in earnest.
    pub examples: Vec<Example>,
    /// The address of the booking page, of the demo; none in earnest.
    pub booking: Option<String>,
}

/// Something that is there, and how much of it.
#[derive(Debug, Clone)]
pub struct Fact {
    /// What, for instance `technicians`.
    pub name: String,
    /// How much, for instance `24`.
    pub value: String,
}

/// A login to try.
#[derive(Debug, Clone)]
pub struct Login {
    /// The role of the member.
    pub role: String,
    /// The address to log in with.
    pub email: String,
    /// The password; only ever one of the demo.
    pub password: String,
}

/// A request to try.
#[derive(Debug, Clone)]
pub struct Example {
    /// What it does.
    pub title: String,
    /// The whole command.
    pub command: String,
}

impl Home {
    /// The whole page.
    pub(crate) fn render(&self) -> String {
        let title = if self.title.is_empty() { "Roundsman" } else { &self.title };
        let mut html = format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <title>{title}</title><link rel=\"stylesheet\" href=\"/style.css\"></head><body>\
             <header><h1>{title}</h1><p>Roundsman {version} is running.</p></header><main>",
            title = escape(title),
            version = env!("CARGO_PKG_VERSION"),
        );
        if let Some(booking) = &self.booking {
            let booking = escape(booking);
            put(
                &mut html,
                format_args!("<p><a href=\"{booking}\">Book a visit, as a customer</a></p>"),
            );
        }
        self.render_facts(&mut html);
        self.render_logins(&mut html);
        self.render_examples(&mut html);
        html.push_str(LINKS);
        html.push_str("</main></body></html>");
        html
    }

    fn render_facts(&self, html: &mut String) {
        if self.facts.is_empty() {
            return;
        }
        html.push_str("<section aria-labelledby=\"facts\"><h2 id=\"facts\">What is here</h2><dl>");
        for fact in &self.facts {
            let (name, value) = (escape(&fact.name), escape(&fact.value));
            put(html, format_args!("<div><dt>{name}</dt><dd>{value}</dd></div>"));
        }
        html.push_str("</dl></section>");
    }

    fn render_logins(&self, html: &mut String) {
        html.push_str("<section aria-labelledby=\"logins\"><h2 id=\"logins\">Logins</h2>");
        if self.logins.is_empty() {
            html.push_str(FIRST_STEPS);
        } else {
            html.push_str(
                "<table><thead><tr><th scope=\"col\">role</th><th scope=\"col\">e-mail</th>",
            );
            html.push_str("<th scope=\"col\">password</th></tr></thead><tbody>");
            for login in &self.logins {
                let (role, email) = (escape(&login.role), escape(&login.email));
                let password = escape(&login.password);
                put(
                    html,
                    format_args!(
                        "<tr><td>{role}</td><td><code>{email}</code></td>\
                         <td><code>{password}</code></td></tr>"
                    ),
                );
            }
            html.push_str("</tbody></table>");
        }
        html.push_str("</section>");
    }

    fn render_examples(&self, html: &mut String) {
        html.push_str("<section aria-labelledby=\"try\"><h2 id=\"try\">Try it</h2>");
        for example in &self.examples {
            let (title, command) = (escape(&example.title), escape(&example.command));
            put(
                html,
                format_args!("<h3>{title}</h3><pre tabindex=\"0\"><code>{command}</code></pre>"),
            );
        }
        if self.examples.is_empty() {
            let base_url = escape(&self.base_url);
            put(
                html,
                format_args!(
                    "<p>With a key, ask for what is there:</p><pre tabindex=\"0\"><code>\
                     curl -H 'Authorization: Bearer rk_..' {base_url}/api/v1/technicians\
                     </code></pre>"
                ),
            );
        }
        html.push_str("</section>");
    }
}

const FIRST_STEPS: &str = "\
<p>Nobody's password stands on this page. If there is no organization yet, make one with its first \
owner on the machine of the server, then log in with the address and password you gave:</p>\
<pre tabindex=\"0\"><code>roundsman user add --help</code></pre>\
<p>For a program, make a key:</p><pre tabindex=\"0\"><code>roundsman key add --help</code></pre>\
<p>To look around first, start the demo company instead: <code>make demo</code>.</p>";

const LINKS: &str = "\
<section aria-labelledby=\"more\"><h2 id=\"more\">More</h2><ul>\
<li><a href=\"/login\">Log in: the dispatcher's board, the technician's day</a></li>\
<li><a href=\"/docs\">How to use the API</a></li>\
<li><a href=\"/api/openapi.json\">OpenAPI document</a></li>\
<li><a href=\"/readyz\">Is it ready?</a></li></ul></section>";

/// Adds formatted text; writing into a `String` cannot fail.
fn put(html: &mut String, words: std::fmt::Arguments<'_>) {
    let _cannot_fail = html.write_fmt(words);
}

fn escape(words: &str) -> String {
    words.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_server_says_what_to_do_and_shows_no_logins() {
        let html = Home { base_url: "http://x".to_owned(), ..Home::default() }.render();
        assert!(html.contains("roundsman user add"), "{html}");
        assert!(!html.contains("<table>"));
    }

    #[test]
    fn the_demo_shows_its_logins_and_requests_and_nothing_becomes_markup() {
        let login = Login {
            role: "owner".to_owned(),
            email: "o@example.is".to_owned(),
            password: "<b>".to_owned(),
        };
        let example = Example { title: "Slots".to_owned(), command: "curl \"x\" & y".to_owned() };
        let home =
            Home { logins: vec![login], examples: vec![example], ..Home::default() }.render();
        assert!(home.contains("<code>&lt;b&gt;</code>"));
        assert!(home.contains("curl &quot;x&quot; &amp; y"));
        assert!(!home.contains("user add"));
    }
}
