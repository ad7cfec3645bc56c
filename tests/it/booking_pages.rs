//! Pages for customers without a script: from the service to the confirmation, and what goes wrong on
//! the way.

use std::sync::Arc;

use reqwest::Method;
use roundsman::addresses::AddressBook;
use serde_json::{Value, json};

use crate::support::apps::{TestApp, apps};
use crate::support::companies::{Company, sample, text, workday};
use crate::support::http::{Answer, Credential, Server};

const TABLE: &str = "lat,lon,street,housenumber,postcode,city\n\
    64.1466,-21.9426,Laugavegur,1,101,Reykjavík\n64.1466,-21.9427,Laugavegur,10,101,Reykjavík\n\
    64.1460,-21.9420,Þórsgata,1,101,Reykjavík\n64.1460,-21.9430,Þórsgata,1,245,Sandgerði\n\
    65.6835,-18.1105,Hafnarstræti,1,600,Akureyri\n";

/// A guest's browser without scripts.
struct Guest<'a> {
    server: &'a Server,
    who: Credential,
}

impl Guest<'_> {
    async fn get(&self, path: &str) -> Answer {
        self.server.get(path, &self.who).await
    }

    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = self.server.request(Method::POST, path, &self.who);
        self.server.send(request.form(fields)).await
    }

    /// Sends a form and goes where it leads.
    async fn follow(&self, path: &str, fields: &[(&str, &str)]) -> (String, Answer) {
        let answer = self.post(path, fields).await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        let to = answer.header("location").split('#').next().unwrap().to_owned();
        let page = self.get(&to).await;
        (to, page)
    }

    /// Sends answers as a form with files.
    async fn answer(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        file: Option<(&str, &[u8])>,
    ) -> Answer {
        let mut body = Vec::new();
        for (name, value) in fields {
            let head = format!(
                "--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            );
            body.extend(head.as_bytes());
        }
        if let Some((name, bytes)) = file {
            let head = format!(
                "--edge\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"plan.png\"\r\n\
                 Content-Type: image/png\r\n\r\n"
            );
            body.extend(head.as_bytes());
            body.extend(bytes);
            body.extend(b"\r\n");
        }
        body.extend(b"--edge--\r\n");
        let request = self.server.request(Method::POST, path, &self.who);
        let request = request.header("content-type", "multipart/form-data; boundary=edge");
        self.server.send(request.body(body)).await
    }
}

/// The first value of a start's button on a page.
fn first_start(page: &Answer) -> String {
    let part = page.text.split("name=\"start\" value=\"").nth(1).expect(&page.text);
    part.split('"').next().unwrap().replace("&#43;", "+")
}

async fn company(app: &TestApp) -> (Server, Company) {
    let book = AddressBook::read(TABLE.as_bytes()).unwrap();
    let server = Server::start_over(app, (**app).clone().with_addresses(Arc::new(book))).await;
    let company = Company::set_up(&server, app, "alpha").await;
    let mut service = company.records["services"].clone();
    service["questions"] = json!([
        { "key": "pets", "label": "Pets?", "kind": "choice", "options": ["none", "a dog"],
          "required": true },
        { "key": "dog", "label": "Its name?", "kind": "text", "required": true,
          "only_if": { "key": "pets", "answers": ["a dog"] } },
        { "key": "gas", "label": "It smells of gas", "kind": "check_box",
          "disqualifies": { "answers": ["yes"], "message": "Call 112 at once." } },
        { "key": "plan", "label": "A plan", "kind": "file" }
    ]);
    let path = format!("/api/v1/services/{}", text(&service["id"]));
    server.put(&path, &company.owner, &service).await.expect(200);
    (server, company)
}

