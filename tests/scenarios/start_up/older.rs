//! A data directory of a version that kept policies and caller keys in the table of tenants.

use aws::{Connection, Endpoint, connect};
use aws_sdk_dynamodb::types::AttributeValue;
use dynoxide::Database;
use tokio::net::TcpListener;

use super::stage::{Template, fails};

/// The tables of a directory on which no run works.
async fn tables(file: &std::path::Path) -> Connection {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let endpoint = Endpoint::Local(format!("http://{}", listener.local_addr().unwrap()));
    let database = Database::new(file.to_str().unwrap()).unwrap();
    tokio::spawn(dynoxide::server::serve_on(listener, database));
    connect(&endpoint).await
}

#[tokio::test]
async fn a_directory_with_policies_or_keys_among_the_tenants_is_refused_and_says_what_to_do() {
    let template = Template::make().await;
    let rows = [
        ("POLICY", "POLICY"),
        ("POLICY", "CANDIDATE"),
        ("CALLERS", "KEY#collector"),
    ];
    for (pk, sk) in rows {
        let directory = template.copy();
        let tables = tables(&directory.path("table.sqlite")).await;
        let put = tables.dynamodb().put_item().table_name("tenants");
        let put = put.item("pk", AttributeValue::S(pk.to_owned()));
        let put = put.item("sk", AttributeValue::S(sk.to_owned()));
        put.send().await.unwrap();
        let words = ["older version", "left as it was", "another --data-dir"];
        fails(sk, &directory.start(), &words).await;
    }
}
