//! The stored form of every record of this crate.

use alerts::{Phase, Standing};
use model::{AnyId, Classification, Id, NounKind, Timestamp};
use serde_json::{from_value, json};
use store::{Record as _, as_stored, blob::BlobDigest, full_header};

use crate::{
    alert::{Alert, AlertChange, Silence, Trouble, Watch, What},
    brand::{Banner, Base, BrandKit, Font, Logo, LogoKind, Look, Watermark, logo::LogoBytes},
    choice::{Choice, KitLock},
    comment::{self, Comment},
    connector::{AccessKey, Bucket, Connector, Login, Place, SftpServer},
    dashboard::{Dashboard, DashboardVersion},
    folder::Folder,
    glossary::{Case, Glossary, Term},
    live::{Live, Part},
    making::{Piece, Pieces},
    notice::{Audience, Notification, Wishes},
    project::Project,
    recording::Recording,
    report::{PassedOver, Report, ReportRun},
    settings::Settings,
    stored::Held,
    storyboard::Storyboard,
    table_export::{Made, TableExport},
    transcript::Transcript,
    upload::Upload,
    version::{Origin, Version},
    video::{File, Role, Video},
    view_link::ViewLink,
    webhook::Webhook,
};

const AT: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const DIGEST: BlobDigest = BlobDigest([0xDD; 32]);

/// As they were written before links showed dashboards, and before runs were drawn up for single people.
const LINK_1: &str = "00000000000000000000000000000012000000000000000000000000000000aa02657502000000000000000000000000000000bb010000\
    00000000000000000000000000cc05010202657502696e0101047465616d04626c75650180a0f1c2b13480a0f1c2b1340e000000000000\
    0000000000000000000e07666f7220416e6e01010101010101010101010101010101010101010101010101010101010101010080a0f1c2\
    b134010902010180a0f1c2b1340180a0f1c2b13401020202020202020202020202020202020202020202020202020202020202020280a0\
    f1c2b134";
const RUN_1: &str = "0000000000000000000000000000001c000000000000000000000000000000aa02657502000000000000000000000000000000bb010000\
    00000000000000000000000000cc05010202657502696e0101047465616d04626c75650180a0f1c2b13480a0f1c2b13400000000000000\
    00000000000000001b010000000000000000000000000000001505436f73747302646580a0f1c2b13480a0f1c2b13408010133dddddddd\
    dddddddddddddddddddddddddddddddddddddddddddddddddddddddd900340eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee\
    eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee";

/// As it was written before kits had a banner and a watermark.
const KIT_1: &str = "0000000000000000000000000000000f000000000000000000000000000000aa02657502000000000000000000000000000000bb010000\
    00000000000000000000000000cc05010202657502696e0101047465616d04626c75650180a0f1c2b13480a0f1c2b13405486f75736501\
    0107236666666666660107233131313131310107233232323232320107233333333333330107233434343434340301010701402\
    0";

/// As they were written before usage was kept for a while, and before a language model could be let in.
const SETTINGS_1: &str = "056c696768740102656e0462617365021e01ed020480a0f1c2b134";

/// As they were written before there were folders.
const RECORDING_1: &str = "0000000000000000000000000000000b000000000000000000000000000000aa02657502000000000000000000000000000000bb010000\
    00000000000000000000000000cc05010202657502696e0101047465616d04626c75650180a0f1c2b13480a0f1c2b134064f7264657273\
    010473686f700874616c6b2e6d346109617564696f2f6d7034dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd\
    dddde80701e0d4030180a0f1c2b134";
const UPLOAD_1: &str = "0000000000000000000000000000001e000000000000000000000000000000aa02657502000000000000000000000000000000bb010000\
    00000000000000000000000000cc05010202657502696e0101047465616d04626c75650180a0f1c2b13480a0f1c2b134064f7264657273\
    010473686f700874616c6b2e6d346109617564696f2f6d7034e80701dddddddddddddddddddddddddddddddddddddddddddddddddddddd\
    ddddddddddf40380a0f1c2b134010000000000000000000000000000000b";