/// Answers that do not fit are shown with the reason; those that do lead on.
async fn answer_wrongly_then_well(guest: &Guest<'_>, root: &str) {
    let questions = format!("{root}/questions");
    let hidden = guest.answer(&questions, &[("q_pets", "a dog")], None).await;
    assert_eq!(hidden.status, 422);
    assert!(hidden.text.contains("id=\"e_dog\""), "{}", hidden.text);
    let danger = [("q_pets", "none"), ("q_gas", "yes")];
    let danger = guest.answer(&questions, &danger, None).await;
    assert_eq!(danger.status, 422);
    assert!(danger.text.contains("Call 112 at once."));
    let bad = guest.answer(&questions, &[("q_pets", "none")], Some(("q_plan", b"<svg>"))).await;
    assert_eq!(bad.status, 422);
    let picture = Some(("q_plan", b"\x89PNG\r\n\x1A\npicture".as_slice()));
    let fields = [("q_pets", "a dog"), ("q_dog", "Snati <b>")];
    let done = guest.answer(&questions, &fields, picture).await;
    assert_eq!(done.header("location"), format!("{root}/time"), "{}", done.text);
}

#[tokio::test]
async fn a_guest_books_without_a_script_and_everything_reaches_the_booking() {
    for app in apps().await {
        let (server, company) = company(&app).await;
        let guest =
            Guest { server: &server, who: Credential::none().with("accept-language", "is") };
        let home = "/book/alpha?utm_source=letter&source=site.example";
        let page = guest.get(home).await;
        assert_eq!(page.status, 200);
        assert!(page.text.contains("Hvað getum við gert fyrir þig?"), "{}", page.text);
        assert!(page.header("content-security-policy").contains("script-src 'self'"));
        assert!(page.header("content-security-policy").ends_with("frame-ancestors 'self'"));
        assert!(!page.headers.contains_key("x-frame-options"));

        let service = company.id("services");
        let (place, page) = guest.follow(home, &[("service", &service)]).await;
        assert_eq!(page.status, 200);
        let root = place.strip_suffix("/place").unwrap().to_owned();
        let unknown = guest.post(&place, &[("q", "Nowhere 5")]).await;
        assert_eq!(unknown.status, 422);
        let several = guest.post(&place, &[("q", "thorsgata 1")]).await;
        assert_eq!(several.status, 422);
        assert!(several.text.contains("Þórsgata 1, 245 Sandgerði"), "{}", several.text);
        let (_, page) = guest.follow(&place, &[("q", "laugavegur 1")]).await;
        assert!(page.text.contains("Laugavegur 1, 101 Reykjavík"));
        assert!(page.text.contains(&format!("{root}/questions")));

        // Times are not shown before the questions are answered.
        let early = guest.get(&format!("{root}/time")).await;
        assert_eq!(early.header("location"), format!("{root}/questions"));
        answer_wrongly_then_well(&guest, &root).await;

        let times = guest.get(&format!("{root}/time?day={}", workday(&app))).await;
        assert_eq!(times.status, 200);
        assert!(times.text.contains("Reykjavik"), "{}", times.text);
        let start = first_start(&times);
        let (confirm, page) = guest.follow(&format!("{root}/hold"), &[("start", &start)]).await;
        assert!(page.text.contains("data-expires"), "{}", page.text);
        assert!(page.text.contains("Snati &lt;b&gt;") || page.text.contains("Snati &#60;b&#62;"));
        let unreachable = guest.post(&confirm, &[("name", "Guðrún")]).await;
        assert_eq!(unreachable.status, 422);
        let wrong = guest.post(&confirm, &[("name", "Guðrún"), ("email", "at home")]).await;
        assert!(wrong.text.contains("id=\"e_email\""), "{}", wrong.text);
        let contact =
            [("name", "Guðrún"), ("email", "g@example.is"), ("access_note", "Ring twice")];
        let (done, page) = guest.follow(&confirm, &contact).await;
        assert!(page.text.contains("Heimsóknin er bókuð"), "{}", page.text);
        // A second press leads to the same booking.
        let again = guest.post(&confirm, &contact).await;
        assert_eq!(again.header("location"), done);

        let list = server.get("/api/v1/bookings", &company.dispatcher).await.expect(200);
        let items = list["items"].as_array().unwrap();
        assert_eq!(items.len(), 1);
        let booking = &items[0];
        assert_eq!(booking["source"], "web:site.example");
        assert_eq!(booking["campaign"], json!({ "utm_source": "letter" }));
        let keys: Vec<&Value> =
            booking["answers"].as_array().unwrap().iter().map(|one| &one["key"]).collect();
        assert_eq!(keys, ["pets", "dog", "plan"]);
        assert!(page.text.contains(booking["code"].as_str().unwrap()));
        let file = format!("/api/v1/uploads/{}", text(&booking["answers"][2]["value"]));
        let file = server.get(&file, &company.dispatcher).await;
        assert_eq!((file.status.as_u16(), file.header("content-type")), (200, "image/png"));
        assert!(file.header("content-disposition").starts_with("attachment"));

        let calendar = guest.get(&format!("{root}/booking.ics")).await;
        assert_eq!(calendar.header("content-type"), "text/calendar; charset=utf-8");
        assert!(calendar.text.contains("BEGIN:VEVENT\r\n"), "{}", calendar.text);
    }
}

