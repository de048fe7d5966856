//! What the tables are, in the common schema language (CSDL) as XML.

use serde_json::Value as Json;

use super::{SETS, Set};

/// Asks for the columns of all tables that the caller may see.
pub(crate) const COLUMNS: &str = "SELECT table_name, column_name, data_type FROM information_schema.columns \
                                  WHERE table_schema = 'public' ORDER BY table_name, ordinal_position";

/// A column as a property of an entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Property {
    name: String,
    kind: String,
}

/// The entity sets that are there for the caller, with their properties, from the rows of [`COLUMNS`].
pub(crate) fn properties(rows: &[Vec<Json>]) -> Vec<(Set, Vec<Property>)> {
    let mut found = Vec::new();
    for set in SETS {
        let of_set = rows.iter().filter(|row| row.first().and_then(Json::as_str) == Some(set.name));
        let mut properties: Vec<Property> = of_set
            .filter_map(|row| {
                let (name, kind) = (row.get(1)?.as_str()?.to_owned(), edm(row.get(2)?.as_str()?));
                Some(Property { name, kind })
            })
            .collect();
        if properties.is_empty() {
            continue;
        }
        if set.order.is_some() {
            properties.insert(0, Property { name: set.key.to_owned(), kind: "Type=\"Edm.Int64\"".to_owned() });
        }
        found.push((*set, properties));
    }
    found
}

/// The type of a column, as attributes of a property.
fn edm(kind: &str) -> String {
    let plain = match kind {
        kind if kind.starts_with("Decimal128(") => {
            let facets = kind.trim_start_matches("Decimal128(").trim_end_matches(')');
            let (precision, scale) = facets.split_once(',').unwrap_or(("38", "0"));
            return format!("Type=\"Edm.Decimal\" Precision=\"{}\" Scale=\"{}\"", precision.trim(), scale.trim());
        }
        kind if kind.starts_with("Timestamp(") => return "Type=\"Edm.DateTimeOffset\" Precision=\"6\"".to_owned(),
        kind if kind.starts_with("Int") || kind.starts_with("UInt") => "Edm.Int64",
        kind if kind.starts_with("Float") => "Edm.Double",
        kind if kind.starts_with("Date") => "Edm.Date",
        "Boolean" => "Edm.Boolean",
        // What is nested is sent as a text of JSON.
        _ => "Edm.String",
    };
    format!("Type=\"{plain}\"")
}

/// The document. Names are our own, and made of letters, digits and underscores.
pub(crate) fn metadata(sets: &[(Set, Vec<Property>)]) -> String {
    let mut types = String::new();
    let mut container = String::new();
    for (Set { name, key, .. }, properties) in sets {
        types += &format!("<EntityType Name=\"{name}\"><Key><PropertyRef Name=\"{key}\"/></Key>");
        for Property { name, kind } in properties {
            let required = if name == key { " Nullable=\"false\"" } else { "" };
            types += &format!("<Property Name=\"{name}\" {kind}{required}/>");
        }
        types += "</EntityType>";
        container += &format!("<EntitySet Name=\"{name}\" EntityType=\"audiagram.{name}\"/>");
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <edmx:Edmx Version=\"4.0\" xmlns:edmx=\"http://docs.oasis-open.org/odata/ns/edmx\"><edmx:DataServices>\
         <Schema Namespace=\"audiagram\" xmlns=\"http://docs.oasis-open.org/odata/ns/edm\">{types}\
         <EntityContainer Name=\"tables\">{container}</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>\n"
    )
}
