//! What the appliance says, for a person: tables and lists of fields.

use serde_json::Value;

use super::shown;

/// A column: its head, and where its value stands in an item (a JSON pointer).
pub(crate) type Column = (&'static str, &'static str);

/// The widest a column may grow where others follow it.
const WIDEST: usize = 48;

/// Items as a table, with a line that says so when there are none.
pub(crate) fn table(columns: &[Column], items: &[Value], none: &str) -> String {
    if items.is_empty() {
        return format!("{none}\n");
    }
    let rows: Vec<Vec<String>> = items
        .iter()
        .map(|item| columns.iter().map(|(_, at)| item.pointer(at).map(text).unwrap_or_default()).collect())
        .collect();
    let heads: Vec<String> = columns.iter().map(|(head, _)| head.to_uppercase()).collect();
    grid(&heads, &rows)
}

/// Rows of values under heads that are known only with them.
pub(crate) fn rows(heads: &[String], rows: &[Value]) -> String {
    let cells = |row: &Value| heads.iter().enumerate().map(|(at, _)| text(&row[at])).collect();
    let heads: Vec<String> = heads.iter().map(|head| shown(head)).collect();
    grid(&heads, &rows.iter().map(cells).collect::<Vec<Vec<String>>>())
}

fn grid(heads: &[String], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([heads[column].chars().count()]).max().unwrap_or(0).min(WIDEST)
    };
    let widths: Vec<usize> = (0..heads.len()).map(width).collect();
    let line = |cells: &[String]| {
        let padded = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        format!("{}\n", padded.collect::<Vec<_>>().join("  ").trim_end())
    };
    std::iter::once(line(heads)).chain(rows.iter().map(|row| line(row))).collect()
}

/// One thing, a field a line; what lies in it is indented.
pub(crate) fn fields(thing: &Value) -> String {
    let mut out = String::new();
    write(thing, 0, &mut out);
    out
}

fn write(thing: &Value, depth: usize, out: &mut String) {
    let Value::Object(fields) = thing else {
        out.push_str(&format!("{:depth$}{}\n", "", text(thing)));
        return;
    };
    let width = fields.keys().map(|name| name.chars().count()).max().unwrap_or(0);
    for (name, value) in fields {
        let label = name.replace('_', " ");
        match value {
            Value::Object(inner) if inner.is_empty() => {}
            Value::Object(_) => {
                out.push_str(&format!("{:depth$}{label}\n", ""));
                write(value, depth + 2, out);
            }
            value => out.push_str(&format!("{:depth$}{label:<width$}  {}\n", "", text(value))),
        }
    }
}

/// A value in one line.
fn text(value: &Value) -> String {
    let text = match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Array(items) if items.iter().all(|item| !item.is_object()) => {
            items.iter().map(text).collect::<Vec<_>>().join(", ")
        }
        Value::Object(inner) => {
            inner.iter().map(|(name, value)| format!("{name}={}", text(value))).collect::<Vec<_>>().join(" ")
        }
        other => other.to_string(),
    };
    shown(&text).replace(['\n', '\t'], " ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn tables_stand_straight_and_steer_no_terminal() {
        let items = [json!({ "id": "a", "name": "B\u{1b}[2J" }), json!({ "id": "long one", "name": null })];
        let drawn = table(&[("id", "/id"), ("name", "/name"), ("no", "/none")], &items, "none");
        assert_eq!(drawn, "ID        NAME   NO\na         B\u{fffd}[2J\nlong one\n");
        assert_eq!(table(&[("id", "/id")], &[], "there are none"), "there are none\n");
    }

    #[test]
    fn things_are_fields() {
        let thing = json!({ "id": "x", "must_change": true, "limits": { "seats": 5 }, "roles": ["a", "b"] });
        let drawn = fields(&thing);
        assert_eq!(drawn, "id           x\nmust change  yes\nlimits\n  seats  5\nroles        a, b\n");
    }
}