#[tokio::test]
async fn a_start_that_is_gone_is_answered_with_others() {
    for app in apps().await {
        let (server, company) = company(&app).await;
        let guest = Guest { server: &server, who: Credential::none() };
        let service = company.id("services");
        let mut roots = Vec::new();
        for _ in 0..2 {
            let (place, _) = guest.follow("/book/alpha", &[("service", &service)]).await;
            let root = place.strip_suffix("/place").unwrap().to_owned();
            guest.follow(&place, &[("q", "laugavegur 1")]).await;
            guest.answer(&format!("{root}/questions"), &[("q_pets", "none")], None).await;
            roots.push(root);
        }
        let times = guest.get(&format!("{}/time?day={}", roots[0], workday(&app))).await;
        let start = first_start(&times);
        guest.follow(&format!("{}/hold", roots[0]), &[("start", &start)]).await;
        let lost = guest.post(&format!("{}/hold", roots[1]), &[("start", &start)]).await;
        assert_eq!(lost.status, 409, "{}", lost.text);
        let other = first_start(&lost);
        assert_ne!(other, start);
        let (_, page) = guest.follow(&format!("{}/hold", roots[1]), &[("start", &other)]).await;
        assert_eq!(page.status, 200);
        // A start off the grid was never on offer.
        let odd = start.replace(":00:00", ":07:00");
        let odd = guest.post(&format!("{}/hold", roots[1]), &[("start", &odd)]).await;
        assert_eq!(odd.status, 409);
    }
}