/// As they were written before the quality of what was heard was kept, and before it was kept what was shared.
const TRANSCRIPT_1: &str = "0000000000000000000000000000000c000000000000000000000000000000aa02657502000000000000000000000000000000bb010000\
    00000000000000000000000000cc05010202657502696e0101047465616d04626c75650180a0f1c2b13480a0f1c2b13400000000000000\
    00000000000000000b064f726465727302656ee0d4039601dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd\
    dd";
const VIDEO_1: &str = "0000000000000000000000000000000e000000000000000000000000000000aa02657502000000000000000000000000000000bb010000\
    00000000000000000000000000cc05010202657502696e0101047465616d04626c75650180a0f1c2b13480a0f1c2b13400000000000000\
    00000000000000000b0000000000000000000000000000000d020100000000000000000000000000000014064f7264657273046461726b\
    b808800f3cc8dc030800dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd0901dddddddddddddddddddddd\
    dddddddddddddddddddddddddddddddddddddddddd0902dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd\
    0903dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd0904dddddddddddddddddddddddddddddddddddddd\
    dddddddddddddddddddddddddd0905dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd0906dddddddddddd\
    dddddddddddddddddddddddddddddddddddddddddddddddddddd0907dddddddddddddddddddddddddddddddddddddddddddddddddddddd\
    dddddddddd09";

/// What a tenant records and makes of it.
#[test]
fn things_are_stored_as_ever() {
    let (title, tags) = ("Orders".to_owned(), vec!["shop".to_owned()]);
    let (recording, transcript, folder) = (Id::from_bits(11), Id::from_bits(12), Id::from_bits(31));
    let roles = Role::ALL;
    let origins = [Origin::Heard, Origin::Outlined, Origin::Edited, Origin::Restored(2), Origin::Imported];
    let version = |origin| {
        let (thing, by) = (AnyId::new(NounKind::Storyboard, 13), AnyId::new(NounKind::User, 0xBB));
        as_stored(&Version { thing, number: 3, digest: DIGEST, bytes: 400, words: 50, made: AT, by, origin })
    };
    let storyboard: Id<model::noun::Storyboard> = Id::from_bits(13);
    let live: Live = from_value(json!({ "storyboard": storyboard, "version": 3, "epoch": 7 })).unwrap();
    let part: Part = from_value(json!({ "storyboard": storyboard, "number": 4, "update": [0, 0] })).unwrap();
    let all = [
        as_stored(&Project {
            header: full_header(10),
            title: title.clone(),
            description: "How orders go".to_owned(),
            tags: tags.clone(),
            trashed: Some(AT),
        }),
        as_stored(&Upload {
            header: full_header(30),
            title: title.clone(),
            tags: tags.clone(),
            file_name: "talk.m4a".to_owned(),
            media_type: "audio/mp4".to_owned(),
            size: 1_000,
            digest: Some(DIGEST),
            offset: 500,
            expires: AT,
            recording: Some(recording),
            folder: Some(folder),
        }),
        as_stored(&Folder { header: full_header(29), title: "Interviews".to_owned(), parent: Some(folder) }),
        as_stored(&Recording {
            header: full_header(11),
            title: title.clone(),
            tags,
            file_name: "talk.m4a".to_owned(),
            media_type: "audio/mp4".to_owned(),
            media: DIGEST,
            bytes: 1_000,
            duration_ms: Some(60_000),
            trashed: Some(AT),
            folder: Some(folder),
        }),
        as_stored(&Transcript {
            header: full_header(12),
            recording,
            title: title.clone(),
            language: "en".to_owned(),
            duration_ms: 60_000,
            words: 150,
            digest: DIGEST,
            unsure: 12,
            certainty: Some(931),
            corrected: 3,
        }),
        as_stored(&Storyboard {
            header: full_header(13),
            recording,
            transcript,
            title: title.clone(),
            theme: "light".to_owned(),
            canvas: (1_920, 1_080, 30),
            scenes: 4,
            digest: DIGEST,
        }),
        as_stored(&Video {
            header: full_header(14),
            recording,
            storyboard: Id::from_bits(13),
            storyboard_version: 2,
            transcript_version: 1,
            job: Id::from_bits(20),
            title,
            theme: "dark".to_owned(),
            canvas: (1_080, 1_920, 60),
            duration_ms: 61_000,
            files: roles.map(|role| File { role, digest: DIGEST, bytes: 9 }).to_vec(),
            shared: Some(AT),
        }),
        origins.map(version).concat(),
        as_stored(&Held { digest: DIGEST, bytes: 9, count: 2, changed: AT }),
        as_stored(&Pieces {
            of: AnyId::new(NounKind::Recording, 11),
            pieces: vec![Piece { name: "window-0".to_owned(), digest: DIGEST, bytes: 9 }],
            kept: AT,
        }),
        as_stored(&live),
        as_stored(&part),
    ];
    insta::assert_snapshot!("things", all.concat());
}

