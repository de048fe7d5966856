//! The published JSON Schema (2020-12), generated from the types.

use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use super::Storyboard;

/// JSON Schema of `studio.scene/1`.
///
/// Two properties are read and never written: `first_word` of a scene, which repeats the first of its `words` for
/// programs that score outlines, and `pin` of a node, short for an entry of `layout.pins`.
pub fn schema() -> Value {
    let mut schema = of::<Storyboard>("urn:audiagram:schema:studio.scene-1");
    insert(
        &mut schema,
        "Scene",
        "first_word",
        json!({
            "description": "First of `words`; written by `outline` for other programs and ignored when read.",
            "type": ["integer", "null"], "minimum": 0, "readOnly": true,
        }),
    );
    insert(
        &mut schema,
        "Node",
        "pin",
        json!({
            "description": "Short for an entry of `layout.pins`; moved there when read.",
            "type": ["array", "null"], "items": { "type": "number", "minimum": 0, "maximum": 1 },
            "minItems": 2, "maxItems": 2, "writeOnly": true,
        }),
    );
    schema
}

/// JSON Schema of a type, under an identifier.
pub(crate) fn of<T: schemars::JsonSchema>(id: &str) -> Value {
    let mut schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>();
    schema.insert("$id".to_owned(), id.into());
    schema.to_value()
}

fn insert(schema: &mut Value, of: &str, name: &str, property: Value) {
    if let Some(properties) = schema.pointer_mut(&format!("/$defs/{of}/properties")).and_then(Value::as_object_mut) {
        properties.insert(name.to_owned(), property);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The committed files are what other programs read; with `UPDATE_GOLDEN` set they are written anew.
    #[track_caller]
    fn golden(file: &str, schema: &Value) {
        let path = format!("{}/../../assets/schema/{file}", env!("CARGO_MANIFEST_DIR"));
        let text = serde_json::to_string_pretty(schema).unwrap() + "\n";
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(committed == text, "{file} is not what the types say; run this test with UPDATE_GOLDEN=1");
    }

    #[test]
    fn committed_schemas_are_current() {
        golden("studio.scene-1.json", &schema());
        golden("studio.transcript-1.json", &crate::transcript::schema());
    }

    #[test]
    fn read_only_aliases_are_published() {
        let schema = schema();
        for pointer in ["/$defs/Scene/properties/first_word", "/$defs/Node/properties/pin", "/properties/scenes"] {
            assert!(schema.pointer(pointer).is_some(), "{pointer}");
        }
    }
}