#[tokio::test]
async fn what_a_guest_typed_and_what_was_agreed_stay_when_the_hold_is_over() {
    for app in apps().await {
        let (server, company) = company(&app).await;
        let path = format!("/api/v1/services/{}", company.id("services"));
        let mut service = server.get(&path, &company.owner).await.expect(200);
        service["slots"]["arrival_window_min"] = json!(120);
        server.put(&path, &company.owner, &service).await.expect(200);
        let guest = Guest { server: &server, who: Credential::none() };
        let service = company.id("services");
        let (place, _) = guest.follow("/book/alpha", &[("service", &service)]).await;
        let root = place.strip_suffix("/place").unwrap().to_owned();
        guest.follow(&place, &[("q", "laugavegur 1")]).await;
        guest.answer(&format!("{root}/questions"), &[("q_pets", "none")], None).await;
        let times = guest.get(&format!("{root}/time?day={}", workday(&app))).await;
        let hold = format!("{root}/hold");
        let (confirm, page) = guest.follow(&hold, &[("start", &first_start(&times))]).await;
        let agreed = |page: &Answer| {
            let part = page.text.split("between ").nth(1).expect(&page.text);
            part.split(" <").next().unwrap().to_owned()
        };
        let promised = agreed(&page);

        // What the script sends when the time is up books nothing.
        let typed = [("name", "Guðrún"), ("email", "g@example.is"), ("later", "1")];
        let (to, page) = guest.follow(&confirm, &typed).await;
        assert_eq!(to, confirm);
        assert!(page.text.contains("value=\"g@example.is\""), "{}", page.text);
        let list = server.get("/api/v1/bookings", &company.dispatcher).await.expect(200);
        assert_eq!(list["items"], json!([]));

        let audit = server.get("/api/v1/audit?noun=holds", &company.owner).await.expect(200);
        let held = format!("/api/v1/holds/{}", text(&audit["items"][0]["noun_id"]));
        assert_eq!(server.delete(&held, &company.dispatcher).await.status, 204);
        let page = guest.get(&confirm).await;
        assert_eq!(page.status, 409, "{}", page.text);
        assert_eq!(agreed(&page), promised);
        let (_, page) = guest.follow(&hold, &[("start", &first_start(&page))]).await;
        assert!(page.text.contains("value=\"g@example.is\""), "{}", page.text);
    }
}

/// Who was chosen may be free at none of the nearest starts: then a colleague comes, and the page says so.
#[tokio::test]
async fn a_colleague_comes_where_whom_a_guest_chose_is_not_free() {
    for app in apps().await {
        let (server, company) = company(&app).await;
        let mut colleague = company.records["technicians"].clone();
        colleague["name"] = json!("Bára Jónsdóttir");
        let body = colleague.as_object_mut().unwrap();
        body.retain(|field, _| {
            !["id", "revision", "created_at", "updated_at"].contains(&field.as_str())
        });
        server.post("/api/v1/technicians", &company.owner, &colleague).await.expect(201);
        let guest = Guest { server: &server, who: Credential::none() };
        let service = company.id("services");
        let (place, _) = guest.follow("/book/alpha", &[("service", &service)]).await;
        let root = place.strip_suffix("/place").unwrap();
        guest.follow(&place, &[("q", "laugavegur 1")]).await;
        guest.answer(&format!("{root}/questions"), &[("q_pets", "none")], None).await;
        let chosen = company.id("technicians");
        let times = format!("{root}/time?with={chosen}&day={}", workday(&app));
        let start = first_start(&guest.get(&times).await);
        // The best starts come first and may lie on any day from now on.
        let from = app.now().date_naive();
        let until = workday(&app) + chrono::Days::new(90);
        let absence = json!({
            "technician_id": chosen, "kind": "time_off", "start": format!("{from}T00:00:00Z"),
            "end": format!("{until}T00:00:00Z")
        });
        server.post("/api/v1/absences", &company.owner, &absence).await.expect(201);

        let hold = format!("{root}/hold");
        let lost = guest.post(&hold, &[("start", &start)]).await;
        assert_eq!(lost.status, 409, "{}", lost.text);
        assert!(lost.text.contains("a colleague comes"), "{}", lost.text);
        assert!(lost.text.contains("name=\"anyone\" value=\"yes\""), "{}", lost.text);
        let other = first_start(&lost);
        // Somebody else comes only to those who have read that.
        let unread = guest.post(&hold, &[("start", &other)]).await;
        assert_eq!(unread.status, 409);
        let (_, page) = guest.follow(&hold, &[("start", &other), ("anyone", "yes")]).await;
        assert!(page.text.contains("data-expires"), "{}", page.text);
    }
}

