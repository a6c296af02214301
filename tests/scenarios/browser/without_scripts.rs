//! Scripts are off: our pages have none, and need none.

use tests::chromium::Profile;

use super::stage::Stage;

/// A page that a script would rename.
const PAGE: &str = "data:text/html,<title>off</title><script>document.title='on'</script>";

#[tokio::test]
async fn an_admin_whose_browser_runs_no_scripts_connects_all_the_same() {
    let stage = Stage::start().await;
    let profile = Profile {
        scripts: false,
        ..Profile::default()
    };
    let visitor = stage
        .visitor_with("without-scripts", profile)
        .await
        .unjudged();
    visitor.opens(PAGE).await;
    assert_eq!(visitor.session.title().await, "off");
    visitor.connects(&stage.person(0).admin).await;
    stage.has("active", &[0]).await;
}
