//! A phone, a dark screen, a keyboard.

use serde::Deserialize;
use serde_json::{Value, json};
use tests::MovedRun;
use tests::chromium::{Profile, Screen};
use tests::process::Person;

use super::expected::{
    CONFIRM, CONNECTED, DECLINED, Expected, GO, LANDING, NOT_AN_ADMIN, OUT_OF_DATE, WAITING,
};
use super::stage::Stage;
use super::visitor::{Answer, BUTTON, Visitor};
use super::way_out::stays_at_go;

/// Across and down, in CSS pixels.
const PHONE: (u32, u32) = (375, 667);
/// The protocol's keys (WebDriver §17.4.2).
const TAB: char = '\u{E004}';
const ENTER: char = '\u{E007}';
/// How long the page waits for Microsoft, in seconds.
const WAIT: i64 = 30;
/// More stops than a page of ours has.
const STOPS: usize = 10;

/// Where things are, in CSS pixels. A page that is too wide makes a phone zoom out,
/// which shows in `screen`.
const MEASURE: &str = "
    const button = document.querySelector(arguments[0])?.getBoundingClientRect();
    return {
        screen: innerWidth,
        page: document.documentElement.scrollWidth,
        button: button ? [button.left, button.right] : null,
    };";
/// The element that has the focus, and how it shows that.
const FOCUS: &str = "
    const element = document.activeElement;
    const style = getComputedStyle(element);
    return {
        is_button: element === document.querySelector(arguments[0]),
        is_shown: element.matches(':focus-visible') && style.outlineStyle !== 'none',
        outline: parseFloat(style.outlineWidth),
    };";

#[derive(Debug, Deserialize)]
struct Measures {
    screen: f64,
    page: f64,
    button: Option<(f64, f64)>,
}

#[derive(Debug, Deserialize)]
struct Focus {
    is_button: bool,
    is_shown: bool,
    outline: f64,
}

/// Past every kind of page of ours; `looks` at each.
async fn tour(visitor: &Visitor<'_>, person: &Person, looks: impl AsyncFn(Expected)) {
    let admin = &person.admin;
    visitor.lands().await;
    looks(LANDING).await;
    visitor.presses().await;
    visitor.answers(admin, Answer::Cancel).await;
    visitor.sees(DECLINED).await;
    looks(DECLINED).await;
    visitor.lands().await;
    visitor.presses().await;
    visitor.answers(&person.user, Answer::Accept).await;
    visitor.sees(NOT_AN_ADMIN).await;
    looks(NOT_AN_ADMIN).await;
    visitor.lands().await;
    visitor.signs_in(admin).await;
    looks(CONFIRM).await;
    visitor.consents(admin).await;
    visitor.sees(CONNECTED).await;
    looks(CONNECTED).await;
}

/// Past the pages between ours and Microsoft's; `looks` at each.
async fn tour_between(
    stage: &Stage<MovedRun>,
    visitor: &Visitor<'_>,
    looks: impl AsyncFn(Expected),
) {
    let admin = &stage.person(0).admin;
    stays_at_go(&stage.broker, visitor).await;
    looks(GO).await;
    stage.broker.end_faults().await;
    stage.broker.fault("consent_race", None, Value::Null).await;
    visitor.follows().await;
    visitor.answers(admin, Answer::Accept).await;
    visitor.sees(WAITING).await;
    looks(WAITING).await;
    stage.run.clock.advance(WAIT);
    visitor.follows().await;
    visitor.answers(admin, Answer::Accept).await;
    visitor.sees(OUT_OF_DATE).await;
    looks(OUT_OF_DATE).await;
}

fn phone() -> Profile {
    let (width, height) = PHONE;
    Profile {
        screen: Screen::Phone { width, height },
        ..Profile::default()
    }
}

#[tokio::test]
async fn on_a_phone_nothing_is_wider_than_the_screen() {
    let stage = Stage::start().await;
    let visitor = stage.visitor_with("phone", phone()).await;
    let fits = async |page| fits(&visitor, page).await;
    tour(&visitor, stage.person(0), fits).await;
    stage.has("active", &[0]).await;
}

#[tokio::test]
async fn on_a_phone_the_pages_between_fit_as_well() {
    let stage = Stage::moved().await;
    let visitor = stage.visitor_with("phone-between", phone()).await;
    let fits = async |page| fits(&visitor, page).await;
    tour_between(&stage, &visitor, fits).await;
}

#[tokio::test]
async fn the_pages_between_are_dark_for_who_prefers_that() {
    let stage = Stage::moved().await;
    let dark = stage.visitor("dark-between").await;
    dark.session.prefer_dark().await;
    let is_dark = async |page| {
        let brightness = brightness(&dark).await;
        assert!(brightness < 60, "{page:?}: {brightness}");
    };
    tour_between(&stage, &dark, is_dark).await;
}

async fn fits(visitor: &Visitor<'_>, page: Expected) {
    let measured = visitor.session.run(MEASURE, json!([BUTTON])).await.unwrap();
    let measures: Measures = serde_json::from_value(measured).unwrap();
    let width = f64::from(PHONE.0);
    assert_eq!(measures.screen, width, "{page:?}: {measures:?}");
    assert!(measures.page <= width, "{page:?}: {measures:?}");
    let has_button = [LANDING, CONFIRM].contains(&page);
    assert_eq!(measures.button.is_some(), has_button, "{page:?}");
    if let Some((left, right)) = measures.button {
        assert!(left >= 0.0 && right <= width, "{page:?}: {measures:?}");
    }
}

#[tokio::test]
async fn who_prefers_dark_gets_dark_pages_that_can_be_read() {
    let stage = Stage::start().await;
    let light = stage.visitor("light").await;
    light.lands().await;
    assert!(brightness(&light).await > 200, "the same page is light");

    let dark = stage.visitor("dark").await;
    dark.session.prefer_dark().await;
    let is_dark = async |page| {
        let brightness = brightness(&dark).await;
        assert!(brightness < 60, "{page:?}: {brightness}");
    };
    tour(&dark, stage.person(0), is_dark).await;
}

/// Of the background, from 0 to 255.
async fn brightness(visitor: &Visitor<'_>) -> u32 {
    let colour = visitor.session.colour_of_corner().await;
    colour.iter().map(|part| u32::from(*part)).sum::<u32>() / 3
}

#[tokio::test]
async fn a_keyboard_is_enough_and_shows_where_it_is() {
    let stage = Stage::start().await;
    let admin = &stage.person(0).admin;
    let visitor = stage.visitor("keyboard").await;
    visitor.lands().await;
    presses_by_keyboard(&visitor).await;
    visitor.answers(admin, Answer::Accept).await;
    visitor.sees(CONFIRM).await;
    presses_by_keyboard(&visitor).await;
    visitor.answers(admin, Answer::Accept).await;
    visitor.sees(CONNECTED).await;
    stage.has("active", &[0]).await;
}

/// Tab until the button has the focus, then Enter.
async fn presses_by_keyboard(visitor: &Visitor<'_>) {
    for _ in 0..STOPS {
        visitor.session.press_key(TAB).await;
        let focus = visitor.session.run(FOCUS, json!([BUTTON])).await.unwrap();
        let focus: Focus = serde_json::from_value(focus).unwrap();
        assert!(focus.is_shown && focus.outline >= 2.0, "{focus:?}");
        if focus.is_button {
            visitor.takes_picture("focus").await;
            visitor.leaves().await;
            return visitor.session.press_key(ENTER).await;
        }
    }
    panic!("Tab does not reach the button");
}
