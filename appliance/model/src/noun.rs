//! The kinds of things that have an id. One table: prefix of the id's text form, number in stored keys, name for people.

use serde::{Deserialize, Serialize};

/// A kind of thing with an id; implemented by the empty enums of this module only.
pub trait Noun: Copy + Eq + Ord + std::fmt::Debug + Send + Sync + 'static {
    /// The kind as a value.
    const KIND: NounKind;
}

macro_rules! nouns {
    ($($(#[$doc:meta])* $name:ident = $number:literal $prefix:literal $label:literal;)*) => {
        /// The kind of a thing with an id. Numbers are part of stored keys and never reused.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[repr(u8)]
        pub enum NounKind { $($(#[$doc])* $name = $number,)* }

        impl NounKind {
            /// Every kind, in the order of the table.
            pub const ALL: &[NounKind] = &[$(NounKind::$name,)*];

            /// Three letters that begin the text form of its ids.
            pub const fn prefix(self) -> &'static str { match self { $(NounKind::$name => $prefix,)* } }

            /// The name in the audit log and in problems, in lower case.
            pub const fn label(self) -> &'static str { match self { $(NounKind::$name => $label,)* } }

            /// The kind with this number in stored keys.
            pub const fn from_number(number: u8) -> Option<NounKind> {
                match number { $($number => Some(NounKind::$name),)* _ => None }
            }
        }

        $($(#[$doc])* #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)] pub enum $name {}
        impl Noun for $name { const KIND: NounKind = NounKind::$name; })*
    };
}

nouns! {
    /// A customer, company or department with walls around its data.
    Tenant = 1 "tnt" "tenant";
    /// A person of a tenant.
    User = 2 "usr" "user";
    /// A program of a tenant that signs in with API keys.
    ServiceAccount = 3 "svc" "service_account";
    /// A set of users.
    Group = 4 "grp" "group";
    /// A custom role.
    Role = 5 "rol" "role";
    /// A role given to a user, service account or group.
    Assignment = 6 "asg" "assignment";
    /// An open offer to become a user.
    Invitation = 7 "inv" "invitation";
    /// A signed-in browser.
    Session = 8 "ses" "session";
    /// A secret that signs a program in.
    ApiKey = 9 "key" "api_key";
    /// A folder of recordings and what is made of them.
    Project = 10 "prj" "project";
    /// Uploaded speech.
    Recording = 11 "rec" "recording";
    /// The words of a recording.
    Transcript = 12 "trs" "transcript";
    /// The scenes of a diagram video.
    Storyboard = 13 "sto" "storyboard";
    /// A rendered video.
    Video = 14 "vid" "video";
    /// Colours, fonts and logo of a tenant.
    BrandKit = 15 "brd" "brand_kit";
    /// Terms of a tenant with their spelling.
    Glossary = 16 "gls" "glossary";
    /// A remark on a project, storyboard or video.
    Comment = 17 "cmt" "comment";
    /// An expiring link that shows a video without an account.
    ViewLink = 18 "lnk" "view_link";
    /// A recording on its way in.
    Upload = 19 "upl" "upload";
    /// A piece of durable work.
    Job = 20 "job" "job";
    /// When a job is to be made again and again.
    Schedule = 21 "sch" "schedule";
    /// A row of the audit log.
    AuditRow = 22 "aud" "audit_row";
    /// An attribute rule of a tenant.
    Policy = 23 "pol" "policy";
    /// A copy of a tenant's data outside the store.
    Backup = 24 "bak" "backup";
    /// The appliance itself.
    Appliance = 25 "app" "appliance";
    /// Charts on a page.
    Dashboard = 26 "dsh" "dashboard";
    /// A document that is drawn up over a period.
    Report = 27 "rpt" "report";
    /// What a report found when it was drawn up.
    ReportRun = 28 "run" "report_run";
    /// A folder inside a project.
    Folder = 29 "fld" "folder";
    /// A question that is asked again and again, and when its answer concerns somebody.
    Alert = 202 "alr" "alert";
    /// A place of a tenant's own that is told what happens.
    Webhook = 203 "whk" "webhook";
    /// Something that a person was told.
    Notification = 204 "ntf" "notification";
    /// A campaign that asks which roles are still needed.
    AccessReview = 210 "rvw" "access_review";
    /// A place of a tenant's own into which files are put.
    Connector = 220 "con" "connector";
    /// A table written as files into such a place.
    TableExport = 221 "txp" "table_export";
    /// A search of the trail that is kept under a name.
    SavedSearch = 230 "srh" "saved_search";
}