/// What is around them.
#[test]
fn surroundings_are_stored_as_ever() {
    let text = |text: &str| Some(text.to_owned());
    let bases = [(Base::Light, LogoKind::Png, Font::Inter), (Base::Dark, LogoKind::Svg, Font::NotoSansHebrew)];
    let kit = |(base, kind, font)| {
        as_stored(&BrandKit {
            header: full_header(15),
            name: "House".to_owned(),
            look: Look {
                base,
                background: text("#ffffff"),
                ink: text("#111111"),
                line: text("#222222"),
                accent: text("#333333"),
                tones: vec!["#444444".to_owned()],
                font,
                banner: Some(Banner { text: "Internal".to_owned(), fill: text("#555555"), ink: None, bottom: true }),
                watermark: Some(Watermark { text: "House".to_owned(), opacity: 80 }),
            },
            logo: Some(Logo { kind, bytes: 7, size: Some((64, 32)) }),
        })
    };
    let cases = [Case::Exact, Case::Free];
    let term = |case| Term { spelling: "redb".into(), aliases: vec!["red b".into()], language: text("en"), case };
    let link: ViewLink = from_value(json!({
        "header": full_header::<model::noun::ViewLink>(18), "subject": AnyId::new(NounKind::Video, 14), "note": "for Ann",
        "digest": vec![1; 32], "password": null, "expires": AT, "max_views": 9, "views": 2, "failures": 1, "last_used": AT,
        "revoked": AT, "passes": [[vec![2; 32], AT]], "showing": {
            "version": 3, "range": "7d", "free_range": true, "chosen": { "meter": "mails" }, "free": ["meter"],
            "projects": [Id::<model::noun::Project>::from_bits(10)], "origins": ["https://wiki.example.com"],
        }, "origins": ["https://video.example.com"],
    }))
    .unwrap();
    let lock: KitLock = from_value(json!({ "of": AnyId::new(NounKind::Tenant, 0xAA), "locked": true })).unwrap();
    let all = [
        bases.map(kit).concat(),
        as_stored(&LogoBytes { kit: Id::from_bits(15), bytes: vec![1, 2] }),
        as_stored(&Glossary { header: full_header(16), name: "Names".to_owned(), terms: cases.map(term).to_vec() }),
        as_stored(&Comment {
            header: full_header(17),
            subject: AnyId::new(NounKind::Video, 14),
            place: comment::Place { scene: text("s1"), node: text("n1"), time_ms: Some(1_500) },
            parent: Some(Id::from_bits(9)),
            text: "Which stock?".to_owned(),
            mentions: vec![Id::from_bits(0xBB)],
            edited: Some(AT),
            resolved: Some((AnyId::new(NounKind::User, 0xBB), AT)),
            removed: Some(AT),
            replies: 3,
        }),
        as_stored(&link),
        as_stored(&Choice {
            of: AnyId::new(NounKind::Project, 10),
            glossary: Some(Id::from_bits(16)),
            brand_kit: Some(Id::from_bits(15)),
            version: 2,
        }),
        as_stored(&lock),
        as_stored(&Dashboard {
            header: full_header(26),
            title: "Costs".to_owned(),
            description: "By project".to_owned(),
            tiles: 2,
            text: "{}".to_owned(),
        }),
        as_stored(&DashboardVersion {
            dashboard: Id::from_bits(26),
            number: 3,
            title: "Costs".to_owned(),
            text: "{}".to_owned(),
            made: AT,
            by: AnyId::new(NounKind::User, 0xBB),
            restored: Some(1),
        }),
        as_stored(&Report {
            header: full_header(27),
            title: "Costs".to_owned(),
            description: "By project".to_owned(),
            text: "{}".to_owned(),
        }),
        as_stored(&ReportRun {
            header: full_header(28),
            report: Id::from_bits(27),
            schedule: Some(Id::from_bits(21)),
            title: "Costs".to_owned(),
            language: "de".to_owned(),
            from: AT,
            to: AT,
            sections: 8,
            unanswered: 1,
            needs: vec![model::Permission::CostRead],
            digest: DIGEST,
            bytes: 400,
            signature: vec![0xEE; 64],
            with: Some(Id::from_bits(29)),
            passed_over: vec![PassedOver { user: Id::from_bits(2), why: "is gone".to_owned() }],
        }),
        as_stored(&Settings {
            theme: "light".to_owned(),
            languages: vec!["en".to_owned()],
            model: "base".to_owned(),
            classification: Classification::Confidential,
            trash_days: 30,
            recording_days: Some(365),
            version: 4,
            updated: AT,
            usage_days: Some(400),
            language_model: true,
            report_days: 400,
        }),
    ];
    insta::assert_snapshot!("surroundings", all.concat());
}

