//! The files of `operator tenants import`: what is read comes back when it is written
//! again, in either format, and no message holds a control character of the file.

use std::collections::BTreeSet;

use auth::{Cloud, Customer, TenantId};
use operator::commands::tenants::{Format, Row, read_rows};
use serde_json::json;

/// The first byte chooses the format; the rest is the file.
pub(super) fn tenant_files(data: &[u8]) {
    let (choice, file) = data.split_first().unwrap_or((&b'c', &[]));
    let format = match choice {
        b'j' => Format::Json,
        _ => Format::Csv,
    };
    match read_rows(file, format, Cloud::Public) {
        Ok(rows) => {
            check(&rows);
            let again = read_again(as_json(&rows), Format::Json);
            assert_eq!(contents(&again), contents(&rows));
            // A value of a CSV file is read without the blanks around it.
            if rows
                .iter()
                .all(|row| row.customer.as_str().trim() == row.customer.as_str())
            {
                let again = read_again(as_csv(&rows), Format::Csv);
                assert_eq!(contents(&again), contents(&rows));
            }
        }
        Err(error) => {
            let text = format!("{error:#}");
            let shown = |c: char| c == '\n' || !c.is_control();
            assert!(text.chars().all(shown), "{text:?}");
        }
    }
}

fn check(rows: &[Row]) {
    assert!(!rows.is_empty());
    let tenants: BTreeSet<TenantId> = rows.iter().map(|row| row.tenant).collect();
    assert_eq!(tenants.len(), rows.len());
    assert!(!tenants.contains(&TenantId::CONSUMERS));
    for row in rows {
        assert!(!row.customer.as_str().chars().any(char::is_control));
        assert!(
            row.cloud
                .is_none_or(|cloud| cloud.shares_authority_with(Cloud::Public))
        );
    }
}

/// What the rows say, wherever they stand.
fn contents(rows: &[Row]) -> Vec<(TenantId, &Customer, Option<Cloud>)> {
    let contents = rows
        .iter()
        .map(|row| (row.tenant, &row.customer, row.cloud));
    contents.collect()
}

fn read_again(text: String, format: Format) -> Vec<Row> {
    read_rows(text.as_bytes(), format, Cloud::Public)
        .unwrap_or_else(|error| panic!("{error:#}\n{text}"))
}

fn as_json(rows: &[Row]) -> String {
    let objects = rows.iter().map(|row| {
        let (tenant, customer) = (row.tenant.to_string(), row.customer.as_str());
        let cloud = row.cloud.map(Cloud::as_str);
        json!({"tenant_id": tenant, "customer": customer, "cloud": cloud})
    });
    json!(objects.collect::<Vec<_>>()).to_string()
}

fn as_csv(rows: &[Row]) -> String {
    let lines = rows.iter().map(|row| {
        let customer = row.customer.as_str().replace('"', "\"\"");
        let cloud = row.cloud.map_or("", Cloud::as_str);
        format!("{},\"{customer}\",{cloud}\n", row.tenant)
    });
    format!("tenant_id,customer,cloud\n{}", lines.collect::<String>())
}
