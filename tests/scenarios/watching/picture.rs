//! The dashboard as a picture: the widgets that the template's JSON holds, drawn where it
//! puts them, with what the functions told during six hours that were not all well. Not
//! CloudWatch's own drawing: it shows that every widget has its figures.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};
use tests::chromium::{Chromedriver, Profile};

use super::names::rows;
use super::stage::{EVERY, Stage};
use super::template::Template;

/// Of a dashboard's unit, in pixels; it is 24 across.
const ACROSS: i64 = 52;
const DOWN: i64 = 28;
const COLOURS: [&str; 7] = [
    "#1f77b4", "#d62728", "#ff7f0e", "#9467bd", "#2ca02c", "#8c564b", "#17becf",
];

struct Line {
    label: String,
    points: Vec<(i64, f64)>,
}

#[tokio::test]
async fn the_dashboard_shows_six_hours_with_an_outage_and_a_revoked_consent() {
    let (stage, from) = six_hours().await;
    let dashboard = Template::read().dashboard();
    let mut html =
        "<!doctype html><meta charset=utf-8><title>Dashboard</title><style>body{margin:0;\
        font:10px sans-serif;background:#f2f3f3}svg{position:absolute;background:#fff;\
        outline:1px solid #d5dbdb}</style>"
            .to_owned();
    for widget in dashboard["widgets"].as_array().unwrap() {
        html.push_str(&drawn(widget, &stage, from));
    }
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let directory = target.join("screenshots");
    std::fs::create_dir_all(&directory).unwrap();
    let page = directory.join("dashboard.html");
    std::fs::write(&page, html).unwrap();

    let driver = Chromedriver::start().await;
    let session = driver.open(&Profile::default()).await;
    session.open(&format!("file://{}", page.display())).await;
    assert_eq!(session.title().await, "Dashboard");
    let picture = session.picture().await;
    assert!(picture.len() > 20_000, "{} bytes", picture.len());
    std::fs::write(directory.join("dashboard.png"), picture).unwrap();
}

/// Four tenants, callers that ask, an hour without Microsoft, a customer who goes.
async fn six_hours() -> (Stage, i64) {
    let mut stage = Stage::start(4).await;
    let from = stage.now();
    assert_eq!(stage.vend(&stage.run.tenant(3)).await, 200);
    stage.refresh().await;
    for period in 0..72 {
        match period {
            24 => {
                stage.run.broker.fault("status", None, json!(503)).await;
            }
            39 => stage.run.broker.end_faults().await,
            50 => {
                let (tenant, gone) = (stage.run.tenant(1), json!(null));
                let broker = &stage.run.broker;
                broker.fault("consent_revoked", Some(&tenant), gone).await;
            }
            _ => {}
        }
        stage.pass(EVERY).await;
        for index in 0..4 {
            for _ in 0..1 + period % 3 {
                stage.vend(&stage.run.tenant(index)).await;
            }
        }
        stage.vend("11111111-2222-4333-8444-555555555555").await;
    }
    (stage, from)
}

fn drawn(widget: &Value, stage: &Stage, from: i64) -> String {
    let unit = |name: &str| widget[name].as_i64().unwrap();
    let (width, height) = (unit("width") * ACROSS - 8, unit("height") * DOWN - 8);
    let properties = &widget["properties"];
    let title = properties["title"].as_str().unwrap();
    let inner = match (widget["type"].as_str(), properties["view"].as_str()) {
        (Some("alarm"), _) => alarms(properties, stage),
        (_, Some("singleValue")) => single(&lines(properties, stage, from)),
        _ => series(properties, &lines(properties, stage, from), width, height),
    };
    format!(
        "<svg style='left:{}px;top:{}px' width={width} height={height}><text x=8 y=16 \
         font-weight=bold>{}</text>{inner}</svg>",
        unit("x") * ACROSS + 4,
        unit("y") * DOWN + 4,
        escaped(title),
    )
}

