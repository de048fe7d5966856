//! The document from which the web app's client is made: what it has beside the types of requests and answers is left out.

use std::{env, fs, path::Path};

use serde_json::Value;

use crate::{endpoints, openapi};

/// Without problems (all are of one type), examples, and the sparse forms of answers: a tenth of the whole document.
fn for_the_page(mut document: Value) -> Value {
    let paths = document["paths"].as_object_mut().expect("paths");
    for operation in paths.values_mut().flat_map(|methods| methods.as_object_mut().expect("methods").values_mut()) {
        let mut sparse = false;
        if let Some(parameters) = operation["parameters"].as_array_mut() {
            let all = parameters.len();
            parameters.retain(|parameter| parameter["name"] != "fields");
            sparse = parameters.len() < all;
        }
        let responses = operation["responses"].as_object_mut().expect("responses");
        responses.retain(|status, _| status.starts_with('2'));
        for content in responses.values_mut().filter_map(|response| response["content"].as_object_mut()) {
            for media in content.values_mut() {
                // The whole form, then the sparse one.
                let forms = media["schema"]["anyOf"].as_array().filter(|_| sparse);
                let whole = forms.and_then(|forms| forms.first()).cloned();
                if let Some(whole) = whole {
                    media["schema"] = whole;
                }
            }
        }
    }
    document
}

#[test]
fn the_pages_client_is_made_from_this_interface() {
    let document = for_the_page(openapi::document(&endpoints::all()));
    let text = serde_json::to_string_pretty(&document).expect("JSON") + "\n";
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/web/openapi.json");
    if env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&golden, &text).expect("the golden can be written");
    }
    let kept = fs::read_to_string(&golden).unwrap_or_default();
    let differs = kept.lines().zip(text.lines()).position(|(kept, new)| kept != new);
    assert!(kept == text, "assets/web/openapi.json is not what is served (line {differs:?}); run with UPDATE_GOLDEN=1");
}
