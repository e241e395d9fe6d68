//! By which names the service is asked: the page of a stranger, whose name leads here, reads nothing.

use axum::{body::Body, http::Request};
use throughline_http::{Host, Hosts, Tls};

use crate::{
    network::Made,
    world::{ANNA, World},
};

fn hosts(names: &[&str], tls: Option<Tls>) -> Hosts {
    let names: Vec<Host> = names.iter().map(|name| name.parse().expect("a host")).collect();
    Hosts::new("127.0.0.1:8080".parse().expect("an address"), names, tls)
}

#[tokio::test]
async fn whoever_asks_by_a_strangers_name_gets_nothing_at_any_path() {
    let world = World::with_anna().await.called(hosts(&["clinic.example"], None));
    for (pattern, item) in world.description.0["paths"].as_object().expect("paths") {
        let path = pattern.replace("{id}", ANNA).replace(['{', '}'], "");
        for method in item.as_object().expect("operations").keys() {
            let asked = |host: Option<&str>| {
                let mut request = Request::builder().method(method.to_uppercase().as_str()).uri(&path);
                if let Some(host) = host {
                    request = request.header("host", host);
                }
                world.send(request.body(Body::empty()).expect("a request"))
            };
            asked(Some("evil.example:8080")).await.refuses(421, "wrong-host");
            asked(None).await.refuses(400, "no-host");
        }
    }
    let refused = world.get_with("/v1/journeys", "host", "evil.example").await.refuses(421, "wrong-host");
    assert_eq!(refused.fault(), "host");
    let detail = refused.json()["detail"].to_string();
    assert!(detail.contains("localhost:8080") && detail.contains("--host evil.example"), "{detail}");
    for ours in ["localhost:8080", "127.0.0.1:8080", "[::1]:8080", "clinic.example"] {
        world.get_with("/v1/journeys", "host", ours).await.is(200);
    }
}

#[tokio::test]
async fn the_names_of_the_certificate_are_names_of_the_service_while_it_is_shown() {
    let (made, new) = (Made::called("clinic.example"), Made::called("*.clinic.example"));
    let tls = made.tls("cert.pem", "key.pem").expect("a certificate and its key");
    let world = World::new().await.called(hosts(&[], Some(tls.clone())));
    let status = async |host: &str| world.get_with("/healthz", "host", host).await.status.as_u16();
    assert_eq!((status("clinic.example:8443").await, status("north.clinic.example").await), (200, 421));
    new.replaces(&made, &["cert.pem", "key.pem"]);
    tls.renew().expect("they go together");
    assert_eq!((status("clinic.example:8443").await, status("north.clinic.example").await), (421, 200));
    assert_eq!(status("evil.example").await, 421);
}
