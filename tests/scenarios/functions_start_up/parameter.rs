//! The parameter `VendingIssuers`: its pattern takes what the function takes, and refuses what SAM
//! makes of a value with quotation marks.

use std::path::Path;

use auth::caller::issuers_from_json;
use regex::Regex;
use yaml_rust2::YamlLoader;

fn text(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    std::fs::read_to_string(path).unwrap()
}

/// A field of the parameter.
fn field(name: &str) -> String {
    let template = YamlLoader::load_from_str(&text("template.yaml"))
        .unwrap()
        .remove(0);
    let parameter = &template["Parameters"]["VendingIssuers"];
    parameter[name].as_str().unwrap().to_owned()
}

#[test]
fn the_pattern_takes_a_list_and_refuses_what_sam_makes_of_one() {
    let pattern = Regex::new(&field("AllowedPattern")).unwrap();
    let one = r#"{"issuer":"https://a.example","audience":"broker"}"#;
    let taken = [
        String::new(),
        "[]".to_owned(),
        " [ ] ".to_owned(),
        format!("[{one}]"),
        format!("[{one},{one}]"),
        format!(" [ {one} ,\n {one} ]\n"),
        r#"[{"audience":"b","private":true,"issuer":"https://a.example"}]"#.to_owned(),
        r#"[{"issuer":"https://a.example","audience":"b","configuration_url":"https://b"}]"#
            .to_owned(),
    ];
    for value in &taken {
        assert!(pattern.is_match(value), "{value:?}");
    }
    // The first four are what `sam deploy` hands on, by how the value was quoted in the shell.
    let refused = [
        "[{",
        "[{issuer",
        "[{issuer:https://a.example,audience:broker}]",
        r#"[{\"issuer\":\"https://a.example\""#,
        "[",
        "{}",
        "null",
        one,
        r#"{"issuer":"https://a.example"}"#,
        r#"[{"issuer":"https://a.example","audience":"broker"}"#,
        r#"[{"issuer":"https://a.example","audience":"broker"},]"#,
        r#"[{"issuer":"https://a.example"}{"issuer":"https://b.example"}]"#,
        r#"[["issuer"]]"#,
        "[{}]",
        "https://a.example",
    ];
    for value in refused {
        assert!(!pattern.is_match(value), "{value:?}");
        let is_sound = issuers_from_json(value).is_ok_and(|list| !list.is_empty());
        assert!(!is_sound, "{value:?} is a list");
    }
    let advice = field("ConstraintDescription");
    assert!(advice.contains("operator issuer put FILE"), "{advice}");
}

/// Every entry that the callers' page shows.
#[test]
fn the_pattern_takes_what_the_page_shows() {
    let pattern = Regex::new(&field("AllowedPattern")).unwrap();
    let page = text("infra/guides/callers/issuers.md");
    let entries = page.split("```json").skip(1);
    let entries: Vec<&str> = entries
        .filter_map(|rest| rest.split("```").next())
        .collect();
    assert!(entries.len() >= 6);
    for entry in &entries {
        assert!(pattern.is_match(&format!("[{entry}]")), "{entry}");
    }
    assert!(pattern.is_match(&format!("[{}]", entries.join(","))));
}