#[tokio::test]
async fn outside_the_area_a_guest_leaves_a_name_and_sees_no_times() {
    for app in apps().await {
        let (server, company) = company(&app).await;
        let guest = Guest { server: &server, who: Credential::none() };
        let service = company.id("services");
        let (place, _) = guest.follow("/book/alpha", &[("service", &service)]).await;
        let root = place.strip_suffix("/place").unwrap().to_owned();
        // The zone is a circle of 50 km around Reykjavík; Akureyri lies 250 km away.
        let (_, page) = guest.follow(&place, &[("q", "Hafnarstræti 1")]).await;
        assert!(page.text.contains("We do not come here yet"), "{}", page.text);
        assert!(page.text.contains(&format!("{root}/waitlist")));
        let times = guest.get(&format!("{root}/time")).await;
        assert_eq!(times.header("location"), place);
        let join = format!("{root}/waitlist");
        let nameless = guest.post(&join, &[("email", "a@example.is")]).await;
        assert_eq!(nameless.status, 422);
        let fields = [("name", "Ari"), ("email", "a@example.is")];
        let (_, page) = guest.follow(&join, &fields).await;
        assert!(page.text.contains("You are on the list"), "{}", page.text);
        let path = "/api/v1/waitlist-entries?status=waiting";
        let list = server.get(path, &company.dispatcher).await.expect(200);
        assert_eq!(list["items"][0]["reason"], "outside_area");
        assert_eq!(list["items"][0]["customer"]["name"], "Ari");
    }
}

#[tokio::test]
async fn services_that_nobody_does_in_one_visit_are_to_be_booked_one_by_one() {
    for app in apps().await {
        let (server, company) = company(&app).await;
        let boats = json!({ "name": "Boats" });
        let boats =
            text(&server.post("/api/v1/skills", &company.owner, &boats).await.expect(201)["id"]);
        let id = |noun: &str| if noun == "skills" { boats.clone() } else { company.id(noun) };
        for noun in ["technicians", "services"] {
            let mut body = sample(noun, id);
            body["name"] = json!("Of boats");
            server.post(&format!("/api/v1/{noun}"), &company.owner, &body).await.expect(201);
        }
        let path = "/api/v1/services?limit=10";
        let list = server.get(path, &company.owner).await.expect(200);
        let both: Vec<String> =
            list["items"].as_array().unwrap().iter().map(|one| text(&one["id"])).collect();
        let [first, second] = both.as_slice() else { panic!("{list}") };
        let guest = Guest { server: &server, who: Credential::none() };
        for (services, words) in [
            (vec![("service", first.as_str())], "class=\"good\""),
            (vec![("service", second.as_str())], "class=\"good\""),
            (vec![("service", first), ("service", second)], "cannot be done in one visit"),
        ] {
            let (place, _) = guest.follow("/book/alpha", &services).await;
            let (_, page) = guest.follow(&place, &[("q", "laugavegur 1")]).await;
            assert!(page.text.contains(words), "{words}: {}", page.text);
            assert!(!page.text.contains("We do not come here yet"));
        }
    }
}

#[tokio::test]
async fn a_guest_sets_a_pin_where_the_server_has_no_addresses() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        let guest = Guest { server: &server, who: Credential::none() };
        let service = company.id("services");
        let (place, page) = guest.follow("/book/alpha", &[("service", &service)]).await;
        assert!(page.text.contains("type=\"image\" name=\"pin\""), "{}", page.text);
        let at = [
            ("lat", "64.1466"),
            ("lon", "-21.9426"),
            ("z", "15"),
            ("set", "false"),
            ("street", "Laugavegur"),
            ("number", "1"),
        ];
        let early = guest.post(&place, &[&at[..], &[("save", "yes")]].concat()).await;
        assert_eq!(early.status, 422);
        // The middle of a picture of 288 pixels is the point it was made for.
        let middle = [&at[..], &[("pin.x", "144"), ("pin.y", "144")]].concat();
        let click = guest.post(&place, &middle).await;
        assert_eq!(click.status, 200);
        assert!(click.text.contains("name=\"set\" value=\"true\""), "{}", click.text);
        assert!(click.text.contains("name=\"lat\" value=\"64.146600\""), "{}", click.text);
        let set = [("lat", "64.1466"), ("lon", "-21.9426"), ("z", "16"), ("set", "true")];
        let saved =
            [&set[..], &[("street", "Laugavegur"), ("number", "1"), ("save", "yes")]].concat();
        let (_, page) = guest.follow(&place, &saved).await;
        assert!(page.text.contains("Laugavegur 1"), "{}", page.text);
        let picture = guest.get("/book/alpha/map.svg?lat=64.1&lon=-21.9&z=15").await;
        assert_eq!(picture.header("content-type"), "image/svg+xml");
    }
}

