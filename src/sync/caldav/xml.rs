//! The XML of `WebDAV`: answers as small trees.

use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;

use crate::sync::SyncError;

/// The namespace of `WebDAV`.
pub(super) const DAV: &str = "DAV:";
/// The namespace of CalDAV.
pub(super) const CALDAV: &str = "urn:ietf:params:xml:ns:caldav";
/// The namespace of older extensions, such as `getctag`.
pub(super) const CS: &str = "http://calendarserver.org/ns/";
/// Elements inside each other at most.
const DEPTH_MAX: usize = 40;

/// An element.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Node {
    namespace: String,
    name: String,
    /// The `name` attribute, which components bear.
    pub(super) label: String,
    text: String,
    children: Vec<Node>,
}

/// One `response` of a `multistatus`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Response {
    pub(super) href: String,
    /// The status of the whole response, if it has one.
    pub(super) status: Option<u16>,
    /// The properties that were found, in one element.
    pub(super) props: Node,
}

impl Node {
    /// Whether it is this element.
    pub(super) fn is(&self, namespace: &str, name: &str) -> bool {
        self.name == name && self.namespace == namespace
    }

    /// The first child of a name.
    pub(super) fn child(&self, namespace: &str, name: &str) -> Option<&Self> {
        self.children.iter().find(|node| node.is(namespace, name))
    }

    /// All children of a name.
    pub(super) fn all<'a>(
        &'a self,
        namespace: &'a str,
        name: &'a str,
    ) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |node| node.is(namespace, name))
    }

    /// The text of a child; empty if there is none.
    pub(super) fn text_of(&self, namespace: &str, name: &str) -> &str {
        self.child(namespace, name).map_or("", |node| node.text.trim())
    }

    /// The first address in a child.
    pub(super) fn href_in(&self, namespace: &str, name: &str) -> Option<&str> {
        let href = self.child(namespace, name)?.text_of(DAV, "href");
        (!href.is_empty()).then_some(href)
    }

    /// The text as it is.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Whether it or something in it has this name, whatever its namespace.
    pub(super) fn mentions(&self, name: &str) -> bool {
        self.name == name || self.children.iter().any(|child| child.mentions(name))
    }
}

