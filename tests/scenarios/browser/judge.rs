//! The judges themselves: what they must find, they find.

use serde_json::json;

use super::stage::Stage;

#[tokio::test]
async fn a_button_that_nobody_can_read_and_a_page_without_a_language_are_found() {
    let stage = Stage::start().await;
    let visitor = stage.visitor("judge").await;
    visitor.lands().await;
    let spoil = "
        const button = document.querySelector('main form button');
        button.style.color = '#3070b0';
        document.documentElement.removeAttribute('lang');";
    visitor.session.run(spoil, json!([])).await.unwrap();
    let verdict = stage.axe.judge(&visitor.session).await;
    let mut found: Vec<_> = verdict
        .barriers()
        .iter()
        .map(|found| found.id.clone())
        .collect();
    found.sort();
    assert_eq!(found, ["color-contrast", "html-has-lang"]);
    assert_eq!(verdict.not_passed(), ["color-contrast", "html-has-lang"]);
}

#[tokio::test]
async fn what_a_pages_policy_blocks_is_told() {
    let stage = Stage::start().await;
    let visitor = stage.visitor("policy").await;
    visitor.lands().await;
    let another_style = "
        const style = document.createElement('style');
        style.textContent = 'p { color: red }';
        document.head.append(style);";
    visitor.session.run(another_style, json!([])).await.unwrap();
    let complaints = visitor.session.complaints().await;
    assert!(complaints.concat().contains("style-src"), "{complaints:?}");
}