#[tokio::test]
async fn pages_that_are_not_there_say_so_kindly() {
    for app in apps().await {
        let (server, company) = company(&app).await;
        let guest =
            Guest { server: &server, who: Credential::none().with("accept-language", "es") };
        for path in [
            "/book/nobody",
            "/book/alpha/0192f0c1-2345-7000-8000-0000000000ff/time",
            "/book/alpha/nothing/place",
            "/manage/nothing",
            "/track/nothing",
            "/book/alpha/waitlist/nothing",
        ] {
            let page = guest.get(path).await;
            assert_eq!(page.status, 404, "{path}: {}", page.text);
            assert!(page.text.contains("No encontramos esta página"), "{path}: {}", page.text);
        }
        let none = guest.post("/book/alpha", &[]).await;
        assert_eq!(none.status, 422);
        assert!(none.text.contains("Elija al menos un servicio"), "{}", none.text);
        // Another organization's draft is nobody's.
        let service = company.id("services");
        let (place, _) = guest.follow("/book/alpha", &[("service", &service)]).await;
        Company::set_up(&server, &app, "beta").await;
        let foreign = guest.get(&place.replace("/alpha/", "/beta/")).await;
        assert_eq!(foreign.status, 404);
    }
}

#[tokio::test]
async fn only_sites_on_the_list_may_frame_the_page_and_hear_of_it() {
    for app in apps().await {
        let (server, company) = company(&app).await;
        let guest = Guest { server: &server, who: Credential::none() };
        let path = "/api/v1/organization";
        let mut organization = server.get(path, &company.owner).await.expect(200);
        organization["booking_page"]["frame_origins"] = json!(["https://shop.example"]);
        server.put(path, &company.owner, &organization).await.expect(200);
        let framed = guest.get("/book/alpha?parent=https%3A%2F%2Fshop.example").await;
        let policy = framed.header("content-security-policy").to_owned();
        assert!(policy.ends_with("frame-ancestors 'self' https://shop.example"), "{policy}");
        assert!(framed.text.contains("data-parent=\"https://shop.example\""), "{}", framed.text);
        let other = guest.get("/book/alpha?parent=https%3A%2F%2Fevil.example").await;
        assert!(!other.text.contains("data-parent"), "{}", other.text);
        organization["revision"] = json!(organization["revision"].as_i64().unwrap() + 1);
        organization["booking_page"]["frame_origins"] = json!(["https://a; script-src *"]);
        let refused = server.put(path, &company.owner, &organization).await;
        refused.expect(422);
        let widget = guest.get("/widget.js").await;
        assert_eq!(widget.header("content-type"), "text/javascript; charset=utf-8");
    }
}

#[tokio::test]
async fn pages_are_limited_per_address() {
    for app in apps().await {
        let settings =
            roundsman::api::Settings { public_requests_per_minute: 3, ..Default::default() };
        let server = Server::start_with(&app, settings).await;
        crate::support::apps::found(&app, "alpha").await;
        let guest = Guest { server: &server, who: Credential::none() };
        let mut statuses = Vec::new();
        for _ in 0..5 {
            statuses.push(guest.get("/book/alpha").await.status.as_u16());
        }
        assert_eq!(statuses, [200, 200, 200, 429, 429]);
    }
}