/// The root element of a document.
///
/// # Errors
/// [`SyncError::Malformed`].
pub(super) fn parse(text: &str) -> Result<Node, SyncError> {
    let wrong = |what: String| SyncError::Malformed(format!("its XML is broken: {what}"));
    let mut reader = NsReader::from_str(text);
    let mut open: Vec<Node> = vec![Node::default()];
    loop {
        let (found, event) =
            reader.read_resolved_event().map_err(|error| wrong(error.to_string()))?;
        match event {
            Event::Start(start) => {
                let node = node(&found, &start);
                if open.len() > DEPTH_MAX {
                    return Err(wrong("too many elements inside each other".to_owned()));
                }
                open.push(node);
            }
            Event::Empty(start) => {
                let node = node(&found, &start);
                if let Some(parent) = open.last_mut() {
                    parent.children.push(node);
                }
            }
            Event::End(_) => {
                let done = open.pop();
                match (open.last_mut(), done) {
                    (Some(parent), Some(done)) => parent.children.push(done),
                    _ => return Err(wrong("an end without a start".to_owned())),
                }
            }
            Event::Text(text) => push(&mut open, &text.xml10_content()),
            Event::CData(text) => push(&mut open, &text.xml10_content()),
            Event::GeneralRef(reference) => {
                let char =
                    reference.resolve_char_ref().map_err(|error| wrong(error.to_string()))?;
                if let Some(char) = char {
                    push(&mut open, char.encode_utf8(&mut [0; 4]));
                } else if let Some(text) = quick_xml::escape::resolve_xml_entity(&reference) {
                    push(&mut open, text);
                }
            }
            Event::Eof => break,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
    let root = open.pop().filter(|_| open.is_empty());
    let root = root.and_then(|top| top.children.into_iter().next());
    root.ok_or_else(|| wrong("it ends too early".to_owned()))
}

fn push(open: &mut [Node], text: &str) {
    if let Some(node) = open.last_mut() {
        node.text.push_str(text);
    }
}

fn node(found: &ResolveResult<'_>, start: &BytesStart<'_>) -> Node {
    let namespace = match found {
        ResolveResult::Bound(namespace) => namespace.0.to_owned(),
        ResolveResult::Unbound | ResolveResult::Unknown(_) => String::new(),
    };
    let label = start.attributes().flatten().find(|attribute| attribute.key.as_ref() == "name");
    let label = label.map(|attribute| attribute.value.into_owned()).unwrap_or_default();
    let name = start.local_name().as_ref().to_owned();
    Node { namespace, name, label, ..Node::default() }
}

/// The responses of a `multistatus`, and the token of a list of changes if it gives one.
///
/// # Errors
/// [`SyncError::Malformed`].
pub(super) fn multistatus(text: &str) -> Result<(Vec<Response>, Option<String>), SyncError> {
    let root = parse(text)?;
    if !root.is(DAV, "multistatus") {
        return Err(SyncError::Malformed("it is no multistatus".to_owned()));
    }
    let token = Some(root.text_of(DAV, "sync-token").to_owned()).filter(|token| !token.is_empty());
    let responses = root.all(DAV, "response").map(|response| {
        let mut props = Node::default();
        for found in response.all(DAV, "propstat") {
            let status = status(found.text_of(DAV, "status"));
            if let Some(prop) = found.child(DAV, "prop").filter(|_| status == Some(200)) {
                props.children.extend(prop.children.iter().cloned());
            }
        }
        let whole = Some(response.text_of(DAV, "status")).filter(|text| !text.is_empty());
        Response {
            href: response.text_of(DAV, "href").to_owned(),
            status: whole.and_then(status),
            props,
        }
    });
    Ok((responses.collect(), token))
}

/// The number in `HTTP/1.1 200 OK`.
fn status(line: &str) -> Option<u16> {
    line.split_whitespace().nth(1)?.parse().ok()
}

/// Text as it may stand in XML.
pub(super) fn escaped(text: &str) -> String {
    quick_xml::escape::escape(text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_that_were_not_found_are_left_out() {
        let text = "<?xml version='1.0'?><D:multistatus xmlns:D=\"DAV:\" \
            xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><D:response><D:href>/a%20b/</D:href>\
            <D:propstat><D:prop><D:displayname>Mine &amp; &#89;ours</D:displayname></D:prop>\
            <D:status>HTTP/1.1 200 OK</D:status></D:propstat>\
            <D:propstat><D:prop><C:calendar-data/></D:prop>\
            <D:status>HTTP/1.1 404 Not Found</D:status></D:propstat></D:response>\
            <D:response><D:href>/gone</D:href><D:status>HTTP/1.1 404 Not Found</D:status>\
            </D:response><D:sync-token>t1</D:sync-token></D:multistatus>";
        let (responses, token) = multistatus(text).unwrap();
        assert_eq!(token.as_deref(), Some("t1"));
        assert_eq!(responses[0].props.text_of(DAV, "displayname"), "Mine & Yours");
        assert!(responses[0].props.child(CALDAV, "calendar-data").is_none());
        assert_eq!((responses[1].href.as_str(), responses[1].status), ("/gone", Some(404)));
    }

    #[test]
    fn broken_xml_is_an_error_and_never_a_panic() {
        for text in ["", "<a>", "<a></b>", "</a>", "no xml", "<a><b/></a", "&#xFFFFFFFF;"] {
            assert!(parse(text).is_err() || text == "no xml", "{text}");
        }
        let deep = format!("{}{}", "<a>".repeat(60), "</a>".repeat(60));
        assert!(parse(&deep).is_err());
    }
}
