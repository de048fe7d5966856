//! Golden texts of all forms, with the values an attacker would choose.

use model::{Action, AnyId, AuditEvent, IdSource, NounKind, Outcome, Permission, SystemTask, Timestamp};

use super::*;
use crate::{
    fixture::{Log, tenant},
    search::Search,
};

fn source() -> Source {
    Source { log: tenant(7), host: "audiagram.example".into(), version: "1.2|3\\4".into() }
}

fn plain() -> AuditEvent {
    let at = Timestamp::from_millis(1_763_762_942_007);
    AuditEvent {
        id: IdSource::fixed(5).next(at),
        at,
        action: Action::Permission(Permission::ProjectUpdate),
        actor: Some(AnyId::new(NounKind::User, 3)),
        credential: Some(AnyId::new(NounKind::Session, 4)),
        address: Some("192.0.2.17".into()),
        request: Some("req-1".into()),
        subject: AnyId::new(NounKind::Project, 9),
        outcome: Outcome::Done,
        detail: [("title".to_owned(), "changed".to_owned())].into(),
    }
}

fn bare() -> AuditEvent {
    AuditEvent {
        action: Action::System(SystemTask::SignIn),
        actor: None,
        credential: None,
        address: None,
        request: None,
        subject: AnyId::new(NounKind::User, 3),
        outcome: Outcome::Failed,
        detail: Default::default(),
        ..plain()
    }
}

fn hostile() -> AuditEvent {
    let values = [
        ("pipes", "a|b\\|c"),
        ("equals", "k=v cs1=forged act=none"),
        ("newlines", "one\ntwo\r\n<110>1 - - forged - - - -"),
        ("quotes", "\"] [evil@1 a=\"b\"]"),
        ("controls", "\u{0}\u{1b}[31mred\u{7}\u{9b}"),
        ("bidi", "\u{202e}txt.exe\u{2066}\u{200f}"),
        ("separators", "a\u{2028}b\u{2029}c\u{feff}d"),
        ("formula", "=HYPERLINK(\"http://x\",\"y\")"),
        ("reason", "日本語 – ünïcode 🎙"),
        ("=weird name]\"\n", "x"),
    ];
    AuditEvent {
        outcome: Outcome::Denied,
        address: Some("=cmd|'/c calc'!A1\r\n".into()),
        request: Some("r\"]\\\u{202e}=|,;".into()),
        detail: values.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        ..plain()
    }
}

#[test]
fn every_form() {
    for format in Format::ALL {
        let mut text = format.head().to_owned();
        for event in [plain(), bare(), AuditEvent { address: Some("2001:db8::1".into()), ..bare() }, hostile()] {
            text += &format.line(&source(), &event).unwrap();
        }
        insta::assert_snapshot!(format.name(), text);
    }
}

#[test]
fn each_event_is_one_line_without_control_characters() {
    for format in Format::ALL {
        let line = format.line(&source(), &hostile()).unwrap();
        let body = line.trim_end_matches(['\r', '\n']);
        assert!(!body.contains(|c: char| c < ' '), "{format:?}: {body}");
        // JSON is for machines and keeps the values; what people look at shows nothing that it is not.
        let json = matches!(format, Format::JsonLines | Format::Ocsf);
        assert!(json || !body.contains(['\u{7}', '\u{9b}', '\u{202e}', '\u{2066}', '\u{2028}']), "{format:?}: {body}");
    }
}

#[test]
fn json_forms_give_the_values_back() {
    let line = Format::JsonLines.line(&source(), &hostile()).unwrap();
    assert_eq!(serde_json::from_str::<AuditEvent>(&line).unwrap(), hostile());
    let line = Format::Ocsf.line(&source(), &hostile()).unwrap();
    let value: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(
        serde_json::from_value::<std::collections::BTreeMap<_, _>>(value["unmapped"].clone()).unwrap(),
        hostile().detail
    );
    assert_eq!(value["type_uid"], value["class_uid"].as_u64().unwrap() * 100 + value["activity_id"].as_u64().unwrap());
}

/// Takes the header and the extension of a CEF line apart as a receiver does.
fn parse_cef(line: &str) -> (Vec<String>, std::collections::BTreeMap<String, String>) {
    let (mut fields, mut chars) = (vec![String::new()], line.trim_end().chars());
    while fields.len() < 8 {
        match chars.next().unwrap() {
            '\\' => fields.last_mut().unwrap().push(chars.next().unwrap()),
            '|' => fields.push(String::new()),
            c => fields.last_mut().unwrap().push(c),
        }
    }
    fields.pop();
    let (mut pairs, mut words) = (vec![], String::new());
    let mut rest = chars;
    while let Some(c) = rest.next() {
        match c {
            '\\' => words.push(rest.next().unwrap()),
            '=' => {
                let (value, key) = words.rsplit_once(' ').map_or(("", words.as_str()), |(value, key)| (value, key));
                pairs.push((value.to_owned(), key.to_owned()));
                words = String::new();
            }
            c => words.push(c),
        }
    }
    let values = pairs.iter().skip(1).map(|(value, _)| value.clone()).chain([words.clone()]);
    (fields, pairs.iter().map(|(_, key)| key.clone()).zip(values).collect())
}