/// Every row of a widget, a value for each period.
fn lines(properties: &Value, stage: &Stage, from: i64) -> Vec<Line> {
    let period = properties["period"].as_i64().unwrap();
    let rows = rows(&properties["metrics"]).into_iter();
    rows.map(|(key, options)| {
        let statistic = options["stat"].as_str();
        let statistic = statistic.unwrap_or_else(|| properties["stat"].as_str().unwrap());
        let ends = (0..).map(|number| from + number * period);
        let ends = ends.take_while(|end| *end <= stage.now());
        let value = |end| {
            let value = stage
                .cloudwatch
                .statistic(&key, statistic, end - period, end);
            value.map(|value| (end - from, value))
        };
        Line {
            label: options["label"].as_str().unwrap().to_owned(),
            points: ends.filter_map(value).collect(),
        }
    })
    .collect()
}

fn series(properties: &Value, lines: &[Line], width: i64, height: i64) -> String {
    let marks = properties["annotations"]["horizontal"].as_array();
    let mark = marks.and_then(|marks| marks[0]["value"].as_f64());
    let values = lines.iter().flat_map(|line| &line.points);
    let highest = values.map(|(_, value)| *value).fold(1.0, f64::max);
    let (left, top, right, bottom) = (40.0, 26.0, width as f64 - 190.0, height as f64 - 10.0);
    let x = |at: f64| left + at / (72 * EVERY) as f64 * (right - left);
    let y = |value: f64| bottom - value / highest * (bottom - top);
    let mut svg = format!(
        "<path d='M{left} {top}V{bottom}H{right}' fill=none stroke=#aab7b8 /><text x=4 y={}>{highest}</text>",
        top + 4.0
    );
    if let Some(mark) = mark {
        let y = y(mark);
        let _ = write!(
            svg,
            "<path d='M{left} {y}H{right}' stroke=#d62728 stroke-dasharray=4 /><text x=8 y={y}>{mark}</text>"
        );
    }
    for (line, (number, colour)) in lines.iter().zip(COLOURS.iter().enumerate()) {
        let places: Vec<_> = line
            .points
            .iter()
            .map(|(at, value)| format!("{:.1},{:.1}", x(*at as f64), y(*value)))
            .collect();
        for (at, value) in &line.points {
            let (x, y) = (x(*at as f64), y(*value));
            let _ = write!(svg, "<circle cx={x:.1} cy={y:.1} r=1.8 fill={colour} />");
        }
        let last = line
            .points
            .last()
            .map_or("none".to_owned(), |(_, value)| value.to_string());
        let _ = write!(
            svg,
            "<polyline points='{}' fill=none stroke={colour} stroke-width=1.5 /><text x={} y={} \
             fill={colour}>{}: {last}</text>",
            places.join(" "),
            right + 8.0,
            top + 4.0 + 14.0 * number as f64,
            escaped(&line.label),
        );
    }
    svg
}

fn single(lines: &[Line]) -> String {
    let line = &lines[0];
    // As CloudWatch shows what has no value.
    let last = line.points.last();
    let value = last.map_or("--".to_owned(), |(_, value)| value.to_string());
    format!(
        "<text x=20 y=90 font-size=40>{value}</text><text x=20 y=110>{}</text>",
        escaped(&line.label)
    )
}

fn alarms(properties: &Value, stage: &Stage) -> String {
    let on = stage.alarming();
    let names = properties["alarms"].as_array().unwrap().iter().enumerate();
    names
        .map(|(number, name)| {
            let name = name.as_str().unwrap();
            let colour = if on.contains(name) {
                "#d62728"
            } else {
                "#2ca02c"
            };
            let (x, y) = (8 + number % 7 * 176, 22 + number / 7 * 14);
            format!(
                "<rect x={x} y={y} width=10 height=10 fill={colour} /><text x={} y={}>{name}</text>",
                x + 16,
                y + 9
            )
        })
        .collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
