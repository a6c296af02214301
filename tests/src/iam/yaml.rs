//! The template's YAML as the JSON that CloudFormation reads: a tag such as `!Ref` becomes the
//! function that it is short for. It resolves nothing.

use serde_json::{Map, Value, json};
use yaml_rust2::parser::{Event, EventReceiver, Parser, Tag};
use yaml_rust2::scanner::TScalarStyle;

/// The document of this text.
pub(super) fn read(text: &str) -> Value {
    let mut builder = Builder::default();
    Parser::new_from_str(text)
        .load(&mut builder, false)
        .unwrap();
    builder.done.expect("the text has a document")
}

#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    done: Option<Value>,
}

/// A list or a mapping whose end has not come.
struct Open {
    tag: Option<String>,
    content: Content,
}

enum Content {
    List(Vec<Value>),
    /// With the key whose value comes next.
    Fields(Map<String, Value>, Option<String>),
}

impl EventReceiver for Builder {
    fn on_event(&mut self, event: Event) {
        match event {
            Event::Scalar(text, style, _, tag) => {
                let tag = name(tag);
                let value = match (style, &tag) {
                    (TScalarStyle::Plain, None) => plain(&text),
                    _ => Value::String(text),
                };
                self.put(applied(tag.as_deref(), value));
            }
            Event::SequenceStart(_, tag) => self.begin(tag, Content::List(Vec::new())),
            Event::MappingStart(_, tag) => self.begin(tag, Content::Fields(Map::new(), None)),
            Event::SequenceEnd | Event::MappingEnd => {
                let Open { tag, content } = self.open.pop().unwrap();
                let value = match content {
                    Content::List(values) => Value::Array(values),
                    Content::Fields(fields, _) => Value::Object(fields),
                };
                self.put(applied(tag.as_deref(), value));
            }
            Event::Alias(_) => panic!("an alias is not read here"),
            _ => {}
        }
    }
}

impl Builder {
    fn begin(&mut self, tag: Option<Tag>, content: Content) {
        let tag = name(tag);
        self.open.push(Open { tag, content });
    }

    fn put(&mut self, value: Value) {
        let Some(Open { content, .. }) = self.open.last_mut() else {
            self.done = Some(value);
            return;
        };
        match content {
            Content::List(values) => values.push(value),
            Content::Fields(fields, key) => match key.take() {
                None => *key = Some(value.as_str().map_or(value.to_string(), str::to_owned)),
                Some(key) => assert!(fields.insert(key, value).is_none(), "a key comes twice"),
            },
        }
    }
}

/// As `Ref`; none for YAML's own tags.
fn name(tag: Option<Tag>) -> Option<String> {
    let tag = tag.filter(|tag| tag.handle == "!");
    tag.map(|tag| tag.suffix)
}

fn applied(tag: Option<&str>, value: Value) -> Value {
    match tag {
        None => value,
        Some(name @ ("Ref" | "Condition")) => json!({name: value}),
        Some("GetAtt") => {
            let text = value.as_str().unwrap_or_default();
            let parts = text.split_once('.').map(|(name, rest)| json!([name, rest]));
            json!({"Fn::GetAtt": parts.unwrap_or(value)})
        }
        Some(name) => json!({format!("Fn::{name}"): value}),
    }
}

fn plain(text: &str) -> Value {
    match text {
        "true" | "false" => json!(text == "true"),
        _ => match text.parse::<i64>() {
            Ok(number) => json!(number),
            Err(_) => json!(text),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_become_the_functions_that_they_are_short_for() {
        let rows = [
            ("a: 1", json!({"a": 1})),
            ("a: \"1\"", json!({"a": "1"})),
            ("a: false", json!({"a": false})),
            ("a: T#*", json!({"a": "T#*"})),
            ("a: !Ref Table", json!({"a": {"Ref": "Table"}})),
            (
                "a: !GetAtt Table.Arn",
                json!({"a": {"Fn::GetAtt": ["Table", "Arn"]}}),
            ),
            (
                "a: !Sub \"${Table.Arn}/index/due\"",
                json!({"a": {"Fn::Sub": "${Table.Arn}/index/due"}}),
            ),
            (
                "a: [!Ref A, !GetAtt B.Arn]",
                json!({"a": [{"Ref": "A"}, {"Fn::GetAtt": ["B", "Arn"]}]}),
            ),
            (
                "a: !If\n  - HasA\n  - !Ref A\n  - b",
                json!({"a": {"Fn::If": ["HasA", {"Ref": "A"}, "b"]}}),
            ),
            (
                "a: !Not [!Equals [!Ref A, \"\"]]",
                json!({"a": {"Fn::Not": [{"Fn::Equals": [{"Ref": "A"}, ""]}]}}),
            ),
        ];
        for (text, expected) in rows {
            assert_eq!(read(text), expected, "{text}");
        }
    }
}