#[test]
fn cef_values_cannot_forge_keys() {
    let (header, pairs) = parse_cef(&Format::Cef.line(&source(), &hostile()).unwrap());
    assert_eq!(header[3], "1.2|3\\4");
    assert_eq!(header[4], "project:update");
    assert_eq!(pairs["act"], "project:update");
    assert_eq!(pairs["cs1"], hostile().subject.to_string());
    assert_eq!(pairs["shost"], "=cmd|'/c calc'!A1\\r\\n");
    let detail: serde_json::Value = serde_json::from_str(&pairs["cs5"]).unwrap();
    assert_eq!(detail["equals"], "k=v cs1=forged act=none");
    assert_eq!(detail["bidi"], hostile().detail["bidi"], "JSON reads the escapes back");
}

#[test]
fn long_values_are_kept_or_cut() {
    let long = "ä\"]=|\\".repeat(10 << 10 >> 3);
    let event = AuditEvent { address: Some(long.clone()), detail: [("a".into(), long.clone())].into(), ..plain() };
    for format in [Format::JsonLines, Format::Csv, Format::Ocsf] {
        assert!(format.line(&source(), &event).unwrap().len() > 2 * long.len(), "{format:?} keeps them");
    }
    assert!(Format::Syslog.line(&source(), &event).unwrap().len() < 8 << 10);
    assert!(Format::Cef.line(&source(), &event).unwrap().len() < 16 << 10);
}

#[test]
fn messages_are_framed_by_bytes() {
    let line = Format::Syslog.line(&source(), &plain()).unwrap();
    let framed = String::from_utf8(frame(&line)).unwrap();
    let (length, message) = framed.split_once(' ').unwrap();
    assert_eq!(length.parse::<usize>().unwrap(), message.len());
    assert!(message.starts_with("<110>1 2025-11-21T22:09:02.007Z audiagram.example audiagram - project:update ["));
    assert!(message.len() > message.chars().count(), "the byte order mark has three bytes");
}

#[test]
fn a_log_is_exported_in_pages() {
    let log = Log::new(tenant(7), 2_345);
    log.erase(3);
    let lines = |format: Format, sieve: Sieve| {
        let mut out = Vec::new();
        let filter = BTreeMap::from([("text", "=a \"b\" \u{202e}\n#".to_owned())]);
        let partial = !sieve.is_open();
        let count = export(&log, format, &source(), (sieve, &filter), &mut out).unwrap();
        let mut lines: Vec<_> = String::from_utf8(out).unwrap().lines().map(str::to_owned).collect();
        let head = if partial { Some(lines.remove(0)) } else { None };
        assert_eq!(count, lines.len() as u64 - u64::from(format == Format::Csv));
        (head, lines)
    };
    let (head, all) = lines(Format::JsonLines, Sieve::open());
    assert_eq!((head, all.len()), (None, 2_344), "a whole one says nothing of a filter");
    let at = |index| Some(crate::fixture::event(index).at);
    let of = |from, to| Sieve::new(Search { from, to, ..Search::default() }).unwrap();
    let (head, some) = lines(Format::JsonLines, of(at(2), at(6)));
    assert_eq!(some.len(), 3, "2, 4 and 5: number 3 is erased");
    assert!(some[0].contains("req-2") && some[2].contains("req-5"));
    let head: serde_json::Value = serde_json::from_str(&head.unwrap()).unwrap();
    assert_eq!(
        (&head["export"]["whole"], &head["export"]["filter"]["text"]),
        (&serde_json::json!(false), &serde_json::json!("=a \"b\" \u{202e}\n#"))
    );
    assert!(lines(Format::JsonLines, of(at(9), at(2))).1.is_empty());
    for format in Format::ALL {
        let (head, _) = lines(*format, of(at(2), at(6)));
        let head = head.unwrap();
        assert!(head.contains("only the rows that fit this filter"), "{head}");
        let json = matches!(format, Format::JsonLines | Format::Ocsf);
        assert!(json || !head.contains(['\u{202e}', '\n']), "{format:?}: {head}");
    }
    let words = Sieve::new(Search { text: "\"number 17\"".into(), ..Search::default() }).unwrap();
    let (_, found) = lines(Format::Csv, words);
    assert!(found.len() == 2 && found[1].contains("req-17"), "{found:?}");
}

#[test]
fn messages_are_forwarded_from_where_it_stopped() {
    let log = Log::new(tenant(7), 25);
    log.erase(12);
    let (mut next, mut stream) = (0, Vec::new());
    while next < log.size().unwrap() {
        next = forward(&log, &source(), next, 10, &mut stream).unwrap();
    }
    assert_eq!(forward(&log, &source(), next, 10, &mut Vec::new()).unwrap(), 25, "nothing new");
    let mut rest = stream.as_slice();
    let mut messages = 0;
    while !rest.is_empty() {
        let space = rest.iter().position(|byte| *byte == b' ').unwrap();
        let length: usize = std::str::from_utf8(&rest[..space]).unwrap().parse().unwrap();
        let message = std::str::from_utf8(&rest[space + 1..][..length]).unwrap();
        assert!(message.starts_with('<') && !message.contains('\n'));
        messages += 1;
        rest = &rest[space + 1 + length..];
    }
    assert_eq!(messages, 24);
}