/// What earlier appliances have written is read as it was meant.
#[test]
fn earlier_forms_are_read() {
    let bytes = |hex: &str| -> Vec<u8> {
        hex.as_bytes()
            .chunks(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect()
    };
    let link = ViewLink::decode(1, &bytes(LINK_1)).unwrap();
    assert_eq!((link.note.as_str(), link.views, link.showing), ("for Ann", 2, None));
    let link = ViewLink::decode(2, &[bytes(LINK_1), vec![0]].concat()).unwrap();
    assert_eq!((link.note.as_str(), link.origins), ("for Ann", Vec::<String>::new()));
    let recording = Recording::decode(1, &bytes(RECORDING_1)).unwrap();
    assert_eq!((recording.trashed, recording.folder), (Some(AT), None));
    let transcript = Transcript::decode(1, &bytes(TRANSCRIPT_1)).unwrap();
    assert_eq!((transcript.words, transcript.unsure, transcript.certainty, transcript.corrected), (150, 0, None, 0));
    let video = Video::decode(1, &bytes(VIDEO_1)).unwrap();
    assert_eq!((video.duration_ms, video.files.len(), video.shared), (61_000, 8, None));
    let kit = BrandKit::decode(1, &bytes(KIT_1)).unwrap();
    assert_eq!(
        (kit.look.base, kit.look.font, kit.logo.map(|logo| logo.bytes)),
        (Base::Dark, Font::NotoSansHebrew, Some(7))
    );
    assert_eq!((kit.look.banner, kit.look.watermark), (None, None));
    let upload = Upload::decode(1, &bytes(UPLOAD_1)).unwrap();
    assert_eq!((upload.recording, upload.folder), (Some(Id::from_bits(11)), None));
    let settings = Settings::decode(1, &bytes(SETTINGS_1)).unwrap();
    assert_eq!(
        (settings.recording_days, settings.updated, settings.usage_days, settings.language_model, settings.report_days),
        (Some(365), AT, None, false, 3_653)
    );
    let settings = Settings::decode(2, &[bytes(SETTINGS_1), vec![1, 0x90, 0x03, 1]].concat()).unwrap();
    assert_eq!(
        (settings.updated, settings.usage_days, settings.language_model, settings.report_days),
        (AT, Some(400), true, 3_653)
    );
    let run = ReportRun::decode(1, &bytes(RUN_1)).unwrap();
    assert_eq!((run.title.as_str(), run.signature.len(), run.with, run.passed_over), ("Costs", 64, None, Vec::new()));
}

/// Where files are put, and tables as files.
#[test]
fn places_for_files_are_stored_as_ever() {
    let bucket = Bucket {
        url: "https://s3.example.com/".to_owned(),
        region: "eu-1".to_owned(),
        name: "lake".to_owned(),
        prefix: "acme".to_owned(),
        key_id: "AKID".to_owned(),
        key: AccessKey::new("secret".to_owned()),
    };
    let server = |login| SftpServer {
        host: "files.example.com".to_owned(),
        port: 22,
        user: "audiagram".to_owned(),
        login,
        host_key: "SHA256:Nh0Me49Zh9fDw/VYUfq43IJmI1T+XrjiYONPND8GzaM".to_owned(),
        folder: "/in/reports".to_owned(),
    };
    let secret = || AccessKey::new("secret".to_owned());
    let places = [
        Place::Folder { path: "bi".to_owned() },
        Place::S3(bucket),
        Place::Sftp(server(Login::Password(secret()))),
        Place::Sftp(server(Login::Key(secret()))),
    ];
    let connector = |place| as_stored(&Connector { header: full_header(220), title: "Lake".to_owned(), place });
    let all = [
        places.map(connector).concat(),
        as_stored(&TableExport {
            header: full_header(221),
            table: "usage".to_owned(),
            by: Some("day".to_owned()),
            connector: Id::from_bits(220),
            job: Id::from_bits(20),
            made: Some(Made { at: AT, files: 3, rows: 72, bytes: 9_000, manifest: [0xEE; 32] }),
        }),
    ];
    insta::assert_snapshot!("places_for_files", all.concat());
}

/// Alerts, and whom to tell.
#[test]
fn alerts_are_stored_as_ever() {
    let audience =
        Audience { users: vec![Id::from_bits(2)], webhooks: vec![Id::from_bits(203)], mail: Some("de".to_owned()) };
    let silence = Silence {
        number: 1,
        from: AT,
        to: AT,
        reason: "moving house".to_owned(),
        by: AnyId::new(NounKind::User, 0xBB),
    };
    let change =
        |number, what| as_stored(&AlertChange { alert: Id::from_bits(202), number, at: AT, what, silent: true });
    let phases = [Phase::Inactive, Phase::Resolved, Phase::Pending, Phase::Firing];
    let standing = |phase| Standing { phase, since: 1, value: Some(2.5), seen: 3, told: Some(4), knows: true };
    let wishes: Wishes = from_value(json!({
        "user": Id::<model::noun::User>::from_bits(2), "language": "de",
        "said": [["comment.made", { "inbox": true, "mail": false }]], "version": 3,
        "reminded": [Id::<model::noun::ApiKey>::from_bits(9)],
    }))
    .unwrap();
    let trouble = Trouble { since: AT, why: "no such table".to_owned() };
    let all = [
        as_stored(&Alert {
            header: full_header(202),
            title: "Costs".to_owned(),
            text: "{}".to_owned(),
            needs: vec![model::Permission::CostRead],
            audience,
            enabled: true,
            schedule: Id::from_bits(21),
            silences: vec![silence],
            silenced: 1,
        }),
        as_stored(&Watch {
            alert: Id::from_bits(202),
            standings: phases.map(|phase| (phase.code().to_owned(), standing(phase))).into(),
            looked: Some(AT),
            trouble: Some(trouble),
            changes: 7,
        }),
        change(1, What::Trouble("no such table".to_owned())),
        change(2, What::Well),
        change(
            3,
            What::Series {
                series: "mails".to_owned(),
                from: Phase::Pending,
                to: Phase::Firing,
                value: Some(2.5),
                normal: Some((1.0, 0.5)),
            },
        ),
        as_stored(&Webhook::fixed(full_header(203), 7)),
        as_stored(&Notification {
            header: full_header(204),
            happening: "alert.firing".to_owned(),
            about: AnyId::new(NounKind::Alert, 202),
            title: "Costs".to_owned(),
            data: "{}".to_owned(),
            read: Some(AT),
        }),
        as_stored(&wishes),
    ];
    insta::assert_snapshot!("alerts", all.concat());
}
